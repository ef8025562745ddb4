"""A heading at the end."""

from __future__ import annotations

from dataclasses import dataclass
from math import pi, remainder
from typing import ClassVar

import numpy as np

from tracesim.constraints.base import Constraint
from tracesim.geometry.curve import Curve
from tracesim.geometry.rigid import FloatArray


@dataclass(frozen=True)
class Aligned(Constraint):
    """At the end a body's x axis points, seen from above, where it should: `heading` past another body's x axis.

    heading: radians about the vertical; past the world's x axis where the other is the table. fold: so many turns
    look the same; 2 where half a turn does. Within tolerance_rad.
    """

    body: str
    with_body: str
    tolerance_rad: float
    heading: float = 0.0
    fold: int = 1
    name: str = "aligned"
    unit: ClassVar[str] = "rad"
    full_scale: ClassVar[float] = 0.15
    final: ClassVar[bool] = True

    def margin(self, curve: Curve) -> float | None:
        """Return the tolerance less the angle that is missing at the end."""
        if self.body not in curve.bodies or self.with_body not in curve.bodies:
            return None
        return self.tolerance_rad - abs(self.missing(curve.bodies[self.body][-1], curve.bodies[self.with_body][-1]))

    @property
    def ideal(self) -> float:
        """The tolerance: nothing is missing."""
        return self.tolerance_rad

    def missing(self, body_in_world: FloatArray, other_in_world: FloatArray) -> float:
        """Return the smallest turn, in [-pi / fold, pi / fold], that aligns a body at a pose (4, 4) with another."""
        heading, other = (float(np.arctan2(pose[1, 0], pose[0, 0])) for pose in (body_in_world, other_in_world))
        return remainder(other + self.heading - heading, 2.0 * pi / self.fold)
