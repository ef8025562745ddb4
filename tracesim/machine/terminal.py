"""Standard streams that outlive their reader, and the console that commands print on."""

from __future__ import annotations

import errno
import io
import os
import select
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final, Protocol, TextIO

from tracesim.errors import TraceSimWarning

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer
    from rich.console import Console


class Showing(Protocol):
    """What `warnings.showwarning` is."""

    def __call__(
        self,
        message: Warning | str,
        category: type[Warning],
        filename: str,
        lineno: int,
        file: TextIO | None = None,
        line: str | None = None,
    ) -> None:
        """Show a warning."""


_PIPED_WIDTH: Final = 110
_READER_GONE: Final = (errno.EPIPE, errno.ECONNRESET, errno.EIO)
"""Errors of a pipe, socket or terminal whose other end was closed."""


class _Output(io.FileIO):
    """A file descriptor open for writing. After the first error, what is written is dropped; nothing raises.

    error: that first error, or None.
    """

    def __init__(self, descriptor: int) -> None:
        super().__init__(descriptor, "w", closefd=False)
        self.error: OSError | None = None

    def write(self, content: ReadableBuffer, /) -> int:
        """Write bytes and return how many were taken."""
        while self.error is None:
            try:
                written: int | None = super().write(content)
            except OSError as error:
                self.error = error
                break
            if written is not None:
                return written
            select.select([], [self], [])  # a non-blocking pipe that is full
        return memoryview(content).nbytes


class StandardStreams:
    """What became of stdout while a command ran."""

    def __init__(self, output: _Output | None) -> None:
        self._output = output

    @property
    def error(self) -> OSError | None:
        """Why output was lost, such as a full disk; None if it was not, or if the reader closed the pipe."""
        error = None if self._output is None else self._output.error
        return None if error is None or error.errno in _READER_GONE else error


@contextmanager
def standard_streams() -> Iterator[StandardStreams]:
    """Make stdout and stderr safe to print on, and show TraceSim's warnings as one line each.

    A closed pipe (`| head -n 1`), a closed stream (`>&-`) or a full disk does not end the command: what cannot be
    written is dropped. Characters outside a stream's encoding are written as Python's escapes. Streams that somebody
    has replaced, for example pytest, are left as they are.
    """
    _open_closed_descriptors()
    before = sys.stdout, sys.stderr
    output, out = _lasting(sys.stdout, sys.__stdout__, 1)
    _, err = _lasting(sys.stderr, sys.__stderr__, 2)
    sys.stdout, sys.stderr = out, err
    streams = StandardStreams(output)
    try:
        with warnings.catch_warnings():
            warnings.showwarning = warnings_in_one_line(warnings.showwarning)
            yield streams
    finally:
        for stream in (out, err):
            with suppress(OSError, ValueError):  # replaced by somebody else, and closed
                stream.flush()
        sys.stdout, sys.stderr = before


def _open_closed_descriptors() -> None:
    """Connect each standard descriptor that is closed to /dev/null.

    Otherwise the next file that is opened, perhaps that of the records, would take the descriptor's number, and
    libraries that print would write into it.
    """
    for descriptor in (0, 1, 2):
        try:
            os.fstat(descriptor)
        except OSError:
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)  # the lowest number that is free: this one


def _lasting(stream: TextIO | None, original: TextIO | None, descriptor: int) -> tuple[_Output | None, TextIO]:
    """Return a text stream that writes to the same place as `stream` without ever raising, and its raw output."""
    if stream is not None and stream is not original:
        return None, stream
    encoding, by_line = "utf-8", True
    if isinstance(stream, io.TextIOWrapper):
        with suppress(OSError):
            stream.flush()
        descriptor = stream.fileno()
        encoding, by_line = stream.encoding, stream.line_buffering or stream.write_through
    output = _Output(descriptor)
    return output, io.TextIOWrapper(
        io.BufferedWriter(output), encoding=encoding, errors="backslashreplace", line_buffering=by_line
    )


def warnings_in_one_line(others: Showing) -> Showing:
    """Return a `warnings.showwarning` that prints TraceSim's warnings to stderr, and leaves all others to `others`."""

    def show(
        message: Warning | str,
        category: type[Warning],
        filename: str,
        lineno: int,
        file: TextIO | None = None,
        line: str | None = None,
    ) -> None:
        if issubclass(category, TraceSimWarning):
            print("warning:", " ".join(str(message).split()), file=sys.stderr)
        else:
            others(message, category, filename, lineno, file, line)

    return show


def console() -> Console:
    """Return where a command prints: as wide as the terminal, or as a file reads well."""
    from rich.console import Console

    # Rich takes the encoding from the file that it is given, and draws tables in characters that it has.
    in_terminal = sys.stdout is not None and sys.stdout.isatty()
    return Console(
        file=sys.stdout, highlight=False, markup=False, emoji=False, width=None if in_terminal else _PIPED_WIDTH
    )
