"""Sources of a server's answers."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from PIL import Image

from tracesim.errors import TraceSimError
from tracesim.models.checkpoint import Checkpoint


class CannotAnswerError(TraceSimError):
    """There is no answer to a question, and asking again would not help."""


class Answered(NamedTuple):
    """Answer to a question."""

    text: str
    """Text of the answer."""

    prompt_tokens: int | None = None
    """Number of tokens of the question, if known."""

    answer_tokens: int | None = None
    """Number of tokens of the answer, if known."""

    cut: bool = False
    """Whether the answer was cut off at the largest number of tokens."""


class Backend(Protocol):
    """Source of answers, asked one question at a time but from different threads."""

    @property
    def name(self) -> str:
        """Name of the model for clients."""

    def answer(self, prompt: str, images: Sequence[Image.Image], longest: int | None = None) -> Answered:
        """Return the answer to a prompt about images.

        Args:
            prompt: Text of the question.
            images: RGB images.
            longest: Largest number of tokens of an answer that is generated now, or None.

        Raises:
            CannotAnswerError: There is no answer, and asking again would not help.
            TraceSimError: There is no answer now, and asking again may help.
        """


@dataclass(frozen=True)
class Generating:
    """Answers of a checkpoint, always with greedy decoding."""

    checkpoint: Checkpoint
    """Checkpoint that answers."""

    @property
    def name(self) -> str:
        """Name of the checkpoint, or of its folder."""
        return self.checkpoint.path.rstrip("/").rpartition("/")[2]

    def answer(self, prompt: str, images: Sequence[Image.Image], longest: int | None = None) -> Answered:
        """Return the checkpoint's answer about the only image; see `Backend.answer`."""
        if len(images) != 1:
            raise CannotAnswerError(f"{len(images)} images were sent; a checkpoint needs exactly one.")
        checkpoint = self.checkpoint
        # A constrained answer always ends by itself.
        if longest is not None and longest < checkpoint.max_new_tokens and not checkpoint.constrained:
            checkpoint = dataclasses.replace(checkpoint, max_new_tokens=longest)
        made = checkpoint.answer(images[0], prompt)
        return Answered(*made, cut=made.answer_tokens >= checkpoint.max_new_tokens)
