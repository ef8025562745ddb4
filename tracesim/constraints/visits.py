"""What an instruction asks of stops: that they are made, in which order, at which height, and for how long."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from tracesim.constraints.base import DISC_M, Constraint
from tracesim.constraints.region import Region
from tracesim.constraints.stops import Stops
from tracesim.constraints.volume import Volume
from tracesim.geometry.curve import Curve, PointOn


@dataclass(frozen=True)
class Visits(Constraint):
    """Every target is visited, in any order: the margin of the target that is visited worst."""

    stops: Stops
    name: str = "visits"

    def margin(self, curve: Curve) -> float | None:
        """Return the least over the targets of their best visit's margin."""
        if not self.stops.known(curve):
            return None
        visiting = self.stops.visiting_m(curve.times_s, self.stops.over_m(curve))
        return float(visiting.max(axis=1).min())

    @property
    def best(self) -> float:
        """The radius: the tool stays right over every target."""
        return self.stops.radius_m

    def volumes(self) -> tuple[Volume, ...]:
        """Return a flat mark on each target."""
        return tuple(Volume(target, self.stops.radius_m, 0.0, DISC_M) for target in self.stops.targets)


@dataclass(frozen=True)
class Order(Constraint):
    """The targets are first visited in the order asked; not applicable to a single one."""

    stops: Stops
    name: str = "order"

    def margin(self, curve: Curve) -> float | None:
        """Return the largest margin with which visits in that order exist, none made too early."""
        if not self.stops.known(curve) or len(self.stops.targets) < 2:
            return None
        return self.stops.in_order_m(curve.times_s, self.stops.visiting_m(curve.times_s, self.stops.over_m(curve)))

    @property
    def best(self) -> float:
        """The radius: the tool stays right over one target after the other."""
        return self.stops.radius_m


@dataclass(frozen=True)
class Band(Constraint):
    """The targets are visited in the order asked at a height of low_m to high_m above them, throughout each visit."""

    stops: Stops
    low_m: float
    high_m: float
    name: str = "band"

    def margin(self, curve: Curve) -> float | None:
        """Return the largest margin with which visits within the band exist in that order."""
        if not self.stops.known(curve):
            return None
        over = self.stops.over_m(curve, self.low_m, self.high_m)
        return self.stops.in_order_m(curve.times_s, self.stops.visiting_m(curve.times_s, over))

    @property
    def best(self) -> float:
        """The radius or half the band's height: the tool stays in the middle of the band."""
        return min(self.stops.radius_m, (min(self.high_m, self.stops.ceiling_m) - self.low_m) / 2)

    def volumes(self) -> tuple[Volume, ...]:
        """Return the band above each target."""
        return tuple(Volume(target, self.stops.radius_m, self.low_m, self.high_m) for target in self.stops.targets)


@dataclass(frozen=True)
class Dwell(Constraint):
    """At some time a point stays within a region for at least `least_s`."""

    point: PointOn
    region: Region
    least_s: float
    name: str = "dwell"
    unit: ClassVar[str] = "s"

    def margin(self, curve: Curve) -> float | None:
        """Return by how much the longest stay is longer than asked; between samples the point goes straight."""
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
    def best(self) -> None:
        """None: a stay may be longer than asked."""
        return None

    def volumes(self) -> tuple[Volume, ...]:
        """Return the region."""
        return self.region.volumes()

    def _within(self, curve: Curve) -> list[tuple[float, float, bool]]:
        """Return for each piece of the curve when the point enters, when it leaves, and whether it is in at the end."""
        path, times = self.region.path(curve, self.point), curve.times_s
        deepest, distance = self.region.nearest(path)
        inside = self.region.distance_m(path) <= 0.0
        enters = np.where(inside[:-1], 0.0, self.region.crossing(path, np.zeros_like(deepest), deepest))
        leaves = np.where(inside[1:], 1.0, self.region.crossing(path, np.ones_like(deepest), deepest))
        never = distance > 0.0
        fractions = np.where(never, 0.0, enters), np.where(never, 0.0, leaves)
        begins, ends = (times[:-1] + fraction * np.diff(times) for fraction in fractions)
        return list(zip(begins.tolist(), ends.tolist(), inside[1:].tolist(), strict=True))
