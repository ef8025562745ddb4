"""Object cloud and obstacles of the published scorer, computed with Open3D 0.19 as published.

Source: the scorer in RoboTracer's public repository at commit 11f09e1. Open3D 0.20 extracts no points from one view.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from tracesim.errors import ConfigurationError
from tracesim.geometry.rigid import FloatArray
from tracesim.machine.extras import optional, remedy
from tracesim.tracespatial import cloud
from tracesim.tracespatial.dataset import MILLIMETRES, Sample
from tracesim.tracespatial.view import Pixels

VERSIONS: Final = ("0.18.", "0.19.")
VOXEL_M: Final = 0.02
TRUNCATION_M: Final = 0.08
FARTHEST_M: Final = 5.0
MASKED: Final = 255


@dataclass(frozen=True)
class Obstacles:
    """Occupied voxels of a grid in the camera frame."""

    occupied: npt.NDArray[np.int64]
    """(N,), numbers of the occupied cells."""

    size: FloatArray
    """(3,), number of cells along each axis."""

    origin: FloatArray
    """(3,), corner of the grid, metres."""

    @classmethod
    def of(cls, surface: FloatArray) -> Obstacles:
        """Return the voxels that contain points (N, 3), metres, camera; the grid begins half a voxel before them."""
        origin = surface.min(axis=0) - VOXEL_M / 2.0
        cells = np.floor((surface - origin) / VOXEL_M)
        size = cells.max(axis=0) + 1.0
        return cls(np.unique(cloud.cell_numbers(cells, size)), size, origin)

    def shares(self, points: FloatArray, keypoints: FloatArray) -> FloatArray:
        """Return the share of an object's points in occupied voxels at each keypoint.

        As published, cell indices are truncated towards zero, and unknown space is free.

        Args:
            points: (N, 3), points of the object, metres, camera.
            keypoints: (K, 3), metres, camera; the object is translated by p_i - p_0.

        Returns:
            (K,), from 0 to 1.
        """
        shares = []
        for keypoint in keypoints:
            cells = np.trunc((points + (keypoint - keypoints[0]) - self.origin) / VOXEL_M)
            cells = cells[((cells >= 0.0) & (cells < self.size)).all(axis=1)]
            met = np.isin(cloud.cell_numbers(cells, self.size), self.occupied)
            shares.append(met.sum() / max(len(points), 1))
        return np.array(shares)


class Fusion:
    """Open3D's part of the published scorer."""

    def __init__(self, library: Any) -> None:
        """Store the module `open3d`."""
        self._library = library

    @classmethod
    def load(cls) -> Fusion | str:
        """Import Open3D and return its part of the scorer, or a sentence on why it is not available."""
        try:
            # Open3D warns about a missing GPU, which is not needed.
            with _one_thread(), warnings.catch_warnings(action="ignore"):
                open3d = optional("open3d", "open3d", "The published collision test")
        except ConfigurationError as error:
            return str(error).rstrip(".")
        if not open3d.__version__.startswith(VERSIONS):
            return f"Open3D is {open3d.__version__}; the published numbers need 0.19: {remedy('open3d')}"
        return cls(open3d)

    def object_cloud(self, sample: Sample, pixels: Pixels) -> FloatArray:
        """Return the object's cloud (N, 3), metres, camera; empty if no pixel of the object has a depth.

        Args:
            sample: Sample with the camera's intrinsics.
            pixels: Depth and mask.
        """
        points = cloud.masked_points(sample, pixels)
        if not len(points):
            return points
        whole = self._cloud(points)
        kept, _ = whole.remove_statistical_outlier(nb_neighbors=cloud.NEIGHBOURS, std_ratio=cloud.DEVIATIONS)
        kept = kept.voxel_down_sample(voxel_size=cloud.voxel_m(points))
        labels = np.asarray(kept.cluster_dbscan(eps=cloud.CLUSTER_REACH_M, min_points=cloud.CLUSTER_CORE))
        cleaned = np.asarray(kept.points)
        found, first, count = np.unique(labels[labels >= 0], return_index=True, return_counts=True)
        if not len(found):
            return cleaned
        # Of clusters of equal size, the published scorer takes the first one.
        best = min(range(len(found)), key=lambda one: (-count[one], first[one]))
        largest = cleaned[labels == found[best]]
        return largest if len(largest) >= cloud.SMALLEST_CLUSTER else cleaned

    def obstacles(self, sample: Sample, pixels: Pixels) -> Obstacles | None:
        """Return the visible surfaces around the object, or None if the published scorer finds none or fails.

        Args:
            sample: Sample with the camera's intrinsics.
            pixels: Depth and mask.
        """
        if pixels.mask.shape != pixels.depth_m.shape:
            return None
        o3d = self._library
        depth = (pixels.depth_m * MILLIMETRES).astype(np.float32)
        depth[pixels.mask == MASKED] = 0.0
        height, width = depth.shape
        (fx, _, cx), (_, fy, cy) = sample.intrinsics[:2]
        picture = o3d.geometry.RGBDImage.create_from_color_and_depth(
            o3d.geometry.Image(np.zeros((height, width, 3), np.uint8)),
            o3d.geometry.Image(depth),
            depth_scale=MILLIMETRES,
            depth_trunc=FARTHEST_M,
            convert_rgb_to_intensity=False,
        )
        fusion = o3d.pipelines.integration
        volume = fusion.ScalableTSDFVolume(VOXEL_M, TRUNCATION_M, fusion.TSDFVolumeColorType.NoColor)
        with _one_thread():
            volume.integrate(picture, o3d.camera.PinholeCameraIntrinsic(width, height, fx, fy, cx, cy), np.eye(4))
        surface = np.asarray(volume.extract_point_cloud().points)
        if not len(surface):
            return None
        return Obstacles.of(surface)

    def _cloud(self, points: FloatArray) -> Any:
        return self._library.geometry.PointCloud(self._library.utility.Vector3dVector(points))


@contextmanager
def _one_thread() -> Iterator[None]:
    """Restrict Open3D to one thread, which is ten times faster for its many tiny blocks.

    Open3D reads the environment variable at each call, and its OpenMP reads it when it is loaded.
    """
    before = os.environ.get("OMP_NUM_THREADS")
    os.environ["OMP_NUM_THREADS"] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ["OMP_NUM_THREADS"]
        else:
            os.environ["OMP_NUM_THREADS"] = before
