"""A vessel: a thin wall on a floor. Cups, mugs, bowls and plates are vessels; so are trays, along a plan."""

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

ROWS = 4
"""Corners by which the outer side of a wedge follows the wall, bottom to top."""
SMOOTH = np.pi
"""A crease that no profile has: its normals are smooth throughout."""
OVERLAP_M = 0.0015
FINGER_HALF_WIDTH_M = 0.010
FINGER_TIP_M = 0.009
"""How far a finger reaches beyond the tool centre point."""


@dataclass(frozen=True)
class Vessel:
    """A wall of one thickness that rises from a flat underside.

    outside: (N, 2) radius and z of the wall's outer side, metres, foot to rim, finely sampled, both never falling.
    thickness_m: the wall's. floor_m: z of the floor inside. bead_m: radius of the wire that the rim is rolled around,
    or 0 where it is just rounded. plan: what the wall follows where it is not a circle; radii count from its core.
    """

    outside: FloatArray
    thickness_m: float
    floor_m: float
    bead_m: float = 0.0
    plan: Plan | None = None

    @cached_property
    def inside(self) -> FloatArray:
        """The wall's inner side (N, 2), floor to rim."""
        inner = self.outside - self._normals * self.thickness_m
        return _window(inner, self._floor_index, len(inner) - 1.0)

    @property
    def lip(self) -> FloatArray:
        """The rim's half circle (5, 2), from the outer side over the top to the inner."""
        normal = self._normals[-1]
        start = float(np.arctan2(normal[1], normal[0]))
        return arc(self._rim, self.thickness_m / 2.0, start, start + np.pi, 5)

    @property
    def height_m(self) -> float:
        """The top of the rim above the underside."""
        return float(self._rim[1]) + max(self.thickness_m / 2.0, self.bead_m)

    @property
    def rim_m(self) -> float:
        """The radius, metres, of the rim's middle."""
        return float(self._rim[0])

    def outer_mesh(self, start: float, stop: float, rows: int, segments: int = 36) -> Mesh:
        """Return the outer side between two shares of the wall's length, in `rows` rows where it bends most."""
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
        """Return the inner side, rim to floor, and the floor."""
        profile = self.inside[outline(self.inside, rows)][::-1]
        return lathe(np.concatenate([profile, [[0.0, self.floor_m]]]), segments, plan=self.plan)

    def inner_wall_mesh(self, rows: int, segments: int = 36) -> Mesh:
        """Return the inner side alone, rim to floor."""
        return lathe(self.inside[outline(self.inside, rows)][::-1], segments, SMOOTH, plan=self.plan)

    def floor_mesh(self, segments: int = 36) -> Mesh:
        """Return the floor inside."""
        return lathe([self.inside[0], (0.0, self.floor_m)], segments, plan=self.plan)

    def hulls(self, bands: Sequence[tuple[float, int]]) -> list[FloatArray]:
        """Return the pieces of the wall, its rim and its floor.

        bands: for each ring of wedges, bottom to top, the share of the wall's length at which it ends and its number
        of wedges, which a plan has of its own. Within a band the inner side should turn little: its wedges are
        straight there.
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
        # The floor's piece reaches into the wall's, so that polygons of different corners leave no crack.
        reach = floor + 0.6 * self.thickness_m
        under = min(reach, float(np.interp(bottom_z + 0.0003, outside[:, 1], outside[:, 0])))
        base = [(under, bottom_z), (reach, self.floor_m)]
        pieces = turned(base) if self.plan is None else slab(self.plan, base)
        for band, (_, wedges) in enumerate(bands):
            rows = joints[band] + outline(outside[joints[band] : joints[band + 1] + 1], ROWS)
            outer, inner = outside[rows], inner_corners[[band, band + 1]]
            if band == 0:
                # Straight down from the floor's edge, or on along a wall that leans inward: the piece stays convex.
                run = (inner[0] - inner[1]) * (inner[0, 1] - bottom_z) / (inner[1, 1] - inner[0, 1])
                inner = np.vstack([[min(floor, float(outer[0, 0])) + max(float(run[0]), 0.0), bottom_z], inner])
            if joints[band + 1] == last:
                outer, inner = self._with_lip(outer, inner, wedges)
            else:
                outer, inner = _longer(outer), _longer(inner)
            pieces += ring(outer, inner, wedges) if self.plan is None else led(self.plan, outer, inner)
        return pieces

    def wall_at(self, z: float, tilt: float = 0.0) -> tuple[float, float, float]:
        """Return how a gripper that leans with the wall holds it, with its tool centre point at height `z`.

        A wall between fingers that do not lean with it turns until it does, as soon as it is lifted. tilt: of the hand
        about its closing axis, radians. Returns the radius at which the tool centre point lies, the fingers' distance,
        metres, and the lean, radians.
        """
        outer, inner = (float(np.interp(z, side[:, 1], side[:, 0])) for side in (self.outside, self.inside))
        low, high = np.interp([z - FINGER_TIP_M, z + FINGER_TIP_M], self.outside[:, 1], self.outside[:, 0])
        # A flat finger touches the hollow with its edges; tilted, it reaches further along the wall at the rim.
        half_width = FINGER_HALF_WIDTH_M * np.cos(tilt) + (self.height_m - z) * np.sin(abs(tilt))
        flat = float(np.sqrt(inner**2 - half_width**2))
        return (outer + flat) / 2.0, outer - flat, float(np.arctan2(high - low, 2.0 * FINGER_TIP_M))

    def _with_lip(self, outer: FloatArray, inner: FloatArray, wedges: int) -> tuple[FloatArray, FloatArray]:
        """Return a wedge's two sides with a corner each for the rim's rounding."""
        normal = self._normals[-1]
        rise, half = 0.42 * self.thickness_m, 0.3 * self.thickness_m
        if self.bead_m > 0.0:
            rise, half = 0.8 * self.bead_m, 0.5 * self.bead_m
            outer[-1], inner[-1] = (self._rim + normal * side * 0.8 * self.bead_m for side in (1.0, -1.0))
        top = (outer[-1] + inner[-1]) / 2.0 + np.array([-normal[1], normal[0]]) * rise
        outer, inner = np.vstack([outer, top + normal * half]), np.vstack([inner, top - normal * half])
        # On a wall that lies almost flat the inner corners must not stand out beyond the rim.
        inner[-2:, 0] = np.minimum(inner[-2:, 0], outer[-2:, 0] / corner_radius(np.pi / wedges))
        return outer, inner

    @cached_property
    def _rim(self) -> FloatArray:
        """The middle (2,) of the wall's end."""
        return np.asarray(self.outside[-1] - self._normals[-1] * self.thickness_m / 2.0)

    @cached_property
    def _floor_index(self) -> float:
        """Where along the outer side, in samples, the inner side meets the floor."""
        inner_z = (self.outside - self._normals * self.thickness_m)[:, 1]
        return float(np.interp(self.floor_m, inner_z, np.arange(len(inner_z))))

    @cached_property
    def _normals(self) -> FloatArray:
        legs = np.gradient(self.outside, axis=0)
        legs /= np.linalg.norm(legs, axis=1, keepdims=True)
        return np.stack([legs[:, 1], -legs[:, 0]], 1)


def _longer(path: FloatArray) -> FloatArray:
    """Return a path (N, 2) that reaches on over the next: no crack is left between bands of different wedges."""
    ahead = path[-1] - path[-2]
    return np.vstack([path, path[-1] + ahead * (OVERLAP_M / np.linalg.norm(ahead))])


def _window(path: FloatArray, start: float, stop: float) -> FloatArray:
    """Return a sampled path (N, 2) between two indices, maybe between samples, in N points."""
    at, index = np.linspace(start, stop, len(path)), np.arange(len(path))
    return np.stack([np.interp(at, index, path[:, 0]), np.interp(at, index, path[:, 1])], 1)
