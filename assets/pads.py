"""Pads: many small flat tops with sloping sides, such as the keys of a keyboard, as one mesh."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tracesim.assets.shapes import Mesh
from tracesim.geometry.rigid import FloatArray

CORNERS = np.array([[1.0, 1.0], [-1.0, 1.0], [-1.0, -1.0], [1.0, -1.0]])
"""Corners of a unit square, counter-clockwise."""


def pads(
    centres: npt.ArrayLike,
    sizes: npt.ArrayLike,
    rise_m: float,
    bevel_m: float,
    cells: npt.ArrayLike = (0, 0),
    grid: int = 1,
) -> Mesh:
    """Return rectangular pads on horizontal planes, without their undersides.

    Args:
        centres: Centres of their bases, (K, 3), metres.
        sizes: Sizes of their bases along x and y, (K, 2) or (2,), metres.
        rise_m: Height of a pad, metres.
        bevel_m: Distance by which the top edge is inset from the base, metres.
        cells: Column and row of the texture cell on each top, (K, 2) or (2,); the sides show the cell's first corner.
            The cell is upright when seen from +x towards the origin, with y to the right.
        grid: Number of cells along each side of the texture.
    """
    middle = np.atleast_2d(np.asarray(centres, float))
    count = len(middle)
    half = np.broadcast_to(np.asarray(sizes, float) / 2.0, (count, 2))
    foot = _corners(middle, half)
    top = _corners(middle + np.array([0.0, 0.0, rise_m]), half - bevel_m)
    quads = [top, *(np.stack([foot[:, i], foot[:, j], top[:, j], top[:, i]], 1) for i, j in _sides())]
    vertices = np.stack(quads, 1)  # (K, 5, 4, 3)
    leaning = np.hypot(rise_m, bevel_m)
    out, up = rise_m / leaning, bevel_m / leaning
    faces_out = np.array([[0.0, out, up], [-out, 0.0, up], [0.0, -out, up], [out, 0.0, up]])
    normals = np.concatenate([[[0.0, 0.0, 1.0]], faces_out])
    on_top = np.stack([(CORNERS[:, 1] + 1.0) / 2.0, (CORNERS[:, 0] + 1.0) / 2.0], 1)
    within = np.concatenate([on_top[None], np.full((4, 4, 2), 0.02)])  # (5, 4, 2)
    uvs = (np.broadcast_to(np.asarray(cells), (count, 2))[:, None, None] + within) / grid
    one = np.array([[0, 1, 2], [0, 2, 3]])
    faces = (one[None] + 4 * np.arange(5 * count)[:, None, None]).reshape(-1, 3)
    return Mesh(
        vertices.reshape(-1, 3),
        faces.astype(np.int32),
        np.tile(np.repeat(normals, 4, axis=0), (count, 1)),
        uvs.reshape(-1, 2),
    )


def _corners(middle: FloatArray, half: FloatArray) -> FloatArray:
    """Return the corners (K, 4, 3) of horizontal rectangles, counter-clockwise from above."""
    offsets = np.zeros((len(middle), 4, 3))
    offsets[..., :2] = CORNERS * half[:, None]
    return np.asarray(middle[:, None] + offsets)


def _sides() -> list[tuple[int, int]]:
    """Return the pairs of corners at the sides that face y, -x, -y and x."""
    return [(0, 1), (1, 2), (2, 3), (3, 0)]
