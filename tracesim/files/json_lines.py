"""Files of JSON lines: each line is on the disk before the next is written, so that a kill costs at most one."""

from __future__ import annotations

import errno
import fcntl
import io
import json
import logging
import os
import tempfile
from collections.abc import Callable, Iterable
from contextlib import suppress
from io import FileIO
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Final, Generic, Self, TypeVar

from tracesim.errors import ConfigurationError, InfrastructureError
from tracesim.files.text_files import MARK, check_encoding

_LOG: Final = logging.getLogger(__name__)

Line = TypeVar("Line")

_BEGINNINGS: Final = (b"{", b"[", b'"')
"""The first bytes of a line of JSON lines."""

Parse = Callable[[bytes], Line]
"""Reads one line; raises `ValueError` with what is wrong with it, which is said after file and line number."""


def read_lines(path: Path, parse: Parse[Line]) -> list[Line]:
    """Return what the lines of a file hold, in the order written; a last line that a kill cut short is left out.

    Raises:
        ConfigurationError: the file cannot be read, or `parse` refuses a line; names the line.
    """
    return [value for _, value in numbered_lines(path, parse)]


def numbered_lines(path: Path, parse: Parse[Line]) -> list[tuple[int, Line]]:
    """Return what `read_lines` does, each value with the number of its line, from 1.

    Raises:
        ConfigurationError: As for `read_lines`.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be read ({error.strerror}).") from None
    return _parsed(content, path, parse)[0]


def json_value(line: bytes) -> Any:
    """Return the value of a line of JSON; raises `ValueError` if it is not JSON."""
    try:
        return json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"not JSON ({str(error).splitlines()[0]}).") from None


class LineFile(Generic[Line]):
    """A file that lines are appended to. On opening, a last line that a kill cut short is dropped.

    found: what the lines held when the file was opened. Use as a context manager; while open no other process can
    write to the file.

    Raises:
        ConfigurationError: another process writes to the file, it cannot be opened, or `parse` refuses a line.
    """

    def __init__(self, path: Path, parse: Parse[Line]) -> None:
        self.path = path
        self.found: list[Line] = []
        self._place = path.absolute()  # whatever becomes the current folder
        self._parse = parse
        self._file: FileIO | None = None

    def __enter__(self) -> Self:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            # Unbuffered: what the disk refuses must not be tried again on closing.
            file = self.path.open("a+b", buffering=0)
        except OSError as error:
            raise ConfigurationError(f"{self.path}: cannot be written ({error.strerror}).") from None
        try:
            lock(file, self.path)
            file.seek(0)
            content = file.read()
            numbered, whole = _parsed(content, self.path, self._parse)
            self.found = [value for _, value in numbered]
            file.truncate(whole)
            _write(file, b"\n" if whole and content[whole - 1 : whole] != b"\n" else b"")
        except OSError as error:
            file.close()
            raise ConfigurationError(f"{self.path}: cannot be written ({error.strerror}).") from None
        except BaseException:
            file.close()
            raise
        self._file = file
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file; others may write to it."""
        if self._file is not None:
            with suppress(OSError):  # of a line that `append` could not write either
                self._file.close()  # and with it the lock
            self._file = None

    def append(self, line: str) -> None:
        """Write a line, given without its end, and wait until the disk has it.

        Raises:
            InfrastructureError: the disk refuses, or the file does not lie at its path any more. Where it has been
                moved it holds the line.
        """
        if self._file is None:
            raise RuntimeError("the file is not open: use it as a context manager")
        try:
            _write(self._file, line.encode() + b"\n")
        except OSError as error:
            raise InfrastructureError(f"{self.path}: cannot be written ({error.strerror}).") from error
        if not _lies_at(self._file, self._place):
            raise InfrastructureError(
                f"{self.path}: was deleted, moved or replaced while it was being written. "
                "What has been moved can be gone on with where it lies now."
            )

    def replace(self, lines: Iterable[str]) -> None:
        """Put these lines in the place of all that the file holds, in one step, and close it.

        At every moment the path holds the old lines or the new ones. Raises `InfrastructureError`.
        """
        temporary = None
        try:
            with tempfile.NamedTemporaryFile(dir=self.path.parent, prefix=f".{self.path.name}-", delete=False) as file:
                temporary = Path(file.name)
                os.fchmod(file.fileno(), self.path.stat().st_mode & 0o777)
                file.writelines(line.encode() + b"\n" for line in lines)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(self.path)
        except OSError as error:
            if temporary is not None:
                temporary.unlink(missing_ok=True)
            raise InfrastructureError(f"{self.path}: cannot be put in order ({error.strerror}).") from error
        finally:
            self.close()


def _parsed(content: bytes, path: Path, parse: Parse[Line]) -> tuple[list[tuple[int, Line]], int]:
    """Return the values of numbered lines and their size in bytes, without a last line that was cut short."""
    try:
        check_encoding(content)
    except ValueError as fault:
        raise ConfigurationError(f"{path}: {fault}") from None
    lines: list[tuple[int, Line]] = []
    position = 0
    for number, line in enumerate(io.BytesIO(content), start=1):
        text = line.removeprefix(MARK)  # files that are joined bring one each
        if text.strip():
            try:
                lines.append((number, parse(text)))
            except ValueError as fault:
                # What nobody began to write as a line is another kind of file, and not to be cut short.
                if not line.endswith(b"\n") and (lines or text.lstrip()[:1] in _BEGINNINGS):
                    break
                raise ConfigurationError(f"{path}, line {number}: {fault}") from None
        position += len(line)
    return lines, position


def lock(file: IO[bytes], path: Path) -> None:
    """Make sure that no other process holds the open file at `path`, until it is closed.

    Where the file system has no locks a warning says so, and nothing is made sure.

    Raises:
        ConfigurationError: another process holds it, or has put another file in its place.
    """
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in (errno.EWOULDBLOCK, errno.EAGAIN):
            raise ConfigurationError(f"{path}: another process is writing to it.") from None
        _LOG.warning(
            "%s cannot be locked here (%s): do not let a second process write to it, it would not be noticed.",
            path,
            error.strerror,
        )
        return
    if not _lies_at(file, path):
        raise ConfigurationError(f"{path}: another process is writing to it.")


def _lies_at(file: IO[bytes], path: Path) -> bool:
    """Whether an open file is the one at `path`, which somebody may have deleted, moved or replaced."""
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except OSError:
        return False


def _write(file: FileIO, content: bytes) -> None:
    """Append all of some bytes, or none where the disk refuses, and wait until the disk has them."""
    before = os.fstat(file.fileno()).st_size
    rest = memoryview(content)
    try:
        while rest:
            rest = rest[file.write(rest) :]
        os.fsync(file.fileno())
    except OSError:
        with suppress(OSError):
            file.truncate(before)
        raise
