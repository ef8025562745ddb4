"""Footprint of an object on the table, estimated from one depth image."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from tracesim.geometry.camera import Camera
from tracesim.geometry.rigid import FloatArray

STANDS_OUT_M: Final = 0.005
"""Points higher than this above the table belong to an object."""

JOINED_M: Final = 0.01
"""Neighbouring pixels belong to the same object if their points are closer than this; objects stand farther apart."""

SIZE_M: Final = 0.25
"""Largest distance of any part of an object from the point at which it is touched."""

TOP_M: Final = 0.01
"""Height of the top layer of an object that is used: it is visible from all sides, unlike the parts below."""


def footprint_center(camera: Camera, depth: npt.NDArray[np.float32], pixel: FloatArray) -> FloatArray:
    """Return the point on the table below the middle of the top of the object that is seen at a pixel.

    The estimate is off if the top of the object is partly hidden or is not centred above its underside, or if two
    objects touch. Whatever the object stands on counts as part of it. If the pixel shows the table, its own point is
    returned.

    Args:
        camera: Camera of the depth image.
        depth: (H, W), metres, camera z.
        pixel: (2,), column and row; a depth must have been measured there.

    Returns:
        (3,), metres, world, with z = 0.
    """
    height, width = depth.shape
    column, row = np.clip(np.floor(pixel).astype(int), 0, (width - 1, height - 1))
    reach = int(np.ceil(camera.intrinsics[0, 0] * SIZE_M / depth[row, column]))
    left, upper = max(0, column - reach), max(0, row - reach)
    window = depth[upper : row + reach + 1, left : column + reach + 1]
    rows, columns = np.indices(window.shape)
    pixels = np.stack([columns + left + 0.5, rows + upper + 0.5, window], axis=-1).reshape(-1, 3)
    points = camera.lift(pixels).reshape(*window.shape, 3)
    standing = (window > 0.0) & (points[..., 2] > STANDS_OUT_M)
    own = row - upper, column - left
    if not standing[own]:
        return np.array([*points[own][:2], 0.0])
    labels = _objects(points, standing)
    visible = points[standing & (labels == labels[own])]
    top = visible[visible[:, 2] > visible[:, 2].max() - TOP_M, :2]
    return np.array([*(top.min(axis=0) + top.max(axis=0)) / 2.0, 0.0])


def _objects(points: FloatArray, standing: npt.NDArray[np.bool_]) -> npt.NDArray[np.int32]:
    """Return a label (H, W) of the object to which each point (H, W, 3) belongs, for points that stand out."""
    number = np.arange(standing.size).reshape(standing.shape)
    ends = []
    for first, second in ((np.s_[1:], np.s_[:-1]), (np.s_[:, 1:], np.s_[:, :-1])):
        near = np.linalg.norm(points[first] - points[second], axis=-1) < JOINED_M
        near &= standing[first] & standing[second]
        ends.append(np.stack([number[first][near], number[second][near]]))
    edges = np.concatenate(ends, axis=1)
    graph = coo_matrix((np.ones(edges.shape[1]), edges), shape=(standing.size, standing.size))
    labels: npt.NDArray[np.int32] = connected_components(graph, directed=False)[1]
    return labels.reshape(standing.shape)
