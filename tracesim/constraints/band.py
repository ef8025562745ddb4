"""The height of visits."""

from __future__ import annotations

from dataclasses import dataclass

from tracesim.constraints.base import Constraint
from tracesim.constraints.region import Volume
from tracesim.constraints.units import quantity
from tracesim.constraints.visits import Stops
from tracesim.geometry.curve import Curve


@dataclass(frozen=True)
class Band(Constraint):
    """The targets are visited in the order asked, each within a band of heights throughout the visit.

    Attributes:
        stops: Tool and targets.
        low_m: Lowest height of the tool above the target.
        high_m: Greatest height of the tool above the target.
    """

    stops: Stops
    low_m: float
    high_m: float
    name: str = "band"

    def margin(self, curve: Curve) -> float | None:
        """Return the largest margin for which visits within the band exist in that order."""
        if not self.stops.applies_to(curve):
            return None
        over = self.stops.over_m(curve, self.low_m, self.high_m)
        return self.stops.in_order_m(curve.times_s, self.stops.visiting_m(curve.times_s, over))

    @property
    def ideal(self) -> float:
        """The radius, or half the height of the band: the tool stays in the middle of the band."""
        return min(self.stops.radius_m, (min(self.high_m, self.stops.ceiling_m) - self.low_m) / 2)

    def volumes(self) -> tuple[Volume, ...]:
        """Return the band above each target."""
        return tuple(Volume(target, self.stops.radius_m, self.low_m, self.high_m) for target in self.stops.targets)

    def describe(self, margin: float) -> str:
        """Return a margin in words, with the heights asked."""
        where = f"the band of {quantity(self.low_m, 'm')} to {quantity(self.high_m, 'm')} above each target"
        return f"{quantity(abs(margin), self.unit)} {'inside' if margin >= 0.0 else 'outside'} {where}"
