"""Console of commands, and standard streams on which printing never fails."""

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
    """Type of `warnings.showwarning`."""

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
"""Width of output that does not go to a terminal, characters."""

_READER_GONE: Final = (errno.EPIPE, errno.ECONNRESET, errno.EIO)
"""Errors of a pipe, socket or terminal whose other end was closed."""


class _Output(io.FileIO):
    """File descriptor for writing that never raises: after the first error, output is dropped.

    Attributes:
        error: The first error, or None.
    """

    def __init__(self, descriptor: int) -> None:
        super().__init__(descriptor, "w", closefd=False)
        self.error: OSError | None = None

    def write(self, content: ReadableBuffer, /) -> int:
        """Write bytes and return how many were accepted."""
        while self.error is None:
            try:
                written: int | None = super().write(content)
            except OSError as error:
                self.error = error
                break
            if written is not None:
                return written
            select.select([], [self], [])  # wait for a full non-blocking pipe
        return memoryview(content).nbytes


class StandardStreams:
    """State of stdout while a command runs."""

    def __init__(self, output: _Output | None) -> None:
        """Store the raw output of stdout; None if stdout was replaced."""
        self._output = output

    @property
    def error(self) -> OSError | None:
        """Why output was lost, such as a full disk; None if nothing was lost or if the reader closed the pipe."""
        error = None if self._output is None else self._output.error
        return None if error is None or error.errno in _READER_GONE else error


@contextmanager
def standard_streams() -> Iterator[StandardStreams]:
    """Make printing to stdout and stderr safe, and show TraceSim's warnings in one line each.

    A closed pipe (`| head -n 1`), a closed stream (`>&-`) or a full disk does not end the command: output that cannot
    be written is dropped. Characters outside a stream's encoding are written as Python escapes. Streams that were
    replaced, for example by pytest, are left unchanged.
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
            with suppress(OSError, ValueError):  # a replaced stream may be closed
                stream.flush()
        sys.stdout, sys.stderr = before


def _open_closed_descriptors() -> None:
    """Connect each closed standard descriptor to /dev/null.

    Otherwise the next file to be opened, perhaps the file of records, would get its number, and libraries that print
    would write into that file.
    """
    for descriptor in (0, 1, 2):
        try:
            os.fstat(descriptor)
        except OSError:
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)  # gets the lowest free number, which is this one


def _lasting(stream: TextIO | None, original: TextIO | None, descriptor: int) -> tuple[_Output | None, TextIO]:
    """Return a text stream that writes to the same place as `stream` but never raises, and its raw output."""
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
    """Return a `warnings.showwarning` that prints TraceSim's warnings to stderr in one line each.

    Args:
        others: Function that shows all other warnings.
    """

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
    """Return the console of a command, as wide as the terminal, or 110 characters if the output is redirected."""
    from rich.console import Console

    # Rich draws tables with the characters that the encoding of this file has.
    in_terminal = sys.stdout is not None and sys.stdout.isatty()
    return Console(
        file=sys.stdout, highlight=False, markup=False, emoji=False, width=None if in_terminal else _PIPED_WIDTH
    )
