"""Contact of two bodies at the end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

from tracesim.constraints.base import Constraint, Solid, Standing
from tracesim.geometry.curve import Curve


@dataclass(frozen=True)
class Contact(Constraint):
    """At the end, two bodies touch.

    Attributes:
        one: A body.
        other: The body that it has to touch.
        tolerance_m: Largest distance between the bodies, or depth of their overlap, that counts as touching.
        supported: Whether the first body has to lie on the other; otherwise any contact counts.
    """

    one: Solid
    other: Solid
    tolerance_m: float = 0.003
    supported: bool = False
    name: str = "contact"
    final: ClassVar[bool] = True
    violation: ClassVar[str] = "{} off touching as asked"

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
        """Return the tolerance minus the distance of the bodies, or the depth of their overlap, at the end.

        To measure support, the first body is lowered by twice the tolerance. If it lies on the other, it then overlaps
        it by that much, minus any gap that was between them. If it only leans on the other, or on its edge, it overlaps
        by less.
        """
        lowered_m = 2.0 * self.tolerance_m if self.supported else 0.0
        apart_m = self.one.distance_m(self.other, curve, lowered_m)
        return None if apart_m is None else self.tolerance_m - abs(apart_m + lowered_m)

    @property
    def ideal(self) -> float:
        """The tolerance: the bodies just touch."""
        return self.tolerance_m
