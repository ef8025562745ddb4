"""Dragging without lifting."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from tracesim.constraints.base import Constraint
from tracesim.geometry.curve import Curve, PointOn


@dataclass(frozen=True)
class Grounded(Constraint):
    """A dragged point is never lifted off the ground.

    Attributes:
        bottom: The point that is dragged.
        ground: The point above which its height is measured.
        tolerance_m: Greatest height.
    """

    bottom: PointOn
    ground: PointOn
    tolerance_m: float
    name: str = "grounded"
    violation: ClassVar[str] = "lifted {} too high"

    def margin(self, curve: Curve) -> float | None:
        """Return the tolerance minus the greatest height at any time."""
        if not curve.has(self.bottom, self.ground):
            return None
        return self.tolerance_m - float((curve.position(self.bottom) - curve.position(self.ground))[:, 2].max())

    @property
    def ideal(self) -> float:
        """The tolerance: the point is never lifted at all."""
        return self.tolerance_m
