"""Point cloud of the object: its pixels with depth, without outliers, downsampled, and only the largest cluster.

Steps and parameters are those of the scorer in RoboTracer's public repository at commit 11f09e1.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from tracesim.geometry.rigid import FloatArray
from tracesim.tracespatial.dataset import Sample
from tracesim.tracespatial.view import Pixels

FARTHEST_M: Final = 15.0
NEIGHBOURS: Final = 10
DEVIATIONS: Final = 1.2
SMALLEST_VOXEL_M: Final = 0.01
VOXELS_ACROSS: Final = 40.0
CLUSTER_REACH_M: Final = 0.02
CLUSTER_CORE: Final = 10
SMALLEST_CLUSTER: Final = 5


def masked_points(sample: Sample, pixels: Pixels, offset_px: float = 0.0) -> FloatArray:
    """Return the pixels of the object that have a depth as points (N, 3), metres, camera.

    Args:
        sample: Sample with the camera's intrinsics.
        pixels: Depth and mask.
        offset_px: Offset from the index of a pixel to the position of its point, 0.5 for its centre.
    """
    depth = pixels.depth_m
    rows, columns = np.nonzero((pixels.fitted_mask > 0) & (depth > 0.0) & (depth < FARTHEST_M))
    (fx, _, cx), (_, fy, cy) = sample.intrinsics[:2]
    z = depth[rows, columns]
    return np.column_stack([(columns + offset_px - cx) * z / fx, (rows + offset_px - cy) * z / fy, z])


def voxel_m(points: FloatArray) -> float:
    """Return the edge length of voxels for downsampling a cloud (N, 3): a fortieth of its spread, at least 1 cm."""
    spread = 3.0 * float(np.linalg.norm(points.std(axis=0))) + 1e-6
    return max(SMALLEST_VOXEL_M, spread / VOXELS_ACROSS)


def remove_outliers(points: FloatArray) -> FloatArray:
    """Return the points (N, 3) without those whose mean distance to their nearest neighbours is unusually large.

    As in Open3D, a point is its own first neighbour, and points that coincide with all neighbours are removed.
    """
    if len(points) < 2:
        return points[:0]
    distances, _ = cKDTree(points).query(points, k=min(NEIGHBOURS, len(points)))
    mean = distances.mean(axis=1)
    known = mean[mean > 0.0]
    if len(known) < 2:
        return points[:0]
    kept = (mean > 0.0) & (mean < known.mean() + DEVIATIONS * known.std(ddof=1))
    return np.asarray(points[kept])


def downsample(points: FloatArray, voxel_m: float) -> FloatArray:
    """Return the mean of the points (N, 3) in each voxel; the grid begins half a voxel before the lowest coordinates.

    Args:
        points: (N, 3), metres.
        voxel_m: Edge length of the voxels, metres.
    """
    if not len(points):
        return points
    cells = np.floor((points - points.min(axis=0)) / voxel_m + 0.5)
    _, cell, count = np.unique(cell_numbers(cells, cells.max(axis=0) + 1.0), return_inverse=True, return_counts=True)
    return np.asarray(np.column_stack([np.bincount(cell, axis) for axis in points.T]) / count[:, None])


def cell_numbers(cells: FloatArray, size: FloatArray) -> npt.NDArray[np.int64]:
    """Return a unique number (N,) for each cell (N, 3) of a grid of `size` (3,) cells."""
    return np.asarray((cells[:, 0] * size[1] + cells[:, 1]) * size[2] + cells[:, 2], dtype=np.int64)


def largest_piece(points: FloatArray, reach_m: float) -> FloatArray:
    """Return the largest cluster of points (N, 3), or all points if it has fewer than five.

    A point with ten points within `reach_m`, including itself, is a core point. Core points within reach of each other
    form a cluster, and other points belong to the cluster of the nearest core point within reach. Source: DBSCAN, Ester
    et al. 1996.

    Args:
        points: (N, 3), metres.
        reach_m: Largest distance between neighbours, metres.
    """
    tree = cKDTree(points)
    near = tree.query_ball_point(points, reach_m, return_length=True)
    cores = np.flatnonzero(near >= CLUSTER_CORE)
    if not len(cores):
        return points
    core_tree = cKDTree(points[cores])
    first, second = core_tree.query_pairs(reach_m, output_type="ndarray").T
    links = coo_matrix((np.ones(len(first)), (first, second)), shape=(len(cores), len(cores)))
    _, cluster_of_core = connected_components(links, directed=False)
    distance, nearest = core_tree.query(points)
    cluster = np.where(distance <= reach_m, cluster_of_core[nearest], -1)
    largest = points[cluster == np.bincount(cluster[cluster >= 0]).argmax()]
    return largest if len(largest) >= SMALLEST_CLUSTER else points


def object_cloud(points: FloatArray, reach_m: float | None = None) -> FloatArray:
    """Return the cleaned cloud (M, 3) of an object.

    Args:
        points: (N, 3), points of the object, metres.
        reach_m: Largest distance between neighbours in a cluster, metres; by default two voxels. The published value is
            2 cm whatever the size of the voxels, which breaks the cloud of a large object into small pieces.
    """
    if not len(points):
        return points
    size_m = voxel_m(points)
    kept = downsample(remove_outliers(points), size_m)
    return largest_piece(kept, 2.0 * size_m if reach_m is None else reach_m) if len(kept) else kept
