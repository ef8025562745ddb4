"""Lying beside a point: where a body has to lie at the end, by distance and direction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from tracesim.constraints.base import Constraint
from tracesim.constraints.region import DISC_M, Volume
from tracesim.geometry.curve import Curve, PointOn


@dataclass(frozen=True)
class Beside(Constraint):
    """At the end a point lies beside another: low_m to high_m away along a direction, and at most across_m off it.

    direction: unit vector (3,), world, horizontal. Heights do not count.
    """

    point: PointOn
    anchor: PointOn
    direction: tuple[float, float, float]
    low_m: float
    high_m: float
    across_m: float
    name: str = "beside"
    final: ClassVar[bool] = True

    def margin(self, curve: Curve) -> float | None:
        """Return the least of what is left of both distances along the direction and of the one across."""
        if not curve.has(self.point, self.anchor):
            return None
        last = curve[-1:]
        offset = (last.position(self.point)[0] - last.position(self.anchor)[0])[:2]
        along = float(offset @ np.array(self.direction[:2]))
        across = float(np.linalg.norm(offset - along * np.array(self.direction[:2])))
        return min(along - self.low_m, self.high_m - along, self.across_m - across)

    @property
    def ideal(self) -> float:
        """Half of what lies between the distances, or what is allowed across: the point is in the middle."""
        return min((self.high_m - self.low_m) / 2, self.across_m)

    def volumes(self) -> tuple[Volume, ...]:
        """Return the widest round mark within what is asked."""
        middle_m, radius_m = (self.low_m + self.high_m) / 2, min((self.high_m - self.low_m) / 2, self.across_m)
        x, y, z = (middle_m * value for value in self.direction)
        return (Volume(self.anchor, radius_m, 0.0, DISC_M, offset_m=(x, y, z)),)
