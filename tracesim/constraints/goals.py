"""Where something has to get to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final, Self

import numpy as np

from tracesim.constraints.base import DISC_M, Constraint
from tracesim.constraints.solid import Solid, Standing
from tracesim.constraints.volume import Volume
from tracesim.geometry.clearance import bodies_distance
from tracesim.geometry.curve import Curve, PointOn

FAR_M: Final = 10.0
"""Farther apart nothing is."""


@dataclass(frozen=True)
class Touches(Constraint):
    """At some time a tool's point comes to another: within radius_m horizontally and height_tolerance_m vertically."""

    tool: PointOn
    point: PointOn
    radius_m: float
    height_tolerance_m: float
    name: str = "touches"

    def margin(self, curve: Curve) -> float | None:
        """Return the largest margin at any time."""
        if not curve.has(self.tool, self.point):
            return None
        offsets = curve.position(self.tool) - curve.position(self.point)
        across = np.linalg.norm(offsets[:, :2], axis=1)
        return float(np.minimum(self.radius_m - across, self.height_tolerance_m - np.abs(offsets[:, 2])).max())

    @property
    def best(self) -> float:
        """The smaller tolerance: the point is met."""
        return min(self.radius_m, self.height_tolerance_m)

    def volumes(self) -> tuple[Volume, ...]:
        """Return a flat mark where it is to be touched."""
        return (Volume(self.point, self.radius_m, 0.0, DISC_M),)


@dataclass(frozen=True)
class RestsOn(Constraint):
    """At the end a point lies on another: within radius_m horizontally and height_tolerance_m vertically."""

    bottom: PointOn
    support: PointOn
    radius_m: float
    height_tolerance_m: float
    name: str = "rests_on"
    final: ClassVar[bool] = True

    def margin(self, curve: Curve) -> float | None:
        """Return the smaller of what is left of radius and height tolerance at the end."""
        if not curve.has(self.bottom, self.support):
            return None
        last = curve[-1:]
        offset = last.position(self.bottom)[0] - last.position(self.support)[0]
        return float(min(self.radius_m - np.hypot(offset[0], offset[1]), self.height_tolerance_m - abs(offset[2])))

    @property
    def best(self) -> float:
        """The smaller tolerance: the points meet."""
        return min(self.radius_m, self.height_tolerance_m)

    def volumes(self) -> tuple[Volume, ...]:
        """Return a flat mark where the body is to stand."""
        return (Volume(self.support, self.radius_m, 0.0, DISC_M),)


@dataclass(frozen=True)
class Beside(Constraint):
    """At the end a point lies beside another: low_m to high_m away along a direction, and at most across_m off it.

    direction: unit vector (3,), world, horizontal. Heights do not count.
    """

    point: PointOn
    anchor: PointOn
    direction: tuple[float, float, float]
    low_m: float
    high_m: float
    across_m: float
    name: str = "beside"
    final: ClassVar[bool] = True

    def margin(self, curve: Curve) -> float | None:
        """Return the least of what is left of both distances along the direction and of the one across."""
        if not curve.has(self.point, self.anchor):
            return None
        last = curve[-1:]
        offset = (last.position(self.point)[0] - last.position(self.anchor)[0])[:2]
        along = float(offset @ np.array(self.direction[:2]))
        across = float(np.linalg.norm(offset - along * np.array(self.direction[:2])))
        return min(along - self.low_m, self.high_m - along, self.across_m - across)

    @property
    def best(self) -> float:
        """Half of what lies between the distances, or what is allowed across: the point is in the middle."""
        return min((self.high_m - self.low_m) / 2, self.across_m)

    def volumes(self) -> tuple[Volume, ...]:
        """Return the widest round mark within what is asked."""
        middle_m, radius_m = (self.low_m + self.high_m) / 2, min((self.high_m - self.low_m) / 2, self.across_m)
        x, y, z = (middle_m * value for value in self.direction)
        return (Volume(self.anchor, radius_m, 0.0, DISC_M, offset_m=(x, y, z)),)


@dataclass(frozen=True)
class Gap(Constraint):
    """At the end two bodies are low_m to high_m apart, from hull to hull."""

    one: Solid
    other: Solid
    low_m: float
    high_m: float
    name: str = "gap"
    final: ClassVar[bool] = True

    @classmethod
    def between(cls, one: Standing, other: Standing, low_m: float, high_m: float, name: str = "gap") -> Self:
        """Return the constraint on two bodies."""
        return cls(Solid.of(one), Solid.of(other), low_m, high_m, name)

    def margin(self, curve: Curve) -> float | None:
        """Return the smaller of what the gap exceeds the least by and what it leaves to the most.

        An overlap counts as a gap that is negative by its depth.
        """
        apart_m = _apart_m(curve, self.one, self.other)
        return None if apart_m is None else min(apart_m - self.low_m, self.high_m - apart_m)

    @property
    def best(self) -> float:
        """Half of what lies between the limits: the gap is in the middle."""
        return (self.high_m - self.low_m) / 2


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
        apart_m = _apart_m(curve, self.one, self.other, lowered_m)
        return None if apart_m is None else self.tolerance_m - abs(apart_m + lowered_m)

    @property
    def best(self) -> float:
        """The tolerance: they touch and no more."""
        return self.tolerance_m


def _apart_m(curve: Curve, one: Solid, other: Solid, lowered_m: float = 0.0) -> float | None:
    """Return the signed distance of two bodies at the end, `one` moved down by so much; None where one is missing."""
    if one.body not in curve.bodies or other.body not in curve.bodies:
        return None
    pose = curve.bodies[one.body][-1].copy()
    pose[2, 3] -= lowered_m
    return bodies_distance(one.shape, pose, other.shape, curve.bodies[other.body][-1], beyond_m=FAR_M)
