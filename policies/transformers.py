"""A checkpoint run in this process by the transformers library."""

from __future__ import annotations

import time
from base64 import b64encode
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from PIL import Image

from tracesim.errors import ConfigurationError
from tracesim.models.calls import attempt_to_ask
from tracesim.models.checkpoint import Checkpoint, Dtype
from tracesim.models.prompting import ModelPolicy
from tracesim.observation import Observation
from tracesim.policy import Reply


@dataclass(kw_only=True)
class Transformers(ModelPolicy):
    """Asks any checkpoint that transformers' `AutoModelForImageTextToText` can load."""

    file_options: ClassVar[frozenset[str]] = frozenset({"checkpoint"})

    checkpoint: str
    """Folder, or name on the Hugging Face hub; without network, a name is looked up in the local cache."""

    device: str = Checkpoint.device
    """Device: cpu, cuda, cuda:1, ..., or auto for CUDA if it is available."""

    dtype: Dtype = Checkpoint.dtype
    """Number format of the weights; auto is bfloat16 on CUDA, and the format of the stored weights elsewhere."""

    max_new_tokens: int = Checkpoint.max_new_tokens
    """Largest number of tokens of an answer."""

    constrained: bool = Checkpoint.constrained
    """Whether to decode nothing but a trace of 2 to 10 keypoints in thousandths, whatever the prompt asks for."""

    trust_remote_code: bool = Checkpoint.trust_remote_code
    """Whether to run Python code that comes with the checkpoint."""

    def __post_init__(self) -> None:
        """Check the options, so that mistakes are reported before anything is played."""
        super().__post_init__()
        if self.constrained and (self.scale != "thousandths" or self.parser == "json"):
            raise ConfigurationError(
                "policy.constrained=true gives tuples in thousandths: leave policy.scale and policy.parser unset."
            )
        self.model  # noqa: B018 - checks the checkpoint

    @cached_property
    def model(self) -> Checkpoint:
        """Checkpoint, whose weights are loaded for the first question."""
        # With lifting=query, the first question is answered in 2D and the second one in 3D.
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
        """Return the model's answer; its latency does not include loading the weights."""
        assert observation.rgb is not None
        self.model.load()
        begun = time.perf_counter()
        with attempt_to_ask(
            self.checkpoint, lambda: {"text": prompt, "image": b64encode(observation.rgb_png).decode()}
        ) as call:
            text, prompt_tokens, answer_tokens = self.model.answer(Image.fromarray(observation.rgb), prompt)
            call.answered = text
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
