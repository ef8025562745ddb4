"""Figures: measured values with their spread and, where there is one, the target they must meet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np


@dataclass(frozen=True)
class Bound:
    """A bound on a figure."""

    value: float
    """The bound, in the unit of the figure."""

    at_least: bool = False
    """Whether values must not be below it; otherwise they must not be above it."""

    def holds(self, value: float) -> bool:
        """Return whether a value meets the bound."""
        return value >= self.value if self.at_least else value <= self.value

    def __str__(self) -> str:
        """Return the bound in words, such as "at most 0.5"."""
        return f"{'at least' if self.at_least else 'at most'} {self.value:g}"


class Rounds:
    """Statistics of a value that was measured in several rounds."""

    values: tuple[float, ...]

    @property
    def median(self) -> float:
        """Median of the rounds."""
        return float(np.median(self.values))

    @property
    def quartiles(self) -> tuple[float, float]:
        """First and third quartile of the rounds."""
        low, high = np.percentile(self.values, (25, 75))
        return float(low), float(high)


@dataclass(frozen=True)
class Figure(Rounds):
    """One line of the report."""

    what: str
    """Name of the measured quantity."""

    values: tuple[float, ...]
    """The measured value of each round."""

    unit: str = "ms"
    """Unit of the values and of the target; empty for ratios."""

    target: Bound | None = None
    """Target of the median, None if there is none."""

    @classmethod
    def of(cls, what: str, value: float, unit: str = "ms", target: Bound | None = None) -> Self:
        """Return a figure that was measured once."""
        return cls(what, (float(value),), unit, target)

    @property
    def missed(self) -> bool:
        """Whether the median misses its target."""
        return self.target is not None and not self.target.holds(self.median)

    def row(self) -> tuple[str, str, str, str, str]:
        """Return the cells of its line: what, median, quartiles, number of rounds, target."""
        several, (low, high) = len(self.values) > 1, self.quartiles
        return (
            self.what,
            f"{shown(self.median)} {self.unit}".strip(),
            f"{shown(low)} .. {shown(high)}" if several else "",
            str(len(self.values)) if several else "",
            "" if self.target is None else f"{self.target} {self.unit}".strip() + f", {self._verdict}",
        )

    @property
    def _verdict(self) -> str:
        return "missed" if self.missed else "met"

    def as_data(self) -> dict[str, Any]:
        """Return the figure as JSON values, with the cells that tables show."""
        low, high = self.quartiles
        return {
            "what": self.what,
            "unit": self.unit,
            "median": rounded(self.median),
            "quartiles": [rounded(low), rounded(high)],
            "rounds": len(self.values),
            "values": [rounded(value) for value in self.values],
            "target": None if self.target is None else str(self.target),
            "met": None if self.target is None else not self.missed,
            "row": list(self.row()),
        }


def shown(value: float) -> str:
    """Return a number with three significant digits, without an exponent where it is large."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def rounded(value: float) -> float:
    """Return a number with six significant digits, for files."""
    return float(f"{value:.6g}")


def ratios(numerators: Sequence[float], denominators: Sequence[float]) -> tuple[float, ...]:
    """Return the ratio of two works in each round in which both were measured."""
    return tuple(over / under for over, under in zip(numerators, denominators, strict=True))


def lines(values: Mapping[str, Sequence[float]], prefix: str = "  ", unit: str = "ms") -> list[Figure]:
    """Return a figure for each part of a whole, indented below it."""
    return [Figure(f"{prefix}{name}", tuple(rounds), unit) for name, rounds in values.items()]
