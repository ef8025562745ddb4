"""A policy: observation and question in, an answer out, in the words of a model."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from tracesim.answers import THOUSANDTHS, Convention, Parser
from tracesim.configuration import EpisodeConfiguration
from tracesim.observation import Observation
from tracesim.question import Question
from tracesim.task import Task


@dataclass(frozen=True)
class Reply:
    """What came back: the raw text, the final prompt it answers, how long it took in seconds, and its tokens.

    prompt_tokens, answer_tokens: as the server counts them, None where it does not. before: what was asked and answered
    earlier for the same question, where a policy asks twice.
    """

    text: str
    prompt: str = ""
    latency_s: float | None = None
    prompt_tokens: int | None = None
    answer_tokens: int | None = None
    before: tuple[Reply, ...] = ()


class Policy(ABC):
    """A policy under test; it never sees the scene.

    convention, parser: how its answers are to be read. point_pair: whether it answers two points and no way between:
    what is to be picked up and the place, both on surfaces that are seen; the controller then finds the way, which the
    record says (`repair`). in_flight: how many questions may be asked of it at once, each from a thread of its own.
    server_options: those of its options that say where a model is and how patiently to ask it, and decide no answer.
    file_options: those that are the path of a file or folder.
    """

    convention: Convention = THOUSANDTHS
    parser: Parser = "tolerant"
    point_pair: ClassVar[bool] = False
    in_flight: int = 1
    server_options: ClassVar[frozenset[str]] = frozenset()
    file_options: ClassVar[frozenset[str]] = frozenset()

    def prepare(self, configuration: EpisodeConfiguration, seeds: Collection[int] = ()) -> None:  # noqa: B027
        """Get ready to be asked in episodes of a configuration, on these seeds where they are known.

        Raises `ConfigurationError` where this policy has nothing to answer in them.
        """

    @abstractmethod
    def answer(self, observation: Observation, question: Question) -> Reply:
        """Return the trace for an instruction as text.

        Raises `InfrastructureError` where nothing could be asked: that says nothing about the policy.
        """

    def close(self) -> None:  # noqa: B027 - most policies hold nothing
        """Let go of what answering needed, such as connections; nothing is asked afterwards."""


class Privileged(ABC):
    """The expert or a negative control: handed the task, it needs no pixels, and answers in a model's form."""

    convention: ClassVar[Convention] = THOUSANDTHS
    parser: ClassVar[Parser] = "tolerant"
    point_pair: ClassVar[bool] = False
    in_flight: ClassVar[int] = 1
    server_options: ClassVar[frozenset[str]] = frozenset()
    file_options: ClassVar[frozenset[str]] = frozenset()

    def prepare(self, configuration: EpisodeConfiguration, seeds: Collection[int] = ()) -> None:  # noqa: B027
        """As for a `Policy`."""

    @abstractmethod
    def answer(self, observation: Observation, task: Task, rng: np.random.Generator) -> Reply:
        """Return the trace for a task as text; all randomness from `rng`."""

    def close(self) -> None:  # noqa: B027 - there is nothing to let go of
        """As for a `Policy`."""
