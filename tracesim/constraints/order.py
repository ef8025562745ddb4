"""The order of visits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from tracesim.constraints.base import Constraint
from tracesim.constraints.visits import Stops
from tracesim.geometry.curve import Curve


@dataclass(frozen=True)
class Order(Constraint):
    """The targets are first visited in the order asked.

    Not applicable to a single target.

    Attributes:
        stops: Tool and targets.
    """

    stops: Stops
    name: str = "order"
    violation: ClassVar[str] = "targets not visited in the order asked, {} off"

    def margin(self, curve: Curve) -> float | None:
        """Return the largest margin for which visits exist in that order, none of them made too early."""
        if not self.stops.applies_to(curve) or len(self.stops.targets) < 2:
            return None
        return self.stops.in_order_m(curve.times_s, self.stops.visiting_m(curve.times_s, self.stops.over_m(curve)))

    @property
    def ideal(self) -> float:
        """The radius: the tool stays exactly above one target after the other."""
        return self.stops.radius_m
