"""Answer files of benchmarks on still images: one line of JSON per answer, in the form published by the benchmark."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from types import TracebackType
from typing import Any, Final, Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from tracesim.errors import BudgetSpentError, ConfigurationError, InfrastructureError, RequestRefusedError
from tracesim.files.json_lines import LineFile, json_value, read_lines
from tracesim.language.question import Question
from tracesim.observation import Observation
from tracesim.policy import Policy, Reply

ID: Final = "question_id"
"""Key of the question's id in an entry."""

ERROR: Final = "error"
"""Key of the reason why a question could not be asked."""

Entry = Mapping[str, Any]
"""Line of an answer file."""


@dataclass(frozen=True)
class Asking:
    """Question for a policy, and the form of its answer in the file."""

    question: Question
    """Question; its id is one of the `ids` of the file."""

    observe: Callable[[], Observation]
    """Function that returns the observation; called when the question is asked, so that images are not kept."""

    entry: Callable[[Reply | None], Entry]
    """Function that returns the entry for a reply, with `question_id`, or for None, if there was no reply."""


@dataclass(frozen=True)
class Tally:
    """Numbers of questions after asking them."""

    before: int
    """Questions that were answered before."""

    answered: int
    """Questions that were answered now."""

    failed: int
    """Questions that could not be asked."""

    @property
    def total(self) -> int:
        """Number of all questions."""
        return self.before + self.answered + self.failed

    def __str__(self) -> str:
        """Return how many of the questions have an answer, such as "9 of 10"."""
        return f"{self.before + self.answered} of {self.total}"


