"""Queries of a policy about every image of RefSpatial-Bench, with answers in the published format."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
from rich.console import Console

from tracesim.errors import ConfigurationError
from tracesim.geometry.camera import Camera
from tracesim.language.question import Question
from tracesim.models.answer_file import ID, AnswerFile, Asking, Tally, ask_all
from tracesim.observation import Observation
from tracesim.policy import Policy, Reply
from tracesim.refspatial.dataset import Sample, Split, SplitName

PROMPT: Final = "{prompt} {suffix}"
"""Published prompt of models that have no prompt of their own."""


@dataclass(frozen=True)
class Prompt:
    """Template of prompts.

    Raises:
        ConfigurationError: The template has unknown fields.
    """

    template: str = PROMPT
    """Text with the fields {prompt}, {suffix} and {object} of a sample."""

    def __post_init__(self) -> None:
        """Check the fields of the template."""
        self._fill({"prompt": "", "suffix": "", "object": ""})

    def of(self, sample: Sample) -> str:
        """Return the prompt for a sample."""
        return self._fill({"prompt": sample.prompt, "suffix": sample.suffix, "object": sample.object})

    def _fill(self, values: dict[str, str]) -> str:
        try:
            return self.template.format_map(values)
        except (KeyError, IndexError, ValueError, AttributeError) as error:
            raise ConfigurationError(
                f"prompt={self.template}: {error}. Valid fields: {{prompt}}, {{suffix}}, {{object}}; "
                "double a brace that is part of the text."
            ) from None


def query(
    policy: Policy,
    split: Split,
    path: Path,
    model: str,
    prompt: Prompt = Prompt(),
    samples: int | None = None,
    console: Console | None = None,
) -> Tally:
    """Ask a policy about the samples of a split that have no answer in a file yet.

    Args:
        policy: Policy to ask.
        split: Split of the dataset.
        path: Answer file.
        model: Name of the model in the file.
        prompt: Template of prompts.
        samples: Number of samples from the beginning of the split, or None for all.
        console: Console for a progress bar, or None.

    Raises:
        ConfigurationError: The dataset or the file is faulty, or the file holds answers of another model.
        InfrastructureError: The file cannot be written, the policy's budget is used up, or its server refuses
            every request.
    """
    askings = [_asking(split, sample, model, prompt) for sample in split.samples]
    with AnswerFile(path, [asking.question.id for asking in askings]) as file:
        for entry in file.entries:
            if entry.get("model_id") != model:
                raise ConfigurationError(f"{path}: holds answers of {entry.get('model_id')}, not of {model}.")
        return ask_all(policy, askings[:samples], file, policy.in_flight, console, split.name)


def _asking(split: Split, sample: Sample, model: str, prompt: Prompt) -> Asking:
    question = Question(
        instruction=prompt.of(sample), object_name=sample.object, id=str(sample.id), setting="refspatial"
    )
    return Asking(question, partial(observation, split, sample), partial(entry, sample, question, model))


def observation(split: Split, sample: Sample) -> Observation:
    """Return the image of a sample as an observation, without depth and from an unknown camera.

    The intrinsics are NaN, so that nothing can be computed from them by mistake.

    Args:
        split: Split of the dataset.
        sample: Sample of the split.
    """
    rgb = split.rgb(sample)
    height, width = rgb.shape[:2]
    return Observation(Camera(width, height, np.full((3, 3), np.nan), np.eye(4)), np.zeros(0), np.eye(4), rgb)


def entry(sample: Sample, question: Question, model: str, reply: Reply | None) -> dict[str, Any]:
    """Return the entry for a reply in the published form.

    Source: `Evaluation/test_benchmark.py` in RoboRefer's public repository at commit d97a995.

    Args:
        sample: Sample that was asked about.
        question: Question that was asked.
        model: Name of the model.
        reply: Reply, or None if the question could not be asked.
    """
    return {
        ID: sample.id,
        "prompt": sample.prompt,
        "object_name": sample.object,
        "suffix": sample.suffix,
        "instruction": question.instruction if reply is None or not reply.prompt else reply.prompt,
        "text": None if reply is None else reply.text,
        "model_id": model,
        "rgb_path": sample.rgb_path,
        "mask_path": sample.mask_path,
        "category": sample.category,
        "step": sample.step,
    }


def answer_path(output: Path, name: SplitName) -> Path | None:
    """Return the answer file of a split, or None if `output` is the file of another split.

    Args:
        output: Folder of answer files, or the file of one split.
        name: Name of the split.
    """
    if output.suffix != ".jsonl":
        return output / f"{name}.jsonl"
    return output if output.stem == name else None
