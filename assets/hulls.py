"""Collision hulls by construction: what a prop's surface is made of, cut into convex pieces.

A piece is a stack of sections, (L, K, 3): L polygons of K corners, metres, each facing the next. Its hull is the convex
hull of its corners, and its volume follows from the stack.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterable
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.spatial import ConvexHull

from tracesim.assets.paths import follow, outline, tangents
from tracesim.assets.plans import Plan
from tracesim.assets.shapes import section_rings, semi_axes
from tracesim.geometry.rigid import FloatArray

DENT_M: Final = 3e-4
"""How deep a dent between two pieces may be that one hull covers."""

DENT_SHARE: Final = 0.005
"""How large such a dent may be, as a share of the volume."""

MOST_FACES: Final = 255
"""Maximum number of faces of a convex hull in PhysX."""

MOST_MIDDLES: Final = 1024
"""Number of points midway between two hulls beyond which their common hull is computed sooner than where they lie."""

STRAIGHT: Final = 1e-3
"""A profile that bends inward by less, radians, is straight."""


def turned(profile: npt.ArrayLike, sides: int = 16, stretch: tuple[float, float] = (0.0, 0.0)) -> list[FloatArray]:
    """Return a convex solid of revolution about z as one piece.

    profile: (L, 2) radius and z, metres, bottom to top. Its radius lies midway between the polygon's corners and its
    edges. stretch: as in `shapes.lathe`; `sides` is then a multiple of 4.
    """
    rows = np.asarray(profile, float)
    if stretch == (0.0, 0.0):
        turn = np.arange(sides) * (2.0 * np.pi / sides)
        shift = np.zeros((sides, 2))
        radius = rows[:, :1] * corner_radius(np.pi / sides)
    else:
        quarter = np.linspace(0.0, np.pi / 2.0, sides // 4)
        turn = np.concatenate([quarter + k * np.pi / 2.0 for k in range(4)])
        shift = np.repeat(np.array([[1.0, 1.0], [-1.0, 1.0], [-1.0, -1.0], [1.0, -1.0]]) * stretch, sides // 4, axis=0)
        radius = rows[:, :1] * corner_radius(np.pi / 4.0 / (sides // 4 - 1))
    x, y = radius * np.cos(turn) + shift[:, 0], radius * np.sin(turn) + shift[:, 1]
    return [np.stack([x, y, np.broadcast_to(rows[:, 1:], x.shape)], -1)]


def bands(profile: npt.ArrayLike, count: int, sides: int = 16) -> list[FloatArray]:
    """Return a solid of revolution about z in at most `count` bands, cut where its profile bends.

    profile: (N, 2) radius and z, metres, bottom to top, finely sampled. sides: as in `turned`. Bands that are convex
    together are one piece: fingers that press on the joint of two are wedged between them.
    """
    path = np.asarray(profile, float)
    joints = outline(path, count + 1)
    rows = follow(path, joints)
    rows[[0, -1]] = path[[0, -1]]
    ahead = np.diff(rows, axis=0)
    inward = np.cross(ahead[:-1], ahead[1:]) < -STRAIGHT * np.prod(np.linalg.norm([ahead[:-1], ahead[1:]], axis=2), 0)
    cuts = [0, *(np.flatnonzero(inward) + 1).tolist(), len(rows) - 1]
    return [piece for low, high in itertools.pairwise(cuts) for piece in turned(rows[low : high + 1], sides)]


def stacked(sections: npt.ArrayLike) -> list[FloatArray]:
    """Return a solid between sections (L, K, 3), metres, as the pieces from each section to the next."""
    return [np.stack(pair) for pair in itertools.pairwise(np.asarray(sections, float))]


def moved(pieces: Iterable[FloatArray], pose: FloatArray) -> list[FloatArray]:
    """Return pieces in the frame that the rigid transform `pose` (4, 4) leads to."""
    return [piece @ pose[:3, :3].T + pose[:3, 3] for piece in pieces]


def ring(outer: npt.ArrayLike, inner: npt.ArrayLike, wedges: int = 16, arc_points: int = 3) -> list[FloatArray]:
    """Return a hollow body of revolution about z as a ring of wedges.

    outer, inner: (L, 2) and (M, 2) radius and z of the wall's two sides, metres, bottom to top; together they bound a
    convex section. arc_points: corners of a wedge's outer arc. The inner side is a chord, midway between too thick and
    too thin.
    """
    outside, inside = np.asarray(outer, float), np.asarray(inner, float)
    missing = len(outside) - len(inside)
    outside = np.concatenate([np.repeat(outside[:1], max(-missing, 0), axis=0), outside])
    inside = np.concatenate([np.repeat(inside[:1], max(missing, 0), axis=0), inside])
    half = np.pi / wedges
    start = np.arange(wedges) * 2.0 * half
    out_turn = start[:, None] + np.linspace(0.0, 2.0 * half, arc_points)  # (W, A)
    in_turn = start[:, None] + np.array([2.0 * half, 0.0])
    turn = np.concatenate([out_turn, in_turn], axis=1)[:, None]  # (W, 1, A + 2)
    radius = np.concatenate(
        [
            np.repeat(outside[:, :1] * corner_radius(half / (arc_points - 1)), arc_points, axis=1),
            np.repeat(inside[:, :1] * corner_radius(half), 2, axis=1),
        ],
        axis=1,
    )  # (L, A + 2)
    z = np.concatenate([np.repeat(outside[:, 1:], arc_points, axis=1), np.repeat(inside[:, 1:], 2, axis=1)], axis=1)
    pieces = np.stack([radius * np.cos(turn), radius * np.sin(turn), np.broadcast_to(z, (wedges, *z.shape))], -1)
    return list(pieces)


def led(plan: Plan, outer: npt.ArrayLike, inner: npt.ArrayLike) -> list[FloatArray]:
    """Return a wall along a plan as pieces between its joints.

    outer, inner: (L, 2) and (M, 2) radius and z of the wall's two sides, metres, bottom to top; together they bound a
    convex section.
    """
    rows = np.concatenate([np.asarray(outer, float), np.asarray(inner, float)[::-1]])
    corners = np.stack([np.insert(plan.corners(radius, plan.joints), 2, z, axis=1) for radius, z in rows], axis=1)
    return [np.stack(pair) for pair in itertools.pairwise(corners)]


def slab(plan: Plan, profile: npt.ArrayLike) -> list[FloatArray]:
    """Return what a plan encloses as one piece; profile: (L, 2) radius and z, metres, bottom to top."""
    rows = np.asarray(profile, float)
    return [np.stack([np.insert(plan.corners(r, plan.floor)[:-1], 2, z, axis=1) for r, z in rows])]


def chain(
    path: npt.ArrayLike,
    radii: npt.ArrayLike,
    links: int,
    sides: int = 8,
    side: npt.ArrayLike = (0.0, 1.0, 0.0),
    start_normal: npt.ArrayLike | None = None,
    end_normal: npt.ArrayLike | None = None,
) -> list[FloatArray]:
    """Return a tube, as `shapes.sweep` draws it, as a chain of prisms that meet in shared sections.

    path: (N, 3), finely sampled. radii, side, start_normal, end_normal: as in `shapes.sweep`. links: prisms, placed
    where the tube bends. A section is a polygon midway between too thick and too thin, with edges, not corners, at
    `side` and across it, so that flat fingers find flat faces.
    """
    points = np.asarray(path, float)
    semi = semi_axes(radii, len(points))
    joints = outline(np.column_stack([points, semi]), links + 1)
    corners = section_rings(
        follow(points, joints),
        tangents(points)[joints],
        semi[joints] * corner_radius(np.pi / sides),
        sides,
        side,
        start_normal,
        end_normal,
        phase=np.pi / sides,
    )
    return [np.stack(pair) for pair in itertools.pairwise(corners)]


def box(size: npt.ArrayLike) -> list[FloatArray]:
    """Return a box of (3,) metres that stands on z = 0 as one piece."""
    x, y, z = np.asarray(size, float)
    polygon = np.array([[x, y], [-x, y], [-x, -y], [x, -y]]) / 2.0
    return [np.stack([np.column_stack([polygon, np.full(4, level)]) for level in (0.0, z)])]


def corner_radius(half_angle: float) -> float:
    """Return where a polygon's corners lie around a unit circle midway between corners and edges.

    half_angle: half the angle between neighbouring corners, radians.
    """
    return float(2.0 / (1.0 + np.cos(half_angle)))


def vertices(pieces: Iterable[FloatArray]) -> tuple[FloatArray, ...]:
    """Return the convex hulls of a prop, as vertex sets (K, 3), metres.

    Consecutive pieces whose union is convex become one hull: a finger that presses on the seam between two hulls would
    be wedged between them.
    """
    joined: list[_Solid] = []
    for piece in pieces:
        solid = _Solid.of(piece.reshape(-1, 3))
        union = joined[-1].joined(solid) if joined else None
        if union is None:
            joined.append(solid)
        else:
            joined[-1] = union
    return tuple(solid.corners for solid in joined)


class _Solid(NamedTuple):
    """A convex hull."""

    corners: FloatArray
    """Corners, (K, 3), metres."""

    volume: float
    """Volume, cubic metres."""

    planes: FloatArray
    """Planes of its faces, (F, 4): outward unit normals, and offsets in metres."""

    @classmethod
    def of(cls, corners: FloatArray) -> _Solid:
        hull = ConvexHull(corners)
        return cls(corners, float(hull.volume), hull.equations)

    def joined(self, other: _Solid) -> _Solid | None:
        """Return the union of two hulls, None where it is not convex within `DENT_M`."""
        if len(self.corners) * len(other.corners) <= MOST_MIDDLES and self._bends_to(other):
            return None
        corners = np.unique(np.concatenate([self.corners, other.corners]), axis=0)
        hull = ConvexHull(corners)
        if hull.volume > (1.0 + DENT_SHARE) * (self.volume + other.volume):
            return None
        if len(hull.equations) > MOST_FACES < len(np.unique(hull.equations.round(6), axis=0)):
            return None
        depth = -(corners @ hull.equations[:, :3].T + hull.equations[:, 3]).max(axis=1)
        return None if depth.max() > DENT_M else _Solid(corners[hull.vertices], float(hull.volume), hull.equations)

    def _bends_to(self, other: _Solid) -> bool:
        """Return whether a point midway between two corners lies so far outside both hulls that none can cover them.

        In 875 props, none of the pairs that are joined is mistaken for one of these.
        """
        middles = ((self.corners[:, None] + other.corners) / 2.0).reshape(-1, 3)
        outside_m = np.minimum(self._beyond_m(middles), other._beyond_m(middles))
        return bool(outside_m.max() > 2.0 * DENT_M)

    def _beyond_m(self, points: FloatArray) -> FloatArray:
        """Return by how much each point (P, 3) lies beyond one of the faces at most, (P,), metres; negative inside."""
        beyond: FloatArray = (self.planes[:, :3] @ points.T + self.planes[:, 3:]).max(axis=0)
        return beyond


def volumes_and_centroids(stacks: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the volumes (P,), cubic metres, and the centroids (P, 3) of pieces of one make, (P, L, K, 3).

    Sums over the tetrahedra between a piece's first corner and the triangles of its surface.
    """
    _, levels, count, _ = stacks.shape
    points = stacks.reshape(len(stacks), -1, 3)
    points = points - points[:, :1]
    a, b, c = (points[:, corners] for corners in _triangles(levels, count).T)  # (P, F, 3) each
    six = np.einsum("pfi,pfi->pf", a, np.cross(b, c))
    total = six.sum(1)
    centroids = stacks[:, 0, 0] + np.einsum("pf,pfi->pi", six, a + b + c) / (4.0 * total[:, None])
    return np.abs(total) / 6.0, centroids


