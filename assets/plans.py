"""Plans: closed curves around z that a wall's profile is led along, where a circle does not do."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tracesim.assets.paths import follow
from tracesim.geometry.rigid import FloatArray


@dataclass(frozen=True)
class Plan:
    """A convex closed curve seen from above, counter-clockwise, its first sample repeated at its end.

    normals: (C, 2) unit vectors out of it. cores: (C, 2) metres; a profile's radius is measured from there along the
    normal. joints: the samples between which a wall is cut into hulls. floor: those of a floor, at most 17.
    """

    normals: FloatArray
    cores: FloatArray
    joints: tuple[int, ...]
    floor: tuple[int, ...]

    def at(self, radius_m: float) -> FloatArray:
        """Return the curve (C, 2) at a distance from its core."""
        return np.asarray(self.cores + radius_m * self.normals)

    def corners(self, radius_m: float, joints: tuple[int, ...]) -> FloatArray:
        """Return the polygon (J, 2) that stands for the curve in hulls, first corner repeated."""
        polygon = follow(self.at(radius_m), np.array(joints))
        polygon[[0, -1]] = (polygon[0] + polygon[-1]) / 2.0
        return polygon


def rounded_rectangle(half_x_m: float, half_y_m: float, corner_m: float, pieces: int = 3) -> Plan:
    """Return a rectangle with rounded corners; the radius of a profile is `corner_m` where it has that size.

    pieces: hulls a corner.
    """
    step = np.linspace(0.0, np.pi / 2.0, 2 * pieces + 1)
    turn = np.concatenate([step + k * np.pi / 2.0 for k in range(4)])
    middle = np.array([[1.0, 1.0], [-1.0, 1.0], [-1.0, -1.0], [1.0, -1.0]]) * (half_x_m - corner_m, half_y_m - corner_m)
    cores = np.repeat(middle, len(step), axis=0)
    normals = np.stack([np.cos(turn), np.sin(turn)], 1)
    joints, floor = (
        tuple(k * len(step) + j for k in range(4) for j in chosen)
        for chosen in (range(0, len(step), 2), (0, round(2 * pieces / 3), round(4 * pieces / 3), 2 * pieces))
    )
    closed = [np.concatenate([rows, rows[:1]]) for rows in (normals, cores)]
    return Plan(closed[0], closed[1], (*joints, len(turn)), (*floor, len(turn)))


def oval(half_x_m: float, half_y_m: float, core_m: float, pieces: int = 24) -> Plan:
    """Return an ellipse; the radius of a profile is `core_m` where it has that size. pieces: hulls around it."""
    turn = np.linspace(0.0, 2.0 * np.pi, 2 * pieces + 1)
    # A little denser where it bends: equal steps of the normal's and of the ellipse's own angle, halved.
    turn = (turn + np.unwrap(np.arctan2(half_y_m * np.sin(turn), half_x_m * np.cos(turn)))) / 2.0
    curve = np.stack([half_x_m * np.cos(turn), half_y_m * np.sin(turn)], 1)
    normals = np.stack([half_y_m * np.cos(turn), half_x_m * np.sin(turn)], 1)
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    for rows in (curve, normals):
        rows[-1] = rows[0]
    joints = range(2 * pieces + 1)
    return Plan(
        normals, curve - core_m * normals, tuple(joints[::2]), (*joints[: -1 : -(-2 * pieces // 16)], joints[-1])
    )
