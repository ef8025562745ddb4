"""A stay in a region."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from tracesim.constraints.base import Constraint
from tracesim.constraints.region import Region, Volume
from tracesim.geometry.curve import Curve, PointOn


@dataclass(frozen=True)
class Dwell(Constraint):
    """At some time, a point stays within a region for a given duration.

    Attributes:
        point: The point that has to stay.
        region: Where it has to stay.
        least_s: Shortest stay that counts.
    """

    point: PointOn
    region: Region
    least_s: float
    name: str = "dwell"
    unit: ClassVar[str] = "s"
    full_scale: ClassVar[float] = 1.0
    room: ClassVar[str] = "stayed {} longer than asked"
    violation: ClassVar[str] = "stayed {} too short a time"

    def margin(self, curve: Curve) -> float | None:
        """Return the duration of the longest stay minus the one asked for.

        Between samples the point is taken to move in a straight line in the region's frame, which moves and turns with
        its body.
        """
        if not curve.has(self.point, self.region.at):
            return None
        longest_s = now_s = 0.0
        for begins, ends, stays_in in self._within(curve):
            now_s += max(ends - begins, 0.0)
            longest_s = max(longest_s, now_s)
            if not stays_in:
                now_s = 0.0
        return longest_s - self.least_s

    @property
    def ideal(self) -> None:
        """None: a longer stay is never worse."""
        return None

    def volumes(self) -> tuple[Volume, ...]:
        """Return the region."""
        return self.region.volumes()

    def _within(self, curve: Curve) -> list[tuple[float, float, bool]]:
        """Return per piece of the curve when the point enters, when it leaves, and whether it is inside at the end."""
        path, times = self.region.path(curve, self.point), curve.times_s
        deepest, _ = self.region.nearest(path)
        inside = self.region.distance_m(path) <= 0.0
        # A piece that is never inside enters and leaves where it is nearest: it adds nothing to a stay.
        enters = np.where(inside[:-1], 0.0, self.region.crossing(path, np.zeros_like(deepest), deepest))
        leaves = np.where(inside[1:], 1.0, self.region.crossing(path, np.ones_like(deepest), deepest))
        begins, ends = (times[:-1] + fraction * np.diff(times) for fraction in (enters, leaves))
        return list(zip(begins.tolist(), ends.tolist(), inside[1:].tolist(), strict=True))
