"""Alignment at the end."""

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
    """At the end, the body's x axis points in a given direction, as seen from above.

    The direction is `heading` past the x axis of another body.

    Attributes:
        body: Name of the body that has to be aligned.
        with_body: Name of the body that gives the reference direction; with the table it is the world's x axis.
        tolerance_rad: Largest angle from the direction.
        heading: Angle of the direction from the reference, counterclockwise about the vertical, radians.
        fold: Number of evenly spaced headings that count as the same: 2 where half a turn makes no difference.
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
    violation: ClassVar[str] = "turned {} too far from the direction asked"

    def margin(self, curve: Curve) -> float | None:
        """Return the tolerance minus the angle still missing at the end."""
        if self.body not in curve.bodies or self.with_body not in curve.bodies:
            return None
        return self.tolerance_rad - abs(self.missing(curve.bodies[self.body][-1], curve.bodies[self.with_body][-1]))

    @property
    def ideal(self) -> float:
        """The tolerance: the axis points exactly in the direction."""
        return self.tolerance_rad

    def missing(self, body_in_world: FloatArray, other_in_world: FloatArray) -> float:
        """Return the turn that would align the body, counterclockwise about the vertical.

        Args:
            body_in_world: Pose of the body, (4, 4).
            other_in_world: Pose of the body that gives the reference direction, (4, 4).

        Returns:
            The smallest such turn, in [-pi / fold, pi / fold], radians.
        """
        heading, other = (float(np.arctan2(pose[1, 0], pose[0, 0])) for pose in (body_in_world, other_in_world))
        return remainder(other + self.heading - heading, 2.0 * pi / self.fold)
