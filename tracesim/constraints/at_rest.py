"""Rest at the end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from tracesim.constraints.base import SAME_TIME_S, Constraint
from tracesim.geometry.curve import Curve


@dataclass(frozen=True)
class AtRest(Constraint):
    """At the end, nothing has moved for a while.

    Not applicable to a curve shorter than the window.

    Attributes:
        body: Name of a body.
        tolerance_m: Largest distance of a body from where it ends, within the window.
        window_s: Length of the window, which ends with the curve.
        others: Names of further bodies.
    """

    body: str
    tolerance_m: float = 0.001
    window_s: float = 0.3
    name: str = "at_rest"
    others: tuple[str, ...] = ()
    final: ClassVar[bool] = True
    violation: ClassVar[str] = "still moving at the end, by {} more than allowed"

    def margin(self, curve: Curve) -> float | None:
        """Return the tolerance minus the largest distance, within the window, of a body from where it ends."""
        start = curve.times_s[-1] - self.window_s
        names = (self.body, *self.others)
        if any(name not in curve.bodies for name in names) or start < curve.times_s[0] - SAME_TIME_S:
            return None
        return self.tolerance_m - max(self._moved(curve, name, start) for name in names)

    @property
    def ideal(self) -> float:
        """The tolerance: nothing moves at all."""
        return self.tolerance_m

    def _moved(self, curve: Curve, name: str, start_s: float) -> float:
        path = curve.bodies[name][:, :3, 3]
        first = [np.interp(start_s, curve.times_s, path[:, axis]) for axis in range(3)]
        window = np.concatenate([[first], path[curve.times_s >= start_s]])
        return float(np.linalg.norm(window - path[-1], axis=1).max())
