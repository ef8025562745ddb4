"""Folders of runs that were not played: records of a task, as a test asks for."""

from __future__ import annotations

from pathlib import Path

from tracesim.configuration import RunConfiguration, Variation
from tracesim.failure import Failure
from tracesim.results import Record

BELL = RunConfiguration("click_bell", variation=Variation("clean", clutter=0))


def record(
    seed: int, success: bool = True, stage: str = "goal", of: RunConfiguration = BELL, margin: float = 0.5
) -> Record:
    failure = None if success else Failure(stage, "touches")
    margins = {"touches": margin if success else -margin}
    return Record.of(of, seed, success=success, failure=failure, margins=margins, best={"touches": 1.0})


def write(folder: Path, *records: Record) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "episodes.jsonl").write_text("".join(f"{one.line()}\n" for one in records))
    return folder
