"""Panes: flat convex polygons that lie on a body, such as the windows of a car."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tracesim.assets.shapes import Mesh
from tracesim.geometry.rigid import FloatArray


def pane(corners: npt.ArrayLike, lift_m: float = 0.0003) -> Mesh:
    """Return a flat convex polygon (K, 3), counter-clockwise from its front, raised by `lift_m` towards its front."""
    points = np.asarray(corners, float)
    normal = np.cross(points[1] - points[0], points[2] - points[0])
    normal /= np.linalg.norm(normal)
    fan = np.arange(1, len(points) - 1)
    faces = np.stack([np.zeros_like(fan), fan, fan + 1], 1)
    count = len(points)
    return Mesh(points + lift_m * normal, faces.astype(np.int32), np.tile(normal, (count, 1)), np.zeros((count, 2)))


def upright(outline: npt.ArrayLike, y: float, lift_m: float = 0.0003) -> Mesh:
    """Return a convex polygon on the plane at `y` that faces away from y = 0.

    Args:
        outline: x and z of its vertices, (K, 2), metres, counter-clockwise.
        y: Position of the plane, metres.
        lift_m: Distance by which it is raised off the plane, metres.
    """
    points = np.insert(np.asarray(outline, float), 1, y, axis=1)
    return pane(points if y < 0.0 else points[::-1], lift_m)


def circle(centre: npt.ArrayLike, radius: float, u: npt.ArrayLike, v: npt.ArrayLike, count: int = 16) -> FloatArray:
    """Return the vertices (count, 3) of a disc in the plane of unit vectors u and v, ordered from u towards v."""
    turn = np.arange(count)[:, None] * (2.0 * np.pi / count)
    around = np.cos(turn) * np.asarray(u, float) + np.sin(turn) * np.asarray(v, float)
    return np.asarray(np.asarray(centre, float) + radius * around)
