"""A speed limit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from tracesim.constraints.base import SAME_TIME_S, Constraint
from tracesim.geometry.curve import Curve, PointOn


@dataclass(frozen=True)
class Speed(Constraint):
    """A point never moves faster than a given speed.

    Speed is the distance between the positions at two times one window apart, divided by the window; between samples
    the point is taken to move in a straight line. Whatever the sampling, positions that are off by e therefore change a
    speed by at most 2 e / window_s, and a body that drops its last millimetre does not count as fast.

    Attributes:
        point: The point whose speed is measured.
        most_m_s: Highest speed.
        window_s: Time over which speed is averaged.
    """

    point: PointOn
    most_m_s: float
    window_s: float = 0.1
    name: str = "speed"
    unit: ClassVar[str] = "m/s"
    room: ClassVar[str] = "{} below the limit"
    violation: ClassVar[str] = "{} too fast"

    def margin(self, curve: Curve) -> float | None:
        """Return what is left to the limit at the highest speed; not applicable to a curve shorter than the window."""
        times = curve.times_s
        if not curve.has(self.point) or times[-1] - times[0] < self.window_s - SAME_TIME_S:
            return None
        # As the window moves between samples at its ends, the distance is convex: it is largest with one end at one.
        begins = np.concatenate([times, times - self.window_s])
        begins = begins[(begins >= times[0] - SAME_TIME_S) & (begins <= times[-1] - self.window_s + SAME_TIME_S)]
        path = curve.position(self.point)
        ends = (
            np.column_stack([np.interp(begins + late, times, path[:, axis]) for axis in range(3)])
            for late in (self.window_s, 0.0)
        )
        gone = np.linalg.norm(np.subtract(*ends), axis=1)
        return self.most_m_s - float(gone.max()) / self.window_s

    @property
    def ideal(self) -> None:
        """None: no speed is ideal."""
        return None
