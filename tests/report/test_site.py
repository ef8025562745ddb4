"""The folder of a report: what is in it, and what it takes and refuses."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.report.made import ATTACK, NUMBER
from tracesim.report.__main__ import main


def data(report: Path, name: str) -> Any:
    """Return the data of a script."""
    text = (report / "data" / f"{name}.js").read_text(encoding="utf-8")
    match = re.fullmatch(r'receive\("([\w-]+)",(.*)\)\n', text, re.DOTALL)
    assert match
    assert match[1] == name
    return json.loads(match[2])


def test_the_pages_load_only_files_of_the_folder(report: Path) -> None:
    pages = list(report.glob("*.html"))
    assert {page.name for page in pages} == {"index.html", "episode.html", "films.html"}
    for page in pages:
        text = page.read_text(encoding="utf-8")
        loaded = re.findall(r'(?:src|href)="([^"]+)"', text)
        assert len(loaded) > 5
        for name in loaded:
            assert name == "data:," or name.startswith("#") or (report / name).is_file(), name
        assert ATTACK not in text


def test_no_script_of_data_holds_a_tag(report: Path) -> None:
    files = list((report / "data").glob("*.js"))
    assert len(files) > 5
    assert not [file.name for file in files if "<" in file.read_text(encoding="utf-8")]
    assert ATTACK in json.dumps(data(report, "details-1"), ensure_ascii=False).replace('\\"', '"')


def test_every_episode_has_its_row_and_its_details(report: Path) -> None:
    index = data(report, "index")
    assert {len(column) for column in index["columns"].values()} == {NUMBER}
    shards = [data(report, f"details-{number}") for number in range(-(-NUMBER // index["shard"]))]
    details = [one for shard in shards for one in shard["episodes"]]
    assert [one["seed"] for one in details] == index["columns"]["seed"]
    assert [index["tasks"][task] for task in index["columns"]["task"]] == [one["task"] for one in details]
    for number in range(NUMBER):
        assert bool(index["columns"]["film"][number]) == (report / "films" / f"{number}.mp4").is_file()
        assert bool(index["columns"]["scene"][number]) == (report / "data" / f"scene-{number}.js").is_file()


def test_a_scene_has_the_four_curves_and_margins_that_end_at_the_record(report: Path) -> None:
    index = data(report, "index")
    number = index["columns"]["scene"].index(1)
    scene, detail = data(report, f"scene-{number}"), data(report, "details-0")["episodes"][number]
    assert len(scene["point"]) == len(scene["tool"]) == len(scene["path_times"])
    assert scene["planned"]
    assert detail["turns"][0]["traces"]
    for one in detail["constraints"]:
        margins = scene["margins"][one["name"]]
        assert len(margins) == len(scene["margin_times"])
        assert margins[-1] == pytest.approx(one["margin"], rel=1e-2, abs=1e-4)
    robot = data(report, scene["robot"])
    assert set(robot) == set(scene["links"])


def test_an_earlier_report_is_replaced_and_anything_else_is_not(
    report: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    runs, out = report.parent / "runs" / "0", tmp_path / "out"
    words = [str(runs), f"output={out}", "scenes=0", "films=false"]
    assert main(words) == 0
    (out / "films" / "old.mp4").touch()
    assert main(words) == 0
    assert not list((out / "films").iterdir())
    assert not [path.name for path in tmp_path.iterdir() if path != out]
    kept = tmp_path / "kept"
    kept.mkdir()
    (kept / "thesis.tex").touch()
    assert main([str(runs), f"output={kept}"]) == 2
    assert "is not overwritten" in capsys.readouterr().err
    assert (kept / "thesis.tex").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "No folder is given"),
        (["."], "output is missing"),
        (["nowhere", "output=out"], "nowhere: no such folder"),
        ([".", "output=out"], "holds no records"),
        ([".", "output=out", "scenes=-1"], "scenes=-1"),
        ([".", "output=out", "scene=3"], "scenes"),
    ],
)
@pytest.mark.usefixtures("somewhere_else")
def test_a_wrong_argument_is_refused_in_one_line(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert said in line
    assert not Path("out").exists()


@pytest.mark.parametrize("module", ["jinja2", "plotly"])
def test_a_missing_package_names_the_extra(
    module: str, report: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    assert main([str(report.parent / "runs"), f"output={tmp_path / 'out'}"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "tracesim[report]" in line
