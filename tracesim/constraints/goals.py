"""Where something has to get to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from tracesim.constraints.base import DISC_M, Constraint
from tracesim.curve import Curve, PointOn
from tracesim.volume import Volume


@dataclass(frozen=True)
class Touches(Constraint):
    """At some time a tool's point comes to another: within radius_m horizontally and height_tolerance_m vertically."""

    tool: PointOn
    point: PointOn
    radius_m: float
    height_tolerance_m: float
    name: str = "touches"

    def margin(self, curve: Curve) -> float | None:
        """Return the largest margin at any time."""
        if not curve.has(self.tool, self.point):
            return None
        offsets = curve.position(self.tool) - curve.position(self.point)
        across = np.linalg.norm(offsets[:, :2], axis=1)
        return float(np.minimum(self.radius_m - across, self.height_tolerance_m - np.abs(offsets[:, 2])).max())

    def volumes(self) -> tuple[Volume, ...]:
        """Return a flat mark where it is to be touched."""
        return (Volume(self.point, self.radius_m, 0.0, DISC_M),)


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

    def volumes(self) -> tuple[Volume, ...]:
        """Return a flat mark where the body is to stand."""
        return (Volume(self.support, self.radius_m, 0.0, DISC_M),)


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

    def volumes(self) -> tuple[Volume, ...]:
        """Return the widest round mark within what is asked."""
        middle_m, radius_m = (self.low_m + self.high_m) / 2, min((self.high_m - self.low_m) / 2, self.across_m)
        x, y, z = (middle_m * value for value in self.direction)
        return (Volume(self.anchor, radius_m, 0.0, DISC_M, offset_m=(x, y, z)),)
