"""Command that scores answers to RefSpatial-Bench and asks policies for them: `python -m tracesim.refspatial`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tracesim.answers.point_lists import Order
from tracesim.answers.reading import Scale
from tracesim.arguments import COMPLETED, INFRASTRUCTURE_REMAINS, arguments, command_status
from tracesim.errors import BudgetSpentError, ConfigurationError, RequestRefusedError
from tracesim.files.json_file import write_json
from tracesim.machine.terminal import console
from tracesim.refspatial import report, scorer
from tracesim.refspatial.dataset import SPLITS, open_splits
from tracesim.refspatial.query import PROMPT, Prompt, answer_path, query

HELP: Final = """\
Score answers to RefSpatial-Bench by the mean share of points on the mask, or ask a policy for answers.

Usage
  python -m tracesim.refspatial answers=FILE_OR_DIR dataset=DIR [KEY=VALUE ...]
  python -m tracesim.refspatial query policy=NAME dataset=DIR output=DIR_OR_FILE [KEY=VALUE ...]

Scoring
  answers=FILE_OR_DIR   folder with Location.jsonl, Placement.jsonl or Unseen.jsonl, or one of these files
  dataset=DIR           folder with Location, Placement or Unseen, each with question.json, images and masks
  mode=official         official  as published: the name of the model determines how its answers are read, and answers
                                  on which the parser fails are left out
                        mended    one tolerant parser; every question counts, and an answer that cannot be read scores
                                  0. With 95 % intervals
  model=NAME            name of the model, instead of the one in the files
  scale=NAME, order=NAME
                        how mode=mended reads points: fractions, thousandths, percent or pixels, and xy or yx. Default:
                        fractions and xy if the prompt has the benchmark's suffix, which asks for them, else as the
                        model writes
  output=FILE.json      write all numbers, with the score of every answer

Asking
  policy=NAME           as for `python -m tracesim.run`; experts and controls need a simulated scene and cannot answer
  policy.OPTION=VALUE   option of that policy, such as policy.url=http://127.0.0.1:25547
  config_dir=DIR        look for further policies in DIR/policy/*.yaml
  dataset=DIR           as for scoring
  output=DIR_OR_FILE    folder for Location.jsonl, Placement.jsonl and Unseen.jsonl, or one of these files; each answer
                        is on the disk before the next question is asked. Run the command again to continue: questions
                        with an answer are not asked again, those that could not be asked are
  samples=N             ask only about the first N questions of each split
  prompt=TEMPLATE       prompt with the fields {prompt}, {suffix} and {object} of a question; '{prompt} {suffix}' by
                        default. Published for RoboBrain: '{prompt} Please provide its 2D coordinates.', for Gemini:
                        'Locate one point of {object}.', for Molmo: 'Locate several points of {object}.', for Qwen:
                        'Locate {object} in this image and output the point coordinates in JSON format.'
  model=NAME            name of the model in the files; that of the policy by default

Exit status
  0 done    2 a wrong key, name or file, or the server refuses every request
  3 some questions could not be asked, or a file could not be written: try again    130 interrupted; answers are kept
"""


@dataclass(frozen=True)
class Scoring:
    """Options for scoring answers.

    Raises:
        ConfigurationError: The options contradict each other, or the output has no folder.
    """

    answers: Path
    """Answer file, or folder of them."""

    dataset: Path
    """Folder of the dataset."""

    mode: scorer.Mode = "official"
    """Scorer to use."""

    model: str = ""
    """Name of the model, or "" for the one in the files."""

    scale: Scale | None = None
    """Scale of points in mode mended, or None for the default."""

    order: Order | None = None
    """Order of column and row in mode mended, or None for the default."""

    output: Path | None = None
    """JSON file for the result."""

    def __post_init__(self) -> None:
        """Check the options."""
        if self.mode == "official" and (self.scale or self.order):
            raise ConfigurationError(
                "scale and order are only for mode=mended; mode=official reads points by the model's name."
            )
        if self.output is not None and not self.output.absolute().parent.is_dir():
            raise ConfigurationError(f"output={self.output}: there is no such folder.")


@dataclass(frozen=True)
class Asking:
    """Options for asking a policy.

    Raises:
        ConfigurationError: An option is invalid.
    """

    dataset: Path
    """Folder of the dataset."""

    output: Path
    """Folder of answer files, or the file of one split."""

    samples: int | None = None
    """Number of questions from the beginning of each split, or None for all."""

    prompt: str = PROMPT
    """Template of prompts."""

    model: str = ""
    """Name of the model in the files, or "" for that of the policy."""

    config_dir: Path | None = None
    """Folder with further policies."""

    def __post_init__(self) -> None:
        """Check the options."""
        if self.samples is not None and self.samples < 1:
            raise ConfigurationError(f"samples={self.samples}: has to be 1 or more.")
        if self.output.suffix == ".jsonl" and self.output.stem not in SPLITS:
            valid = ", ".join(f"{name}.jsonl" for name in SPLITS)
            raise ConfigurationError(f"output={self.output}: not the file of a split. Valid: {valid}, or a folder.")


def main(words: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status.

    Args:
        words: Arguments of the command line; those of the process by default.
    """
    return command_status(words, HELP, lambda given: _ask(given[1:]) if given[:1] == ["query"] else _score(given))


def _score(words: Sequence[str]) -> int:
    asked = arguments(words, Scoring)
    files = scorer.answer_files(asked.answers)
    result = scorer.score(files, open_splits(asked.dataset), asked.mode, asked.model, asked.scale, asked.order)
    report.show(result, console())
    if asked.output is not None:
        write_json(result.as_json(), asked.output)
        print(f"Written\n  {asked.output}")
    return COMPLETED


def _ask(words: Sequence[str]) -> int:
    from tracesim.cli.chosen_policy import chosen_policy, policy_words

    chosen, others = policy_words(words)
    asked = arguments(others, Asking)
    splits = open_splits(asked.dataset)
    prompt = Prompt(asked.prompt)
    paths = {split: path for split in splits if (path := answer_path(asked.output, split)) is not None}
    if not paths:
        raise ConfigurationError(f"output={asked.output}: the dataset has no split {asked.output.stem}.")
    name = asked.model or next((word.partition("=")[2] for word in chosen if word.startswith("policy=")), "")
    failed = 0
    with closing(chosen_policy(chosen, asked.config_dir)) as policy:
        for split, path in paths.items():
            try:
                tally = query(policy, splits[split], path, name, prompt, asked.samples, console())
            except (BudgetSpentError, RequestRefusedError):
                if path.exists():
                    print(f"Stopped; the answers so far are in {path}. Run the same command again to continue.")
                raise
            print(f"{path}   {tally} answered")
            failed += tally.failed
    if failed:
        print(f"{failed} questions could not be asked; the files say why. Run the same command again to retry them.")
        return INFRASTRUCTURE_REMAINS
    return COMPLETED


if __name__ == "__main__":
    sys.exit(main())
