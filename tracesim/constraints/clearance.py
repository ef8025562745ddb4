"""Clearance along the path."""

from __future__ import annotations

from dataclasses import dataclass

from tracesim.constraints.base import Constraint
from tracesim.geometry.curve import Curve


@dataclass(frozen=True)
class Clearance(Constraint):
    """Whatever moves stays clear of everything that it may not touch.

    Attributes:
        demand_m: Least distance to keep; with 0 nothing may be touched.
    """

    demand_m: float = 0.0
    name: str = "clearance"

    def margin(self, curve: Curve) -> float | None:
        """Return the least clearance on the curve minus the distance to keep."""
        return None if curve.clearance_m is None else float(curve.clearance_m.min()) - self.demand_m

    @property
    def ideal(self) -> None:
        """None: more clearance is never worse."""
        return None
