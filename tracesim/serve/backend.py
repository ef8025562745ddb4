"""What a server answers with."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from PIL import Image

from tracesim.errors import TraceSimError
from tracesim.models.checkpoint import Checkpoint


class CannotAnswerError(TraceSimError):
    """There is no answer to a question, and asking again would not bring one."""


class Answered(NamedTuple):
    """An answer's text; the tokens of its question and its own where they are known; whether it was cut off."""

    text: str
    prompt_tokens: int | None = None
    answer_tokens: int | None = None
    cut: bool = False


class Backend(Protocol):
    """Answers one question at a time; called from one thread after another."""

    @property
    def name(self) -> str:
        """What clients may call it."""

    def answer(self, prompt: str, images: Sequence[Image.Image], longest: int | None = None) -> Answered:
        """Return the answer to a prompt about RGB pictures, of at most `longest` tokens where it is made now.

        Raises `CannotAnswerError`, or another `TraceSimError` where asking again may help.
        """


@dataclass(frozen=True)
class Generating:
    """Answers that a checkpoint makes; temperature 0, whatever is asked for."""

    checkpoint: Checkpoint

    @property
    def name(self) -> str:
        """The checkpoint's folder or name."""
        return self.checkpoint.path.rstrip("/").rpartition("/")[2]

    def answer(self, prompt: str, images: Sequence[Image.Image], longest: int | None = None) -> Answered:
        """Return what the checkpoint says of the one picture."""
        if len(images) != 1:
            raise CannotAnswerError(f"{len(images)} pictures: a checkpoint here is asked about exactly one.")
        checkpoint = self.checkpoint
        # A constrained answer ends by itself.
        if longest is not None and longest < checkpoint.max_new_tokens and not checkpoint.constrained:
            checkpoint = dataclasses.replace(checkpoint, max_new_tokens=longest)
        made = checkpoint.answer(images[0], prompt)
        return Answered(*made, cut=made.answer_tokens >= checkpoint.max_new_tokens)
