"""A limit on how far a body leans."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

import numpy as np

from tracesim.constraints.base import Constraint
from tracesim.geometry.curve import Curve
from tracesim.geometry.rigid import leans

AWAY_M: Final = 0.01
"""Distance from its first and its last position beyond which a body is under way."""


@dataclass(frozen=True)
class Tilt(Constraint):
    """The body's z axis never leans too far from the vertical.

    Attributes:
        body: Name of the body.
        most_rad: Largest angle between its z axis and the vertical.
        under_way: Judge only while the body is more than `AWAY_M` from both its first and its last position.
    """

    body: str
    most_rad: float
    under_way: bool = False
    name: str = "tilt"
    unit: ClassVar[str] = "rad"
    full_scale: ClassVar[float] = 0.15
    room: ClassVar[str] = "{} below the limit"
    violation: ClassVar[str] = "tilted {} too far"

    def margin(self, curve: Curve) -> float | None:
        """Return what is left to the limit where the body leans most; not applicable if it is never under way."""
        if self.body not in curve.bodies:
            return None
        poses = curve.bodies[self.body]
        if self.under_way:
            from_ends = np.linalg.norm(poses[:, None, :3, 3] - poses[[0, -1], :3, 3], axis=2)
            poses = poses[from_ends.min(axis=1) > AWAY_M]
        return self.most_rad - float(leans(poses).max()) if len(poses) else None

    @property
    def ideal(self) -> float:
        """The limit: the body stays exactly upright."""
        return self.most_rad
