"""Notices: warnings of a run that are shown to the user, each kind once."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from tracesim.machine.terminal import warnings_in_one_line

if TYPE_CHECKING:
    from rich.console import Console

_LOG: Final = logging.getLogger(__name__)
_PACKAGE: Final = "tracesim"


def not_written(what: str, seed: int, error: BaseException) -> None:
    """Warn that something other than the record of an episode could not be written.

    Args:
        what: What could not be written, such as "the film".
        seed: Seed of the episode.
        error: Why.
    """
    why = " ".join(str(error).split()) or type(error).__name__
    _LOG.warning(f"{what} of seed %d could not be written, its record stands: %s.", seed, why.rstrip("."))


class Notice(NamedTuple):
    """A warning for the user."""

    kind: str
    """The warning without what differs from one to the next: the message before it is formatted."""

    text: str
    """The warning in one line."""


class Notices:
    """Prints the first notice of each kind."""

    def __init__(self, out: Console) -> None:
        """Print on a console."""
        self._out = out
        self._kinds: set[str] = set()

    def __call__(self, notice: Notice) -> None:
        """Print a notice, unless one of its kind was printed before."""
        if notice.kind not in self._kinds:
            self._kinds.add(notice.kind)
            self._out.print(notice.text, style="yellow", soft_wrap=True, markup=False, emoji=False)


@contextmanager
def logging_to(path: Path, notify: Callable[[Notice], None]) -> Iterator[None]:
    """Redirect log messages and warnings of libraries to a file, so that they do not disturb the progress bar.

    TraceSim's warnings by `warnings.warn` are printed to stderr.

    Args:
        path: Log file.
        notify: Called with every log warning from TraceSim as well.
    """
    root, package = logging.getLogger(), logging.getLogger(_PACKAGE)
    before = root.handlers[:], root.level
    file, notices = _LogFile(path), _NoticeHandler(path, notify)
    root.handlers[:] = [file]
    root.setLevel(logging.INFO)
    package.addHandler(notices)
    logging.captureWarnings(True)
    warnings.showwarning = warnings_in_one_line(warnings.showwarning)
    try:
        yield
    finally:
        logging.captureWarnings(False)
        package.removeHandler(notices)
        root.handlers[:], root.level = before
        file.close()


class _LogFile(logging.FileHandler):
    """Log file that is created with its first line; if it cannot be written, the run continues without it."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, delay=True, encoding="utf-8", errors="backslashreplace")
        self.setFormatter(logging.Formatter("%(asctime)s %(name)s %(levelname)s: %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        try:
            super().emit(record)
        except OSError:
            self.handleError(record)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's own name
        """Ignore errors: there is nowhere to report them, and no result depends on the log."""

    def close(self) -> None:
        try:
            super().close()
        except OSError:
            self.stream = None  # as after a successful close


class _NoticeHandler(logging.Handler):
    """Handler that passes warnings on as notices."""

    def __init__(self, log: Path, notify: Callable[[Notice], None]) -> None:
        super().__init__(logging.WARNING)
        self.addFilter(lambda record: record.levelno == logging.WARNING)
        self._log = log
        self._notify = notify

    def emit(self, record: logging.LogRecord) -> None:
        text = f"Warning: {record.getMessage()} (Repeated warnings: {self._log})"
        self._notify(Notice(str(record.msg), text))
