"""A gap between two bodies at the end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

from tracesim.constraints.base import Constraint, Solid, Standing
from tracesim.geometry.curve import Curve


@dataclass(frozen=True)
class Gap(Constraint):
    """At the end, the gap between two bodies has a given width.

    Attributes:
        one: A body.
        other: Another body.
        low_m: Narrowest gap, from surface to surface.
        high_m: Widest gap.
    """

    one: Solid
    other: Solid
    low_m: float
    high_m: float
    name: str = "gap"
    final: ClassVar[bool] = True
    violation: ClassVar[str] = "the gap is {} too narrow or too wide"

    @classmethod
    def between(cls, one: Standing, other: Standing, low_m: float, high_m: float, name: str = "gap") -> Self:
        """Return the constraint on two bodies."""
        return cls(Solid.of(one), Solid.of(other), low_m, high_m, name)

    def margin(self, curve: Curve) -> float | None:
        """Return the smaller of what is left to the narrowest and to the widest gap.

        Overlapping bodies have a negative gap: the depth of the overlap.
        """
        apart_m = self.one.distance_m(self.other, curve)
        return None if apart_m is None else min(apart_m - self.low_m, self.high_m - apart_m)

    @property
    def ideal(self) -> float:
        """Half the range: the gap is in its middle."""
        return (self.high_m - self.low_m) / 2
