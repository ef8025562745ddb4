"""A speed limit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from tracesim.constraints.base import SAME_TIME_S, Constraint
from tracesim.geometry.curve import Curve, PointOn


@dataclass(frozen=True)
class Speed(Constraint):
    """A point is never faster than `most_m_s`, taken over any `window_s`.

    Speed is the distance between where the point is at two times that are a window apart, over the window; between
    samples it goes straight. So positions that are off by e change a speed by at most 2 e / window_s, whatever the
    sampling, a body that drops its last millimetre is not fast, and no speed is taken for more than was reached.
    """

    point: PointOn
    most_m_s: float
    window_s: float = 0.1
    name: str = "speed"
    unit: ClassVar[str] = "m/s"

    def margin(self, curve: Curve) -> float | None:
        """Return what is left to the limit at the fastest; not applicable to a curve shorter than the window."""
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
        """None: whoever gets anywhere has some speed."""
        return None
