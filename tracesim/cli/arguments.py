"""The command line of a tool that takes files: words `key=value`, split at the first `=`, read as a dataclass."""

from __future__ import annotations

import dataclasses
import errno
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
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
"""Ended by Ctrl-C, which is SIGINT; another signal's number is added to 128 alike: 143 for SIGTERM, 129 for SIGHUP."""

HELP_WORDS: Final = ("--help", "-h", "help")

_DISK_FAULTS: Final = (errno.ENOSPC, errno.EDQUOT, errno.EIO)

Shape = TypeVar("Shape")


class Terminated(KeyboardInterrupt):
    """The process was asked to end by a signal other than Ctrl-C's; what holds for Ctrl-C holds for it."""

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.number = number


def arguments(words: Sequence[str], shape: type[Shape]) -> Shape:
    """Return the dataclass `shape` filled from words `key=value`; values are read as its fields' types say.

    A value may hold anything, further `=` among it. Raises `ConfigurationError` for a word without `=`, a key that is
    unknown, given twice or missing, and a value of another type.
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


def status(work: Callable[[], int | None]) -> int:
    """Do a command's work and return its exit status; what is wrong is said in one line, without a traceback.

    SIGTERM, which batch systems, containers and `timeout` send, and SIGHUP of a closed terminal end the work as Ctrl-C
    does, unless they are ignored (`nohup`) or handled otherwise.

    What the work prints is printed safely, see `tracesim.machine.terminal.standard_streams`. Output that is lost to a
    full disk counts as infrastructure.
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
        return refused(error)
    except Terminated as signalled:
        return 128 + signalled.number
    except KeyboardInterrupt:
        return INTERRUPTED


@contextmanager
def _signals_as_interrupts() -> Iterator[None]:
    """Raise `Terminated` in the main thread on SIGTERM and SIGHUP, as far as they would end the process."""

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
    """Return the exit status of a command that `words` call, by default those of this process.

    Prints the usage where one of `HELP_WORDS` is among them; otherwise hands the words to `work`.
    """
    given = sys.argv[1:] if words is None else words

    def answer() -> int | None:
        if asks_for_help(given):
            print(usage if isinstance(usage, str) else usage(), end="")
            return COMPLETED
        return work(given)

    return status(answer)


def asks_for_help(words: Sequence[str]) -> bool:
    """Whether one of the words of a command line asks for help."""
    return not set(HELP_WORDS).isdisjoint(words)


def take_none(words: Sequence[str], command: str) -> None:
    """Raise `ConfigurationError` if a command that takes no arguments is given any."""
    if words:
        raise ConfigurationError(f"Unknown argument {words[0]!r}. `{command}` takes none but --help.")


def refused(error: TraceSimError | OSError) -> int:
    """Say what is wrong, in one line, and return the exit status."""
    said = str(error)
    if isinstance(error, OSError):
        where = "" if error.filename is None else f"{error.filename}: "
        said = f"{where}{error.strerror or error}."
        if error.errno == errno.ENOENT and not where:  # of os.getcwd
            said = "The current folder does not exist any more."
    print("error:", " ".join(said.split()), file=sys.stderr)
    if isinstance(error, RequestRefusedError):
        return WRONG
    outside = isinstance(error, InfrastructureError) or (isinstance(error, OSError) and error.errno in _DISK_FAULTS)
    return INFRASTRUCTURE_REMAINS if outside else WRONG
