"""An upright body at the end."""

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
    """At the end, the body stands upright.

    Attributes:
        body: Name of a body.
        tolerance_rad: Largest angle between a body's z axis and the vertical.
        others: Names of further bodies.
    """

    body: str
    tolerance_rad: float = radians(5.0)
    name: str = "upright"
    others: tuple[str, ...] = ()
    unit: ClassVar[str] = "rad"
    full_scale: ClassVar[float] = 0.15
    final: ClassVar[bool] = True
    violation: ClassVar[str] = "leans {} too far at the end"

    def margin(self, curve: Curve) -> float | None:
        """Return the tolerance minus the largest angle between a body's z axis and the vertical at the end."""
        names = (self.body, *self.others)
        if any(name not in curve.bodies for name in names):
            return None
        return self.tolerance_rad - float(leans(np.array([curve.bodies[name][-1] for name in names])).max())

    @property
    def ideal(self) -> float:
        """The tolerance: exactly upright."""
        return self.tolerance_rad
