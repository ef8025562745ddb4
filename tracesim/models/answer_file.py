"""Files of answers to the questions of a dataset: one line of JSON an answer, in the form its benchmark publishes."""

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
ERROR: Final = "error"

Entry = Mapping[str, Any]


@dataclass(frozen=True)
class Asking:
    """One question to ask of a policy, and how its answer is written.

    question: its `id` is what `ids` of the file call it. observe: called where the question is asked, so that not all
    pictures are held at once. entry: returns the entry for a reply in the benchmark's form, `question_id` among its
    keys; for None, when nothing came back, the same without an answer.
    """

    question: Question
    observe: Callable[[], Observation]
    entry: Callable[[Reply | None], Entry]


@dataclass(frozen=True)
class Tally:
    """How many questions were answered before, were answered now, and could not be asked."""

    before: int
    answered: int
    failed: int


class AnswerFile:
    """Answers appended to a file of JSON lines, each on the disk before the next question is asked.

    Of several entries with the same `question_id` the last counts. On opening, a last line that a kill cut short is
    dropped; on closing, superseded entries go and the others are put in the order of `ids`, the names of all the
    dataset's questions. Use as a context manager; while open no other process can write to the file.

    Raises:
        ConfigurationError: another process writes to the file, a line is not an entry, or it answers a question that
            the dataset does not have.
        InfrastructureError: the disk refuses.
    """

    def __init__(self, path: Path, ids: Iterable[str]) -> None:
        self.path = path
        self._place = {name: place for place, name in enumerate(ids)}
        self._entries: dict[str, Entry] = {}
        self._in_order = True
        self._lines = LineFile(path, _entry)

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            for entry in stack.enter_context(self._lines).found:
                self._take(entry)
            stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with closing(self._lines):
            if error is not None and not self._entries:
                self.path.unlink(missing_ok=True)  # it was made for nothing
            elif not self._in_order:
                self._lines.replace(map(json.dumps, self.entries))

    @property
    def entries(self) -> list[Entry]:
        """The entry that counts for each question, in the dataset's order."""
        return [self._entries[name] for name in sorted(self._entries, key=self._place.__getitem__)]

    @property
    def finished(self) -> set[str]:
        """The names of the questions that need not be asked again: those whose entry has no `error`."""
        return {name for name, entry in self._entries.items() if not entry.get(ERROR)}

    def append(self, entry: Entry) -> None:
        """Write an entry and wait until the disk has it."""
        self._take(entry)
        self._lines.append(json.dumps(entry))

    def _take(self, entry: Entry) -> None:
        name = str(entry[ID])
        if name not in self._place:
            raise ConfigurationError(
                f"{self.path}: {ID} {name!r} is none of the dataset's {len(self._place)} questions; "
                "the file answers another dataset."
            )
        last = next(reversed(self._entries), None)
        self._in_order &= last is None or self._place[last] < self._place[name]
        self._entries.pop(name, None)
        self._entries[name] = entry


def read_entries(path: Path) -> list[dict[str, Any]]:
    """Return the entries of a file of answers as written, a last line that a kill cut short left out.

    Raises:
        ConfigurationError: the file cannot be read, or a line is not an object with a `question_id`; names the line.
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
    """Ask what the open `file` has no answer to yet, and return how that went.

    What could not be asked is written with its `error` and asked again by the next call. in_flight: how many questions
    are asked at once, each from a thread of its own; one is asked from the calling thread. console: where to show
    progress, under a title.

    Raises:
        BudgetSpentError: The policy may ask no more; what was on its way is in the file.
        RequestRefusedError: The server would refuse every question; what was on its way is in the file.
        ConfigurationError: A question cannot be put to this policy.
    """
    asked = list(askings)
    finished = file.finished
    left = [asking for asking in asked if asking.question.id not in finished]
    answered = failed = 0
    with _progress(console) as bar:
        shown = bar.add_task(title, total=len(asked), completed=len(asked) - len(left), failed="")
        ask = partial(_ask, policy, others_answered=lambda: bool(file.finished))
        for entry in map(ask, left) if in_flight <= 1 else _at_once(ask, left, in_flight):
            file.append(entry)
            failed += ERROR in entry
            answered += ERROR not in entry
            bar.update(shown, advance=1, failed=f"{failed} failed" if failed else "")
    return Tally(before=len(asked) - len(left), answered=answered, failed=failed)


def _at_once(ask: Callable[[Asking], Entry], askings: Iterable[Asking], in_flight: int) -> Iterator[Entry]:
    """Yield entries as they come; after the first fault nothing more is asked, and what is on its way is waited for.

    The threads of a pool would keep an interrupted run waiting for its server.
    """
    outcomes: SimpleQueue[Entry | BaseException] = SimpleQueue()

    def put(asking: Asking) -> None:
        try:
            outcomes.put(ask(asking))
        except BaseException as error:
            outcomes.put(error)

    waiting, on_their_way = iter(askings), 0
    fault: BaseException | None = None
    while True:
        for asking in islice(waiting, 0 if fault else in_flight - on_their_way):
            Thread(target=put, args=(asking,), daemon=True).start()
            on_their_way += 1
        if not on_their_way:
            break
        outcome = outcomes.get()
        on_their_way -= 1
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
    """Return what is known about a reply beside its text and prompt, and all of what was asked before it."""
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
    """Return the entry that a line holds; raises `ValueError` with why it holds none."""
    value = json_value(line)
    if not isinstance(value, dict):
        raise ValueError("not an object.")
    if isinstance(value.get(ID), bool) or not isinstance(value.get(ID), str | int):
        raise ValueError(f"{ID} is missing." if ID not in value else f"{ID} is neither a text nor an integer.")
    return value
