"""How something has to stand or to be held."""

from __future__ import annotations

from dataclasses import dataclass
from math import pi, radians, remainder
from typing import ClassVar, Final

import numpy as np

from tracesim.constraints.base import SAME_TIME_S, Constraint
from tracesim.geometry.curve import Curve
from tracesim.geometry.rigid import FloatArray

AWAY_M: Final = 0.01
"""Farther than this from both its ends a body is on its way."""


@dataclass(frozen=True)
class Upright(Constraint):
    """At the end the z axis of a body, and of `others` with it, points up, within tolerance_rad."""

    body: str
    tolerance_rad: float = radians(5.0)
    name: str = "upright"
    others: tuple[str, ...] = ()
    unit: ClassVar[str] = "rad"
    final: ClassVar[bool] = True

    def margin(self, curve: Curve) -> float | None:
        """Return the tolerance less the largest angle between a body's z axis and the world's at the end."""
        names = (self.body, *self.others)
        if any(name not in curve.bodies for name in names):
            return None
        return self.tolerance_rad - float(_lean(np.array([curve.bodies[name][-1] for name in names])).max())

    @property
    def best(self) -> float:
        """The tolerance: plumb."""
        return self.tolerance_rad


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

    def margin(self, curve: Curve) -> float | None:
        """Return what is left to the limit where it leans most; not applicable where it is never on its way."""
        if self.body not in curve.bodies:
            return None
        poses = curve.bodies[self.body]
        if self.under_way:
            from_ends = np.linalg.norm(poses[:, None, :3, 3] - poses[[0, -1], :3, 3], axis=2)
            poses = poses[from_ends.min(axis=1) > AWAY_M]
        return self.most_rad - float(_lean(poses).max()) if len(poses) else None

    @property
    def best(self) -> float:
        """The limit: plumb all the way."""
        return self.most_rad


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
    final: ClassVar[bool] = True

    def margin(self, curve: Curve) -> float | None:
        """Return the tolerance less the angle that is missing at the end."""
        if self.body not in curve.bodies or self.with_body not in curve.bodies:
            return None
        return self.tolerance_rad - abs(self.missing(curve.bodies[self.body][-1], curve.bodies[self.with_body][-1]))

    @property
    def best(self) -> float:
        """The tolerance: nothing is missing."""
        return self.tolerance_rad

    def missing(self, body_in_world: FloatArray, other_in_world: FloatArray) -> float:
        """Return the smallest turn, in [-pi / fold, pi / fold], that aligns a body at a pose (4, 4) with another."""
        heading, other = (float(np.arctan2(pose[1, 0], pose[0, 0])) for pose in (body_in_world, other_in_world))
        return remainder(other + self.heading - heading, 2.0 * pi / self.fold)


@dataclass(frozen=True)
class AtRest(Constraint):
    """Over the last window_s no body moves further than tolerance_m; not applicable to a shorter curve."""

    body: str
    tolerance_m: float = 0.001
    window_s: float = 0.3
    name: str = "at_rest"
    others: tuple[str, ...] = ()
    final: ClassVar[bool] = True

    def margin(self, curve: Curve) -> float | None:
        """Return the tolerance less the largest distance of a body, within the window, from where it ends."""
        start = curve.times_s[-1] - self.window_s
        names = (self.body, *self.others)
        if any(name not in curve.bodies for name in names) or start < curve.times_s[0] - SAME_TIME_S:
            return None
        return self.tolerance_m - max(self._moved(curve, name, start) for name in names)

    @property
    def best(self) -> float:
        """The tolerance: nothing moves at all."""
        return self.tolerance_m

    def _moved(self, curve: Curve, name: str, start_s: float) -> float:
        path = curve.bodies[name][:, :3, 3]
        first = [np.interp(start_s, curve.times_s, path[:, axis]) for axis in range(3)]
        window = np.concatenate([[first], path[curve.times_s >= start_s]])
        return float(np.linalg.norm(window - path[-1], axis=1).max())


def _lean(poses: FloatArray) -> FloatArray:
    """Return the angles (N,) between the z axes of poses (N, 4, 4) and the vertical, radians."""
    x, y, z = np.ascontiguousarray(poses[:, :3, 2].T)  # of views, NumPy's last bits may vary; see `azimuths`
    # The cosine alone would lose small angles to rounding.
    return np.asarray(np.arctan2(np.hypot(x, y), z))
