"""The command `python -m tracesim.export`: what it selects, refuses, and leaves behind."""

from __future__ import annotations

import csv
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from tests.runs import refused
from tests.test_extras import call, refusal
from tracesim.export.__main__ import main
from tracesim.results.store import read_records


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_tables_hold_the_motion_and_end_with_the_margins_of_the_record(run: Path, tmp_path: Path) -> None:
    output = tmp_path / "tables"
    assert main([str(run), "form=csv", f"output={output}", "rate_hz=5"]) == 0
    records = {(one.task, one.policy): one for one in read_records(run / "episodes.jsonl")}
    episodes = rows(output / "episodes.csv")
    assert [(one["task"], one["policy"]) for one in episodes] == list(records)
    for episode in episodes:
        record = records[episode["task"], episode["policy"]]
        assert episode["record_hash"] == record.record_hash
        assert episode["success"] == str(record.success)
        samples = rows(output / episode["file"])
        assert len(samples) == int(episode["samples"])
        np.testing.assert_allclose([float(one["time_s"]) for one in samples], np.arange(len(samples)) / 5.0)
        assert samples[0]["phase"] == "settle"
        final = {name: samples[-1][f"margin_{name}"] for name in record.margins}
        for name, margin in record.margins.items():
            # the last sample is up to 0.2 s before the end, when everything rests already
            assert (final[name] == "") == (margin is None)
            if margin is not None:
                assert float(final[name]) == pytest.approx(margin, abs=2e-3)


@pytest.mark.parametrize(
    ("words", "count"), [(["success=true"], 2), (["success=false"], 1), (["task=click_bell"], 1), (["policy=noop"], 1)]
)
def test_episodes_are_selected(run: Path, tmp_path: Path, words: list[str], count: int) -> None:
    assert main([str(run), "form=csv", f"output={tmp_path / 'tables'}", "rate_hz=1", *words]) == 0
    assert len(rows(tmp_path / "tables" / "episodes.csv")) == count


def test_what_exists_is_not_overwritten(run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "kept").write_text("mine")
    assert main([str(run), "form=csv", f"output={tmp_path / 'kept'}"]) == 2
    assert "exists, and is not overwritten" in refused(capsys)
    assert (tmp_path / "kept").read_text() == "mine"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["form=csv"], "No folder is given"),
        (["RUN", "form=pdf"], "Valid: 'mcap', 'lerobot', 'stills' or 'csv'"),
        (["RUN", "form=csv", "rate_hz=200"], "Valid: 1 to 50"),
        (["RUN", "form=csv", "seeds=9"], "None of 3 episodes"),
        (["RUN", "form=csv", "seeds=first"], "the first and the last seed"),
        (["RUN", "form=csv", "cameras=wrist"], "Unknown camera 'wrist'"),
        (["nowhere", "form=csv"], "nowhere: no such folder"),
        (["RUN"], "form is missing"),
    ],
)
def test_wrong_words_are_refused(
    words: list[str], said: str, run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = [str(run) if word == "RUN" else word for word in words]
    assert main([*given, f"output={tmp_path / 'out'}"]) == 2
    assert said in refused(capsys)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("form", "package"), [("mcap", "foxglove"), ("lerobot", "av"), ("stills", "pyarrow")])
def test_a_missing_package_is_told_of_with_its_extra(form: str, package: str, run: Path, tmp_path: Path) -> None:
    words = [str(run), f"form={form}", f"output={tmp_path / 'out'}"]
    done = call("tracesim.export.__main__", *words, absent=package)
    assert f"needs {package}: pip install 'tracesim[export]'." in refusal(done)
    assert list(tmp_path.iterdir()) == []


def test_a_killed_export_leaves_nothing_that_looks_complete(run: Path, tmp_path: Path) -> None:
    output = tmp_path / "tables"
    words = ["-m", "tracesim.export", str(run), "form=csv", f"output={output}", "rate_hz=50"]
    with subprocess.Popen([sys.executable, *words], stdout=subprocess.DEVNULL, env=os.environ) as process:
        while not (partial := tmp_path / ".tables.partial").exists() and process.poll() is None:
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
    assert not output.exists()
    assert main([str(run), "form=csv", f"output={output}", "rate_hz=1"]) == 0
    assert not partial.exists()
    assert (output / "episodes.csv").exists()
