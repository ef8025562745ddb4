"""Standing upright at the end."""

from __future__ import annotations

from dataclasses import dataclass
from math import radians
from typing import ClassVar

import numpy as np

from tracesim.constraints.base import Constraint
from tracesim.geometry.curve import Curve
from tracesim.geometry.rigid import leans


@dataclass(frozen=True)
class Upright(Constraint):
    """At the end the z axis of a body, and of `others` with it, points up, within tolerance_rad."""

    body: str
    tolerance_rad: float = radians(5.0)
    name: str = "upright"
    others: tuple[str, ...] = ()
    unit: ClassVar[str] = "rad"
    full_scale: ClassVar[float] = 0.15
    final: ClassVar[bool] = True

    def margin(self, curve: Curve) -> float | None:
        """Return the tolerance less the largest angle between a body's z axis and the world's at the end."""
        names = (self.body, *self.others)
        if any(name not in curve.bodies for name in names):
            return None
        return self.tolerance_rad - float(leans(np.array([curve.bodies[name][-1] for name in names])).max())

    @property
    def ideal(self) -> float:
        """The tolerance: plumb."""
        return self.tolerance_rad
