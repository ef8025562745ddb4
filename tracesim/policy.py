"""A policy: observation and question in, an answer out, in the words of a model."""

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
from tracesim.language.question import Question
from tracesim.observation import Observation
from tracesim.task import Task


@dataclass(frozen=True)
class Reply:
    """What came back: the raw text, the final prompt it answers, how long it took in seconds, and its tokens.

    Attributes:
        text: The answer, word for word; that of a refusal where the model refused.
        prompt: The final prompt.
        latency_s: Seconds until the answer was complete.
        prompt_tokens: As the server counts them, None where it does not.
        answer_tokens: The same for the answer.
        before: What was asked and answered earlier for the same question, where a policy asks twice.
        finish_reason: Why the model stopped, in the server's word, such as "stop", "length" or "content_filter".
        refused: Whether the model or its content filter refused to answer.
        note: What else explains a missing answer, such as the option that cut it short; part of a failure's detail.
        depth_asked: Whether a depth of each keypoint was asked for, None where nobody says.
    """

    text: str
    prompt: str = ""
    latency_s: float | None = None
    prompt_tokens: int | None = None
    answer_tokens: int | None = None
    before: tuple[Reply, ...] = ()
    finish_reason: str | None = None
    refused: bool = False
    note: str = ""
    depth_asked: bool | None = None

    def failure(self, answer: Answer) -> Failure | None:
        """Return why there is no trace in the `answer` that was read from the text; None where there is one.

        Without a list of points, an answer is "refused" or "truncated" where the server says so, whatever its text, and
        "empty" where nothing was said.
        """
        if answer.reason is None or answer.points is not None:
            return answer.failure
        reason, ended = answer.reason, (self.finish_reason or "").lower()
        words = set(_WORD.findall(ended.replace("-", "_")))
        if self.refused or words & _FILTERED:
            reason = "refused"
        elif words & _CUT_OFF:
            reason = "truncated"
        elif is_empty(self.text):
            reason = "empty"
        detail = REASONS[reason]
        if ended not in ("", "stop"):
            detail += f" (finish_reason: {self.finish_reason})"
        if self.note and reason in ("truncated", "refused", "empty"):
            detail += f"; {self.note}"
        return Failure("answer", reason, detail)


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
"""Why generation stopped: OpenAI's words, and those of Anthropic, Bedrock, Gemini, GLM and Mistral.

A service may add another word, as Gemini does in "content_filter: PROHIBITED_CONTENT".
"""

_WORD: Final = re.compile("[a-z_]+")


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
