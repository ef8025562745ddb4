"""The foot of an object: where on the table it stands, as far as one look at it tells."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from tracesim.geometry.camera import Camera
from tracesim.geometry.rigid import FloatArray

STANDS_OUT_M: Final = 0.005
"""What is seen higher above the table belongs to an object."""

JOINED_M: Final = 0.01
"""Neighbouring pixels whose points lie nearer to each other belong to the same object: objects stand farther apart."""

SIZE_M: Final = 0.25
"""No object reaches farther from the point where it is touched."""

TOP_M: Final = 0.01
"""So far down from its highest point an object is looked at: that is seen from all sides, what is below is not."""


def foot(camera: Camera, depth: npt.NDArray[np.float32], pixel: FloatArray) -> FloatArray:
    """Return the point of the table (3,), world, under the middle of the top of the object seen at a pixel (2,).

    depth: (H, W), metres, camera z. What is seen at the pixel has to have a depth. Where that is the table itself, the
    point is where it is seen. It is off where an object's top is hidden in part, is not above the middle of its
    underside, or where two objects touch; what the object stands on counts as part of it.
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
    seen = points[standing & (labels == labels[own])]
    top = seen[seen[:, 2] > seen[:, 2].max() - TOP_M, :2]
    return np.array([*(top.min(axis=0) + top.max(axis=0)) / 2.0, 0.0])


def _objects(points: FloatArray, standing: npt.NDArray[np.bool_]) -> npt.NDArray[np.int32]:
    """Return the number of the object that each of the points (H, W, 3) belongs to, (H, W), where they stand out."""
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
