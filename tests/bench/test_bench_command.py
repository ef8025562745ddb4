"""Tests of the command: its words, its report, and what it says where something is missing."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from tracesim.bench.__main__ import main
from tracesim.bench.figure import Bound, Figure
from tracesim.bench.growth import Growth, Point
from tracesim.bench.measures import GROUPS, GROWTH, MEASURES, chosen
from tracesim.bench.options import Options
from tracesim.bench.report import Report
from tracesim.bench.timing import pinned


def refused(words: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    assert main(words) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert re.fullmatch(r"error: [^\n]+\n", said.err)
    return said.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["obsevation"], "Unknown measure 'obsevation'. Did you mean 'observation'?"),
        (["film", "round=3"], "Unknown option 'round'. Did you mean 'rounds'?"),
        (["film", "rounds=0"], "rounds=0: at least 1."),
        (["film", "rounds=many"], "rounds=many: "),
        (["film", "seeds=3"], "seeds=3 takes effect with one of these measures only: physics, episode, "),
        (["film", "plot=plots"], "plot=plots takes effect with one of these measures only: clutter, keypoints, "),
        (["film", "task=water_flower"], "Unknown task 'water_flower'. Did you mean 'water_flowers'?"),
        (["peer=isaac"], "peer=isaac. Valid: 'maniskill'."),
        (["encoding", "json=."], "json=.: a folder."),
        (["memory", "seeds=20"], "seeds=20: the measure memory needs at least 110."),
    ],
)
def test_wrong_word(words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert f"error: {said}" in refused(words, capsys)


def test_words_stand_for_measures() -> None:
    assert chosen([], Options()) == list(MEASURES)
    assert chosen(["growth"], Options()) == list(GROWTH)
    assert chosen(["all"], Options()) == [*MEASURES, *GROWTH]
    assert chosen(["film", "growth", "film", "cameras"], Options()) == ["film", *GROWTH]
    assert chosen([], Options(peer="maniskill", rounds=2)) == []
    assert chosen(["film"], Options(peer="maniskill")) == ["film"]
    assert not {*MEASURES, *GROWTH} & set(GROUPS)


@pytest.mark.parametrize("name", [*MEASURES, *GROWTH])
def test_every_measure_has_a_module(name: str) -> None:
    assert callable(import_module(f"tracesim.bench.{name}").measure)


def test_json_holds_what_the_tables_show() -> None:
    figures = [Figure("one", (1.0, 2.0, 3.0), "ms", Bound(1.5)), Figure.of("two", 7.0, "MB")]
    growth = Growth("three", "cameras", (Point(1, (1.0, 1.2)), Point(2, (2.0, 2.4))))
    report = Report(["one", "growth"], 1, {"measure": [*figures, growth]})
    data = json.loads(json.dumps(report.as_data(), allow_nan=False))
    tables = report.tables("measure")
    for stored, table in zip((data["figures"], data["growth"]), tables, strict=True):
        shown = [list(cells) for cells in zip(*(column.cells for column in table.columns), strict=True)]
        assert [one["row"] for one in stored["measure"]] == shown
    first, second = data["figures"]["measure"]
    assert (first["median"], first["quartiles"], first["values"]) == (2.0, [1.5, 2.5], [1.0, 2.0, 3.0])
    assert (first["target"], first["met"], second["target"], second["met"]) == ("at most 1.5", False, None, None)
    assert data["growth"]["measure"][0]["exponent"] == pytest.approx(1.0)
    assert {"python", "sapien", "mplib", "numpy", "tracesim", "commit"} <= set(data["versions"])
    assert {"cpu", "cores", "renders", "pinned_to_core"} <= set(data["machine"])
    assert report.missed


def test_a_measure_is_printed_and_written(tmp_path: Path, capsys: pytest.CaptureFixture[str], renderer: None) -> None:
    allowed, path = os.sched_getaffinity(0), tmp_path / "new" / "speed.json"
    code = main(["encoding", "rounds=2", f"json={path}"])
    [figure] = json.loads(path.read_text())["figures"]["encoding"]
    assert code == (0 if figure["met"] else 1)
    assert figure["rounds"] == 2
    said = capsys.readouterr().out
    assert all(cell in said for cell in figure["row"])
    assert os.sched_getaffinity(0) == allowed


def test_what_was_measured_before_a_failure_is_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], renderer: None
) -> None:
    path = tmp_path / "speed.json"
    assert main(["encoding", "memory", "seeds=20", f"json={path}"]) == 2
    assert "seeds=20" in capsys.readouterr().err
    assert list(json.loads(path.read_text())["figures"]) == ["encoding"]


def test_processes_inherit_the_core_and_it_is_given_back() -> None:
    before = os.sched_getaffinity(0)
    with pinned() as core:
        code = "import os; print(*os.sched_getaffinity(0))"
        assert subprocess.check_output([sys.executable, "-c", code], text=True).split() == [str(core)]
    assert os.sched_getaffinity(0) == before


def test_a_peer_that_cannot_be_installed(tmp_path: Path) -> None:
    variables = {"XDG_CACHE_HOME": str(tmp_path), "PIP_NO_INDEX": "1", "PIP_CONFIG_FILE": os.devnull}
    done = subprocess.run(
        [sys.executable, "-m", "tracesim.bench", "peer=maniskill"],
        env={**{name: value for name, value in os.environ.items() if name != "PIP_FIND_LINKS"}, **variables},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2, done.stderr
    assert done.stdout == ""
    notice, error = done.stderr.splitlines()
    assert notice.startswith("Installing mani_skill==")
    assert re.match(r"error: ManiSkill's environment cannot be installed in \S+: .*No matching distribution", error)
    assert "XDG_CACHE_HOME" in error
    assert not list((tmp_path / "tracesim" / "peers").iterdir())
