"""Clearance from everything that may not be touched."""

from __future__ import annotations

from dataclasses import dataclass

from tracesim.constraints.base import Constraint
from tracesim.geometry.curve import Curve


@dataclass(frozen=True)
class Clearance(Constraint):
    """What moves stays at least demand_m away from all that it may not touch."""

    demand_m: float = 0.0
    name: str = "clearance"

    def margin(self, curve: Curve) -> float | None:
        """Return the least clearance on the curve, less what is demanded."""
        return None if curve.clearance_m is None else float(curve.clearance_m.min()) - self.demand_m

    @property
    def ideal(self) -> None:
        """None: farther is as good."""
        return None
