"""Command lines of words `key=value`, and exit statuses.

Tools that take files read their words with `arguments`: a value may contain anything, further `=` included.
"""

from __future__ import annotations

import dataclasses
import errno
import os
import signal
import sys
import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any, Final, NoReturn, TypeVar

from tracesim.errors import (
    ConfigurationError,
    Fault,
    InfrastructureError,
    RequestRefusedError,
    TraceSimError,
    unknown_name,
)
from tracesim.machine.terminal import standard_streams

COMPLETED: Final = 0
WRONG: Final = 2
INFRASTRUCTURE_REMAINS: Final = 3
INTERRUPTED: Final = 130
"""Exit status after Ctrl-C: 128 and the number of SIGINT. Likewise 143 after SIGTERM and 129 after SIGHUP."""

HELP_WORDS: Final = ("--help", "-h", "help")

_DISK_FAULTS: Final = (errno.ENOSPC, errno.EDQUOT, errno.EIO)

Shape = TypeVar("Shape")


class Terminated(KeyboardInterrupt):
    """The process received a termination signal other than that of Ctrl-C; it ends in the same way."""

    def __init__(self, number: int) -> None:
        """Name the signal by its number."""
        super().__init__(signal.Signals(number).name)
        self.number = number


def arguments(words: Sequence[str], shape: type[Shape]) -> Shape:
    """Return the values of words `key=value`, split at the first `=`, as a dataclass.

    Args:
        words: The words of a command line.
        shape: The dataclass; the types of its fields say how values are read.

    Raises:
        ConfigurationError: A word has no `=`, a key is unknown, given twice or missing, or a value has the wrong type.
    """
    from pydantic import TypeAdapter, ValidationError

    fields = {one.name: one for one in dataclasses.fields(shape)}  # type: ignore[arg-type]
    given: dict[str, Any] = {}
    for word in words:
        key, equals, value = word.partition("=")
        if not equals:
            raise ConfigurationError(f"{word!r} is not key=value. Valid keys: {', '.join(fields)}.")
        if key not in fields:
            raise unknown_name("option", key, fields)
        if key in given:
            raise ConfigurationError(f"{key} is given twice.")
        given[key] = None if value == "null" else value
    try:
        return TypeAdapter(shape).validate_python(given)
    except ValidationError as error:
        raise Fault.first(error).as_option() from None


def sources(words: Sequence[str], shape: type[Shape]) -> tuple[list[Path], Shape]:
    """Return the folders or files that words name, and the values of the words `key=value` among them.

    Args:
        words: The words of a command line. A word is an option if it begins with the key of one; a path may have a `=`.
        shape: As for `arguments`.

    Raises:
        ConfigurationError: As for `arguments`, for a word with `=` that is not the path of anything.
    """
    keys = {one.name for one in dataclasses.fields(shape)}  # type: ignore[arg-type]
    paths = [
        word for word in words if "=" not in word or (word.partition("=")[0] not in keys and os.path.lexists(word))
    ]
    options = arguments([word for word in words if word not in paths], shape)
    return [Path(word) for word in paths], options


def root_key(word: str) -> str:
    """Return the first part of the key of a word: "variation" for `variation.clutter=6`."""
    return word.partition("=")[0].partition(".")[0]


def separate(words: Sequence[str], own: Collection[str], others: Collection[str]) -> tuple[list[str], list[str]]:
    """Return the words for a command's own options, and those for options of a run.

    Args:
        words: The words of a command line.
        own: Keys of the command's own options.
        others: First parts of the keys of other options, such as "variation".

    Raises:
        UnknownNameError: A word has another key.
    """
    for word in words:
        if root_key(word) not in (*own, *others):
            raise unknown_name("option", root_key(word), (*own, *others))
    return [word for word in words if root_key(word) in own], [word for word in words if root_key(word) in others]


def status(work: Callable[[], int | None]) -> int:
    """Run the work of a command and return its exit status; errors are printed in one line, without a traceback.

    SIGTERM, which batch systems, containers and `timeout` send, and SIGHUP of a closed terminal end the work in the
    same way as Ctrl-C, unless they are ignored (`nohup`) or handled otherwise.

    Standard streams are made safe to print on, see `tracesim.machine.terminal.standard_streams`. Output that is lost to
    a full disk counts as an infrastructure failure.
    """
    with standard_streams() as streams, _signals_as_interrupts():
        code = _status(work)
        sys.stdout.flush()
        if streams.error is None:
            return code
        print(f"error: standard output cannot be written: {streams.error.strerror}.", file=sys.stderr)
        return code or INFRASTRUCTURE_REMAINS


def _status(work: Callable[[], int | None]) -> int:
    try:
        return work() or COMPLETED
    except (TraceSimError, OSError) as error:
        return report(error)
    except Terminated as signalled:
        return 128 + signalled.number
    except KeyboardInterrupt:
        return INTERRUPTED


@contextmanager
def _signals_as_interrupts() -> Iterator[None]:
    """Raise `Terminated` in the main thread on SIGTERM and SIGHUP, unless they are ignored or handled."""

    def end(number: int, frame: FrameType | None) -> NoReturn:
        raise Terminated(number)

    numbers: list[signal.Signals] = []
    if threading.current_thread() is threading.main_thread():
        numbers = [one for one in (signal.SIGTERM, signal.SIGHUP) if signal.getsignal(one) is signal.SIG_DFL]
    for number in numbers:
        signal.signal(number, end)
    try:
        yield
    finally:
        for number in numbers:
            signal.signal(number, signal.SIG_DFL)


def command_status(
    words: Sequence[str] | None, usage: str | Callable[[], str], work: Callable[[Sequence[str]], int | None]
) -> int:
    """Print the help text of a command or do its work, and return the exit status.

    Args:
        words: The words of the command line, by default those of this process.
        usage: The help text, which is printed if one of `HELP_WORDS` is among the words.
        work: What the command does with its words.
    """
    given = sys.argv[1:] if words is None else words

    def answer() -> int | None:
        if asks_for_help(given):
            print(usage if isinstance(usage, str) else usage(), end="")
            return COMPLETED
        return work(given)

    return status(answer)


def asks_for_help(words: Sequence[str]) -> bool:
    """Return whether one of the words of a command line asks for help."""
    return not set(HELP_WORDS).isdisjoint(words)


def take_none(words: Sequence[str], command: str) -> None:
    """Raise `ConfigurationError` if a command that takes no arguments is given any."""
    if words:
        raise ConfigurationError(f"Unknown argument {words[0]!r}. `{command}` takes none but --help.")


def report(error: TraceSimError | OSError) -> int:
    """Print an error in one line, and return the exit status."""
    text = _text_of(error) if isinstance(error, OSError) else str(error)
    print("error:", " ".join(text.split()), file=sys.stderr)
    if isinstance(error, RequestRefusedError):
        return WRONG
    outside = isinstance(error, InfrastructureError) or (isinstance(error, OSError) and error.errno in _DISK_FAULTS)
    return INFRASTRUCTURE_REMAINS if outside else WRONG


def _text_of(error: OSError) -> str:
    if error.filename is not None:
        return f"{error.filename}: {error.strerror or error}."
    if error.errno == errno.ENOENT:  # of os.getcwd
        return "The current folder does not exist any more."
    return f"{error.strerror or error}."
