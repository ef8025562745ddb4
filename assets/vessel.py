"""A vessel: a thin round wall on a floor. Cups, mugs, bowls and plates are vessels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tracesim.assets.hulls import follow, outline, ring, turned
from tracesim.assets.shapes import Mesh, arc, lathe
from tracesim.rigid import FloatArray

ROWS = 4
"""Corners by which the outer side of a wedge follows the wall, bottom to top."""
FINGER_HALF_WIDTH_M = 0.010
FINGER_TIP_M = 0.009
"""How far a finger reaches beyond the tool centre point."""


@dataclass(frozen=True)
class Vessel:
    """A wall of one thickness that rises from a flat underside.

    outside: (N, 2) radius and z of the wall's outer side, metres, foot to rim, finely sampled, both never falling.
    thickness_m: the wall's. floor_m: z of the floor inside.
    """

    outside: FloatArray
    thickness_m: float
    floor_m: float

    @property
    def inside(self) -> FloatArray:
        """The wall's inner side (N, 2), floor to rim."""
        inner = self.outside - self._normals * self.thickness_m
        start = float(np.interp(self.floor_m, inner[:, 1], np.arange(len(inner))))
        return _between(inner, start, len(inner) - 1.0, len(inner))

    @property
    def lip(self) -> FloatArray:
        """The rim's half circle (5, 2), from the outer side over the top to the inner."""
        normal = self._normals[-1]
        start = float(np.arctan2(normal[1], normal[0]))
        middle = self.outside[-1] - normal * self.thickness_m / 2.0
        return arc(middle, self.thickness_m / 2.0, start, start + np.pi, 5)

    @property
    def height_m(self) -> float:
        """The top of the rim above the underside."""
        return float(self.lip[:, 1].max())

    @property
    def rim_m(self) -> float:
        """The radius, metres, of the rim's middle."""
        return float(self.lip[[0, -1], 0].mean())

    def outer_mesh(self, start: float, stop: float, rows: int, segments: int = 40) -> Mesh:
        """Return the outer side between two shares of the wall's length; from 0 on with the underside."""
        last = len(self.outside) - 1.0
        profile = _between(self.outside, start * last, stop * last, rows)
        return lathe(np.concatenate([[[0.0, profile[0, 1]]], profile]) if start == 0.0 else profile, segments)

    def lip_mesh(self, segments: int = 40) -> Mesh:
        """Return the rim."""
        return lathe(self.lip, segments)

    def inner_mesh(self, rows: int, segments: int = 40) -> Mesh:
        """Return the inner side, rim to floor, and the floor."""
        inside = self.inside
        profile = _between(inside, len(inside) - 1.0, 0.0, rows)
        return lathe(np.concatenate([profile, [[0.0, self.floor_m]]]), segments)

    def hulls(self, bands: Sequence[tuple[float, int]]) -> list[FloatArray]:
        """Return the pieces of the wall, its rim and its floor.

        bands: for each ring of wedges, bottom to top, the share of the wall's length at which it ends and its number
        of wedges. Within a band the inner side should turn little: its wedges are straight there.
        """
        last = len(self.outside) - 1
        joints = np.round(np.array([0.0, *(share for share, _ in bands)]) * last).astype(int)
        outside, normals = self.outside, self._normals
        inside = follow(outside - normals * self.thickness_m, joints)
        floor_radius = float(self.inside[0, 0])
        pieces = turned([(floor_radius + self.thickness_m / 2.0, self.outside[0, 1]), (floor_radius, self.floor_m)])
        for band, (_, wedges) in enumerate(bands):
            first, stop = joints[band], joints[band + 1]
            rows = first + outline(outside[first : stop + 1], ROWS)
            outer = outside[rows]
            share = ((rows - first) / (stop - first))[:, None]
            inner = inside[band] * (1.0 - share) + inside[band + 1] * share
            if band == 0 and inner[0, 1] < self.floor_m:
                # The wall's foot: straight down, not along the wall, so that the underside stays flat.
                at_floor = np.interp(self.floor_m, inner[:, 1], inner[:, 0])
                inner[inner[:, 1] < self.floor_m] = at_floor, self.floor_m
                inner[0] = at_floor, outer[0, 1]
            if stop == last:
                tangent = np.array([-normals[-1, 1], normals[-1, 0]])
                top = (outer[-1] + inner[-1]) / 2.0 + tangent * 0.42 * self.thickness_m
                side = normals[-1] * 0.3 * self.thickness_m
                outer, inner = np.vstack([outer, top + side]), np.vstack([inner, top - side])
            pieces += ring(outer, inner, wedges)
        return pieces

    def wall_at(self, z: float) -> tuple[float, float]:
        """Return how a vertical gripper holds the wall with its tool centre point at height `z`.

        Returns the radius at which the tool centre point lies and the fingers' distance, metres.
        """
        low = z - FINGER_TIP_M
        inner = np.interp(max(low, self.floor_m), self.inside[:, 1], self.inside[:, 0])
        flat = float(np.sqrt(inner**2 - FINGER_HALF_WIDTH_M**2))  # a flat finger touches the hollow with its edges
        outer = float(self.outside[:, 0].max())
        return (outer + flat) / 2.0, outer - flat

    def leaning_wall_at(self, z: float) -> tuple[float, float, float]:
        """Return how a gripper that leans with the wall holds it, with its tool centre point at height `z`.

        A wall between fingers that do not lean with it turns until it does, as soon as it is lifted. Returns the radius
        at which the tool centre point lies, the fingers' distance, metres, and the lean, radians.
        """
        outer, inner = (float(np.interp(z, side[:, 1], side[:, 0])) for side in (self.outside, self.inside))
        low, high = np.interp([z - FINGER_TIP_M, z + FINGER_TIP_M], self.outside[:, 1], self.outside[:, 0])
        flat = float(np.sqrt(inner**2 - FINGER_HALF_WIDTH_M**2))
        return (outer + flat) / 2.0, outer - flat, float(np.arctan2(high - low, 2.0 * FINGER_TIP_M))

    @property
    def _normals(self) -> FloatArray:
        legs = np.gradient(self.outside, axis=0)
        legs /= np.linalg.norm(legs, axis=1, keepdims=True)
        return np.stack([legs[:, 1], -legs[:, 0]], 1)


def _between(path: FloatArray, start: float, stop: float, count: int) -> FloatArray:
    """Return `count` points of a sampled path (N, 2) between two indices, which need not be whole."""
    at = np.linspace(start, stop, count)
    index = np.arange(len(path))
    return np.stack([np.interp(at, index, path[:, 0]), np.interp(at, index, path[:, 1])], 1)
