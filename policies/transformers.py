"""A checkpoint of the user's own, run in this process by the transformers library."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from PIL import Image

from tracesim.errors import ConfigurationError
from tracesim.models.checkpoint import Checkpoint, Dtype
from tracesim.models.prompting import ModelPolicy
from tracesim.observation import Observation
from tracesim.policy import Reply


@dataclass(kw_only=True)
class Transformers(ModelPolicy):
    """Asks any checkpoint that `AutoModelForImageTextToText` loads; options are those of `Checkpoint`.

    constrained: whatever is asked, answer a trace of 2 to 10 keypoints of 0-1000, in `dimensions`.
    """

    file_options: ClassVar[frozenset[str]] = frozenset({"checkpoint"})

    checkpoint: str
    device: str = "auto"
    dtype: Dtype = "auto"
    max_new_tokens: int = 512
    constrained: bool = False
    trust_remote_code: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.constrained and (self.scale != "thousandths" or self.parser == "json"):
            raise ConfigurationError(
                "policy.constrained=true answers tuples of 0-1000: leave scale and parser as they are."
            )
        self.model  # noqa: B018 - a wrong option is said before anything is played

    @cached_property
    def model(self) -> Checkpoint:
        """The checkpoint; its weights are loaded at the first question."""
        # A question that lifts is answered in 3D, the one before it in 2D.
        dimensions = None if self.lifting == "query" else self.dimensions
        return Checkpoint(
            self.checkpoint,
            self.device,
            self.dtype,
            self.max_new_tokens,
            self.constrained,
            dimensions,
            self.trust_remote_code,
        )

    def ask(self, observation: Observation, prompt: str) -> Reply:
        """Return the model's answer; loading it is not part of its latency."""
        assert observation.rgb is not None
        self.model.load()
        begun = time.perf_counter()
        text, prompt_tokens, answer_tokens = self.model.answer(Image.fromarray(observation.rgb), prompt)
        cut = answer_tokens >= self.max_new_tokens
        return Reply(
            text,
            prompt,
            time.perf_counter() - begun,
            prompt_tokens,
            answer_tokens,
            finish_reason="length" if cut else "stop",
            note=f"raise policy.max_new_tokens, which is {self.max_new_tokens}" if cut else "",
        )
