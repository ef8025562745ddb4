"""Published score of one answer, including the faults of the published scorer.

Source: `Evaluation/summarize_acc.py` in RoboRefer's public repository at commit d97a995, with which this agrees
exactly. The published scorer has these peculiarities, which mode `mended` does not have:

- The name of a model determines how its answers are read (`FAMILIES`); other names cannot be scored.
- Two coordinates without a decimal point are pixels, even if the prompt asked for fractions.
- Fractions are truncated to pixels towards zero, so that -0.001 is inside the image and 1.0 is not.
- Four numbers in parentheses are a box, and each of its pixels is an answered point.
- An answer on which the parser fails (no text, an inverted box, JSON that is not a list of objects) is left out of the
  mean; an answer without points scores 0.
- A question without an answer is left out, and one that is answered twice counts twice.
- Pixels that are not integers, or do not fit 64 bits, abort the whole computation.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from tracesim.errors import ConfigurationError
from tracesim.refspatial.dataset import Mask

Number = int | float
Pixel = tuple[Number, Number]
Box = tuple[int, int, int, int]


class EndsError(ConfigurationError):
    """The published scorer aborts at this answer, without a score for any answer of the file."""


@dataclass(frozen=True)
class Found:
    """Points and boxes found by a parser."""

    points: tuple[Pixel, ...] = ()
    """Column and row of each point, pixels."""

    boxes: tuple[Box, ...] = ()
    """First column, first row, and column and row after the last; a box stands for all of its pixels."""

    def share_inside(self, mask: Mask) -> float:
        """Return the share of points, including those of boxes, on the mask; 0 if there are no points.

        Args:
            mask: (H, W), true where a point scores.

        Raises:
            EndsError: A pixel is not an integer of 64 bits.
        """
        count, inside = len(self.points), 0
        if self.points:
            pixels = np.array(self.points)
            if pixels.dtype.kind not in "iu":
                raise EndsError(
                    f"the published scorer ends with an IndexError, since the pixel {self._offending()} is not an "
                    "integer of 64 bits"
                )
            height, width = mask.shape
            columns, rows = pixels.T
            seen = (columns >= 0) & (columns < width) & (rows >= 0) & (rows < height)
            inside += int(mask[rows[seen], columns[seen]].sum())
        for left, top, right, bottom in self.boxes:
            count += (bottom - top) * (right - left)
            inside += int(mask[max(top, 0) : max(bottom, 0), max(left, 0) : max(right, 0)].sum())
        return inside / count if count else 0.0

    def _offending(self) -> Pixel:
        whole = range(-(2**63), 2**63)
        return next((one for one in self.points if not all(isinstance(n, int) and n in whole for n in one)), (0, 0))


Parser = Callable[[str, int, int], Found]
"""Function from text, width and height in pixels to what it finds; raises the exceptions of the published parser."""


def fractions(text: str, width: int, height: int) -> Found:
    """Read tuples of fractions such as `[(0.41, 0.63)]`; boxes are always in fractions, points if they have a point."""
    points: list[Pixel] = []
    boxes: list[Box] = []
    for numbers in _tuples(text):
        if len(numbers) == 2:
            x, y = numbers
            whole = isinstance(x, int) and isinstance(y, int)
            points.append((x, y) if whole else (int(x * width), int(y * height)))
        elif len(numbers) == 4:
            left, top, right, bottom = numbers
            boxes.append(_box(int(left * width), int(top * height), int(right * width), int(bottom * height)))
    return Found(tuple(points), tuple(boxes))


def pixels(text: str, width: int, height: int) -> Found:
    """Read tuples of pixels such as `[(262, 302)]`."""
    points: list[Pixel] = []
    boxes: list[Box] = []
    for numbers in _tuples(text):
        if len(numbers) == 2:
            points.append((numbers[0], numbers[1]))
        elif len(numbers) == 4:
            boxes.append(_box(*numbers))
    return Found(tuple(points), tuple(boxes))


def percents(text: str, width: int, height: int) -> Found:
    """Read Molmo's attributes such as `x1="41.0" y1="63.2"`; single points, `x="41.0" y="63.2"`, are not found."""
    pairs = [(float(x), float(y)) for x, y in _PERCENTS.findall(text)]
    return Found(tuple((int(x / 100 * width), int(y / 100 * height)) for x, y in pairs))