def weight(pieces: Iterable[FloatArray]) -> tuple[float, FloatArray]:
    """Return the volume, cubic metres, and the first moment (3,), volume times centroid, of pieces.

    Where pieces overlap they count twice, as they do in physics.
    """
    makes: dict[tuple[int, ...], list[FloatArray]] = {}
    for piece in pieces:
        makes.setdefault(piece.shape, []).append(piece)
    volume, moment = 0.0, np.zeros(3)
    for stacks in makes.values():
        volumes, centroids = volumes_and_centroids(np.stack(stacks))
        volume += float(volumes.sum())
        moment += volumes @ centroids
    return volume, moment


def centre_of_mass(pieces: Iterable[FloatArray]) -> FloatArray:
    """Return the centre of mass (3,) of pieces of one density."""
    volume, moment = weight(pieces)
    return moment / volume


@functools.cache
def _triangles(levels: int, count: int) -> npt.NDArray[np.int_]:
    """Return the triangles (F, 3) of a stack's surface, as numbers of its corners."""
    corner = np.arange(levels - 1)[:, None] * count + np.arange(count)
    after = np.arange(levels - 1)[:, None] * count + (np.arange(count) + 1) % count
    fan = np.arange(1, count - 1)
    bottom = np.stack([np.zeros_like(fan), fan + 1, fan], -1)
    top = np.stack([np.zeros_like(fan), fan, fan + 1], -1) + (levels - 1) * count
    sides = (np.stack([corner, after, after + count], -1), np.stack([corner, after + count, corner + count], -1))
    return np.concatenate([sides[0].reshape(-1, 3), sides[1].reshape(-1, 3), bottom, top])
