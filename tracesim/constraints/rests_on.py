"""A place to rest at the end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from tracesim.constraints.base import Constraint
from tracesim.constraints.region import DISC_M, Volume
from tracesim.geometry.curve import Curve, PointOn


@dataclass(frozen=True)
class RestsOn(Constraint):
    """At the end, a point of a body rests on a point of its support.

    Attributes:
        bottom: The point of the body.
        support: The point on which it has to rest.
        radius_m: Greatest horizontal distance between the two.
        height_tolerance_m: Greatest vertical distance between the two.
    """

    bottom: PointOn
    support: PointOn
    radius_m: float
    height_tolerance_m: float
    name: str = "rests_on"
    final: ClassVar[bool] = True
    room: ClassVar[str] = "{} inside the place to rest"
    violation: ClassVar[str] = "{} outside the place to rest"

    def margin(self, curve: Curve) -> float | None:
        """Return the smaller of what is left of the radius and of the height tolerance at the end."""
        if not curve.has(self.bottom, self.support):
            return None
        last = curve[-1:]
        offset = last.position(self.bottom)[0] - last.position(self.support)[0]
        return float(min(self.radius_m - np.hypot(offset[0], offset[1]), self.height_tolerance_m - abs(offset[2])))

    @property
    def ideal(self) -> float:
        """The smaller tolerance: the points coincide."""
        return min(self.radius_m, self.height_tolerance_m)

    def volumes(self) -> tuple[Volume, ...]:
        """Return a disc where the body has to stand."""
        return (Volume(self.support, self.radius_m, 0.0, DISC_M),)
