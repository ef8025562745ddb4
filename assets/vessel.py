"""Vessels: thin walls around a floor, such as cups, mugs, bowls and plates, and trays along a plan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from tracesim.assets.hulls import corner_radius, led, ring, slab, turned
from tracesim.assets.paths import arc, follow, outline
from tracesim.assets.plans import Plan
from tracesim.assets.shapes import Mesh, lathe
from tracesim.geometry.rigid import FloatArray
from tracesim.layout.grips import Wall

ROWS = 4
"""Number of vertices with which the outer side of a wedge follows the wall, from bottom to top."""
SMOOTH = np.pi
"""Crease angle that no profile reaches, so that normals are smooth everywhere."""
OVERLAP_M = 0.0015
"""Distance by which bands of wedges overlap the next one."""


@dataclass(frozen=True)
class Vessel:
    """A wall of constant thickness that rises from a flat underside."""

    outside: FloatArray
    """Radius and z of the outer side from foot to rim, (N, 2), metres, finely sampled, neither of them decreasing."""
    thickness_m: float
    """Thickness of the wall."""
    floor_m: float
    """Height of the floor inside."""
    bead_m: float = 0.0
    """Radius of the wire around which the rim is rolled; 0 for a rounded rim."""
    plan: Plan | None = None
    """Curve that the wall follows, with radii measured from its core; None for a circle."""

    @cached_property
    def inside(self) -> FloatArray:
        """Inner side of the wall, (N, 2), metres, from floor to rim."""
        inner = self.outside - self._normals * self.thickness_m
        return _window(inner, self._floor_index, len(inner) - 1.0)

    @property
    def lip(self) -> FloatArray:
        """Half circle of the rim, (5, 2), metres, from the outer side over the top to the inner side."""
        normal = self._normals[-1]
        start = float(np.arctan2(normal[1], normal[0]))
        return arc(self._rim, self.thickness_m / 2.0, start, start + np.pi, 5)

    @property
    def height_m(self) -> float:
        """Height of the top of the rim."""
        return float(self._rim[1]) + max(self.thickness_m / 2.0, self.bead_m)

    @property
    def rim_m(self) -> float:
        """Radius at the middle of the rim."""
        return float(self._rim[0])

    def outer_radius_m(self, z: float) -> float:
        """Return the radius of the outer side at height `z`, metres."""
        return float(np.interp(z, self.outside[:, 1], self.outside[:, 0]))

    def outer_mesh(self, start: float, stop: float, rows: int, segments: int = 36) -> Mesh:
        """Return a part of the outer side.

        Args:
            start: Lower end, as a fraction of the wall's length.
            stop: Upper end, as a fraction of the wall's length.
            rows: Number of rows of vertices, placed where the wall bends most.
            segments: Number of segments around it.
        """
        last = len(self.outside) - 1.0
        path = _window(self.outside, start * last, stop * last)
        return lathe(path[outline(path, rows)], segments, SMOOTH, plan=self.plan)

    def underside_mesh(self, segments: int = 36) -> Mesh:
        """Return the flat disc on which the vessel stands."""
        return lathe([(0.0, self.outside[0, 1]), self.outside[0]], segments, plan=self.plan)

    def lip_mesh(self, segments: int = 36) -> Mesh:
        """Return the rim."""
        return lathe(self.lip, segments, SMOOTH, plan=self.plan)

    def bead_mesh(self, segments: int = 36, rows: int = 7) -> Mesh:
        """Return the rolled rim, open where it meets the wall."""
        return lathe(
            arc(self._rim, self.bead_m, np.radians(-50.0), np.radians(230.0), rows), segments, SMOOTH, plan=self.plan
        )

    def inner_mesh(self, rows: int, segments: int = 36) -> Mesh:
        """Return the inner side from rim to floor, and the floor."""
        profile = self.inside[outline(self.inside, rows)][::-1]
        return lathe(np.concatenate([profile, [[0.0, self.floor_m]]]), segments, plan=self.plan)

    def inner_wall_mesh(self, rows: int, segments: int = 36) -> Mesh:
        """Return the inner side from rim to floor, without the floor."""
        return lathe(self.inside[outline(self.inside, rows)][::-1], segments, SMOOTH, plan=self.plan)

    def floor_mesh(self, segments: int = 36) -> Mesh:
        """Return the floor inside."""
        return lathe([self.inside[0], (0.0, self.floor_m)], segments, plan=self.plan)

    def hulls(self, bands: Sequence[tuple[float, int]]) -> list[FloatArray]:
        """Return the convex pieces of the floor, the wall and the rim.

        Args:
            bands: Rings of wedges from bottom to top: the fraction of the wall's length at which each ends, and its
                number of wedges, which is ignored if there is a plan. The inner side of a wedge is straight, so it
                should turn little within a band.
        """
        outside, inside = self.outside, self.inside
        last = len(outside) - 1
        joints = np.round(np.array([0.0, *(share for share, _ in bands)]) * last).astype(int)
        first = self._floor_index
        inner_joints = np.round((np.maximum(joints, first) - first) / (last - first) * last).astype(int)
        inner_corners = follow(inside, inner_joints)
        inner_corners[0, 1] = self.floor_m
        bottom_z = float(outside[0, 1])
        floor = float(inner_corners[0, 0])
        # The piece of the floor extends into the wall, so that polygons with different vertices leave no crack.
        reach = floor + 0.6 * self.thickness_m
        under = min(reach, float(np.interp(bottom_z + 0.0003, outside[:, 1], outside[:, 0])))
        base = [(under, bottom_z), (reach, self.floor_m)]
        pieces = turned(base) if self.plan is None else slab(self.plan, base)
        for band, (_, wedges) in enumerate(bands):
            rows = joints[band] + outline(outside[joints[band] : joints[band + 1] + 1], ROWS)
            outer, inner = outside[rows], inner_corners[[band, band + 1]]
            if band == 0:
                # Straight down from the floor's edge, or on along a wall that leans inward: the piece must be convex.
                run = (inner[0] - inner[1]) * (inner[0, 1] - bottom_z) / (inner[1, 1] - inner[0, 1])
                inner = np.vstack([[min(floor, float(outer[0, 0])) + max(float(run[0]), 0.0), bottom_z], inner])
            if joints[band + 1] == last:
                outer, inner = self._with_lip(outer, inner, wedges)
            else:
                outer, inner = _longer(outer), _longer(inner)
            pieces += ring(outer, inner, wedges) if self.plan is None else led(self.plan, outer, inner)
        return pieces

    def wall(self, below_m: float, count: int = 8, start: float = 0.0, stop: float = 2.0 * np.pi) -> Wall:
        """Return the wall as it can be gripped.

        Args:
            below_m: Distance of the grip below the top of the rim, metres.
            count: Number of azimuths.
            start: First azimuth, radians.
            stop: End of the range of azimuths, radians, not included.
        """
        azimuths = tuple(np.linspace(start, stop, count, endpoint=False).tolist())
        return Wall(self.outside, self.inside, self.height_m, self.height_m - below_m, azimuths)

    def _with_lip(self, outer: FloatArray, inner: FloatArray, wedges: int) -> tuple[FloatArray, FloatArray]:
        """Return the two sides of a wedge, each with a vertex added for the rounded rim."""
        normal = self._normals[-1]
        rise, half = 0.42 * self.thickness_m, 0.3 * self.thickness_m
        if self.bead_m > 0.0:
            rise, half = 0.8 * self.bead_m, 0.5 * self.bead_m
            outer[-1], inner[-1] = (self._rim + normal * side * 0.8 * self.bead_m for side in (1.0, -1.0))
        top = (outer[-1] + inner[-1]) / 2.0 + np.array([-normal[1], normal[0]]) * rise
        outer, inner = np.vstack([outer, top + normal * half]), np.vstack([inner, top - normal * half])
        # On an almost horizontal wall, keep the inner corners from protruding beyond the rim.
        inner[-2:, 0] = np.minimum(inner[-2:, 0], outer[-2:, 0] / corner_radius(np.pi / wedges))
        return outer, inner

    @cached_property
    def _rim(self) -> FloatArray:
        """Middle of the upper end of the wall, (2,), metres."""
        return np.asarray(self.outside[-1] - self._normals[-1] * self.thickness_m / 2.0)

    @cached_property
    def _floor_index(self) -> float:
        """Index along the outer side, in samples, at which the inner side meets the floor."""
        inner_z = (self.outside - self._normals * self.thickness_m)[:, 1]
        return float(np.interp(self.floor_m, inner_z, np.arange(len(inner_z))))

    @cached_property
    def _normals(self) -> FloatArray:
        """Outward unit normals of the outer side, (N, 2)."""
        legs = np.gradient(self.outside, axis=0)
        legs /= np.linalg.norm(legs, axis=1, keepdims=True)
        return np.stack([legs[:, 1], -legs[:, 0]], 1)


def _longer(path: FloatArray) -> FloatArray:
    """Return a path (N, 2) extended over the next band, so that bands with different wedges leave no crack."""
    ahead = path[-1] - path[-2]
    return np.vstack([path, path[-1] + ahead * (OVERLAP_M / np.linalg.norm(ahead))])


def _window(path: FloatArray, start: float, stop: float) -> FloatArray:
    """Return a sampled path (N, 2) between two fractional indices, resampled to N points."""
    at, index = np.linspace(start, stop, len(path)), np.arange(len(path))
    return np.stack([np.interp(at, index, path[:, 0]), np.interp(at, index, path[:, 1])], 1)
