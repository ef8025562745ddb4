"""The file of records that a run writes."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from pydantic import ValidationError

from tracesim.errors import Fault
from tracesim.files.json_lines import LineFile, read_lines
from tracesim.results.record import SCHEMA_VERSION, Key, Record


def read_records(path: Path) -> list[Record]:
    """Return the validated records in a file, in the order in which they were written.

    A last line that was cut short is left out. Superseded records are included; see `latest`.

    Raises:
        ConfigurationError: The file cannot be read, or a line is not a record; names the line.
    """
    return read_lines(path, parse_record)


def latest(records: Iterable[Record]) -> list[Record]:
    """Return the last record of each episode, in the order in which episodes first appear."""
    return list({record.key: record for record in records}.values())


class RecordStore:
    """The records of one run, each appended to `episodes.jsonl` and flushed to disk before the next episode.

    A last line that was cut short is removed when the store is opened. Use as a context manager; while it is open, no
    other process can append to it.

    Attributes:
        path: Path of the file.
    """

    FILE: Final = "episodes.jsonl"

    def __init__(self, folder: Path) -> None:
        """Name the folder of the run; nothing is opened yet."""
        self.path = folder / self.FILE
        self._records: dict[Key, Record] = {}
        self._lines = LineFile(self.path, parse_record)

    def __enter__(self) -> Self:
        """Open the file and read its records.

        Raises:
            ConfigurationError: Another process has the store open, or a line is not a record.
        """
        self._records = {record.key: record for record in self._lines.__enter__().found}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file."""
        self._lines.close()

    @property
    def records(self) -> list[Record]:
        """The last record of each episode, in the order in which episodes first appear."""
        return list(self._records.values())

    @property
    def finished(self) -> dict[Key, Record]:
        """The records of episodes that do not have to be played again; infrastructure failures do."""
        return {key: record for key, record in self._records.items() if not record.is_infrastructure}

    def append(self, record: Record) -> None:
        """Append a record and flush it to disk.

        Raises:
            InfrastructureError: The file cannot be written.
        """
        self._lines.append(record.line())
        self._records[record.key] = record


def line_fault(fault: Fault, version: int | str, refusal: str) -> ValueError:
    """Return the error for a line that does not conform to a schema of some version."""
    if fault.where == ("schema_version",):
        return ValueError(f"schema_version is {fault.value!r}; this version of TraceSim reads {version}.")
    return ValueError(f"{refusal}: {fault}.")


def parse_record(line: bytes) -> Record:
    """Return the record in a line; raises `ValueError` if there is none."""
    try:
        return Record.model_validate_json(line)
    except ValidationError as error:
        raise line_fault(Fault.first(error), f"{SCHEMA_VERSION - 1} and {SCHEMA_VERSION}", "not a record") from None
