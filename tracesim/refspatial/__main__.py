"""`python -m tracesim.refspatial`: scores answers to RefSpatial-Bench, and asks policies for them."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tracesim.answers.point_lists import Order
from tracesim.answers.reading import Scale
from tracesim.cli.arguments import COMPLETED, INFRASTRUCTURE_REMAINS, arguments, command_status
from tracesim.errors import BudgetSpentError, ConfigurationError, RequestRefusedError
from tracesim.files.json_file import write_json
from tracesim.machine.terminal import console
from tracesim.refspatial import report, scorer
from tracesim.refspatial.dataset import SPLITS, open_splits
from tracesim.refspatial.query import PROMPT, Prompt, answer_path, query

HELP: Final = """\
Score answers to RefSpatial-Bench: the mean share of answered points that lie on the mask.

Usage
  python -m tracesim.refspatial answers=FILE_OR_DIR dataset=DIR [KEY=VALUE ...]
  python -m tracesim.refspatial query policy=NAME dataset=DIR output=DIR_OR_FILE [KEY=VALUE ...]

Scoring
  answers=FILE_OR_DIR   a folder that holds Location.jsonl, Placement.jsonl or Unseen.jsonl, or one of these files
  dataset=DIR           the folder that holds Location, Placement or Unseen, each with question.json, pictures and masks
  mode=official         official  as published: a model's name decides how its answers are read; what the parser trips
                                  over is left out
                        mended    one tolerant parser; every question counts, and what cannot be read scores 0. With
                                  Wilson's 95 % intervals
  model=NAME            the name of the model, instead of what the files say
  scale=NAME, order=NAME
                        how mended reads points: fractions, thousandths, percent or pixels, xy or yx; by default
                        fractions, xy where the prompt held the benchmark's suffix, which asks for them, else as the
                        model writes
  output=FILE.json      write the numbers, and the score of every answer

Asking
  policy=NAME           as for `python -m tracesim.run`; experts and controls need a simulated scene and cannot answer
  policy.OPTION=VALUE   an option of that policy, such as policy.url=http://127.0.0.1:25547
  config_dir=DIR        look for further policies in DIR/policy/*.yaml
  dataset=DIR           the same
  output=DIR_OR_FILE    a folder for Location.jsonl, Placement.jsonl and Unseen.jsonl, or one of these files; each
                        answer is on the disk before the next question. Questions that the files have an answer to are
                        not asked again, those that could not be asked are
  samples=N             ask about the first N of each split only
  prompt=TEMPLATE       what is asked; {prompt}, {suffix} and {object} are a record's. By default '{prompt} {suffix}'.
                        Published for RoboBrain '{prompt} Please provide its 2D coordinates.', for Gemini 'Locate one
                        point of {object}.', for Molmo 'Locate several points of {object}.', and for Qwen 'Locate
                        {object} in this image and output the point coordinates in JSON format.'
  model=NAME            the name under which answers are filed, the policy's by default

Exit status
  0 done    2 a wrong key, name or file, or the server refuses every request
  3 some questions could not be asked, or the disk refused: try again    130 interrupted; answers are kept
"""


@dataclass(frozen=True)
class Scoring:
    """Which answers to score, and how."""

    answers: Path
    dataset: Path
    mode: scorer.Mode = "official"
    model: str = ""
    scale: Scale | None = None
    order: Order | None = None
    output: Path | None = None

    def __post_init__(self) -> None:
        if self.mode == "official" and (self.scale or self.order):
            raise ConfigurationError("scale and order are for mode=mended; official goes by the model's name.")
        if self.output is not None and not self.output.absolute().parent.is_dir():
            raise ConfigurationError(f"output={self.output}: there is no such folder.")


@dataclass(frozen=True)
class Asking:
    """Which pictures to ask about, and where the answers go."""

    dataset: Path
    output: Path
    samples: int | None = None
    prompt: str = PROMPT
    model: str = ""
    config_dir: Path | None = None

    def __post_init__(self) -> None:
        if self.samples is not None and self.samples < 1:
            raise ConfigurationError(f"samples={self.samples}: at least 1.")
        if self.output.suffix == ".jsonl" and self.output.stem not in SPLITS:
            valid = ", ".join(f"{name}.jsonl" for name in SPLITS)
            raise ConfigurationError(f"output={self.output}: a file is one split's. Valid: {valid}, or a folder.")


def main(words: Sequence[str] | None = None) -> int:
    """Do what the command line asks, and return the exit status (see `--help`)."""
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
                    print(f"Stopped; what was answered is in {path}. The same command goes on.")
                raise
            total = tally.before + tally.answered + tally.failed
            print(f"{path}   {tally.before + tally.answered} of {total} answered")
            failed += tally.failed
    if failed:
        print(f"{failed} questions could not be asked; the files say why. The same command asks again.")
        return INFRASTRUCTURE_REMAINS
    return COMPLETED


if __name__ == "__main__":
    sys.exit(main())
