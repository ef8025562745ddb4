"""Asks a policy about every sample of a dataset: `python -m tracesim.tracespatial query policy=NAME dataset=DIR`."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np

from tracesim.cli.arguments import COMPLETED, INFRASTRUCTURE_REMAINS, arguments, command_status
from tracesim.cli.chosen_policy import chosen_policy, policy_words
from tracesim.errors import ConfigurationError
from tracesim.geometry.camera import Camera
from tracesim.language.question import Question
from tracesim.machine.terminal import console
from tracesim.models.answer_file import AnswerFile, Asking, Tally, ask_all
from tracesim.observation import Observation
from tracesim.policy import Policy, Reply
from tracesim.tracespatial.dataset import Answered, Dataset, Sample

HELP: Final = """\
Ask a policy about every sample of a dataset, and write its answers in TraceSpatial-Bench's form.

Usage
  python -m tracesim.tracespatial query policy=NAME dataset=DIR output=FILE.jsonl [KEY=VALUE ...]

  policy=NAME           as for `python -m tracesim.run`; experts and controls need a simulated scene and cannot answer
  policy.OPTION=VALUE   an option of that policy, such as policy.url=http://127.0.0.1:25547
  config_dir=DIR        look for further policies in DIR/policy/*.yaml
  dataset=DIR           the folder that holds trajectory_dataset.json and raw_data
  output=FILE.jsonl     where the answers go: each is on the disk before the next one is asked for. Samples that the
                        file has an answer to are not asked again, those that could not be asked are.
  samples=N             ask about the first N samples only

Exit status
  0 every sample has an answer    2 a wrong key, name or file, or the server refuses every request
  3 some could not be asked; run it again    130 interrupted; answers are kept
"""


@dataclass(frozen=True)
class Request:
    """What to ask about, and where the answers go."""

    dataset: Path
    output: Path
    samples: int | None = None
    config_dir: Path | None = None

    def __post_init__(self) -> None:
        if self.samples is not None and self.samples < 1:
            raise ConfigurationError(f"samples={self.samples}: at least 1.")


def main(words: Sequence[str]) -> int:
    """Do what the words after `query` ask, and return the exit status."""
    return command_status(words, HELP, _query)


def _query(words: Sequence[str]) -> int:
    chosen, others = policy_words(words)
    request = arguments(others, Request)
    with closing(chosen_policy(chosen, request.config_dir)) as policy:
        tally = query(policy, Dataset(request.dataset), request.output, request.samples)
    total = tally.before + tally.answered + tally.failed
    print(f"Written\n  {request.output}   {tally.before + tally.answered} of {total} samples answered")
    if tally.failed:
        print(f"{tally.failed} samples could not be asked about; the file says why. The same command asks again.")
        return INFRASTRUCTURE_REMAINS
    return COMPLETED


def query(policy: Policy, dataset: Dataset, output: Path, count: int | None = None) -> Tally:
    """Ask a policy about the first `count` samples, or all, that the file `output` has no answer to.

    Raises:
        ConfigurationError: The dataset or the file is faulty.
        InfrastructureError: The disk refuses, the policy's budget is spent, or its server refuses every request.
    """
    samples = dataset.samples()
    askings = [Asking(question(one), partial(observation, dataset, one), partial(entry, one)) for one in samples]
    with AnswerFile(output, [asking.question.id for asking in askings]) as file:
        return ask_all(policy, askings[:count], file, policy.in_flight, console())


def question(sample: Sample) -> Question:
    """Return what is asked about a sample."""
    return Question(
        instruction=sample.prompt,
        object_name=sample.target_object,
        destination=sample.destination,
        id=str(sample.id),
        setting="tracespatial",
    )


def observation(dataset: Dataset, sample: Sample) -> Observation:
    """Return a still picture as a policy sees it: its camera is the world's origin, and no robot is there."""
    rgb = dataset.rgb(sample)
    height, width = rgb.shape[:2]
    camera = Camera(width, height, dataset.upright(sample).intrinsics, np.eye(4))
    return Observation(camera, np.zeros(0), np.eye(4), rgb, dataset.depth_m(sample).astype(np.float32))


def entry(sample: Sample, reply: Reply | None) -> dict[str, Any]:
    """Return the published record of a reply to a sample, or of none."""
    text, prompt = ("", "") if reply is None else (reply.text, reply.prompt)
    return Answered(sample, text, prompt).as_json()
