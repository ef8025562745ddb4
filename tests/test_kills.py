"""A run, a sweep and a sweep with workers that are killed again and again."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

import tracesim
from tracesim.results.store import RecordStore, read_records

EPISODES = ["task=click_bell", "video=first"]
SWEEP = [
    *("-m", *EPISODES, "variation=clean,cluttered", "seed=0,100", "hydra.sweep.dir=killed"),
    "hydra.sweep.subdir=${hydra.job.override_dirname}",
]


@dataclass(frozen=True)
class Case:
    """A command that is killed several times; it has more episodes than can finish between the kills."""

    words: list[str]
    played: int
    kills: int
    victims: tuple[str, ...] = ("all",)

    @property
    def marker(self) -> str:
        """The file from which it can be resumed."""
        return "sweep.yaml" if "-m" in self.words else "configuration.yaml"


CASES = {
    "run": Case([*EPISODES, "variation=clean", "episodes=40", "hydra.run.dir=killed"], 40, 12),
    "sweep": Case([*SWEEP, "episodes=10"], 40, 12),
    "workers": Case([*SWEEP, "episodes=15", "workers=2"], 60, 20, ("worker", "all", "worker", "parent")),
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


def workers_of(child: subprocess.Popen[bytes]) -> list[int]:
    """Return the processes that a child has spawned to play episodes."""
    path = Path(f"/proc/{child.pid}/task/{child.pid}/children")
    found = [int(one) for one in path.read_text().split()] if path.exists() else []
    return [one for one in found if b"spawn_main" in (Path(f"/proc/{one}/cmdline").read_bytes())]


def kill(child: subprocess.Popen[bytes], victim: str, rng: random.Random) -> None:
    """Kill a child with its workers, or without them, which end as well; or one of its workers."""
    if victim == "all":
        os.killpg(child.pid, signal.SIGKILL)
    elif victim == "parent":
        os.kill(child.pid, signal.SIGKILL)
    elif workers := workers_of(child):
        os.kill(rng.choice(workers), signal.SIGKILL)


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_no_episode_is_lost_or_played_twice(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    case = CASES[name]
    whole = started([word.replace("killed", "whole") for word in case.words])
    assert (whole.communicate()[1], whole.returncode) == (b"", 0)

    rng = random.Random(0)
    folder, child = tmp_path / "killed", None
    for number in range(case.kills):
        if child is None:
            child = started(["resume=killed"] if (folder / case.marker).exists() else case.words)
        # every third time while it starts, otherwise once something has been recorded
        starts = number % 3 == 0
        enough = lines(folder) + (0 if starts else 1)
        while lines(folder) < enough and child.poll() is None:
            time.sleep(0.01)
        time.sleep(rng.uniform(0.0, 4.0 if starts else 0.8))
        assert child.poll() is None, "it should not be over before the last kill"
        victim = case.victims[number % len(case.victims)]
        kill(child, victim, rng)
        if victim != "worker":
            said = child.communicate()[1]
            assert (said, child.returncode) == (b"", -signal.SIGKILL)
            child = None
    last = child or started(["resume=killed"])
    assert (last.communicate()[1], last.returncode) == (b"", 0)

    assert hashes(folder) == hashes(tmp_path / "whole")
    assert len({one[:2] for one in hashes(folder)}) == case.played
    names = {path.relative_to(folder) for path in folder.rglob("*")}
    assert names == {path.relative_to(tmp_path / "whole") for path in (tmp_path / "whole").rglob("*")}
    of_whole = (tmp_path / "whole" / "summary.json").read_text()
    assert (folder / "summary.json").read_text() == of_whole
