"""How a file of answers is to be read, and what each answer in it says to a scorer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt

from tracesim.answers import published as official
from tracesim.answers.reading import REASONS, THOUSANDTHS, Convention, Parser, read
from tracesim.geometry.camera import IMAGE_SCALE
from tracesim.geometry.rigid import FloatArray
from tracesim.tracespatial.dataset import Answered, Size

Published = Literal["tuples", "json"]
Dimension = Literal["2D", "3D"]

FAULTS: Final = {
    **REASONS,
    "no_depth": "the answer is a 2D trace; a 3D one was asked for",
    "not_ahead": "a depth is not above 0",
    "failed_query": "the model could not be asked",
    "missing": "the file has no answer to this sample",
}
"""Why an answer is no trace here: identifier -> sentence."""

MISSING: Final = FAULTS["missing"]
"""The error of an answer that stands for none."""


@dataclass(frozen=True)
class Reading:
    """What an answer says: keypoints (N, 2 or 3) of u, v in 0-1000 and depth in metres, or a fault of `FAULTS`.

    The published parsers may find keypoints in what is no trace; the fault is then noted, and the keypoints count.
    """

    keypoints: FloatArray | None
    fault: str | None = None


def recognised_parser(answers: Sequence[Answered]) -> Published:
    """Return `json` if half of the answers with points have them in a code fence, else `tuples`.

    Round brackets say less: they stand in prose around fenced JSON too.
    """
    fenced = [_published(answer, "json").size > 0 for answer in answers]
    found = [fence or _published(answer, "tuples").size > 0 for answer, fence in zip(answers, fenced, strict=True)]
    return "json" if any(fenced) and 2 * sum(fenced) >= sum(found) else "tuples"


def recognised_dimension(answers: Sequence[Answered], parser: Parser) -> Dimension:
    """Return whether more of the answers with points have a depth than have none; 3D if as many."""
    found: list[npt.NDArray[Any] | None]
    if parser == "tuples" or parser == "json":
        found = [_published(answer, parser) for answer in answers]
    else:
        found = [read(answer.model_prediction, parser=parser).points for answer in answers]
    deep = [points.shape[1] == 3 for points in found if points is not None and points.size]
    return "3D" if 2 * sum(deep) >= len(deep) else "2D"


def tolerant(
    answer: Answered,
    dimension: Dimension,
    parser: Parser,
    convention: Convention = THOUSANDTHS,
    size: Size = (640, 480),
) -> Reading:
    """Return what an answer says to the mended scorer: a trace of that dimension, or why it is none.

    size: the image's width and height in pixels, for conventions that count pixels.
    """
    if answer.error is not None and not answer.model_prediction:
        return Reading(None, "missing" if answer.error == MISSING else "failed_query")
    said = read(answer.model_prediction, convention, parser, size)
    if said.reason == "unknown_depth" and said.points is not None and dimension == "2D":
        return Reading(said.points[:, :2])
    if said.trace is None:
        return Reading(None, said.reason)
    keypoints = said.trace.keypoints
    if dimension == "3D":
        if keypoints.shape[1] < 3:
            return Reading(None, "no_depth")
        if keypoints[:, 2].min() <= 0.0:
            return Reading(None, "not_ahead")
    return Reading(keypoints)


def published(answer: Answered, dimension: Dimension, parser: Published) -> Reading:
    """Return what an answer says to the published scorer; keypoints None where it skips a 3D answer.

    A 2D answer at which it would stop altogether has no points here.
    """
    fault = tolerant(answer, dimension, parser).fault
    points = _published(answer, parser)
    deep = points.ndim == 2 and points.shape[1] == 3
    if dimension == "3D":
        return Reading(_thousandths(points) if deep else None, fault)
    return Reading(_thousandths(points)[:, :2] if points.ndim == 2 else np.empty((0, 2)), fault)


def _published(answer: Answered, parser: Published) -> npt.NDArray[Any]:
    """Return what a published parser returns: points (N, 2) or (N, 3), u and v in 0-1; (0,) where it raises."""
    if parser == "tuples":
        return official.tuples(answer.model_prediction)
    try:
        return official.json_points(answer.model_prediction) if answer.given else np.empty(0)
    except official.UnreadableError:
        return np.empty(0)


def _thousandths(points: npt.NDArray[Any]) -> FloatArray:
    result = points.astype(np.float64)
    result[:, :2] *= IMAGE_SCALE
    return result
