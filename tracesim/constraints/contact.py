"""Contact of two bodies at the end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

from tracesim.constraints.base import Constraint, Solid, Standing
from tracesim.geometry.curve import Curve


@dataclass(frozen=True)
class Contact(Constraint):
    """At the end two bodies touch, within tolerance_m: one lies on the other where `supported`, anyhow otherwise."""

    one: Solid
    other: Solid
    tolerance_m: float = 0.003
    supported: bool = False
    name: str = "contact"
    final: ClassVar[bool] = True

    @classmethod
    def of(
        cls,
        one: Standing,
        other: Standing,
        tolerance_m: float = 0.003,
        supported: bool = False,
        name: str = "contact",
    ) -> Self:
        """Return the constraint on two bodies."""
        return cls(Solid.of(one), Solid.of(other), tolerance_m, supported, name)

    def margin(self, curve: Curve) -> float | None:
        """Return the tolerance less what the bodies are apart, or overlap, at the end.

        Supported: lowered by twice the tolerance, `one` would overlap `other` by as much, less what lay between them.
        Beside it, or on its rim with less to lie on, it would overlap by less.
        """
        lowered_m = 2.0 * self.tolerance_m if self.supported else 0.0
        apart_m = self.one.distance_m(self.other, curve, lowered_m)
        return None if apart_m is None else self.tolerance_m - abs(apart_m + lowered_m)

    @property
    def ideal(self) -> float:
        """The tolerance: they touch and no more."""
        return self.tolerance_m
