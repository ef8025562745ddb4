"""Meshes of links, cut into convex slabs."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial import ConvexHull

from tracesim.geometry.rigid import FloatArray

if TYPE_CHECKING:
    from trimesh import Trimesh


def slabs(mesh: Trimesh, axis: int, bounds: Sequence[float]) -> list[FloatArray]:
    """Return the corners (K, 3) of the hulls of a mesh's slabs between neighbouring bounds along an axis, metres."""
    hulls = []
    for low, high in pairwise(bounds):
        along = mesh.vertices[:, axis]
        parts = [mesh.vertices[(along >= low) & (along <= high)]]
        for bound in (low, high):
            section = mesh.section(plane_normal=np.eye(3)[axis], plane_origin=bound * np.eye(3)[axis])
            parts += [] if section is None else [section.vertices]
        points = np.concatenate(parts)
        hulls.append(points[ConvexHull(points).vertices])
    return hulls
