"""A place beside a point at the end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from tracesim.constraints.base import Constraint
from tracesim.constraints.region import DISC_M, Volume
from tracesim.geometry.curve import Curve, PointOn


@dataclass(frozen=True)
class Beside(Constraint):
    """At the end, a point lies at a given distance from another, in a given direction.

    Only horizontal distances count.

    Attributes:
        point: The point that has to lie beside the anchor.
        anchor: The point from which distances are measured.
        direction: Unit vector (3,), world frame, horizontal.
        low_m: Smallest distance along the direction.
        high_m: Greatest distance along the direction.
        across_m: Greatest distance to either side of the line through the anchor along the direction.
    """

    point: PointOn
    anchor: PointOn
    direction: tuple[float, float, float]
    low_m: float
    high_m: float
    across_m: float
    name: str = "beside"
    final: ClassVar[bool] = True
    room: ClassVar[str] = "{} inside the place asked"
    violation: ClassVar[str] = "{} outside the place asked"

    def margin(self, curve: Curve) -> float | None:
        """Return the smallest of what is left to either distance along the direction and to the one across."""
        if not curve.has(self.point, self.anchor):
            return None
        last = curve[-1:]
        offset = (last.position(self.point)[0] - last.position(self.anchor)[0])[:2]
        along = float(offset @ np.array(self.direction[:2]))
        across = float(np.linalg.norm(offset - along * np.array(self.direction[:2])))
        return min(along - self.low_m, self.high_m - along, self.across_m - across)

    @property
    def ideal(self) -> float:
        """Half the range of distances, or the distance across: the point is in the middle."""
        return min((self.high_m - self.low_m) / 2, self.across_m)

    def volumes(self) -> tuple[Volume, ...]:
        """Return the largest disc within the area asked for."""
        middle_m, radius_m = (self.low_m + self.high_m) / 2, min((self.high_m - self.low_m) / 2, self.across_m)
        x, y, z = (middle_m * value for value in self.direction)
        return (Volume(self.anchor, radius_m, 0.0, DISC_M, offset_m=(x, y, z)),)
