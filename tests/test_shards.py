"""Two shards of one experiment, played at the same time by two processes on one file system."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

import tracesim
from tracesim.results.store import RecordStore, read_records

WORDS = ["-m", "tracesim.run", "--multirun", "task=click_bell", "policy=expert,noop", "video=false"]


def start(folder: Path, *words: str) -> subprocess.Popen[bytes]:
    environment = os.environ | {"PYTHONPATH": str(Path(tracesim.__file__).parents[1])}
    command = [sys.executable, *WORDS, f"hydra.sweep.dir={folder}", *words]
    return subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)


def hashes(folder: Path) -> dict[tuple[str, int], str]:
    """Return the hash of each record by policy and seed; no record may be there twice in one run."""
    found: dict[tuple[str, int], str] = {}
    for path in folder.rglob(RecordStore.FILE):
        run = {(record.policy, record.seed): record.record_hash for record in read_records(path)}
        assert len(run) == path.read_bytes().count(b"\n")
        found |= run
    return found


def table(folder: Path) -> pl.DataFrame:
    """Return the columns of the table of `tracesim.results` that do not differ between machines and times."""
    environment = os.environ | {"PYTHONPATH": str(Path(tracesim.__file__).parents[1])}
    csv = folder.parent / f"{folder.name}.csv"
    command = [sys.executable, "-m", "tracesim.results", str(folder), f"output={csv}"]
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)
    return pl.read_csv(csv).select("task", "policy", "seed", "success", "record_hash").sort("policy", "seed")


def test_two_shards_at_once_are_one_experiment(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    shards, whole = tmp_path / "shards", tmp_path / "whole"
    # Seed 2 is in both, as where a range was given twice by mistake.
    started = [start(shards / name, f"seed={seed}", "episodes=3") for name, seed in (("one", 0), ("two", 2))]
    for process in started:
        request.addfinalizer(process.kill)
    for process in started:
        assert process.wait(300) == 0
    assert start(whole, "seed=0", "episodes=5").wait(300) == 0
    assert hashes(shards) == hashes(whole)
    assert len(hashes(whole)) == 10
    assert table(shards).equals(table(whole))
