"""Scores a file of answers: `python -m tracesim.tracespatial answers=FILE`."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import numpy as np
from rich.console import Console
from rich.progress import track

from tracesim.answers.point_lists import Order
from tracesim.answers.reading import Convention, Parser, Scale
from tracesim.errors import ConfigurationError
from tracesim.tracespatial import mended, official, reading
from tracesim.tracespatial.dataset import Answered, Dataset, read_answers
from tracesim.tracespatial.fusion import Fusion
from tracesim.tracespatial.reading import Dimension
from tracesim.tracespatial.report import Mode, Report
from tracesim.tracespatial.score import Score
from tracesim.tracespatial.verdict import Verdict
from tracesim.tracespatial.view import View

_BOOTSTRAP_SEED: Final = 0
"""The same intervals for the same answers."""
_PACKAGES: Final = ("tracesim", "numpy", "scipy", "open3d")


@dataclass(frozen=True)
class Request:
    """What to score, and how; `auto` recognises it in the answers.

    scale, order: of points; see `tracesim.answers.reading`.
    """

    answers: Path
    dataset: Path | None = None
    mode: Mode = "official"
    parser: Literal["auto", "tuples", "json", "tags", "actions"] = "auto"
    scale: Scale = "thousandths"
    order: Order = "xy"
    dimension: Literal["auto", "2D", "3D"] = "auto"
    output: Path | None = None

    def __post_init__(self) -> None:
        if self.mode == "mended":
            return
        if self.parser in ("tags", "actions"):
            raise ConfigurationError(f"parser={self.parser} is for mode=mended. Valid: auto, tuples, json.")
        if self.convention != Convention():
            raise ConfigurationError("scale and order are for mode=mended; the published scorer takes thousandths, xy.")

    @property
    def convention(self) -> Convention:
        """What the numbers of a point mean."""
        return Convention(self.scale, self.order)


def evaluate(request: Request, console: Console | None = None) -> Report:
    """Return the report on a file of answers; `console` shows how far it is, if it is a terminal.

    Raises:
        ConfigurationError: a file is missing or faulty.
    """
    answers = read_answers(request.answers)
    dataset = None if request.dataset is None else Dataset(request.dataset)
    if request.mode == "mended":
        answers = _every_sample_once(answers, dataset)
    parser: Parser = request.parser if request.parser != "auto" else _parser(answers, request.mode)
    dimension = request.dimension if request.dimension != "auto" else reading.recognised_dimension(answers, parser)
    left_out, notes, fusion = [], [], None
    if dataset is None:
        missing = "2D start" if dimension == "2D" else "2D start, 3D start, collision, overall"
        left_out.append(f"{missing} (give dataset=DIR)")
        notes.append("Image sizes are the published ones nearest to twice the principal point.")
    elif dimension == "3D" and request.mode == "official":
        loaded = Fusion.load()
        if isinstance(loaded, Fusion):
            fusion = loaded
        else:
            left_out.append(f"collision, overall ({loaded})")
            notes.append("3D start is by our own filters, which may cut the object's cloud otherwise than Open3D.")

    hidden = console is None or not console.is_terminal or dataset is None
    verdicts: list[Verdict] = []
    for answer in track(answers, "scoring", console=console, transient=True, disable=hidden):
        view = View.of(answer.sample, dataset, deep=dimension == "3D")
        # Numbers beyond all measure may be answered; what becomes of them is no news.
        with np.errstate(over="ignore", invalid="ignore"):
            if request.mode == "official":
                verdicts.append(_official(answer, view, dimension, parser, fusion))
            else:
                size = view.size if request.scale != "pixels" else View.of(answer.sample, dataset, deep=False).size
                said = reading.tolerant(answer, dimension, parser, request.convention, size)
                judge = mended.verdict_3d if dimension == "3D" else mended.verdict_2d
                verdicts.append(judge(view, said.keypoints, said.fault))
    if failed := sum(verdict.fault == "failed_query" for verdict in verdicts):
        notes.append(f"{failed} queries failed, which says nothing about the model: ask again before comparing.")
    return Report(
        answers=str(request.answers),
        dataset=None if request.dataset is None else str(request.dataset),
        mode=request.mode,
        parser=parser,
        dimension=dimension,
        score=Score.of(verdicts, np.random.default_rng(_BOOTSTRAP_SEED)),
        verdicts=verdicts,
        left_out=left_out,
        notes=notes,
        versions=_versions(),
    )


def _parser(answers: Sequence[Answered], mode: Mode) -> Parser:
    return reading.recognised_parser(answers) if mode == "official" else "tolerant"


def _official(answer: Answered, view: View, dimension: Dimension, parser: Parser, fusion: Fusion | None) -> Verdict:
    assert parser in ("tuples", "json")
    said = reading.published(answer, dimension, parser)
    if dimension == "3D":
        return official.verdict_3d(view, said.keypoints, said.fault, fusion)
    assert said.keypoints is not None
    return official.verdict_2d(view, said.keypoints, said.fault)


def _every_sample_once(answers: Sequence[Answered], dataset: Dataset | None) -> list[Answered]:
    """Return one answer a sample: the last of several, and none given for a sample of the dataset that has none."""
    last = {answer.sample.id: answer for answer in answers}
    if dataset is not None:
        for sample in dataset.samples():
            last.setdefault(sample.id, Answered(sample, "", error=reading.MISSING))
    return list(last.values())


def _versions() -> dict[str, str]:
    """Return the versions of the packages that the numbers depend on; of those not installed, nothing."""
    versions = {}
    for package in _PACKAGES:
        try:
            versions[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return versions
