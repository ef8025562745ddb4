"""Command that asks a policy about every sample of a dataset: `python -m tracesim.tracespatial query`."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np

from tracesim.arguments import COMPLETED, INFRASTRUCTURE_REMAINS, arguments, command_status
from tracesim.cli.chosen_policy import chosen_policy, policy_words
from tracesim.errors import ConfigurationError
from tracesim.geometry.camera import Camera
from tracesim.language.question import Question
from tracesim.machine.terminal import console
from tracesim.models.answer_file import AnswerFile, Asking, Tally, ask_all
from tracesim.observation import Observation
from tracesim.policy import Policy, Reply
from tracesim.tracespatial.answers import Answered
from tracesim.tracespatial.dataset import Dataset, Sample

HELP: Final = """\
Ask a policy about every sample of a dataset, and write its answers in TraceSpatial-Bench's form.

Usage
  python -m tracesim.tracespatial query policy=NAME dataset=DIR output=FILE.jsonl [KEY=VALUE ...]

  policy=NAME           as for `python -m tracesim.run`; experts and controls need a simulated scene and cannot answer
  policy.OPTION=VALUE   option of that policy, such as policy.url=http://127.0.0.1:25547
  config_dir=DIR        look for further policies in DIR/policy/*.yaml
  dataset=DIR           folder with trajectory_dataset.json and raw_data, or with Parquet files, or a Parquet file
  output=FILE.jsonl     answer file; each answer is on the disk before the next question is asked. Run the command again
                        to continue: samples with an answer are not asked again, those that could not be asked are
  samples=N             ask only about the first N samples

Exit status
  0 every sample has an answer    2 a wrong key, name or file, or the server refuses every request
  3 some questions could not be asked, or a file could not be written: try again    130 interrupted; answers are kept
"""


@dataclass(frozen=True)
class Request:
    """Options for asking a policy.

    Raises:
        ConfigurationError: The number of samples is invalid.
    """

    dataset: Path
    """Folder of the dataset."""

    output: Path
    """Answer file."""

    samples: int | None = None
    """Number of samples from the beginning of the dataset, or None for all."""

    config_dir: Path | None = None
    """Folder with further policies."""

    def __post_init__(self) -> None:
        """Check the number of samples."""
        if self.samples is not None and self.samples < 1:
            raise ConfigurationError(f"samples={self.samples}: has to be 1 or more.")


def main(words: Sequence[str]) -> int:
    """Run the command and return its exit status.

    Args:
        words: Arguments of the command line after `query`.
    """
    return command_status(words, HELP, _query)


def _query(words: Sequence[str]) -> int:
    chosen, others = policy_words(words)
    request = arguments(others, Request)
    with closing(chosen_policy(chosen, request.config_dir)) as policy:
        tally = query(policy, Dataset(request.dataset), request.output, request.samples)
    print(f"Written\n  {request.output}   {tally} samples answered")
    if tally.failed:
        print(
            f"{tally.failed} questions could not be asked; the file says why. Run the same command again to retry them."
        )
        return INFRASTRUCTURE_REMAINS
    return COMPLETED


def query(policy: Policy, dataset: Dataset, output: Path, count: int | None = None) -> Tally:
    """Ask a policy about the samples that have no answer in a file yet.

    Args:
        policy: Policy to ask.
        dataset: Dataset with its images.
        output: Answer file.
        count: Number of samples from the beginning of the dataset, or None for all.

    Raises:
        ConfigurationError: The dataset or the file is faulty.
        InfrastructureError: The file cannot be written, the policy's budget is used up, or its server refuses
            every request.
    """
    samples = dataset.samples()
    askings = [Asking(question(one), partial(observation, dataset, one), partial(entry, one)) for one in samples]
    with AnswerFile(output, [asking.question.id for asking in askings]) as file:
        return ask_all(policy, askings[:count], file, policy.in_flight, console())


def question(sample: Sample) -> Question:
    """Return the question about a sample."""
    return Question(
        instruction=sample.prompt,
        object_name=sample.target_object,
        destination=sample.destination,
        id=str(sample.id),
        setting="tracespatial",
    )


def observation(dataset: Dataset, sample: Sample) -> Observation:
    """Return the images of a sample as an observation without a robot, in the world frame of the camera.

    Args:
        dataset: Dataset with its images.
        sample: Sample of the dataset.
    """
    rgb = dataset.rgb(sample)
    height, width = rgb.shape[:2]
    camera = Camera(width, height, dataset.upright(sample).intrinsics, np.eye(4))
    return Observation(camera, np.zeros(0), np.eye(4), rgb, dataset.depth_m(sample).astype(np.float32))


def entry(sample: Sample, reply: Reply | None) -> dict[str, Any]:
    """Return the entry for a reply in the published form.

    Args:
        sample: Sample that was asked about.
        reply: Reply, or None if the question could not be asked.
    """
    text, prompt = ("", "") if reply is None else (reply.text, reply.prompt)
    return Answered(sample, text, prompt).as_json()