class AnswerFile:
    """JSON Lines file of answers; each answer is on the disk before the next question is asked.

    Use it as a context manager; while it is open, no other process can write to the file. If several entries have the
    same `question_id`, the last one counts. Opening drops a last line that was cut short by a crash; closing removes
    superseded entries and sorts the others.

    Attributes:
        path: Path of the file.
    """

    def __init__(self, path: Path, ids: Iterable[str]) -> None:
        """Create the object; the file is opened on entering the context.

        Args:
            path: Path of the file.
            ids: Ids of all questions of the dataset, in the order in which the file is sorted.
        """
        self.path = path
        self._place = {name: place for place, name in enumerate(ids)}
        self._entries: dict[str, Entry] = {}
        self._in_order = True
        self._lines = LineFile(path, _entry)

    def __enter__(self) -> Self:
        """Open the file and read its entries.

        Raises:
            ConfigurationError: Another process is writing to the file, a line is not an entry, or a question is not in
                the dataset.
        """
        with ExitStack() as stack:
            for entry in stack.enter_context(self._lines).found:
                self._take(entry)
            stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Sort the entries if necessary, and close the file.

        Raises:
            InfrastructureError: The sorted file cannot be written.
        """
        with closing(self._lines):
            if error is not None and not self._entries:
                self.path.unlink(missing_ok=True)  # nothing was answered
            elif not self._in_order:
                self._lines.replace(map(json.dumps, self.entries))

    @property
    def entries(self) -> list[Entry]:
        """Last entry of each question, in the order of the dataset."""
        return [self._entries[name] for name in sorted(self._entries, key=self._place.__getitem__)]

    @property
    def finished(self) -> set[str]:
        """Ids of the questions that were answered and need not be asked again."""
        return {name for name, entry in self._entries.items() if not entry.get(ERROR)}

    def append(self, entry: Entry) -> None:
        """Append an entry and wait until it is on the disk.

        Raises:
            ConfigurationError: The question is not in the dataset.
            InfrastructureError: The file cannot be written.
        """
        self._take(entry)
        self._lines.append(json.dumps(entry))

    def _take(self, entry: Entry) -> None:
        name = str(entry[ID])
        if name not in self._place:
            raise ConfigurationError(
                f"{self.path}: {ID} {name!r} is not one of the dataset's {len(self._place)} questions; "
                "the file belongs to another dataset."
            )
        last = next(reversed(self._entries), None)
        self._in_order &= last is None or self._place[last] < self._place[name]
        self._entries.pop(name, None)
        self._entries[name] = entry


def read_entries(path: Path) -> list[dict[str, Any]]:
    """Return the entries of an answer file in order, without a last line that was cut short by a crash.

    Raises:
        ConfigurationError: The file cannot be read, or a line is not an object with a `question_id`.
    """
    return read_lines(path, _entry)


def ask_all(
    policy: Policy,
    askings: Iterable[Asking],
    file: AnswerFile,
    in_flight: int = 1,
    console: Console | None = None,
    title: str = "questions",
) -> Tally:
    """Ask all questions that have no answer in the file yet.

    A question that could not be asked is written with its `error`, and asked again by the next call.

    Args:
        policy: Policy to ask.
        askings: Questions.
        file: Open answer file.
        in_flight: Number of questions to ask at once, each from its own thread; 1 uses the calling thread.
        console: Console for a progress bar, or None.
        title: Title of the progress bar.

    Returns:
        The numbers of questions that were answered before, answered now, and could not be asked.

    Raises:
        BudgetSpentError: The policy's budget is used up; pending answers are in the file.
        RequestRefusedError: The server would refuse every question; pending answers are in the file.
        ConfigurationError: The policy cannot answer such a question.
    """
    asked = list(askings)
    finished = file.finished
    left = [asking for asking in asked if asking.question.id not in finished]
    answered = failed = 0
    with _progress(console) as bar:
        task = bar.add_task(title, total=len(asked), completed=len(asked) - len(left), failed="")
        ask = partial(_ask, policy, others_answered=lambda: bool(file.finished))
        for entry in map(ask, left) if in_flight <= 1 else _ask_in_threads(ask, left, in_flight):
            file.append(entry)
            failed += ERROR in entry
            answered += ERROR not in entry
            bar.update(task, advance=1, failed=f"{failed} failed" if failed else "")
    return Tally(before=len(asked) - len(left), answered=answered, failed=failed)


def _ask_in_threads(ask: Callable[[Asking], Entry], askings: Iterable[Asking], in_flight: int) -> Iterator[Entry]:
    """Yield entries as they arrive; after the first exception nothing more is asked, and pending answers are awaited.

    A thread pool would make an interrupted run wait for its server.
    """
    outcomes: SimpleQueue[Entry | BaseException] = SimpleQueue()

    def put(asking: Asking) -> None:
        try:
            outcomes.put(ask(asking))
        except BaseException as error:
            outcomes.put(error)

    waiting, pending = iter(askings), 0
    fault: BaseException | None = None
    while True:
        for asking in islice(waiting, 0 if fault else in_flight - pending):
            Thread(target=put, args=(asking,), daemon=True).start()
            pending += 1
        if not pending:
            break
        outcome = outcomes.get()
        pending -= 1
        if isinstance(outcome, BaseException):
            fault = fault or outcome
        else:
            yield outcome
    if fault is not None:
        raise fault


def _ask(policy: Policy, asking: Asking, others_answered: Callable[[], bool]) -> Entry:
    try:
        reply = policy.answer(asking.observe(), asking.question)
    except BudgetSpentError:
        raise
    except InfrastructureError as error:
        about_this_one = isinstance(error, RequestRefusedError) and error.about_prompt and others_answered()
        if isinstance(error, RequestRefusedError) and not about_this_one:
            raise
        return {**asking.entry(None), ERROR: " ".join(str(error).split())}
    return {**asking.entry(reply), **_circumstances(reply)}


def _circumstances(reply: Reply) -> dict[str, Any]:
    """Return the known circumstances of a reply besides text and prompt, including earlier replies."""
    known = {name: getattr(reply, name) for name in ("latency_s", "prompt_tokens", "answer_tokens", "finish_reason")}
    kept = {name: value for name, value in known.items() if value is not None}
    if reply.refused:
        kept["refused"] = True
    if reply.before:
        kept["before"] = [
            {"prompt": earlier.prompt, "text": earlier.text, **_circumstances(earlier)} for earlier in reply.before
        ]
    return kept


def _progress(console: Console | None) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[failed]}"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=console,
        refresh_per_second=4,
        disable=console is None or not console.is_terminal,
    )


def _entry(line: bytes) -> dict[str, Any]:
    """Return the entry in a line.

    Raises:
        ValueError: The line is not an entry.
    """
    value = json_value(line)
    if not isinstance(value, dict):
        raise ValueError("not an object.")
    if isinstance(value.get(ID), bool) or not isinstance(value.get(ID), str | int):
        raise ValueError(f"{ID} is missing." if ID not in value else f"{ID} is neither a string nor an integer.")
    return value
