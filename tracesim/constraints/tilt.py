"""A limit on how far a body leans on its way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

import numpy as np

from tracesim.constraints.base import Constraint
from tracesim.geometry.curve import Curve
from tracesim.geometry.rigid import leans

AWAY_M: Final = 0.01
"""Farther than this from both its ends a body is on its way."""


@dataclass(frozen=True)
class Tilt(Constraint):
    """The z axis of a body never leans further than most_rad from the vertical.

    under_way: only where the body is more than `AWAY_M` from where it stands at first and from where it ends.
    """

    body: str
    most_rad: float
    under_way: bool = False
    name: str = "tilt"
    unit: ClassVar[str] = "rad"
    full_scale: ClassVar[float] = 0.15

    def margin(self, curve: Curve) -> float | None:
        """Return what is left to the limit where it leans most; not applicable where it is never on its way."""
        if self.body not in curve.bodies:
            return None
        poses = curve.bodies[self.body]
        if self.under_way:
            from_ends = np.linalg.norm(poses[:, None, :3, 3] - poses[[0, -1], :3, 3], axis=2)
            poses = poses[from_ends.min(axis=1) > AWAY_M]
        return self.most_rad - float(leans(poses).max()) if len(poses) else None

    @property
    def ideal(self) -> float:
        """The limit: plumb all the way."""
        return self.most_rad
