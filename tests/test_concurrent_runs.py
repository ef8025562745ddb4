"""Runs and sweeps that several processes start at once in one folder."""

from __future__ import annotations

import io
import multiprocessing
import re
import time
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import pytest

from tests.playing import PlayedEpisode, Playing
from tests.runs import TASK, seeds_in, table_of
from tracesim.results.store import RecordStore
from tracesim.run import main

pytestmark = pytest.mark.usefixtures("somewhere_else")


class Slow(Playing):
    """Plays slowly, so that other processes start meanwhile."""

    def begin(self, seed: int, *, film: Path | None, curves: Path | None) -> PlayedEpisode:
        time.sleep(0.3)
        return super().begin(seed, film=film, curves=curves)


def _run(start: Any, results: Any, words: list[str]) -> None:
    said = io.StringIO()
    with redirect_stderr(said), redirect_stdout(io.StringIO()):
        start.wait()
        results.put((main(words, Slow()), said.getvalue()))


def at_once(count: int, *words: str) -> list[tuple[int, str]]:
    """Run a command in several processes at once; return exit status and stderr of each, sorted."""
    fork = multiprocessing.get_context("fork")  # starts at once: everything has been imported
    start, results = fork.Barrier(count), fork.Queue()
    children = [fork.Process(target=_run, args=(start, results, list(words))) for _ in range(count)]
    for child in children:
        child.start()
    ended = [results.get(timeout=120) for _ in children]
    for child in children:
        child.join()
    return sorted(ended)


@pytest.mark.parametrize("folder", [[], ["hydra.run.dir=mine/${now:%Y}"]])
def test_concurrent_runs_get_folders_of_their_own(tmp_path: Path, folder: list[str]) -> None:
    assert at_once(3, *TASK, *folder) == [(0, "")] * 3
    assert [seeds_in(path.parent) for path in tmp_path.rglob(RecordStore.FILE)] == [[0, 1]] * 3


def test_concurrent_sweeps_get_folders_of_their_own(tmp_path: Path) -> None:
    assert at_once(2, "-m", *TASK, "seed=0,100") == [(0, "")] * 2
    assert len(list(tmp_path.rglob("sweep.yaml"))) == 2
    assert len(list(tmp_path.rglob(RecordStore.FILE))) == 4


@pytest.mark.parametrize("exists", [False, True])
def test_only_one_of_concurrent_runs_in_one_folder_is_played(exists: bool, tmp_path: Path) -> None:
    if exists:
        (tmp_path / "run").mkdir()
    played, *others = at_once(3, *TASK, "hydra.run.dir=run")
    assert played == (0, "")
    for status, said in others:
        assert status == 2
        assert re.fullmatch(r"error: .*(another process is writing|already holds a run).*\n", said)
    assert seeds_in(tmp_path / "run") == [0, 1]


def test_only_one_of_concurrent_resumes_of_a_run_is_played(tmp_path: Path) -> None:
    assert main([*TASK, "hydra.run.dir=run"], Playing(raises={0: OSError("down"), 1: OSError("down")})) == 3
    played, other = at_once(2, "resume=run")
    assert (played[0], other[0]) == (0, 2)
    assert "another process is writing" in other[1]
    assert seeds_in(tmp_path / "run") == [0, 1, 0, 1]


def test_only_one_of_concurrent_sweeps_in_one_folder_is_played(tmp_path: Path) -> None:
    played, other = at_once(2, "-m", *TASK, "seed=0,100", "hydra.sweep.dir=sweep")
    assert (played[0], other[0]) == (0, 2)
    assert re.fullmatch(r"error: .*(another process is writing|already holds a sweep).*\n", other[1])
    assert [row["seeds"] for row in table_of(tmp_path / "sweep")] == [[0, 1, 100, 101]]
