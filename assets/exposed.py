"""What of a body's parts can be seen where they are stuck into each other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from scipy.spatial import ConvexHull

from tracesim.assets.shapes import Mesh
from tracesim.geometry.rigid import FloatArray

DEPTH_M = 0.00105
"""So deep inside another part a triangle is hidden: hulls stand out of their own surface by less."""
SLACK_M = 0.0001


def exposed(meshes: Sequence[Mesh], pieces: Iterable[FloatArray], depth_m: float = DEPTH_M) -> list[Mesh]:
    """Return the meshes without the triangles that lie inside the convex pieces, (..., 3) metres.

    depth_m: how far their triangles are moved outward before: less suffices where no piece is a mesh's own. The meshes'
    vertices stay as they are.
    """
    hulls = [ConvexHull(piece.reshape(-1, 3)) for piece in pieces]
    return [_trimmed(mesh, hulls, depth_m) for mesh in meshes]


def _trimmed(mesh: Mesh, hulls: list[ConvexHull], depth_m: float) -> Mesh:
    corners = mesh.vertices[mesh.faces]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    # A triangle lies inside where its corners and its middle do.
    marks = np.concatenate([corners, corners.mean(1, keepdims=True)], axis=1) + depth_m * normals[:, None]
    points = marks.reshape(-1, 3)
    inside = np.zeros(len(points), bool)
    for hull in hulls:
        near = np.flatnonzero(((points > hull.min_bound - SLACK_M) & (points < hull.max_bound + SLACK_M)).all(1))
        away = points[near] @ hull.equations[:, :3].T + hull.equations[:, 3]
        inside[near] |= (away < SLACK_M).all(1)
    hidden = inside.reshape(-1, 4).all(1)
    return Mesh(mesh.vertices, mesh.faces[~hidden], mesh.normals, mesh.uvs)
