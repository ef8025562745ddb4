"""Replay of recorded answers from a file."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, fields, replace
from itertools import islice
from pathlib import Path
from typing import Any, ClassVar, Final, Literal

from tracesim.answers.reading import Convention
from tracesim.configuration import EpisodeConfiguration, canonical_json
from tracesim.errors import ConfigurationError, InfrastructureError, unknown_name
from tracesim.files.json_lines import json_value, numbered_lines
from tracesim.language.question import Question, question_id
from tracesim.models.prompting import ReadingOptions
from tracesim.observation import Observation
from tracesim.policies import POLICIES
from tracesim.policy import Policy, Reply

Repeated = Literal["refuse", "first", "last"]
"""Choice among several different answers to one question."""

_READING: Final = tuple(field.name for field in fields(ReadingOptions))
"""Options of a policy that say how its answers are read."""


@dataclass(kw_only=True)
class Replay(ReadingOptions, Policy):
    """Answers each question with the recorded answer of the same id in a JSON Lines file.

    A line of the file is one of these:

    - an answer in TraceSpatial-Bench's form (`question_id` or `id`, `model_prediction`),
    - the record of an episode, as in a run's `episodes.jsonl` (`task`, `seed`, `turns`); the id of its question is, for
      example, "water_flowers-7".

    Lines about questions that could not be asked (with an `error`, or a failure of stage infrastructure) are skipped.
    """

    file_options: ClassVar[frozenset[str]] = frozenset({"answers"})

    answers: str
    """File of recorded answers."""

    answered_by: str = ""
    """Policy whose answers to take if there are several: its name, or NAME@HASH if it has several sets of options."""

    repeated: Repeated = "refuse"
    """Which of several different answers to one question to take: first or last; refuse stops with an error."""

    allow_mismatch: bool = False
    """Whether to accept answers given for another variation, robot, instruction or form of answers."""

    def __post_init__(self) -> None:
        """Read the file."""
        self.convention = Convention.of(self.scale, self.order, self.picture)
        self._path = Path(os.path.expanduser(self.answers))
        self._on_file = answers_on_file(self._path)
        self._chosen: Mapping[str, Answer] | None = None
        self._misfits: Mapping[str, str] = {}

    def prepare(self, configuration: EpisodeConfiguration, seeds: Collection[int] = ()) -> None:
        """Choose the answers that match the episodes of a configuration.

        Args:
            configuration: Configuration of the episodes.
            seeds: Seeds of the episodes, if they are known.

        Raises:
            ConfigurationError: There are none, they were given for other scenes or in another form, or it is not clear
                which of several answers to take.
        """
        found = self._of_policy(self._of_task(configuration.task))
        if seeds and not any(one.seed in seeds for one in found):
            known = sorted({one.seed for one in found})
            raise ConfigurationError(
                f"{self._path}: holds no answers for seeds {min(seeds)}-{max(seeds)} of {configuration.task}. "
                f"It has answers for {len(known)} seeds from {known[0]} to {known[-1]}."
            )
        if not self.allow_mismatch:
            found = self._matching(found, configuration, seeds)
        self._chosen = self._without_repetitions(found)

    def answer(self, observation: Observation, question: Question) -> Reply:
        """Return the recorded answer.

        Args:
            observation: Not used.
            question: Question whose id is looked up.

        Raises:
            InfrastructureError: There is none, which says nothing about the recorded policy.
            ConfigurationError: The answer was given to another instruction, or it is not clear which of several answers
                to take.
        """
        if self._chosen is None:
            self._chosen = self._without_repetitions(self._of_policy(self._on_file))
        if question.id not in self._chosen:
            few = ", ".join(islice(self._chosen, 3))
            why = self._misfits.get(question.id)
            raise InfrastructureError(
                f"{self.answers} holds no answer to {question.id!r}; it has {len(self._chosen)}: {few}, ..."
                + (f" The recorded answer was given with {why}." if why else "")
            )
        chosen = self._chosen[question.id]
        asked = question.instruction if question.setting == "simulation" else ""
        if asked and chosen.instruction and asked != chosen.instruction and not self.allow_mismatch:
            raise ConfigurationError(
                f"{self._path}, line {chosen.line}: the answer was given to {chosen.instruction!r}, and {question.id} "
                f"asks {asked!r}. Valid: the version that recorded it, or policy.allow_mismatch=true."
            )
        return chosen.reply

    def _of_task(self, task: str) -> list[Answer]:
        """Return the answers for a task."""
        found = [one for one in self._on_file if one.task == task]
        if not found:
            few = ", ".join(islice(dict.fromkeys(one.task or one.question for one in self._on_file), 5))
            raise ConfigurationError(f"{self._path}: holds no answers for task {task}. It has answers for: {few}.")
        return found

    def _matching(
        self, answers: list[Answer], configuration: EpisodeConfiguration, seeds: Collection[int]
    ) -> list[Answer]:
        """Return the answers that were given under the settings of a configuration."""
        here = _circumstances(configuration, {name: getattr(self, name) for name in _READING})
        misfits = [one.misfit(here) for one in answers]
        self._misfits = {one.question: why for one, why in zip(answers, misfits, strict=True) if why}
        fitting = [one for one, why in zip(answers, misfits, strict=True) if not why]
        if not any(one.seed in seeds for one in fitting) if seeds else not fitting:
            first = next(one for one in answers if not seeds or one.seed in seeds)
            raise ConfigurationError(
                f"{self._path}, line {first.line}: this answer was given with other settings than those of this run: "
                f"{self._misfits[first.question]}. "
                "Valid: a run with the same settings, or policy.allow_mismatch=true."
            )
        return fitting

    def _of_policy(self, answers: list[Answer]) -> list[Answer]:
        """Return the answers of the selected or only policy; files without policies count as one policy."""
        chosen = answers
        if self.answered_by:
            chosen = [one for one in answers if self.answered_by in (one.policy, one.label)]
            if not chosen:
                known = {name for one in answers if one.policy for name in (one.policy, one.label)}
                raise unknown_name(f"policy in {self._path}", self.answered_by, known)
        policies = sorted({one.policy for one in chosen if one.policy})
        labels = sorted({one.label for one in chosen if one.policy})
        if len(labels) < 2:
            return chosen
        names = policies if len(policies) == len(labels) else labels
        raise ConfigurationError(
            f"{self._path}: holds answers of several policies: {', '.join(names)}. "
            f"Choose one, such as policy.answered_by={names[0]}."
        )

    def _without_repetitions(self, answers: Iterable[Answer]) -> dict[str, Answer]:
        chosen: dict[str, Answer] = {}
        for one in answers:
            first = chosen.setdefault(one.question, one)
            if first.reply.text == one.reply.text:
                continue
            if self.repeated == "refuse":
                raise ConfigurationError(
                    f"{self._path}, lines {first.line} and {one.line}: different answers to {one.question}. "
                    "Choose one by policy.repeated=first or policy.repeated=last."
                )
            if self.repeated == "last":
                chosen[one.question] = one
        return chosen


@dataclass(frozen=True)
class Answer:
    """Recorded answer."""

    question: str
    """Id of the question."""

    task: str
    """Task in the id, or "" if it is not a question about a simulated task."""

    seed: int
    """Seed in the id, or -1."""

    line: int
    """Number of the line, from 1."""

    reply: Reply
    """The answer."""

    instruction: str
    """Instruction that was answered, or "" if the file does not state it."""

    record: Mapping[str, Any]
    """Fields of the line that describe how the answer was given."""

    @property
    def policy(self) -> str:
        """Name of the policy that answered, or "" if the file does not state it."""
        return str(self.record.get("policy") or "")

    @property
    def label(self) -> str:
        """Name of the policy, with a hash of its options."""
        how = canonical_json([self.record.get("policy_kind"), self.record.get("policy_options")])
        return f"{self.policy}@{hashlib.sha256(how.encode()).hexdigest()[:8]}"

    def misfit(self, here: Mapping[str, Any]) -> str:
        """Return the settings in which the recorded episode differs from a run, or "" if there are none.

        Args:
            here: Settings of the run, by option.
        """
        there: dict[str, Any] = {"robot": self.record.get("robot")}
        varied, options = self.record.get("variation"), self.record.get("policy_options")
        if isinstance(varied, dict):
            there |= {f"variation.{axis}": value for axis, value in varied.items()}
        if isinstance(options, dict):
            there |= {f"policy.{name}": options.get(name) for name in _READING}
        differing = [
            f"{name}={_format_value(there[name])}, not {_format_value(value)}"
            for name, value in here.items()
            if there.get(name) is not None and _format_value(there[name]) != _format_value(value)
        ]
        kind = self.record.get("policy_kind")
        if isinstance(kind, str) and kind in POLICIES and POLICIES[kind].point_pair:
            differing.append(f"policy_kind={kind}, which answers with a pair of points and not with a trace")
        # A level is only a name for settings of the axes, which are compared themselves.
        return "" if all(one.startswith("variation.level=") for one in differing) else "; ".join(differing)


def _circumstances(configuration: EpisodeConfiguration, reading: Mapping[str, str]) -> dict[str, Any]:
    """Return the settings of a run that answers have to match, by option.

    Args:
        configuration: Configuration of the episodes.
        reading: Options for reading answers.
    """
    varied = {f"variation.{axis}": value for axis, value in asdict(configuration.variation).items()}
    return {"robot": configuration.robot, **varied, **{f"policy.{name}": value for name, value in reading.items()}}


def answers_on_file(path: Path) -> list[Answer]:
    """Return the answers in a file, in order.

    Raises:
        ConfigurationError: The file cannot be read, a line is not an answer, or there are no answers.
    """
    found: list[Answer] = []
    for number, record in numbered_lines(path, json_value):
        found += (replace(one, line=number) for one in _answers(record, f"{path}, line {number}"))
    if not found:
        raise ConfigurationError(f"{path}: holds no answers.")
    return found


def _answers(record: object, where: str) -> Iterator[Answer]:
    """Yield the answers in a line."""
    if isinstance(record, dict):
        name = record.get("question_id", record.get("id"))
        if isinstance(name, int | str) and "model_prediction" in record:
            if not record.get("error"):
                reply = _reply(record, "model_prediction", "final_prompt")
                yield Answer(str(name), *_split_id(str(name)), 0, reply, "", {})
            return
        turns = record.get("turns")
        task, seed, failure = record.get("task"), record.get("seed"), record.get("failure")
        if isinstance(task, str) and isinstance(seed, int) and isinstance(turns, list):
            if isinstance(failure, dict) and failure.get("stage") == "infrastructure":
                return
            said = {key: value for key, value in record.items() if key in _ABOUT}
            for number, turn in enumerate(turns):
                if isinstance(turn, dict) and "answer" in turn:
                    reply, instruction = _reply(turn, "answer", "prompt"), str(turn.get("instruction") or "")
                    if number == len(turns) - 1 and isinstance(failure, dict):
                        reply = replace(reply, refused=failure.get("reason") == "refused")
                    yield Answer(question_id(task, seed, number), task, seed, 0, reply, instruction, said)
            return
    raise ConfigurationError(
        f"{where}: not an answer. Valid: question_id and model_prediction, or task, seed and turns."
    )


_ABOUT: Final = ("policy", "policy_kind", "policy_options", "robot", "variation")
"""Fields of a record that describe how its answers were given."""


def _reply(record: Mapping[str, Any], text: str, prompt: str) -> Reply:
    ended, asked = record.get("finish_reason"), record.get("depth_asked")
    return Reply(
        str(record[text] or ""),
        str(record.get(prompt) or ""),
        finish_reason=ended if isinstance(ended, str) else None,
        refused=bool(record.get("refused")),
        depth_asked=asked if isinstance(asked, bool) else None,
    )


def _split_id(name: str) -> tuple[str, int]:
    """Return the task and seed in the id of a question, such as "water_flowers-7"; "" and -1 for other ids."""
    task, _, numbers = name.partition("-")
    seed = numbers.partition("-")[0]
    return (task, int(seed)) if task and seed.isascii() and seed.isdigit() else ("", -1)


def _format_value(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)
