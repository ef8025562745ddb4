"""Scoring of an answer file: `python -m tracesim.tracespatial answers=FILE`."""

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
from tracesim.tracespatial.answers import Answered, read_answers
from tracesim.tracespatial.dataset import Dataset
from tracesim.tracespatial.fusion import Fusion
from tracesim.tracespatial.reading import Dimension
from tracesim.tracespatial.report import Mode, Report
from tracesim.tracespatial.score import Score
from tracesim.tracespatial.verdict import Verdict
from tracesim.tracespatial.view import SampleView

_BOOTSTRAP_SEED: Final = 0
"""Fixed seed, so that the same answers give the same intervals."""

_PACKAGES: Final = ("tracesim", "numpy", "scipy", "open3d")


@dataclass(frozen=True)
class Request:
    """Options for scoring an answer file.

    Raises:
        ConfigurationError: An option does not apply to the mode.
    """

    answers: Path
    """Answer file."""

    dataset: Path | None = None
    """Folder of the dataset, or None to leave out what needs its images."""

    mode: Mode = "official"
    """Scorer to use."""

    parser: Literal["auto", "tuples", "json", "tags", "actions"] = "auto"
    """Parser of the answers, or "auto" to detect it."""

    scale: Scale = "thousandths"
    """Scale of points in mode mended."""

    order: Order = "xy"
    """Order of column and row in mode mended."""

    dimension: Literal["auto", "2D", "3D"] = "auto"
    """Dimension of the answers, or "auto" to detect it."""

    output: Path | None = None
    """JSON file for the report."""

    def __post_init__(self) -> None:
        """Check that the options apply to the mode."""
        if self.mode == "mended":
            return
        if self.parser in ("tags", "actions"):
            raise ConfigurationError(f"parser={self.parser} is only for mode=mended. Valid: auto, tuples, json.")
        if self.convention != Convention():
            raise ConfigurationError(
                "scale and order are only for mode=mended; the published scorer reads thousandths, xy."
            )

    @property
    def convention(self) -> Convention:
        """Meaning of the coordinates."""
        return Convention(self.scale, self.order)


def evaluate(request: Request, console: Console | None = None) -> Report:
    """Score an answer file.

    Args:
        request: What to score, and how.
        console: Console for a progress bar, or None.

    Raises:
        ConfigurationError: A file is missing or faulty.
    """
    answers = read_answers(request.answers)
    dataset = None if request.dataset is None else Dataset(request.dataset)
    if request.mode == "mended":
        answers = _one_answer_per_sample(answers, dataset)
    parser: Parser = request.parser if request.parser != "auto" else _parser(answers, request.mode)
    dimension = request.dimension if request.dimension != "auto" else reading.detect_dimension(answers, parser)
    left_out, notes = [], []
    loaded = Fusion.load() if dataset is not None and dimension == "3D" and request.mode == "official" else None
    fusion = loaded if isinstance(loaded, Fusion) else None
    if dataset is None:
        missing = "2D start" if dimension == "2D" else "2D start, 3D start, collision, overall"
        left_out.append(f"{missing} (give dataset=DIR)")
        notes.append("Image sizes are assumed: the published size nearest to twice the principal point.")
    elif isinstance(loaded, str):
        left_out.append(f"collision, overall ({loaded})")
        notes.append("3D start uses TraceSim's own filters, whose object cloud may differ from that of Open3D.")

    hidden = console is None or not console.is_terminal or dataset is None
    verdicts: list[Verdict] = []
    for answer in track(answers, "scoring", console=console, transient=True, disable=hidden):
        # Answers may contain huge numbers; overflow is harmless here.
        with np.errstate(over="ignore", invalid="ignore"):
            verdicts.append(_verdict(answer, request, dataset, dimension, parser, fusion))
    if failed := sum(verdict.fault == "failed_query" for verdict in verdicts):
        notes.append(f"{failed} queries failed, which says nothing about the model: ask again before you compare.")
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
    return reading.detect_parser(answers) if mode == "official" else "tolerant"


def _verdict(
    answer: Answered,
    request: Request,
    dataset: Dataset | None,
    dimension: Dimension,
    parser: Parser,
    fusion: Fusion | None,
) -> Verdict:
    view = SampleView.of(answer.sample, dataset, deep=dimension == "3D")
    if request.mode == "official":
        return _official(answer, view, dimension, parser, fusion)
    size = view.size if request.scale != "pixels" else SampleView.of(answer.sample, dataset, deep=False).size
    found = reading.read_tolerant(answer, dimension, parser, request.convention, size)
    judge = mended.verdict_3d if dimension == "3D" else mended.verdict_2d
    return judge(view, found.keypoints, found.fault)


def _official(
    answer: Answered, view: SampleView, dimension: Dimension, parser: Parser, fusion: Fusion | None
) -> Verdict:
    assert parser in ("tuples", "json")
    found = reading.read_published(answer, dimension, parser)
    if dimension == "3D":
        return official.verdict_3d(view, found.keypoints, found.fault, fusion)
    assert found.keypoints is not None
    return official.verdict_2d(view, found.keypoints, found.fault)


def _one_answer_per_sample(answers: Sequence[Answered], dataset: Dataset | None) -> list[Answered]:
    """Return the last answer for each sample, with a placeholder for each sample of the dataset without an answer."""
    last = {answer.sample.id: answer for answer in answers}
    if dataset is not None:
        for sample in dataset.samples():
            last.setdefault(sample.id, Answered(sample, "", error=reading.MISSING))
    return list(last.values())


def _versions() -> dict[str, str]:
    """Return the versions of the installed packages on which the numbers depend."""
    versions = {}
    for package in _PACKAGES:
        try:
            versions[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return versions
