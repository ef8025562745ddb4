"""What an instruction asks of the whole way."""

from __future__ import annotations

from dataclasses import dataclass

from tracesim.constraints.base import Constraint
from tracesim.curve import Curve, PointOn


@dataclass(frozen=True)
class Clearance(Constraint):
    """What moves stays at least demand_m away from all that it may not touch."""

    demand_m: float = 0.0
    name: str = "clearance"

    def margin(self, curve: Curve) -> float | None:
        """Return the least clearance on the curve, less what is demanded."""
        return None if curve.clearance_m is None else float(curve.clearance_m.min()) - self.demand_m


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
