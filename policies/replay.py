"""Replay: answers that were given before, read from a file."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any, ClassVar, Final, Literal

from tracesim.answers.point_lists import Order
from tracesim.answers.reading import Convention, Parser, Scale
from tracesim.configuration import EpisodeConfiguration, canonical_json
from tracesim.errors import ConfigurationError, InfrastructureError, unknown_name
from tracesim.files.json_lines import json_value, numbered_lines
from tracesim.language.question import Question, question_id
from tracesim.observation import Observation
from tracesim.policies import POLICIES
from tracesim.policy import Policy, Reply

Repeated = Literal["refuse", "first", "last"]

_READING: Final = ("scale", "order", "parser", "picture")
"""Options of a policy that say how its answers are to be read."""


@dataclass(kw_only=True)
class Replay(Policy):
    """Answers each question with what a file of JSON lines holds for its id.

    answers: the file. A line is either an answer in TraceSpatial-Bench's form (`question_id` or `id`,
    `model_prediction`), or the record of an episode, as in a run's `episodes.jsonl` (`task`, `seed`, `turns`), whose
    questions were called such as "water_flowers-7". A line that says that nothing could be asked (`error`, or a failure
    of stage infrastructure) holds no answer. answered_by: whose answers to take where records are of several policies:
    a policy's name, or NAME@HASH where the same policy answered with several sets of options. repeated: which of
    several different answers to one question to take; "refuse" takes none and stops. allow_mismatch: play answers even
    though their records say that they were given under another variation, for another robot, to another instruction or
    in another form. scale, order, parser, picture: how the answers are read, as they are for the model that gave them;
    see `tracesim.answers.reading` and `tracesim.models.prompting`.
    """

    file_options: ClassVar[frozenset[str]] = frozenset({"answers"})

    answers: str
    answered_by: str = ""
    repeated: Repeated = "refuse"
    allow_mismatch: bool = False
    scale: Scale = "thousandths"
    order: Order = "xy"
    parser: Parser = "tolerant"
    picture: str = ""

    def __post_init__(self) -> None:
        self.convention = Convention.of(self.scale, self.order, self.picture)
        self._path = Path(os.path.expanduser(self.answers))
        self._on_file = answers_on_file(self._path)
        self._chosen: Mapping[str, Answer] | None = None
        self._misfits: Mapping[str, str] = {}

    def prepare(self, configuration: EpisodeConfiguration, seeds: Collection[int] = ()) -> None:
        """Choose the answers that fit the episodes of a configuration.

        Raises:
            ConfigurationError: there are none, records say that they were given in other scenes or in another form, or
                it is not said which of several answers are meant.
        """
        task = configuration.task
        found = [one for one in self._on_file if one.task == task]
        if not found:
            few = ", ".join(islice(dict.fromkeys(one.task or one.question for one in self._on_file), 5))
            raise ConfigurationError(f"{self._path}: holds no answers for task {task}. It has some for: {few}.")
        found = self._of_policy(found)
        if seeds and not any(one.seed in seeds for one in found):
            known = sorted({one.seed for one in found})
            raise ConfigurationError(
                f"{self._path}: holds no answers for seeds {min(seeds)}-{max(seeds)} of {task}. "
                f"It has some for {len(known)} seeds from {known[0]} to {known[-1]}."
            )
        if not self.allow_mismatch:
            here = _circumstances(configuration, {name: getattr(self, name) for name in _READING})
            misfits = [one.misfit(here) for one in found]
            self._misfits = {one.question: why for one, why in zip(found, misfits, strict=True) if why}
            fitting = [one for one, why in zip(found, misfits, strict=True) if not why]
            if not any(one.seed in seeds for one in fitting) if seeds else not fitting:
                first = next(one for one in found if not seeds or one.seed in seeds)
                raise ConfigurationError(
                    f"{self._path}, line {first.line}: this answer was given otherwise than this run asks: "
                    f"{self._misfits[first.question]}. "
                    "Valid: a run with the same settings, or policy.allow_mismatch=true."
                )
            found = fitting
        self._chosen = self._without_repetitions(found)

    def answer(self, observation: Observation, question: Question) -> Reply:
        """Return the answer on file.

        Raises:
            InfrastructureError: there is none. That says nothing about who gave the others, so the episode is counted
                apart.
            ConfigurationError: the answer was given to another instruction, or it is not said which of several
                answers is meant.
        """
        if self._chosen is None:
            self._chosen = self._without_repetitions(self._of_policy(self._on_file))
        if question.id not in self._chosen:
            few = ", ".join(islice(self._chosen, 3))
            why = self._misfits.get(question.id)
            raise InfrastructureError(
                f"{self.answers} holds no answer to {question.id!r}; it has {len(self._chosen)}: {few}, ..."
                + (f" What it holds was given otherwise: {why}." if why else "")
            )
        chosen = self._chosen[question.id]
        asked = question.instruction if question.setting == "simulation" else ""
        if asked and chosen.instruction and asked != chosen.instruction and not self.allow_mismatch:
            raise ConfigurationError(
                f"{self._path}, line {chosen.line}: the answer was given to {chosen.instruction!r}, and {question.id} "
                f"asks {asked!r}. Valid: the version that recorded it, or policy.allow_mismatch=true."
            )
        return chosen.reply

    def _of_policy(self, answers: list[Answer]) -> list[Answer]:
        """Return the answers of the one policy that is meant; those of files that name none are nobody's."""
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
            f"Say whose to play: policy.answered_by={names[0]}."
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
                    "Say which to play: policy.repeated=first or policy.repeated=last."
                )
            if self.repeated == "last":
                chosen[one.question] = one
        return chosen


