"""What an instruction asks of the whole way."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar, Final, Self

import numpy as np

from tracesim.constraints.base import SAME_TIME_S, Constraint
from tracesim.constraints.region import Region
from tracesim.constraints.solid import Solid, Standing
from tracesim.constraints.volume import Volume
from tracesim.geometry.clearance import ClearanceProbe
from tracesim.geometry.curve import Curve, PointOn

_REGION: Final = "region"


@dataclass(frozen=True)
class Clearance(Constraint):
    """What moves stays at least demand_m away from all that it may not touch."""

    demand_m: float = 0.0
    name: str = "clearance"

    def margin(self, curve: Curve) -> float | None:
        """Return the least clearance on the curve, less what is demanded."""
        return None if curve.clearance_m is None else float(curve.clearance_m.min()) - self.demand_m

    @property
    def best(self) -> None:
        """None: farther is as good."""
        return None


@dataclass(frozen=True)
class KeepOut(Constraint):
    """A point, or all of a body, never enters a region."""

    what: PointOn | Solid
    region: Region
    name: str = "keep_out"

    @classmethod
    def of(cls, body: Standing, region: Region, name: str = "keep_out") -> Self:
        """Return the constraint on all of a body."""
        return cls(Solid.of(body), region, name)

    def margin(self, curve: Curve) -> float | None:
        """Return the least distance from the region, negative by the depth of the deepest intrusion.

        Of a point, going straight between samples; of a body at the samples, and at most
        `tracesim.geometry.curve.BEYOND_M`.
        """
        if self.what.body not in curve.bodies or not curve.has(self.region.at):
            return None
        if isinstance(self.what, Solid):
            probe = ClearanceProbe({self.what.body: self.what.shape}, {_REGION: self.region.shape})
            poses = {self.what.body: curve.bodies[self.what.body], _REGION: self.region.in_world(curve)}
            return float(probe.over(poses).distance_m.min())
        path = self.region.path(curve, self.what)
        return float(min([*self.region.distance_m(path), *self.region.nearest(path)[1]]))

    @property
    def best(self) -> None:
        """None: farther is as good."""
        return None

    def volumes(self) -> tuple[Volume, ...]:
        """Return the region, as one to stay out of."""
        return tuple(replace(volume, forbidden=True) for volume in self.region.volumes())


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
    def best(self) -> None:
        """None: whoever gets anywhere has some speed."""
        return None


@dataclass(frozen=True)
class Grounded(Constraint):
    """A point never rises further than tolerance_m above another: what is dragged is not lifted."""

    bottom: PointOn
    ground: PointOn
    tolerance_m: float
    name: str = "grounded"

    def margin(self, curve: Curve) -> float | None:
        """Return the tolerance less the greatest height at any time."""
        if not curve.has(self.bottom, self.ground):
            return None
        return self.tolerance_m - float((curve.position(self.bottom) - curve.position(self.ground))[:, 2].max())

    @property
    def best(self) -> float:
        """The tolerance: the point never rises."""
        return self.tolerance_m
