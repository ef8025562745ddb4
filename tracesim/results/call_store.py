"""The file of calls of models that a run writes, and the pictures that were sent."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from pydantic import ValidationError

from tracesim.errors import ConfigurationError, Fault, InfrastructureError
from tracesim.files.json_lines import LineFile, read_lines
from tracesim.files.whole_file import whole
from tracesim.machine.notices import not_written
from tracesim.models.calls import CALL_SCHEMA, PICTURES, Call, RecordedCall
from tracesim.results.store import line_fault


def read_calls(path: Path) -> list[Call]:
    """Return the validated calls in a file, in the order in which they ended.

    Raises:
        ConfigurationError: The file cannot be read, or a line is not a call; names the line.
    """
    return read_lines(path, parse_call)


class CallStore:
    """The calls of one run, each appended to `calls.jsonl` as it ends; each picture is stored once.

    The file is made with the first call. What cannot be written causes a warning. Use as a context manager; threads may
    share it.
    """

    FILE: Final = "calls.jsonl"

    def __init__(self, folder: Path) -> None:
        """Name the folder of the run; nothing is opened yet."""
        self._folder = folder.absolute()
        self._lines: LineFile[Call] | None = None
        self._lock = threading.Lock()
        self._removed = False

    def __enter__(self) -> Self:
        """Return the store itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file."""
        if self._lines is not None:
            self._lines.close()

    def __call__(self, recorded: RecordedCall) -> None:
        """Write a call and those of its pictures that are new."""
        with self._lock:
            if self._removed:
                return
            try:
                for name, content in recorded.pictures.items():
                    self._put(self._folder / name, content)
                if self._lines is None:
                    self._lines = LineFile(self._folder / self.FILE, parse_call).__enter__()
                self._lines.append(recorded.call.model_dump_json())
            except (ConfigurationError, InfrastructureError, OSError) as error:
                not_written("A call", recorded.call.seed or 0, error)

    def remove(self) -> None:
        """Delete the file and the pictures of a run that cannot be played; calls that end later are not written."""
        with self._lock:
            self._removed = True
            (self._folder / self.FILE).unlink(missing_ok=True)
            shutil.rmtree(self._folder / PICTURES, ignore_errors=True)

    def _put(self, path: Path, content: bytes) -> None:
        if not path.exists():
            with whole(path) as partial:
                partial.write_bytes(content)


def parse_call(line: bytes) -> Call:
    """Return the call in a line; raises `ValueError` if there is none."""
    try:
        return Call.model_validate_json(line)
    except ValidationError as error:
        raise line_fault(Fault.first(error), CALL_SCHEMA, "not a call") from None
