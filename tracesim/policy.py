"""Interface of policies: an observation and a question in, an answer as text out."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Collection
from dataclasses import dataclass
from typing import ClassVar, Final

import numpy as np

from tracesim.answers.reading import REASONS, THOUSANDTHS, Answer, Convention, Parser, is_empty
from tracesim.configuration import EpisodeConfiguration
from tracesim.failure import Failure
from tracesim.geometry.rigid import FloatArray
from tracesim.language.question import Question
from tracesim.observation import Observation
from tracesim.task import Task


@dataclass(frozen=True)
class Reply:
    """Answer of a policy, with the circumstances under which it was given."""

    text: str
    """Raw text of the answer, or of the refusal if the model refused."""

    prompt: str = ""
    """Final prompt that was sent."""

    latency_s: float | None = None
    """Time until the answer was complete, seconds."""

    prompt_tokens: int | None = None
    """Tokens of the prompt as counted by the server, or None if it does not count them."""

    answer_tokens: int | None = None
    """Tokens of the answer as counted by the server, or None if it does not count them."""

    before: tuple[Reply, ...] = ()
    """Earlier replies to the same question, if the policy asks more than once."""

    finish_reason: str | None = None
    """Why the model stopped, in the server's own term, such as "stop", "length" or "content_filter"."""

    refused: bool = False
    """Whether the model or its content filter refused to answer."""

    note: str = ""
    """Further explanation of a missing answer, such as the option that cut it short; added to the failure's detail."""

    depth_asked: bool | None = None
    """Whether the prompt asked for a depth at each keypoint, or None if that is not known."""

    def failure(self, answer: Answer) -> Failure | None:
        """Return why the answer has no trace, or None if it has one.

        An answer without a list of points counts as "refused" or "truncated" if the server says so, whatever its text,
        and as "empty" if the text says nothing.

        Args:
            answer: What was read from `text`.
        """
        if answer.reason is None or answer.points is not None:
            return answer.failure
        reason = self._reason() or answer.reason
        detail = answer.failure.detail if answer.failure and reason == answer.reason else REASONS[reason]
        if (self.finish_reason or "").lower() not in ("", "stop"):
            detail += f" (finish_reason: {self.finish_reason})"
        if self.note and reason in ("truncated", "refused", "empty"):
            detail += f"; {self.note}"
        return Failure("answer", reason, detail)

    def _reason(self) -> str:
        """Return why the text has no list of points, or "" if the circumstances do not explain it."""
        words = set(_WORD.findall((self.finish_reason or "").lower().replace("-", "_")))
        if self.refused or words & _FILTERED:
            return "refused"
        if words & _CUT_OFF:
            return "truncated"
        return "empty" if is_empty(self.text) else ""


_CUT_OFF: Final = frozenset(
    (
        *("length", "max_length", "max_tokens", "max_output_tokens", "max_completion_tokens", "model_length"),
        *("model_context_window_exceeded", "incomplete"),
    )
)
_FILTERED: Final = frozenset(
    (
        *("content_filter", "content_filtered", "refusal", "safety", "recitation", "prohibited_content", "blocklist"),
        *("spii", "image_safety", "guardrail_intervened", "sensitive"),
    )
)
"""Terms for why generation stopped, as used by OpenAI, Anthropic, Bedrock, Gemini, GLM and Mistral.

A service may add a second term, as Gemini does in "content_filter: PROHIBITED_CONTENT".
"""

_WORD: Final = re.compile("[a-z_]+")


class AnyPolicy:
    """What the policies under test, by traces or by commands, and the privileged ones have in common."""

    convention: Convention = THOUSANDTHS
    """Meaning of the coordinates in its answers."""

    parser: Parser = "tolerant"
    """Parser of its answers."""

    point_pair: ClassVar[bool] = False
    """Whether it answers with two points only: one on the object to pick up and one on the surface to place it on.

    The controller then finds the path between them, which the record states (`repair`).
    """

    in_flight: int = 1
    """Largest number of questions to ask at once, each from its own thread."""

    server_options: ClassVar[frozenset[str]] = frozenset()
    """Options that say where the model is and how long to wait for it; they do not affect answers."""

    file_options: ClassVar[frozenset[str]] = frozenset()
    """Options whose value is the path of a file or folder."""

    def prepare(self, configuration: EpisodeConfiguration, seeds: Collection[int] = ()) -> None:
        """Prepare for questions about episodes of a configuration.

        Args:
            configuration: Configuration of the episodes.
            seeds: Seeds of the episodes, if they are known.

        Raises:
            ConfigurationError: The policy has no answers for them.
        """

    def close(self) -> None:
        """Release resources such as connections; the policy is not asked again."""


class Policy(AnyPolicy, ABC):
    """Base class of policies under test, which see the observation and the question but never the scene."""

    @abstractmethod
    def answer(self, observation: Observation, question: Question) -> Reply:
        """Return the answer to a question, with the trace as text.

        Args:
            observation: What the policy sees of the scene.
            question: What it is asked.

        Raises:
            InfrastructureError: The question could not be asked, which says nothing about the policy.
        """


class CommandPolicy(AnyPolicy, ABC):
    """Base class of policies under test that control the robot below the trace, by commands at a fixed rate.

    They see the observation, the state of the arm and the question, but never the scene.
    """

    horizon: int | None = None
    """Number of commands of a chunk that are followed before the policy is asked again; None for all of them."""

    max_steps: int | None = None
    """Greatest number of commands in an episode; None for no limit but the time for each instruction."""

    @abstractmethod
    def commands(self, observation: Observation, state: FloatArray, question: Question) -> object:
        """Return the next chunk of commands: an array (N, D) of finite numbers, which is checked before it is followed.

        Args:
            observation: What the policy sees of the scene now.
            state: See `tracesim.episode.stepped.SteppedEpisode.state`.
            question: What it is asked.

        Raises:
            EpisodeEnded: There are no commands; its failure says why, and is the policy's.
            InfrastructureError: The question could not be asked, which says nothing about the policy.
        """


class Privileged(AnyPolicy, ABC):
    """Base class of the expert and the negative controls, which receive the task itself and need no images.

    They answer with text in the form of a model's answer, so that everything after the answer is the same for both
    kinds of policy.
    """

    @abstractmethod
    def answer(self, observation: Observation, question: Question, task: Task, rng: np.random.Generator) -> Reply:
        """Return the answer for a task, with the trace as text.

        Args:
            observation: What a policy under test would see of the scene.
            question: What a policy under test would be asked.
            task: The task, with its scene.
            rng: Source of all randomness.
        """