def gemini_json(text: str, width: int, height: int) -> Found:
    """Read objects with a `point` of [row, column] in 0-1000 from the first closed code fence."""
    opened = _FENCE.search(text)
    closed = -1 if opened is None else text.find("```", opened.end())
    if opened is None or closed < 0:
        return Found()
    try:
        content: Any = json.loads(text[opened.end() : closed].strip())
    except json.JSONDecodeError:
        return Found()
    points: list[Pixel] = []
    for one in content:
        if "point" not in one:
            continue
        point = one["point"]
        if isinstance(point, list) and len(point) == 2:
            y, x = point
            points.append((int(x / 1000 * width), int(y / 1000 * height)))
    return Found(tuple(points))


FAMILIES: Final[tuple[tuple[tuple[str, ...], Parser], ...]] = (
    (("RoboPoint", "Claude", "GPT4O", "RoboRefer"), fractions),
    (("RoboBrain", "Qwen"), pixels),
    (("Molmo",), percents),
    (("Gemini",), gemini_json),
)
"""Parts of model names, and the parser of these models; the first entry with a part in the name counts."""


def parser_of(model: str) -> Parser:
    """Return the parser for a model, by its exact name or else by its name in lower case.

    Raises:
        ConfigurationError: The name belongs to no family.
    """
    for name, lowered in ((model, False), (model.lower(), True)):
        for parts, parser in FAMILIES:
            if any((part.lower() if lowered else part) in name for part in parts):
                return parser
    known = ", ".join(part for parts, _ in FAMILIES for part in parts)
    raise ConfigurationError(
        f"the published scorer chooses a parser by the model's name, and {model!r} holds none of {known}. "
        "Give model=NAME, or use mode=mended."
    )


def score(text: object, mask: Mask, parser: Parser) -> float | None:
    """Return the published score of an answer, or None if the published scorer leaves it out.

    Args:
        text: Raw answer, which may be of any type.
        mask: (H, W), true where a point scores.
        parser: Parser of the model's answers.

    Raises:
        EndsError: The published scorer aborts.
    """
    height, width = mask.shape
    if not isinstance(text, str):
        return None
    try:
        found = parser(text, width, height)
    except (TypeError, ValueError, OverflowError, RecursionError, LookupError):
        return None
    return found.share_inside(mask)


# The published regular expressions match the same texts but can take exponential time; these take linear time.
_NUMBER: Final = r"\d+(?:\.\d*)?"
_TUPLE: Final = re.compile(rf"\(([-+]?{_NUMBER}(?:,\s*[-+]?{_NUMBER})*)\)")
_PERCENTS: Final = re.compile(rf'x\d+="(-?{_NUMBER})"\s+y\d+="(-?{_NUMBER})"')
_FENCE: Final = re.compile(r"```\w*\n")


def _tuples(text: str) -> list[list[Number]]:
    return [
        [float(number) if "." in number else int(number) for number in numbers.split(",")]
        for numbers in _TUPLE.findall(text)
    ]


def _box(left: Number, top: Number, right: Number, bottom: Number) -> Box:
    """Return a box of whole pixels; raises the exceptions of `numpy.ones` for its size."""
    width, height = right - left, bottom - top
    if not isinstance(width, int) or not isinstance(height, int):
        raise TypeError("the pixels of a box have to be integers")
    if width < 0 or height < 0 or 8 * width * height >= 2**63:
        raise ValueError("an array cannot have this size")
    return int(left), int(top), int(right), int(bottom)
