"""The progress of a sweep, whichever processes play its jobs."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tracesim.cli.planned_jobs import Plan
from tracesim.cli.progress import EpisodeProgress
from tracesim.cli.seed_workers import SeedWorkers
from tracesim.cli.series import Place
from tracesim.errors import ConfigurationError
from tracesim.results.record import Key
from tracesim.results.store import RecordStore, latest, read_records

_LOOK_EVERY_S: Final = 1.0


@dataclass(frozen=True)
class ShownSweep:
    """A sweep whose jobs are played in this process and by its workers."""

    plan: Plan
    """Its jobs."""

    progress: EpisodeProgress
    """Its progress."""

    workers: SeedWorkers
    """Worker processes that its jobs share."""

    def place(self, number: int) -> Place:
        """Return the place of the job with this number."""
        jobs = self.plan.jobs
        return Place(self.progress, jobs[number].name if number < len(jobs) else "", self.workers)


@dataclass
class _Followed:
    """The file of records of a job that another process plays."""

    path: Path
    name: str
    seen: set[Key] = field(default_factory=set)
    size: int = 0

    def look(self, progress: EpisodeProgress, before: bool = False) -> None:
        """Show the episodes that have been added; count them only if they were there before."""
        try:
            size = self.path.stat().st_size
            if size == self.size:
                return
            records = [one for one in latest(read_records(self.path)) if not (before and one.is_infrastructure)]
        except (OSError, ConfigurationError):
            return  # not there yet, or being written
        self.size = size
        for record in records:
            if record.key not in self.seen:
                self.seen.add(record.key)
                if before:
                    progress.skip(record)
                else:
                    progress.show(record, sum(record.timings.values()) or None, self.name)


@contextmanager
def following(jobs: Iterable[tuple[Path, str]], progress: EpisodeProgress) -> Iterator[None]:
    """Show the episodes that other processes record while the context lasts.

    Args:
        jobs: Folder and name of each job.
        progress: Shows them.
    """
    files = [_Followed(folder / RecordStore.FILE, name) for folder, name in jobs]
    for file in files:
        file.look(progress, before=True)
    over = threading.Event()

    def look() -> None:
        while not over.wait(_LOOK_EVERY_S):
            for file in files:
                file.look(progress)

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
        for file in files:
            file.look(progress)
