"""The two parsers that RoboTracer published with its scorer, to the letter, in linear time.

Source: Evaluation/summarize_acc.py in RoboTracer's public repository, at commit 11f09e1. Where the published code says
0-1 these functions say thousandths too: `tuple_rows` and `json_rows` return what stands in the text, `tuples` and
`json_points` what the published functions return.
"""

from __future__ import annotations

import json
import re
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from tracesim.geometry.camera import IMAGE_SCALE

Row = tuple[float, ...]
"""Two or three numbers, as answered."""

_NUMBER: Final = r"[-+]?\d++(?:\.\d*+)?+"
_TUPLE: Final = re.compile(rf"\(({_NUMBER}(?:,\s*+{_NUMBER})*+)\)")
_FENCE: Final = re.compile(r"```(?:\w+)?\n(.*?)```", re.DOTALL)
_NESTING: Final = 990
"""The published parser runs out of stack at this many nested brackets; at somewhat fewer where the caller is deep."""


class UnreadableError(ValueError):
    """The published parser raises here: the published scorer then skips a 3D answer, and stops at a 2D one."""


def tuple_rows(text: str) -> list[Row]:
    """Return every run of numbers in round brackets, wherever it stands, cut to its first three; RoboTracer's form.

    No blank after the opening bracket nor before a comma or the closing one, no exponent, a digit before the point. A
    bracket of fewer than two numbers is passed over.
    """
    rows = [tuple(float(number.strip()) for number in match.split(",")) for match in _TUPLE.findall(text)]
    return [row[:3] for row in rows if len(row) >= 2]


def json_rows(text: str) -> list[Row] | None:
    """Return every list of two or three numbers, at any depth, in the first closed code fence; None if it is no JSON.

    Truth values are numbers here. Raises `UnreadableError` for a number that is no float and for nesting too deep.
    """
    fence = _FENCE.search(text)
    if not fence:
        return None
    try:
        data = json.loads(fence[1].strip())
    except json.JSONDecodeError:
        return None
    except (ValueError, RecursionError) as error:
        raise UnreadableError(str(error)) from None
    rows: list[Row] = []
    waiting: list[tuple[Any, int]] = [(data, 1)]
    while waiting:
        value, depth = waiting.pop()
        if depth > _NESTING:
            raise UnreadableError(f"more than {_NESTING} nested brackets")
        if isinstance(value, list) and len(value) in (2, 3) and all(isinstance(item, (int, float)) for item in value):
            try:
                rows.append(tuple(float(item) for item in value))
            except OverflowError as error:
                raise UnreadableError(str(error)) from None
        elif isinstance(value, (list, dict)):
            inner = value if isinstance(value, list) else list(value.values())
            waiting.extend((item, depth + 1) for item in reversed(inner))
    return rows


def tuples(text: str) -> npt.NDArray[np.float32]:
    """Return the points of an answer in RoboTracer's form: (N, 2), or (N, 3) if any has a depth, (0, 2) if none.

    u and v as fractions of the image, depth in metres, NaN for a point without one.
    """
    rows = [_fractions(row) for row in tuple_rows(text)]
    result = np.full((len(rows), max(map(len, rows), default=2)), np.nan, np.float32)
    with np.errstate(over="ignore"):
        for into, row in zip(result, rows, strict=True):
            into[: len(row)] = row
    return result


def json_points(text: str) -> npt.NDArray[np.float64]:
    """Return the points of an answer in JSON: (N, 2) or (N, 3); (0,) if there are none, (0, 3) if it is no JSON.

    u and v as fractions of the image, depth in metres. Raises `UnreadableError` as `json_rows` does, and where some
    points have a depth and others have none.
    """
    rows = json_rows(text)
    if rows is None:
        return np.empty((0, 3))
    if len({len(row) for row in rows}) > 1:
        raise UnreadableError("some points have a depth and others have none")
    return np.array([_fractions(row) for row in rows])


def _fractions(row: Row) -> Row:
    u, v, *depth = row
    return (round(u / IMAGE_SCALE, 6), round(v / IMAGE_SCALE, 6), *depth)
