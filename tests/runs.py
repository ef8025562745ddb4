"""Runs for tests: a short one, the answers it replays, and what its folder holds in the end."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tracesim.results.store import RecordStore, read_records

TASK = ["task=click_bell", "variation=clean", "episodes=2", "video=false"]
ANSWER = {"task": "click_bell", "seed": 0, "turns": [{"answer": "[(1, 2, 0.5)]"}]}


def seeds_in(folder: Path) -> list[int]:
    """Return the seeds of a run's records, in their order."""
    return [one.seed for one in read_records(folder / RecordStore.FILE)]


def refused(capsys: pytest.CaptureFixture[str]) -> str:
    """Return stderr, which must be one line; stdout must be empty."""
    said = capsys.readouterr()
    assert said.out == ""
    assert re.fullmatch(r"error: [^\n]+\n", said.err), said.err
    return said.err


def answers(path: Path, *episodes: dict[str, Any]) -> Path:
    """Write records that hold answers only, by default one for seed 0."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{json.dumps(one)}\n" for one in episodes or [ANSWER]))
    return path


def table_of(folder: Path) -> list[dict[str, Any]]:
    """Return the rows of a sweep's table."""
    found: list[dict[str, Any]] = json.loads((folder / "summary.json").read_text())
    return found