@dataclass(frozen=True)
class Answer:
    """One answer on file.

    question: its id; task, seed: what the id says, "" and -1 where it is no simulated task's. line: its line's number.
    instruction: the one it answers, "" if the file does not state it. record: the fields of the line that describe it.
    """

    question: str
    task: str
    seed: int
    line: int
    reply: Reply
    instruction: str
    record: Mapping[str, Any]

    @property
    def policy(self) -> str:
        """The name of the policy that gave it, "" where the file does not say."""
        return str(self.record.get("policy") or "")

    @property
    def label(self) -> str:
        """The policy's name and what its options amount to."""
        how = canonical_json([self.record.get("policy_kind"), self.record.get("policy_options")])
        return f"{self.policy}@{hashlib.sha256(how.encode()).hexdigest()[:8]}"

    def misfit(self, here: Mapping[str, Any]) -> str:
        """Return in what the record says that the answer was given otherwise than a run asks; "" in nothing.

        here: the run's settings by option.
        """
        there: dict[str, Any] = {"robot": self.record.get("robot")}
        varied, options = self.record.get("variation"), self.record.get("policy_options")
        if isinstance(varied, dict):
            there |= {f"variation.{axis}": value for axis, value in varied.items()}
        if isinstance(options, dict):
            there |= {f"policy.{name}": options.get(name) for name in _READING}
        differing = [
            f"{name}={_shown(there[name])}, not {_shown(value)}"
            for name, value in here.items()
            if there.get(name) is not None and _shown(there[name]) != _shown(value)
        ]
        kind = self.record.get("policy_kind")
        if isinstance(kind, str) and kind in POLICIES and POLICIES[kind].point_pair:
            differing.append(f"policy_kind={kind} answers where to pick and where to place, which is no trace")
        # A level is a name: what varies is said by the axes.
        return "" if all(one.startswith("variation.level=") for one in differing) else "; ".join(differing)


def _circumstances(configuration: EpisodeConfiguration, reading: Mapping[str, str]) -> dict[str, Any]:
    """Return the settings under which answers are asked for, by option; reading: how they are to be read."""
    varied = {f"variation.{axis}": value for axis, value in asdict(configuration.variation).items()}
    return {"robot": configuration.robot, **varied, **{f"policy.{name}": value for name, value in reading.items()}}


def answers_on_file(path: Path) -> list[Answer]:
    """Return the answers in a file, in its order.

    Raises:
        ConfigurationError: the file cannot be read, a line is neither form of answer, or none is there.
    """
    found: list[Answer] = []
    for number, record in numbered_lines(path, json_value):
        found += (replace(one, line=number) for one in _answers(record, f"{path}, line {number}"))
    if not found:
        raise ConfigurationError(f"{path}: holds no answers.")
    return found


def _answers(record: object, where: str) -> Iterator[Answer]:
    """Yield the answers that a line holds."""
    if isinstance(record, dict):
        name = record.get("question_id", record.get("id"))
        if isinstance(name, int | str) and "model_prediction" in record:
            if not record.get("error"):
                reply = _reply(record, "model_prediction", "final_prompt")
                yield Answer(str(name), *_simulated(str(name)), 0, reply, "", {})
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


def _simulated(name: str) -> tuple[str, int]:
    """Return the task and the seed in a question's id such as "water_flowers-7"; "" and -1 where it is another's."""
    task, _, numbers = name.partition("-")
    seed = numbers.partition("-")[0]
    return (task, int(seed)) if task and seed.isascii() and seed.isdigit() else ("", -1)


def _shown(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)
