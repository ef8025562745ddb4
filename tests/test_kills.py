"""A run and a sweep that are killed twelve times."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import tracesim
from tracesim.results.store import RecordStore, read_records

KILLS = 12
PLAYED = 40
"""Number of episodes: more than finish between twelve kills on a fast machine."""
EPISODES = ["task=click_bell", "video=first"]

COMMANDS = {
    "run": [*EPISODES, "variation=clean", f"episodes={PLAYED}", "hydra.run.dir=killed"],
    "sweep": [
        *(
            "-m",
            *EPISODES,
            "variation=clean,cluttered",
            "seed=0,100",
            f"episodes={PLAYED // 4}",
            "hydra.sweep.dir=killed",
        ),
        "hydra.sweep.subdir=${hydra.job.override_dirname}",
    ],
}


def started(words: list[str]) -> subprocess.Popen[bytes]:
    root = Path(tracesim.__file__).parents[1]
    return subprocess.Popen(
        [sys.executable, "-m", "tracesim.run", *words],
        env=os.environ | {"PYTHONPATH": str(root)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def lines(folder: Path) -> int:
    return sum(path.read_bytes().count(b"\n") for path in folder.rglob(RecordStore.FILE))


def hashes(folder: Path) -> list[tuple[str, int, str]]:
    """Return job, seed and hash of every record, a line each."""
    return sorted(
        (str(path.parent.relative_to(folder)), record.seed, record.record_hash)
        for path in folder.rglob(RecordStore.FILE)
        for record in read_records(path)
    )


@pytest.mark.slow
@pytest.mark.parametrize("what", COMMANDS)
def test_no_episode_is_lost_or_played_twice(what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    words = COMMANDS[what]
    whole = started([word.replace("killed", "whole") for word in words])
    assert (whole.communicate()[1], whole.returncode) == (b"", 0)

    rng = random.Random(0)
    folder, marker = tmp_path / "killed", "configuration.yaml" if what == "run" else "sweep.yaml"
    for kill in range(KILLS):
        child = started(["resume=killed"] if (folder / marker).exists() else words)
        # every third one while it starts, the others once something has been recorded
        enough = lines(folder) + (0 if kill % 3 == 0 else 1)
        while lines(folder) < enough and child.poll() is None:
            time.sleep(0.01)
        time.sleep(rng.uniform(0.0, 4.0 if kill % 3 == 0 else 0.8))
        os.killpg(child.pid, signal.SIGKILL)
        said = child.communicate()[1]
        assert (said, child.returncode) == (b"", -signal.SIGKILL)
    last = started(["resume=killed"])
    assert (last.communicate()[1], last.returncode) == (b"", 0)

    assert hashes(folder) == hashes(tmp_path / "whole")
    assert len({one[:2] for one in hashes(folder)}) == PLAYED
    names = {path.relative_to(folder) for path in folder.rglob("*")}
    assert names == {path.relative_to(tmp_path / "whole") for path in (tmp_path / "whole").rglob("*")}
    of_whole = (tmp_path / "whole" / "summary.json").read_text()
    assert (folder / "summary.json").read_text() == of_whole
