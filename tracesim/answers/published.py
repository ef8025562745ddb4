"""Exact reimplementation, in linear time, of the two parsers that RoboTracer published with its scorer.

Source: Evaluation/summarize_acc.py in RoboTracer's public repository, at commit 11f09e1. `tuple_rows` and `json_rows`
return the numbers in the text, which are thousandths of the image; `tuples` and `json_points` return what the published
functions return, fractions of the image.
"""

from __future__ import annotations

import json
import re
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from tracesim.geometry.camera import IMAGE_SCALE

Row = tuple[float, ...]
"""Two or three numbers of a point, as in the answer."""

_NUMBER: Final = r"[-+]?\d++(?:\.\d*+)?+"
_TUPLE: Final = re.compile(rf"\(({_NUMBER}(?:,\s*+{_NUMBER})*+)\)")
_FENCE: Final = re.compile(r"```(?:\w+)?\n(.*?)```", re.DOTALL)
_NESTING: Final = 990
"""Depth of nested brackets at which the published parser exceeds Python's recursion limit."""


class UnreadableError(ValueError):
    """The published parser raises an exception: the published scorer skips a 3D answer, and stops at a 2D one."""


def tuple_rows(text: str) -> list[Row]:
    """Return the first two or three numbers of every parenthesised list of numbers in a text.

    As published, there must be no blank after the opening parenthesis or before a comma or the closing parenthesis, no
    exponent, and a digit before a decimal point. Parentheses with fewer than two numbers are skipped.
    """
    rows = [tuple(float(number.strip()) for number in match.split(",")) for match in _TUPLE.findall(text)]
    return [row[:3] for row in rows if len(row) >= 2]


def json_rows(text: str) -> list[Row] | None:
    """Return every list of two or three numbers, at any depth, in the first closed code fence; None if it is not JSON.

    As published, true and false count as numbers.

    Raises:
        UnreadableError: A number does not fit a float, or brackets are nested too deeply.
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
    """Return the points of an answer in RoboTracer's form.

    Returns:
        (N, 2), or (N, 3) if any point has a depth: u and v as fractions of the image, depth in metres, NaN for a point
        without one; (0, 2) if there are no points.
    """
    rows = [_fractions(row) for row in tuple_rows(text)]
    result = np.full((len(rows), max(map(len, rows), default=2)), np.nan, np.float32)
    with np.errstate(over="ignore"):
        for into, row in zip(result, rows, strict=True):
            into[: len(row)] = row
    return result


def json_points(text: str) -> npt.NDArray[np.float64]:
    """Return the points of an answer in JSON.

    Returns:
        (N, 2) or (N, 3): u and v as fractions of the image, depth in metres; (0,) if there are no points, (0, 3) if the
        answer is not JSON.

    Raises:
        UnreadableError: As for `json_rows`, or some points have a depth and others have none.
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
