"""Dragging without lifting."""

from __future__ import annotations

from dataclasses import dataclass

from tracesim.constraints.base import Constraint
from tracesim.geometry.curve import Curve, PointOn


@dataclass(frozen=True)
class Grounded(Constraint):
    """A point never rises further than tolerance_m above another: what is dragged is not lifted."""

    bottom: PointOn
    ground: PointOn
    tolerance_m: float
    name: str = "grounded"

    def margin(self, curve: Curve) -> float | None:
        """Return the tolerance less the greatest height at any time."""
        if not curve.has(self.bottom, self.ground):
            return None
        return self.tolerance_m - float((curve.position(self.bottom) - curve.position(self.ground))[:, 2].max())

    @property
    def ideal(self) -> float:
        """The tolerance: the point never rises."""
        return self.tolerance_m
