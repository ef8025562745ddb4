"""Convex hulls: the collision geometry of bodies, and the signed distance between two of them."""

from __future__ import annotations

import math
import weakref
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Protocol

import numpy as np
import numpy.typing as npt
from scipy.optimize import nnls
from scipy.spatial import ConvexHull, QhullError

from tracesim.errors import ConfigurationError
from tracesim.geometry._mplib import Pose, fcl
from tracesim.geometry.rigid import FloatArray, apply, inverse

EXACT_M = 1e-6
"""Greatest error of a distance."""

PARALLEL = 1e-9
"""Sine of the angle below which two directions count as parallel: a facet between them would have no area."""


def box_corners(low: npt.ArrayLike, high: npt.ArrayLike) -> FloatArray:
    """Return the corners (8, 3) of a box from its least and its greatest corner, (3,) each."""
    return np.array(list(product(*zip(np.asarray(low, float), np.asarray(high, float), strict=True))))


class Hulled(Protocol):
    """Anything made of convex hulls, such as a prop."""

    @property
    def hulls(self) -> Sequence[FloatArray]:
        """Vertices of each hull, (K, 3), metres."""


@dataclass(frozen=True)
class Facets:
    """The boundary of a convex hull."""

    vertices: FloatArray
    """Extreme points, (V, 3), metres."""
    triangles: npt.NDArray[np.int32]
    """Indices of the vertices of each triangle, (F, 3), counter-clockwise from outside."""
    normals: FloatArray
    """Outward unit normals of the triangles, (F, 3)."""
    edges: FloatArray
    """Unit directions of the edges at which the surface bends, (E, 3)."""
    beside: FloatArray
    """Normals of the two faces that meet at each of these edges, (2, E, 3)."""

    @classmethod
    def of(cls, points: FloatArray) -> Facets:
        """Return the boundary of the convex hull of points (K, 3).

        Raises:
            ConfigurationError: The points enclose no volume.
        """
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
        order = np.lexsort(sides.T)  # the triangles form a closed surface, so every side occurs twice
        first, second = normals[order[0::2] // 3], normals[order[1::2] // 3]
        ends = vertices[sides[order[0::2]]]
        bends = np.linalg.norm(np.cross(first, second), axis=1) > PARALLEL
        along = (ends[:, 1] - ends[:, 0])[bends]
        along /= np.linalg.norm(along, axis=1, keepdims=True)
        return cls(vertices, triangles, normals, along, np.stack([first[bends], second[bends]]))


class Hull:
    """One convex hull in the frame of its body; its boundary is computed when first needed."""

    def __init__(self, points: FloatArray) -> None:
        """Store the points and their bounding sphere.

        Args:
            points: Points, (K, 3), metres.
        """
        self.points = np.ascontiguousarray(points, float)
        low, high = self.points.min(axis=0), self.points.max(axis=0)
        self.centre = (low + high) / 2.0
        self.radius_m = float(np.linalg.norm(self.points - self.centre, axis=1).max())

    @cached_property
    def facets(self) -> Facets:
        """The boundary of the hull."""
        return Facets.of(self.points)

    @cached_property
    def convex(self) -> fcl.Convex:
        """The hull as an FCL geometry."""
        return fcl.Convex(self.facets.vertices, self.facets.triangles)


class HullShape:
    """The convex hulls of a rigid body, in the frame of the body.

    Attributes:
        hulls: The hulls.
        points: Points of all hulls, (N, 3), metres.
        starts: Index of each hull's first point, (H,).
        centres: Centres of the bounding spheres, (H, 3), metres.
        radii_m: Radii of the bounding spheres, (H,).
        centre: Centre of the bounding box of the body, (3,), metres.
        half_extents: Half the size of the bounding box of the body, (3,), metres.
    """

    def __init__(self, vertex_sets: Sequence[FloatArray]) -> None:
        """Prepare the hulls.

        Args:
            vertex_sets: Vertices of each hull, (K, 3), metres.
        """
        self.hulls = tuple(Hull(points) for points in vertex_sets)
        self.points = np.concatenate([hull.points for hull in self.hulls])
        self.starts = np.cumsum([0] + [len(hull.points) for hull in self.hulls[:-1]])
        self.centres = np.array([hull.centre for hull in self.hulls])
        self.radii_m = np.array([hull.radius_m for hull in self.hulls])
        low, high = self.points.min(axis=0), self.points.max(axis=0)
        self.centre, self.half_extents = (low + high) / 2.0, (high - low) / 2.0

    @classmethod
    def of(cls, solid: Hulled) -> HullShape:
        """Return the hulls of a prop or another solid, made once and kept as long as the solid exists."""
        shape = _SHAPES.get(id(solid))
        if shape is None:
            shape = _SHAPES[id(solid)] = cls(solid.hulls)
            weakref.finalize(solid, _SHAPES.pop, id(solid), None)
        return shape

    def travelled_m(self, poses: FloatArray) -> FloatArray:
        """Return an upper bound (T,), metres, of how far any point has travelled up to each of the poses (T, 4, 4)."""
        signs = np.array([[x, y, z] for x in (-1.0, 1.0) for y in (-1.0, 1.0) for z in (-1.0, 1.0)])
        corners = self.centre + signs * self.half_extents
        # The length of a point's path is a convex function of the point, so it is largest at a corner of the box.
        paths = corners @ np.swapaxes(poses[:, :3, :3], 1, 2) + poses[:, None, :3, 3]
        steps = np.linalg.norm(np.diff(paths, axis=0), axis=2).max(axis=1)
        return np.concatenate([[0.0], np.cumsum(steps)])

    def boxes(self, poses: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the low and high corners (T, H, 3) of the hulls' bounding boxes in the world, at poses (T, 4, 4)."""
        # (T, 3, N) rather than (T, N, 3): a single matrix product, and the reduction runs over contiguous memory.
        points = (poses[:, :3, :3].reshape(-1, 3) @ self.points.T).reshape(len(poses), 3, -1)
        at = poses[:, :3, 3:]
        low = np.minimum.reduceat(points, self.starts, axis=2) + at
        high = np.maximum.reduceat(points, self.starts, axis=2) + at
        return np.swapaxes(low, 1, 2), np.swapaxes(high, 1, 2)


_SHAPES: dict[int, HullShape] = {}


def overlap_m(a: Facets, b: Facets, b_in_a: FloatArray, enough_m: float = 0.0) -> float:
    """Return the depth of the overlap of two hulls, metres: the shortest translation that separates them.

    The depth is the distance of the origin from the nearest facet of the Minkowski difference of the two. The normals
    of its facets are those of a, the reversed normals of b, and those of pairs of edges whose arcs cross on the Gauss
    map. Source: Gregorius, "The Separating Axis Test between Convex Polyhedra", GDC 2013.

    Args:
        a: The first hull.
        b: The second hull.
        b_in_a: Pose of the second hull in the frame of the first, (4, 4).
        enough_m: Depth up to which an upper bound will do: if the depth is not larger, any bound up to this value may
            be returned.

    Returns:
        The depth. Hulls that are apart give a negative number, whose absolute value is at most their distance.
    """
    rotation, at = b_in_a[:3, :3], b_in_a[:3, 3]
    vertices = b.vertices @ rotation.T + at

    def least(normals: FloatArray) -> float:
        """Return the least overlap along any of the given normals."""
        reach = (a.vertices @ normals.T).max(axis=0) - (vertices @ normals.T).min(axis=0)
        return float(reach.min())

    depth = least(np.concatenate([a.normals, -b.normals @ rotation.T]))
    if depth <= enough_m:
        return depth
    edges, beside = b.edges @ rotation.T, -b.beside @ rotation.T
    left, right = a.beside[0] @ edges.T, a.beside[1] @ edges.T  # (A, B): sides of b's arcs on which the ends of a's lie
    above, below = a.edges @ beside[0].T, a.edges @ beside[1].T
    # The overlap along any normal is at least the depth, so extra arcs do no harm, and touching ones count, too.
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


def separation_m(a: FloatArray, b: FloatArray) -> float:
    """Return the distance between the hulls of points a (A, 3) and b (B, 3) that do not overlap, metres.

    The two nearest points are convex combinations of the points; they are found by non-negative least squares, with a
    penalty that holds the sums of the weights at one. The result is the gap that a plane between the hulls proves.
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
    gjk_solver_type=fcl.GJKSolverType.GST_INDEP,  # the other solver errs in shallow overlaps
)


class PlacedHull:
    """A hull at a pose in the world, for distances to other hulls."""

    def __init__(self, hull: Hull) -> None:
        """Place the hull at the origin.

        Args:
            hull: The hull.
        """
        self._facets = hull.facets
        self._object = fcl.CollisionObject(hull.convex)
        self._pose = np.eye(4)

    def move(self, pose: FloatArray, as_mplib: Pose) -> None:
        """Move the hull's body to a pose.

        Args:
            pose: Pose, (4, 4).
            as_mplib: The same pose as mplib's type, which many hulls share.
        """
        self._pose = pose
        self._object.set_pose(as_mplib)

    def distance_m(self, other: PlacedHull, matters_m: float = np.inf) -> float:
        """Return the signed distance to another hull, metres; negative is the depth of an overlap.

        FCL's distance is used where a plane between the hulls proves it. Otherwise it cannot be relied on: for random
        hulls one in a hundred is too large, some by millimetres and with the wrong sign, and overlaps have no depth.

        Args:
            other: The other hull.
            matters_m: Distance from which on precision does not matter: if the distance is not smaller, any value
                between the two may be returned.

        Returns:
            The distance, never too large and at most `EXACT_M` too small.
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
        # Where the hulls touch, their nearest points coincide and define no plane between them.
        return max(-depth, separation_m(self._facets.vertices, apply(other_in_self, other._facets.vertices)))

    def _gap_m(self, other: PlacedHull, across: FloatArray) -> float:
        """Return the gap between the hulls along the direction `across`, metres; negative if they overlap along it."""
        length = math.sqrt(across @ across)
        if length == 0.0:
            return -math.inf
        here = self._facets.vertices @ (across @ self._pose[:3, :3])
        there = other._facets.vertices @ (across @ other._pose[:3, :3])
        return float(there.min() - here.max() + across @ (other._pose[:3, 3] - self._pose[:3, 3])) / length
