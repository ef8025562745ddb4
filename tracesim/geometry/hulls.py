"""Convex hulls: what bodies are made of where touching is concerned, and how far apart two of them are."""

from __future__ import annotations

import math
import weakref
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
import numpy.typing as npt
from scipy.optimize import nnls
from scipy.spatial import ConvexHull, QhullError

from tracesim.errors import ConfigurationError
from tracesim.geometry._mplib import Pose, fcl
from tracesim.geometry.rigid import FloatArray, apply, inverse

EXACT_M = 1e-6
"""What a distance may be off."""

PARALLEL = 1e-9
"""Sine of the angle below which two directions count as one: a facet between them would have no area."""


class Hulled(Protocol):
    """What is made of convex hulls, such as a prop."""

    @property
    def hulls(self) -> Sequence[FloatArray]:
        """Vertex sets (K, 3), metres, one for each hull."""


@dataclass(frozen=True)
class Facets:
    """A hull's boundary.

    vertices (V, 3): the extreme ones. triangles (F, 3): outward by the right hand. normals (F, 3): unit, outward.
    edges (E, 3): unit directions of the edges at which the surface bends. beside (2, E, 3): the normals of the two
    faces that meet there.
    """

    vertices: FloatArray
    triangles: npt.NDArray[np.int32]
    normals: FloatArray
    edges: FloatArray
    beside: FloatArray

    @classmethod
    def of(cls, points: FloatArray) -> Facets:
        """Return the boundary of the hull of points (K, 3); a `ConfigurationError` where they enclose no volume."""
        try:
            hull = ConvexHull(points)
        except QhullError:
            raise ConfigurationError(f"A hull of {len(points)} points encloses no volume; give it thickness.") from None
        number = np.zeros(len(points), np.int32)
        number[hull.vertices] = np.arange(len(hull.vertices), dtype=np.int32)
        vertices = hull.points[hull.vertices]
        triangles = number[hull.simplices]
        normals = hull.equations[:, :3]
        corners = vertices[triangles]
        turn = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
        inward = np.einsum("fi,fi->f", turn, normals) < 0.0
        triangles[inward] = triangles[inward][:, ::-1]

        sides = np.sort(triangles[:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2), axis=1)
        order = np.lexsort(sides.T)  # Qhull's triangles are a closed surface: every side comes twice
        first, second = normals[order[0::2] // 3], normals[order[1::2] // 3]
        ends = vertices[sides[order[0::2]]]
        bends = np.linalg.norm(np.cross(first, second), axis=1) > PARALLEL
        along = (ends[:, 1] - ends[:, 0])[bends]
        along /= np.linalg.norm(along, axis=1, keepdims=True)
        return cls(vertices, triangles, normals, along, np.stack([first[bends], second[bends]]))


class Hull:
    """One convex hull of points (K, 3), metres, in its body's frame; its boundary is worked out when first needed."""

    def __init__(self, points: FloatArray) -> None:
        self.points = np.ascontiguousarray(points, float)
        low, high = self.points.min(axis=0), self.points.max(axis=0)
        self.centre = (low + high) / 2.0
        self.radius_m = float(np.linalg.norm(self.points - self.centre, axis=1).max())

    @cached_property
    def facets(self) -> Facets:
        """The hull's boundary."""
        return Facets.of(self.points)

    @cached_property
    def convex(self) -> fcl.Convex:
        """The hull as FCL knows it."""
        return fcl.Convex(self.facets.vertices, self.facets.triangles)


class HullShape:
    """A rigid body's hulls, given as vertex sets (K, 3), metres, in the body's frame.

    points (N, 3): all hulls' points. starts (H,): each hull's first among them. centres (H, 3) and radii_m (H,): the
    hulls' bounding spheres. centre, half_extents (3,): the body's box.
    """

    def __init__(self, vertex_sets: Sequence[FloatArray]) -> None:
        self.hulls = tuple(Hull(points) for points in vertex_sets)
        self.points = np.concatenate([hull.points for hull in self.hulls])
        self.starts = np.cumsum([0] + [len(hull.points) for hull in self.hulls[:-1]])
        self.centres = np.array([hull.centre for hull in self.hulls])
        self.radii_m = np.array([hull.radius_m for hull in self.hulls])
        low, high = self.points.min(axis=0), self.points.max(axis=0)
        self.centre, self.half_extents = (low + high) / 2.0, (high - low) / 2.0

    @classmethod
    def of(cls, solid: Hulled) -> HullShape:
        """Return the hulls of a prop or another solid, made once for as long as it lives."""
        shape = _SHAPES.get(id(solid))
        if shape is None:
            shape = _SHAPES[id(solid)] = cls(solid.hulls)
            weakref.finalize(solid, _SHAPES.pop, id(solid), None)
        return shape

    def travelled_m(self, poses: FloatArray) -> FloatArray:
        """Return how far, at most, any of the shape's points has gone by each of the poses (T, 4, 4), (T,)."""
        signs = np.array([[x, y, z] for x in (-1.0, 1.0) for y in (-1.0, 1.0) for z in (-1.0, 1.0)])
        corners = self.centre + signs * self.half_extents
        # How far a point goes is a convex function of the point: no point inside the box goes farther than a corner.
        paths = corners @ np.swapaxes(poses[:, :3, :3], 1, 2) + poses[:, None, :3, 3]
        steps = np.linalg.norm(np.diff(paths, axis=0), axis=2).max(axis=1)
        return np.concatenate([[0.0], np.cumsum(steps)])

    def boxes(self, poses: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the low and high corners (T, H, 3) of the hulls' bounding boxes, world axes, at poses (T, 4, 4)."""
        # (T, 3, N) rather than (T, N, 3): one product of matrices, and the reduction runs along the memory.
        points = (poses[:, :3, :3].reshape(-1, 3) @ self.points.T).reshape(len(poses), 3, -1)
        at = poses[:, :3, 3:]
        low = np.minimum.reduceat(points, self.starts, axis=2) + at
        high = np.maximum.reduceat(points, self.starts, axis=2) + at
        return np.swapaxes(low, 1, 2), np.swapaxes(high, 1, 2)


_SHAPES: dict[int, HullShape] = {}


def overlap_m(a: Facets, b: Facets, b_in_a: FloatArray, enough_m: float = 0.0) -> float:
    """Return how far two hulls must be moved, at least, to overlap no more: the depth of their overlap, metres.

    b_in_a: (4, 4). enough_m: the exact depth is needed only if it is more than this; otherwise any bound above the
    depth, itself at most `enough_m`, may be returned. Hulls that are apart give a negative number, whose size is at
    most their distance.

    The depth is the origin's distance from the nearest facet of the Minkowski difference of the two. Its facets'
    normals are those of a, those of b reversed, and those of the pairs of edges whose arcs cross on the Gauss map.
    Source: Gregorius, "The Separating Axis Test between Convex Polyhedra", GDC 2013.
    """
    rotation, at = b_in_a[:3, :3], b_in_a[:3, 3]
    vertices = b.vertices @ rotation.T + at

    def least(normals: FloatArray) -> float:
        reach = (a.vertices @ normals.T).max(axis=0) - (vertices @ normals.T).min(axis=0)
        return float(reach.min())

    depth = least(np.concatenate([a.normals, -b.normals @ rotation.T]))
    if depth <= enough_m:
        return depth
    edges, beside = b.edges @ rotation.T, -b.beside @ rotation.T
    left, right = a.beside[0] @ edges.T, a.beside[1] @ edges.T  # (A, B): sides of b's arcs on which a's ends lie
    above, below = a.edges @ beside[0].T, a.edges @ beside[1].T
    # The reach along a normal is never less than the depth: an arc too many does no harm, so touching ones count.
    crossing = (left * right <= PARALLEL) & (above * below <= PARALLEL)
    of_a, of_b = np.nonzero(crossing)
    normals = np.cross(a.edges[of_a], edges[of_b])
    sine = np.linalg.norm(normals, axis=1)
    bent = sine > PARALLEL
    if not bent.any():
        return depth
    normals = normals[bent] / sine[bent, None]
    middle = a.beside[0][of_a[bent]] + a.beside[1][of_a[bent]]
    normals[np.einsum("ni,ni->n", normals, middle) < 0.0] *= -1.0
    return min(depth, least(normals))


def apart_m(a: FloatArray, b: FloatArray) -> float:
    """Return the distance, metres, of the hulls of points a (A, 3) and b (B, 3) that are known not to overlap.

    The two nearest points are the convex combinations least apart: non-negative least squares, the weights' sums held
    at one by a penalty. What is returned is the gap that a plane between them proves.
    """
    origin = a.mean(axis=0)
    scale = max(float(np.ptp(a, axis=0).max()), float(np.ptp(b, axis=0).max()))
    system = np.zeros((5, len(a) + len(b)))
    system[:3] = np.concatenate([a - origin, origin - b]).T / scale
    system[3, : len(a)] = system[4, len(a) :] = _PENALTY
    weights, _ = nnls(system, np.array([0.0, 0.0, 0.0, _PENALTY, _PENALTY]), maxiter=50 * (len(a) + len(b)))
    of_a, of_b = weights[: len(a)], weights[len(a) :]
    across = of_b @ b / of_b.sum() - of_a @ a / of_a.sum()
    across /= max(float(np.linalg.norm(across)), 1e-300)
    return float((b @ across).min() - (a @ across).max())


_PENALTY = 1e3
_REQUEST = fcl.DistanceRequest(
    enable_nearest_points=True,
    enable_signed_distance=True,
    distance_tolerance=EXACT_M / 10.0,
    gjk_solver_type=fcl.GJKSolverType.GST_INDEP,  # the other one answers wrong positive distances in shallow overlaps
)


class PlacedHull:
    """A hull where it stands in the world, for distances to others."""

    def __init__(self, hull: Hull) -> None:
        self._facets = hull.facets
        self._object = fcl.CollisionObject(hull.convex)
        self._pose = np.eye(4)

    def move(self, pose: FloatArray, as_mplib: Pose) -> None:
        """Put the hull's body at `pose` (4, 4), given as mplib's too because many hulls share it."""
        self._pose = pose
        self._object.set_pose(as_mplib)

    def distance_m(self, other: PlacedHull, matters_m: float = np.inf) -> float:
        """Return the signed distance of two hulls, metres, `EXACT_M` too small at most: negative is an overlap's depth.

        matters_m: where the distance is not less than this, anything between the two may be returned.

        FCL's distance stands where a plane between the hulls proves it. Unproven it is not enough: on random hulls one
        in a hundred is too large, some by millimetres and across zero, and overlaps have no depth.
        """
        there = fcl.distance(self._object, other._object, _REQUEST)
        claimed = there.min_distance
        if claimed > 0.0:
            back = fcl.distance(other._object, self._object, _REQUEST)
            proven = self._gap_m(other, back.nearest_points - there.nearest_points)
            if proven >= min(claimed - EXACT_M, matters_m):
                return proven
        other_in_self = inverse(self._pose) @ other._pose
        depth = overlap_m(self._facets, other._facets, other_in_self, enough_m=max(0.0, -matters_m))
        if depth >= 0.0 or -depth >= matters_m or (claimed > 0.0 and -depth >= claimed - EXACT_M):
            return -depth
        # Where they touch, the nearest points are one, and no plane stands across the way between them.
        return max(-depth, apart_m(self._facets.vertices, apply(other_in_self, other._facets.vertices)))

    def _gap_m(self, other: PlacedHull, across: FloatArray) -> float:
        """Return how wide a slab without either hull lies between them, its normal along `across`; metres."""
        length = math.sqrt(across @ across)
        if length == 0.0:
            return -math.inf
        here = self._facets.vertices @ (across @ self._pose[:3, :3])
        there = other._facets.vertices @ (across @ other._pose[:3, :3])
        return float(there.min() - here.max() + across @ (other._pose[:3, 3] - self._pose[:3, 3])) / length
