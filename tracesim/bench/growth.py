"""Growth of a figure along an axis, named by the exponent of a fit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from tracesim.bench.figure import Rounds, rounded, shown

NAMED: Final = (
    (-0.15, "falling"),
    (0.15, "constant"),
    (0.75, "less than linear"),
    (1.25, "linear"),
    (1.75, "between linear and quadratic"),
    (2.25, "quadratic"),
    (np.inf, "steeper than quadratic"),
)
"""Largest exponent that has a name, and the name."""

SLIGHT: Final = 0.1
"""Where a figure is measured at 0 as well, what adds less than this share of the value there is not told from noise."""


@dataclass(frozen=True)
class Point(Rounds):
    """The rounds at one place of the axis."""

    x: float
    """The place."""

    values: tuple[float, ...]
    """The value of each round."""


@dataclass(frozen=True)
class Growth:
    """A figure along an axis."""

    what: str
    """Name of the measured quantity."""

    axis: str
    """The independent variable, as a plural noun such as "distractors"."""

    points: tuple[Point, ...]
    """The measured points, by growing place."""

    unit: str = "ms"
    """Unit of the values."""

    @property
    def exponent(self) -> float:
        """Slope of a straight line through the logarithms of places and medians, by least squares.

        If the first place is 0, the line goes through what is added to the value there.
        """
        base = self.points[0].median if self.points[0].x == 0.0 else 0.0
        rest = [point for point in self.points if point.x > 0.0]
        if base and rest[-1].median - base < SLIGHT * base:
            return 0.0
        kept = [point for point in rest if point.median - base >= SLIGHT * base]
        if len(kept) < 2:
            return 0.0
        x, y = np.log([point.x for point in kept]), np.log([point.median - base for point in kept])
        return float(np.polyfit(x, y, 1)[0])

    @property
    def name(self) -> str:
        """The growth in words, such as "linear"."""
        exponent = self.exponent
        return next(name for largest, name in NAMED if exponent <= largest)

    def row(self) -> tuple[str, str, str, str]:
        """Return the cells of its line: what, places, medians with the unit, growth."""
        places = ", ".join(f"{point.x:g}" for point in self.points)
        medians = ", ".join(shown(point.median) for point in self.points)
        return f"{self.what}, by {self.axis}", places, f"{medians} {self.unit}", f"{self.name} ({self.exponent:.2f})"

    def as_data(self) -> dict[str, Any]:
        """Return the growth as JSON values, with the cells that tables show."""
        return {
            "what": self.what,
            "axis": self.axis,
            "unit": self.unit,
            "points": [
                {
                    "x": point.x,
                    "median": rounded(point.median),
                    "quartiles": [rounded(value) for value in point.quartiles],
                    "values": [rounded(value) for value in point.values],
                }
                for point in self.points
            ],
            "exponent": self.exponent,
            "growth": self.name,
            "row": list(self.row()),
        }
