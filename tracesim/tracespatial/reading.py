"""Reading of an answer file: detection of its form, and keypoints for the scorers."""

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
from tracesim.tracespatial.answers import Answered
from tracesim.tracespatial.dataset import Size

Published = Literal["tuples", "json"]
"""Published parser."""

Dimension = Literal["2D", "3D"]
"""Dimension of the answers in a file."""

FAULTS: Final = {
    **REASONS,
    "no_depth": "the answer is a 2D trace; a 3D trace was asked for",
    "not_ahead": "a depth is not above 0",
    "failed_query": "the model could not be asked",
    "missing": "the file has no answer to this sample",
}
"""Fault of an answer -> explanation."""

MISSING: Final = FAULTS["missing"]
"""Error of the placeholder for a missing answer."""


@dataclass(frozen=True)
class Reading:
    """Keypoints of an answer, or its fault.

    The published parsers may find keypoints in an answer without a trace; it then has both, and the keypoints count.
    """

    keypoints: FloatArray | None
    """(N, 2 or 3), u and v in 0-1000 and depth in metres, or None."""

    fault: str | None = None
    """Key of `FAULTS`, or None."""


def detect_parser(answers: Sequence[Answered]) -> Published:
    """Return `json` if at least half of the answers with points have them in a code fence, else `tuples`.

    Parentheses are weaker evidence, since they also occur in prose around fenced JSON.
    """
    fenced = [_parse_published(answer, "json").size > 0 for answer in answers]
    found = [
        fence or _parse_published(answer, "tuples").size > 0 for answer, fence in zip(answers, fenced, strict=True)
    ]
    return "json" if any(fenced) and 2 * sum(fenced) >= sum(found) else "tuples"


def detect_dimension(answers: Sequence[Answered], parser: Parser) -> Dimension:
    """Return the dimension of most answers with points; 3D if there are as many of both.

    Args:
        answers: Answers of a file.
        parser: Parser of the answers.
    """
    found: list[npt.NDArray[Any] | None]
    if parser == "tuples" or parser == "json":
        found = [_parse_published(answer, parser) for answer in answers]
    else:
        found = [read(answer.model_prediction, parser=parser).points for answer in answers]
    deep = [points.shape[1] == 3 for points in found if points is not None and points.size]
    return "3D" if 2 * sum(deep) >= len(deep) else "2D"


def read_tolerant(
    answer: Answered,
    dimension: Dimension,
    parser: Parser,
    convention: Convention = THOUSANDTHS,
    size: Size = (640, 480),
) -> Reading:
    """Return an answer as the corrected scorer reads it: a trace of the dimension, or a fault.

    Args:
        answer: The answer.
        dimension: Dimension of the answers in the file.
        parser: Parser of the answers.
        convention: Meaning of the coordinates.
        size: Width and height of the image, pixels; used by conventions in pixels.
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


def read_published(answer: Answered, dimension: Dimension, parser: Published) -> Reading:
    """Return an answer as the published scorer reads it, without keypoints if it skips a 3D answer.

    A 2D answer at which the published scorer would abort has no points here.

    Args:
        answer: The answer.
        dimension: Dimension of the answers in the file.
        parser: Published parser of the answers.
    """
    fault = read_tolerant(answer, dimension, parser).fault
    points = _parse_published(answer, parser)
    deep = points.ndim == 2 and points.shape[1] == 3
    if dimension == "3D":
        return Reading(_thousandths(points) if deep else None, fault)
    return Reading(_thousandths(points)[:, :2] if points.ndim == 2 else np.empty((0, 2)), fault)


def _parse_published(answer: Answered, parser: Published) -> npt.NDArray[Any]:
    """Return the result of a published parser: points (N, 2) or (N, 3), u and v in 0-1; (0,) if it raises."""
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
