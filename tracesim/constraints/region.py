"""Regions: upright solids about a point, and the distance of points from them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np

from tracesim.geometry.curve import Curve, PointOn
from tracesim.geometry.hulls import HullShape
from tracesim.geometry.rigid import FloatArray, azimuths, yaw

DISC_M: Final = 0.001
"""Thickness of a disc that marks a place."""

SIDES = 128
"""Sides of the polygon that stands for a round region where bodies are concerned: off by 0.02 mm at 10 cm."""

HALVINGS = 50
"""Bisections of the interval between two samples."""


@dataclass(frozen=True)
class Volume:
    """An upright cylinder that a film draws to show what is asked.

    Attributes:
        at: The point about which it stands.
        radius_m: Its radius.
        low_m: Height of its lower end above the point.
        high_m: Height of its upper end above the point.
        kind: Name of the shape; a film that does not know it draws nothing.
        offset_m: Displacement of the axis from the point, world frame.
        forbidden: Whether it is to be kept out of.
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
    """A convex, upright solid about a point.

    It stays upright however the point's body leans, and turns about the vertical with the body's x axis. The origin of
    its frame is the point.

    Attributes:
        at: The point.
        low_m: Height of its lower end above the point.
        high_m: Height of its upper end above the point.
    """

    at: PointOn
    low_m: float
    high_m: float

    @abstractmethod
    def across_m(self, points: FloatArray) -> FloatArray:
        """Return the signed distances of points (..., 2) from the outline seen from above; negative inside."""

    @abstractmethod
    def outline(self) -> FloatArray:
        """Return the corners (K, 2) of the outline seen from above, metres."""

    def distance_m(self, points: FloatArray) -> FloatArray:
        """Return the signed distances (...) of points (..., 3), metres; negative by the depth inside."""
        across, height = self.across_m(points[..., :2]), points[..., 2]
        beyond = np.maximum(self.low_m - height, height - self.high_m)
        outside = np.hypot(np.maximum(across, 0.0), np.maximum(beyond, 0.0))
        return np.asarray(outside + np.minimum(np.maximum(across, beyond), 0.0))

    def in_world(self, curve: Curve) -> FloatArray:
        """Return the poses (T, 4, 4) of the region's frame along a curve."""
        axes = curve.bodies[self.at.body][:, :2, 0]
        headings = azimuths(axes)
        poses = np.broadcast_to(np.eye(4), (len(curve), 4, 4)).copy()
        poses[:, :3, :3], poses[:, :3, 3] = yaw(headings), curve.position(self.at)
        return poses

    def path(self, curve: Curve, point: PointOn) -> FloatArray:
        """Return the path (T, 3) of a point along a curve in the region's frame, metres."""
        poses = self.in_world(curve)
        offsets = curve.position(point) - poses[:, :3, 3]
        return np.asarray((offsets[:, None] @ poses[:, :3, :3])[:, 0])

    def nearest(self, path: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return where each piece of a path is nearest to the region, or deepest inside.

        The pieces are straight. Along a straight line the distance from a convex solid is convex, so that its minimum
        is found by ternary search.

        Args:
            path: Positions at the samples, (T, 3), in the region's frame.

        Returns:
            The fraction of each piece travelled by then, and the signed distance there in metres, both (T - 1,).
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
        """Return the fractions (T - 1,) of the pieces of a path at which it crosses the surface, by bisection.

        Args:
            path: Positions at the samples, (T, 3), in the region's frame.
            outside: A fraction of each piece at which the point is outside, (T - 1,).
            inside: A fraction of each piece at which the point is inside, (T - 1,).
        """
        for _ in range(HALVINGS):
            middle = (outside + inside) / 2.0
            out = self.distance_m(between(path[:-1], path[1:], middle)) > 0.0
            outside, inside = np.where(out, middle, outside), np.where(out, inside, middle)
        return inside

    @property
    def shape(self) -> HullShape:
        """The region as a convex hull, in its own frame."""
        return _shape(self)

    def volumes(self) -> tuple[Volume, ...]:
        """Return the volumes that a film draws to show the region."""
        return ()


@dataclass(frozen=True)
class Cylinder(Region):
    """A round region: everything within a radius of the vertical through the point.

    Attributes:
        radius_m: The radius.
    """

    radius_m: float

    def across_m(self, points: FloatArray) -> FloatArray:
        """Return the signed distances of points (..., 2) from the circle; negative inside."""
        return np.asarray(np.linalg.norm(points, axis=-1) - self.radius_m)

    def outline(self) -> FloatArray:
        """Return the corners (K, 2) of a polygon that lies as far outside the circle as inside it."""
        angles = 2.0 * np.pi * np.arange(SIDES) / SIDES
        radius = 2.0 * self.radius_m / (1.0 + np.cos(np.pi / SIDES))
        return np.asarray(radius * np.column_stack([np.cos(angles), np.sin(angles)]))

    def volumes(self) -> tuple[Volume, ...]:
        """Return the cylinder."""
        return (Volume(self.at, self.radius_m, self.low_m, self.high_m),)


@dataclass(frozen=True)
class Box(Region):
    """A rectangular region about the point.

    Attributes:
        half_x_m: Half its length along the body's x axis.
        half_y_m: Half its length along the body's y axis.
    """

    half_x_m: float
    half_y_m: float

    def across_m(self, points: FloatArray) -> FloatArray:
        """Return the signed distances of points (..., 2) from the rectangle; negative inside."""
        beyond = np.abs(points) - (self.half_x_m, self.half_y_m)
        outside = np.linalg.norm(np.maximum(beyond, 0.0), axis=-1)
        return np.asarray(outside + np.minimum(beyond.max(axis=-1), 0.0))

    def outline(self) -> FloatArray:
        """Return the four corners (4, 2)."""
        return np.array([(x, y) for x in (-self.half_x_m, self.half_x_m) for y in (-self.half_y_m, self.half_y_m)])


def between(start: FloatArray, end: FloatArray, fraction: FloatArray) -> FloatArray:
    """Return the points (N, 3) at fractions (N,) of the line segments from `start` (N, 3) to `end` (N, 3)."""
    return np.asarray(start + fraction[:, None] * (end - start))


@lru_cache(maxsize=64)
def _shape(region: Region) -> HullShape:
    outline = region.outline()
    ends = [np.column_stack([outline, np.full(len(outline), height)]) for height in (region.low_m, region.high_m)]
    return HullShape([np.concatenate(ends)])
