"""Asks a policy about every picture of RefSpatial-Bench, and writes its answers in the published form."""

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
"""The published prompt of models that have no other."""


@dataclass(frozen=True)
class Prompt:
    """A template with `{prompt}`, `{suffix}` and `{object}` of a record."""

    template: str = PROMPT

    def __post_init__(self) -> None:
        self._filled({"prompt": "", "suffix": "", "object": ""})

    def of(self, sample: Sample) -> str:
        """Return what is asked about a sample."""
        return self._filled({"prompt": sample.prompt, "suffix": sample.suffix, "object": sample.object})

    def _filled(self, values: dict[str, str]) -> str:
        try:
            return self.template.format_map(values)
        except (KeyError, IndexError, ValueError, AttributeError) as error:
            raise ConfigurationError(
                f"prompt={self.template}: {error}. Valid fields: {{prompt}}, {{suffix}}, {{object}}; "
                "a brace is written twice."
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
    """Ask a policy about the first `samples` of a split, or all, that the file `path` has no answer to.

    model: the name under which the answers are filed.

    Raises:
        ConfigurationError: the dataset or the file is faulty, or holds another model's answers.
        InfrastructureError: the disk refuses, the policy's budget is spent, or its server refuses every request.
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
    """Return a sample's picture as a policy sees it: without depth, by a camera that nobody has measured.

    Its intrinsics are not numbers, so that nothing can be computed from them by mistake.
    """
    rgb = split.rgb(sample)
    height, width = rgb.shape[:2]
    return Observation(Camera(width, height, np.full((3, 3), np.nan), np.eye(4)), np.zeros(0), np.eye(4), rgb)


def entry(sample: Sample, question: Question, model: str, reply: Reply | None) -> dict[str, Any]:
    """Return the published record of a reply to a sample, or of none.

    Source: `Evaluation/test_benchmark.py` in RoboRefer's public repository at commit d97a995.
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
    """Return where a split's answers go, None if nowhere: `output` is a folder, or the file of one split."""
    if output.suffix != ".jsonl":
        return output / f"{name}.jsonl"
    return output if output.stem == name else None
