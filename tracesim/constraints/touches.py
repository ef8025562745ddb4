"""A point to be touched."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from tracesim.constraints.base import Constraint
from tracesim.constraints.region import DISC_M, Volume
from tracesim.geometry.curve import Curve, PointOn


@dataclass(frozen=True)
class Touches(Constraint):
    """At some time, the tip of a tool comes to a given point.

    Attributes:
        tool: The tip.
        point: Where it has to come to.
        radius_m: Greatest horizontal distance between the two.
        height_tolerance_m: Greatest vertical distance between the two.
    """

    tool: PointOn
    point: PointOn
    radius_m: float
    height_tolerance_m: float
    name: str = "touches"
    violation: ClassVar[str] = "{} short of the point to touch"

    def margin(self, curve: Curve) -> float | None:
        """Return the largest margin at any time."""
        if not curve.has(self.tool, self.point):
            return None
        offsets = curve.position(self.tool) - curve.position(self.point)
        across = np.linalg.norm(offsets[:, :2], axis=1)
        return float(np.minimum(self.radius_m - across, self.height_tolerance_m - np.abs(offsets[:, 2])).max())

    @property
    def ideal(self) -> float:
        """The smaller tolerance: the points coincide."""
        return min(self.radius_m, self.height_tolerance_m)

    def volumes(self) -> tuple[Volume, ...]:
        """Return a disc around the point."""
        return (Volume(self.point, self.radius_m, 0.0, DISC_M),)
