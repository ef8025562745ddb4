"""Regions: upright solids about a point on a body or on the table, and how far a point is from them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np

from tracesim.geometry.curve import Curve, PointOn
from tracesim.geometry.hulls import HullShape
from tracesim.geometry.rigid import FloatArray, azimuths, transform, yaw

DISC_M: Final = 0.001
"""How thick a flat mark is drawn."""

SIDES = 128
"""A round region has so many sides where bodies are concerned: for a radius of 10 cm it is off by 0.02 mm."""

HALVINGS = 50
"""How often a time is halved in looking for a moment between two samples."""


@dataclass(frozen=True)
class Volume:
    """An upright cylinder about a point: radius, and heights of its ends above the point, metres.

    kind: the shape's name; a film that does not know it draws nothing. offset_m: how far from the point it stands,
    world. forbidden: what is asked is to stay out of it.
    """

    at: PointOn
    radius_m: float
    low_m: float
    high_m: float
    kind: str = "cylinder"
    offset_m: tuple[float, float, float] = (0.0, 0.0, 0.0)
    forbidden: bool = False


@dataclass(frozen=True)
class Region(ABC):
    """A convex solid about a point, upright whatever the point's body does, from `low_m` to `high_m` above the point.

    It is turned about the vertical with the body's x axis. Its frame has its origin at the point.
    """

    at: PointOn
    low_m: float
    high_m: float

    @abstractmethod
    def across_m(self, points: FloatArray) -> FloatArray:
        """Return how far points (..., 2), its frame, are from the outline seen from above; negative inside."""

    @abstractmethod
    def outline(self) -> FloatArray:
        """Return corners (K, 2) of the outline seen from above, its frame, metres."""

    def distance_m(self, points: FloatArray) -> FloatArray:
        """Return the signed distances (...) of points (..., 3) in its frame: negative by the depth inside, metres."""
        across, height = self.across_m(points[..., :2]), points[..., 2]
        beyond = np.maximum(self.low_m - height, height - self.high_m)
        outside = np.hypot(np.maximum(across, 0.0), np.maximum(beyond, 0.0))
        return np.asarray(outside + np.minimum(np.maximum(across, beyond), 0.0))

    def in_world(self, curve: Curve) -> FloatArray:
        """Return its poses (T, 4, 4) along a curve."""
        axes = curve.bodies[self.at.body][:, :2, 0]
        headings = azimuths(axes)
        return np.array(
            [transform(yaw(turn), at) for turn, at in zip(headings, curve.position(self.at), strict=True)]
        ).reshape(-1, 4, 4)

    def path(self, curve: Curve, point: PointOn) -> FloatArray:
        """Return where a point is along a curve, (T, 3), its frame, metres."""
        poses = self.in_world(curve)
        offsets = curve.position(point) - poses[:, :3, 3]
        return np.asarray((offsets[:, None] @ poses[:, :3, :3])[:, 0])

    def nearest(self, path: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return where on each piece of a path (T, 3), straight between samples, it is nearest, or deepest inside.

        Both (T - 1,): the fraction of the piece gone by then, and the signed distance there, metres. The distance from
        a convex solid is convex along a straight line: its least value is found by cutting thirds off.
        """
        start, end = path[:-1], path[1:]
        low, high = np.zeros(len(start)), np.ones(len(start))
        for _ in range(2 * HALVINGS):
            third = (high - low) / 3.0
            first, second = low + third, high - third
            falls = self.distance_m(between(start, end, first)) > self.distance_m(between(start, end, second))
            low, high = np.where(falls, first, low), np.where(falls, high, second)
        middle = (low + high) / 2.0
        return middle, self.distance_m(between(start, end, middle))

    def crossing(self, path: FloatArray, outside: FloatArray, inside: FloatArray) -> FloatArray:
        """Return the fractions (T - 1,) of the pieces of a path (T, 3) at which the surface lies, by halving.

        outside, inside: (T - 1,), fractions at which a point is outside and inside.
        """
        for _ in range(HALVINGS):
            middle = (outside + inside) / 2.0
            out = self.distance_m(between(path[:-1], path[1:], middle)) > 0.0
            outside, inside = np.where(out, middle, outside), np.where(out, inside, middle)
        return inside

    @property
    def shape(self) -> HullShape:
        """It as a body's hull, its frame."""
        return _shape(self)

    def volumes(self) -> tuple[Volume, ...]:
        """Return what a film draws of it."""
        return ()


@dataclass(frozen=True)
class Cylinder(Region):
    """A round region: all that is within `radius_m` of the vertical through the point."""

    radius_m: float

    def across_m(self, points: FloatArray) -> FloatArray:
        """Return how far points (..., 2) are from the circle."""
        return np.asarray(np.linalg.norm(points, axis=-1) - self.radius_m)

    def outline(self) -> FloatArray:
        """Return corners as far outside the circle as the middles between them lie inside."""
        angles = 2.0 * np.pi * np.arange(SIDES) / SIDES
        radius = 2.0 * self.radius_m / (1.0 + np.cos(np.pi / SIDES))
        return np.asarray(radius * np.column_stack([np.cos(angles), np.sin(angles)]))

    def volumes(self) -> tuple[Volume, ...]:
        """Return the cylinder."""
        return (Volume(self.at, self.radius_m, self.low_m, self.high_m),)


@dataclass(frozen=True)
class Box(Region):
    """A rectangular region: half_x_m and half_y_m to either side of the point, along the body's axes."""

    half_x_m: float
    half_y_m: float

    def across_m(self, points: FloatArray) -> FloatArray:
        """Return how far points (..., 2) are from the rectangle."""
        beyond = np.abs(points) - (self.half_x_m, self.half_y_m)
        outside = np.linalg.norm(np.maximum(beyond, 0.0), axis=-1)
        return np.asarray(outside + np.minimum(beyond.max(axis=-1), 0.0))

    def outline(self) -> FloatArray:
        """Return the four corners."""
        return np.array([(x, y) for x in (-self.half_x_m, self.half_x_m) for y in (-self.half_y_m, self.half_y_m)])


def between(start: FloatArray, end: FloatArray, fraction: FloatArray) -> FloatArray:
    """Return the points (N, 3) that lie at fractions (N,) of the straight ways from (N, 3) to (N, 3)."""
    return np.asarray(start + fraction[:, None] * (end - start))


@lru_cache(maxsize=64)
def _shape(region: Region) -> HullShape:
    outline = region.outline()
    ends = [np.column_stack([outline, np.full(len(outline), height)]) for height in (region.low_m, region.high_m)]
    return HullShape([np.concatenate(ends)])
