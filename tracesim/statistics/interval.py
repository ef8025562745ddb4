"""Confidence intervals, and estimates with theirs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

CONFIDENCE: Final = 0.95
"""Confidence level of all intervals."""


class Interval(NamedTuple):
    """A confidence interval, its ends included."""

    low: float
    """Lower end."""

    high: float
    """Upper end."""

    def __contains__(self, value: object) -> bool:
        """Return whether a number lies in the interval."""
        return isinstance(value, int | float) and self.low <= value <= self.high

    @property
    def width(self) -> float:
        """Distance of the ends."""
        return self.high - self.low


@dataclass(frozen=True)
class Estimate:
    """An estimated number, and its 95 % interval."""

    value: float
    """The estimate."""

    interval: Interval
    """The interval."""
