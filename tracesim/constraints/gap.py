"""A gap between two bodies at the end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

from tracesim.constraints.base import Constraint, Solid, Standing
from tracesim.geometry.curve import Curve


@dataclass(frozen=True)
class Gap(Constraint):
    """At the end two bodies are low_m to high_m apart, from hull to hull."""

    one: Solid
    other: Solid
    low_m: float
    high_m: float
    name: str = "gap"
    final: ClassVar[bool] = True

    @classmethod
    def between(cls, one: Standing, other: Standing, low_m: float, high_m: float, name: str = "gap") -> Self:
        """Return the constraint on two bodies."""
        return cls(Solid.of(one), Solid.of(other), low_m, high_m, name)

    def margin(self, curve: Curve) -> float | None:
        """Return the smaller of what the gap exceeds the least by and what it leaves to the most.

        An overlap counts as a gap that is negative by its depth.
        """
        apart_m = self.one.distance_m(self.other, curve)
        return None if apart_m is None else min(apart_m - self.low_m, self.high_m - apart_m)

    @property
    def ideal(self) -> float:
        """Half of what lies between the limits: the gap is in the middle."""
        return (self.high_m - self.low_m) / 2
