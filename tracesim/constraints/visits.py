"""What an instruction asks of stops: that they are made, in which order, and at which height."""

from __future__ import annotations

from dataclasses import dataclass

from tracesim.constraints.base import DISC_M, Constraint
from tracesim.constraints.stops import Stops
from tracesim.curve import Curve
from tracesim.volume import Volume


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

    def volumes(self) -> tuple[Volume, ...]:
        """Return the band above each target."""
        return tuple(Volume(target, self.stops.radius_m, self.low_m, self.high_m) for target in self.stops.targets)
