"""Replay of recorded answers from a file."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Any, ClassVar, Literal

from tracesim.answers.reading import Convention
from tracesim.configuration import EpisodeConfiguration
from tracesim.errors import ConfigurationError, InfrastructureError, unknown_name
from tracesim.language.question import Question
from tracesim.models.prompting import ReadingOptions
from tracesim.models.recorded_answers import READING, Answer, answers_on_file
from tracesim.observation import Observation
from tracesim.policies import POLICIES
from tracesim.policy import Policy, Reply

Repeated = Literal["refuse", "first", "last"]
"""Choice among several different answers to one question."""


@dataclass(kw_only=True)
class Replay(ReadingOptions, Policy):
    """Answers each question with the recorded answer of the same id in a JSON Lines file, or in several.

    A line of the file is one of these:

    - an answer in TraceSpatial-Bench's form (`question_id` or `id`, `model_prediction`),
    - the record of an episode, as in a run's `episodes.jsonl` (`task`, `seed`, `turns`); the id of its question is, for
      example, "water_flowers-7";
    - a seed of a split, as `python -m tracesim.certify` writes it: its answers are the expert's traces.

    Lines about questions that could not be asked (with an `error`, or a failure of stage infrastructure) are skipped.
    """

    file_options: ClassVar[frozenset[str]] = frozenset({"answers"})

    answers: str
    """File of recorded answers, or a folder of such files (*.jsonl)."""

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
            observation: Its camera tells how a trace in the world is answered.
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
                f"{chosen.file}, line {chosen.line}: the answer was given to {chosen.instruction!r}, and {question.id} "
                f"asks {asked!r}. Valid: the version that recorded it, or policy.allow_mismatch=true."
            )
        return chosen.said(observation.camera)

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
        here = _circumstances(configuration, {name: getattr(self, name) for name in READING})
        misfits = [_misfit(one, here) for one in answers]
        self._misfits = {one.question: why for one, why in zip(answers, misfits, strict=True) if why}
        fitting = [one for one, why in zip(answers, misfits, strict=True) if not why]
        if not any(one.seed in seeds for one in fitting) if seeds else not fitting:
            first = next(one for one in answers if not seeds or one.seed in seeds)
            raise ConfigurationError(
                f"{first.file}, line {first.line}: this answer was given with other settings than those of this run: "
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
            if first.content == one.content:
                continue
            if self.repeated == "refuse":
                places = f"{one.file}, lines {first.line} and {one.line}"
                if first.file != one.file:
                    places = f"{first.file}, line {first.line}, and {one.file}, line {one.line}"
                raise ConfigurationError(
                    f"{places}: different answers to {one.question}. "
                    "Choose one by policy.repeated=first or policy.repeated=last."
                )
            if self.repeated == "last":
                chosen[one.question] = one
        return chosen


def _circumstances(configuration: EpisodeConfiguration, reading: Mapping[str, str]) -> dict[str, Any]:
    """Return the settings of a run that answers have to match, by option.

    Args:
        configuration: Configuration of the episodes.
        reading: Options for reading answers.
    """
    varied = {f"variation.{axis}": value for axis, value in asdict(configuration.variation).items()}
    return {
        "robot": configuration.scene_robot,
        **varied,
        **{f"policy.{name}": value for name, value in reading.items()},
    }


def _misfit(answer: Answer, here: Mapping[str, Any]) -> str:
    """Return the settings in which the episode of an answer differs from a run, or "" if there are none."""
    differing = answer.misfit(here)
    kind = answer.record.get("policy_kind")
    if isinstance(kind, str) and kind in POLICIES and POLICIES[kind].point_pair:
        differing.append(f"policy_kind={kind}, which answers with a pair of points and not with a trace")
    # A level is only a name for settings of the axes, which are compared themselves.
    return "" if all(one.startswith("variation.level=") for one in differing) else "; ".join(differing)
