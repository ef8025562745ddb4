"""The episodes of many folders, read together."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Self

from tracesim.errors import ConfigurationError
from tracesim.results.record import Record
from tracesim.results.scores import Scores
from tracesim.results.store import RecordStore, latest, read_records

if TYPE_CHECKING:
    import polars


@dataclass(frozen=True)
class Stored:
    """A record, and the folder of the run that wrote it."""

    record: Record
    """The record."""

    folder: Path
    """Folder of the run."""

    @cached_property
    def scores(self) -> Scores:
        """Scores of the executed motion."""
        return Scores.of(self.record)

    @property
    def curves_file(self) -> Path | None:
        """Path of the curves file; None if there is none."""
        return self._path(self.record.curves_file)

    @property
    def video(self) -> Path | None:
        """Path of the film; None if there is none."""
        return self._path(self.record.video)

    def _path(self, name: str | None) -> Path | None:
        return self.folder / name if name is not None and (self.folder / name).is_file() else None


@dataclass(frozen=True)
class Collection:
    """The episodes of many runs, each of them once, in the order in which they were found."""

    episodes: tuple[Stored, ...]
    """The last record of every episode."""

    @classmethod
    def read(cls, folders: Sequence[Path]) -> Self:
        """Return the episodes in folders.

        An episode is identified by its seed and the hash of its configuration. If it was recorded more than once with
        the same content, for example in two copies of one shard, it counts once; infrastructure failures give way to
        episodes that were judged.

        Args:
            folders: Folders of runs, of sweeps, or folders that contain such folders at any depth; or files of records.

        Raises:
            ConfigurationError: A folder does not exist or contains no records, a line is not a record, or one episode
                was recorded with different results; the message names the file and line, or both folders.
        """
        found: dict[tuple[str, int], Stored] = {}
        with _no_garbage():
            for file in dict.fromkeys(one for folder in folders for one in record_files(folder)):
                for record in latest(read_records(file)):
                    stored = Stored(record, file.parent)
                    identity = (record.configuration_hash, record.seed)
                    found[identity] = _merge(found.get(identity), stored)
        return cls(tuple(found.values()))

    @property
    def records(self) -> list[Record]:
        """The records of all episodes."""
        return [one.record for one in self.episodes]

    @property
    def judged(self) -> list[Stored]:
        """The episodes that say something about their policy."""
        return [one for one in self.episodes if one.record.is_judged]

    def frame(self) -> polars.DataFrame:
        """Return a table with one row an episode; see `tracesim.results.frame`."""
        from tracesim.results.frame import frame

        return frame(self.episodes)


@contextmanager
def _no_garbage() -> Iterator[None]:
    """Look for garbage before many objects are read, and never among them: they have no cycles.

    Looking for it again and again takes more time than reading.
    """
    enabled = gc.isenabled()
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if enabled:
            gc.enable()


def record_files(folder: Path) -> list[Path]:
    """Return the files of records in a folder at any depth, or the file itself if it is one.

    Raises:
        ConfigurationError: The folder does not exist or contains no records.
    """
    if not folder.exists():
        raise ConfigurationError(f"{folder}: no such folder. Valid: the folder of a run or a sweep.")
    found = [folder] if folder.is_file() else list(_walk(folder))
    if not found:
        raise ConfigurationError(
            f"{folder}: holds no records ({RecordStore.FILE}). Valid: the folder of a run or a sweep, or a folder that "
            "contains such folders."
        )
    return found


def _walk(folder: Path) -> Iterator[Path]:
    """Yield the files of records below a folder, in the order of their numbered or named folders."""
    for place, names, files in os.walk(folder, onerror=_cannot_be_read):
        names.sort(key=lambda name: (not name.isdigit(), int(name) if name.isdigit() else 0, name))
        if RecordStore.FILE in files:
            yield Path(place) / RecordStore.FILE


def _cannot_be_read(error: OSError) -> None:
    raise ConfigurationError(f"{error.filename}: cannot be read ({error.strerror}).") from None


def _merge(first: Stored | None, second: Stored) -> Stored:
    """Return the one of two records of an episode that counts."""
    if first is None or first.record.is_infrastructure:
        return second
    if second.record.is_infrastructure or first.record.record_hash == second.record.record_hash:
        return first
    record = second.record
    raise ConfigurationError(
        f"Seed {record.seed} of {record.task}, policy {record.policy}, was recorded twice with different results: "
        f"{_verdict(first.record)} in {first.folder}, {_verdict(record)} in {second.folder}"
        f"{_versions(first.record, record)}. Leave one of the folders out, or move it elsewhere."
    )


def _verdict(record: Record) -> str:
    ended = "success" if record.failure is None else f"{record.failure.stage}: {record.failure.reason}"
    return f"{ended} (record_hash {record.record_hash[:8]})"


def _versions(first: Record, second: Record) -> str:
    """Return the versions in which two records differ, as the end of a sentence; empty if there are none."""
    differ = differing_versions((first, second))
    return f"; {', '.join(differ)} differ" if differ else ""


def differing_versions(records: Iterable[Record]) -> tuple[str, ...]:
    """Return the names of packages of which records name more than one version, in alphabetical order."""
    distinct = {tuple(sorted(record.versions.items())) for record in records}
    found: dict[str, set[str]] = {}
    for versions in distinct:
        for name, version in versions:
            found.setdefault(name, set()).add(version)
    return tuple(sorted(name for name, versions in found.items() if len(versions) > 1))
