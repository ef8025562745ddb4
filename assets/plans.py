"""Plans: closed curves around z along which the profile of a wall is swept, where a circle does not do."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tracesim.assets.paths import follow
from tracesim.geometry.rigid import FloatArray


@dataclass(frozen=True)
class Plan:
    """A convex closed curve seen from above, counter-clockwise, with its first sample repeated at the end."""

    normals: FloatArray
    """Outward unit normals, (C, 2)."""
    cores: FloatArray
    """Points from which the radii of a profile are measured along the normals, (C, 2), metres."""
    joints: tuple[int, ...]
    """Indices of the samples at which a wall is cut into hulls."""
    floor: tuple[int, ...]
    """Indices of the samples that outline the hull of a floor, at most 17."""

    def at(self, radius_m: float) -> FloatArray:
        """Return the curve (C, 2) at distance `radius_m` from its core."""
        return np.asarray(self.cores + radius_m * self.normals)

    def corners(self, radius_m: float, joints: tuple[int, ...]) -> FloatArray:
        """Return the polygon (J, 2) that approximates the curve in collision hulls, with its first vertex repeated."""
        polygon = follow(self.at(radius_m), np.array(joints))
        polygon[[0, -1]] = (polygon[0] + polygon[-1]) / 2.0
        return polygon


def rounded_rectangle(half_x_m: float, half_y_m: float, corner_m: float, pieces: int = 3) -> Plan:
    """Return a rectangle with rounded corners; it has this size where the radius of a profile is `corner_m`.

    Args:
        half_x_m: Half its size along x, metres.
        half_y_m: Half its size along y, metres.
        corner_m: Radius of the corners, metres.
        pieces: Number of hulls at each corner.
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
    """Return an ellipse; it has this size where the radius of a profile is `core_m`.

    Args:
        half_x_m: Semi-axis along x, metres.
        half_y_m: Semi-axis along y, metres.
        core_m: Distance of the curve from its core, metres.
        pieces: Number of hulls around it.
    """
    turn = np.linspace(0.0, 2.0 * np.pi, 2 * pieces + 1)
    # The mean of equal steps of the normal's angle and of the ellipse's parameter is denser where the curve bends.
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
