"""Removal of triangles that are hidden inside other parts of the same body."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from scipy.spatial import ConvexHull

from tracesim.assets.shapes import Mesh
from tracesim.geometry.rigid import FloatArray

DEPTH_M = 0.00105
"""Depth inside another part at which a triangle counts as hidden; hulls stand out of their own surface by less."""
SLACK_M = 0.0001
"""Tolerance of the test for lying inside a hull."""


def without_hidden(meshes: Sequence[Mesh], pieces: Iterable[FloatArray], depth_m: float = DEPTH_M) -> list[Mesh]:
    """Return the meshes without the triangles that lie inside any of the convex pieces.

    Vertices are kept, so the indices of the remaining triangles stay valid.

    Args:
        meshes: Meshes to trim.
        pieces: Vertices of convex hulls, each (..., 3), metres.
        depth_m: Distance by which triangles are moved outward before the test. The default suits pieces that are hulls
            of the meshes themselves; otherwise it can be smaller.
    """
    hulls = [ConvexHull(piece.reshape(-1, 3)) for piece in pieces]
    return [_trimmed(mesh, hulls, depth_m) for mesh in meshes]


def _trimmed(mesh: Mesh, hulls: list[ConvexHull], depth_m: float) -> Mesh:
    """Return one mesh without its hidden triangles."""
    corners = mesh.vertices[mesh.faces]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    # A triangle counts as inside if its corners and its centre are.
    marks = np.concatenate([corners, corners.mean(1, keepdims=True)], axis=1) + depth_m * normals[:, None]
    points = marks.reshape(-1, 3)
    inside = np.zeros(len(points), bool)
    for hull in hulls:
        near = np.flatnonzero(((points > hull.min_bound - SLACK_M) & (points < hull.max_bound + SLACK_M)).all(1))
        away = points[near] @ hull.equations[:, :3].T + hull.equations[:, 3]
        inside[near] |= (away < SLACK_M).all(1)
    hidden = inside.reshape(-1, 4).all(1)
    return Mesh(mesh.vertices, mesh.faces[~hidden], mesh.normals, mesh.uvs)
