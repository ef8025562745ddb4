"""Clearance along the path."""

from __future__ import annotations

from dataclasses import dataclass

from tracesim.constraints.base import Constraint
from tracesim.constraints.units import quantity
from tracesim.geometry.contacts import TOUCHING_M
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
        """Return the least clearance on the curve, less what is demanded.

        A disallowed contact violates the constraint even where the two bodies were measured to be a hair apart: it
        counts as an overlap that is deeper by `TOUCHING_M` than what was measured there.
        """
        if curve.clearance_m is None:
            return None
        touched = [min(curve.clearance_at(contact), 0.0) - TOUCHING_M for contact in curve.contacts]
        return min([float(curve.clearance_m.min()), *touched]) - self.demand_m

    @property
    def ideal(self) -> None:
        """None: more clearance is never worse."""
        return None

    def describe(self, margin: float) -> str:
        """Return a margin in words; what may be touched is not spoken of."""
        amount = quantity(abs(margin), self.unit)
        if margin >= 0.0:
            return f"{amount} more than the distance to keep" if self.demand_m else f"{amount} away from anything else"
        return f"{amount} too close to something" if self.demand_m else f"{amount} into something it may not touch"
