"""Resting on a point: where a body has to lie at the end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from tracesim.constraints.base import Constraint
from tracesim.constraints.region import DISC_M, Volume
from tracesim.geometry.curve import Curve, PointOn


@dataclass(frozen=True)
class RestsOn(Constraint):
    """At the end a point lies on another: within radius_m horizontally and height_tolerance_m vertically."""

    bottom: PointOn
    support: PointOn
    radius_m: float
    height_tolerance_m: float
    name: str = "rests_on"
    final: ClassVar[bool] = True

    def margin(self, curve: Curve) -> float | None:
        """Return the smaller of what is left of radius and height tolerance at the end."""
        if not curve.has(self.bottom, self.support):
            return None
        last = curve[-1:]
        offset = last.position(self.bottom)[0] - last.position(self.support)[0]
        return float(min(self.radius_m - np.hypot(offset[0], offset[1]), self.height_tolerance_m - abs(offset[2])))

    @property
    def ideal(self) -> float:
        """The smaller tolerance: the points meet."""
        return min(self.radius_m, self.height_tolerance_m)

    def volumes(self) -> tuple[Volume, ...]:
        """Return a flat mark where the body is to stand."""
        return (Volume(self.support, self.radius_m, 0.0, DISC_M),)
