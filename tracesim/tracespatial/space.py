"""Occupied space with solid surfaces, estimated from a single depth image.

A point in front of the surface that its pixel measures is free. A point behind that surface is occupied if its distance
from the nearest visible surface point is more than `TOLERANCE_M` and at most `SOLID_M`. Space that no pixel measures is
free: deeper inside, under the object's mask, without depth, and outside the image. An object collides if more than a
fifth of its points touch occupied space at some time on the path; so it cannot pass through a surface unnoticed,
whatever its height and wherever the keypoints are.

Limits: free space up to 5 cm behind a thin board counts as occupied, obstacles are at most that thick, the support
below the object's own mask is unknown, and only the visible side of the object itself is known.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from tracesim.geometry.rigid import FloatArray
from tracesim.geometry.trace import Trace
from tracesim.tracespatial.cloud import downsample
from tracesim.tracespatial.dataset import Sample
from tracesim.tracespatial.view import Pixels

TOLERANCE_M: Final = 0.02
"""Depth behind a surface from which space is occupied."""

SOLID_M: Final = 0.05
"""Thickness of obstacles."""

COLLIDING_SHARE: Final = 0.20
"""Share of the object's points in occupied space above which it collides, as published."""

STEP_M: Final = 0.005
"""Distance between tested positions on a path."""

_MOST_STEPS: Final = 4_000
_STEPS_AT_ONCE: Final = 32
_SURFACE_VOXEL_M: Final = 0.01
CENTRE_PX: Final = 0.5
"""Offset from the index of a pixel to its centre: pixel i covers [i, i + 1)."""


@dataclass(frozen=True)
class SeenSpace:
    """Space in front of a camera, without the object that moves."""

    sample: Sample
    """Sample with the camera's intrinsics."""

    pixels: Pixels
    """Depth, and mask of the object."""

    @cached_property
    def _depth_m(self) -> FloatArray:
        return np.where(self.pixels.fitted_mask > 0, 0.0, self.pixels.depth_m)

    @cached_property
    def _surface(self) -> cKDTree:
        rows, columns = np.nonzero(self._depth_m)
        z = self._depth_m[rows, columns]
        (fx, _, cx), (_, fy, cy) = self.sample.intrinsics[:2]
        places = [(columns + CENTRE_PX - cx) * z / fx, (rows + CENTRE_PX - cy) * z / fy, z]
        return cKDTree(downsample(np.column_stack(places), _SURFACE_VOXEL_M))

    def taken(self, points: FloatArray) -> npt.NDArray[np.bool_]:
        """Return for each point (N, 3), metres, camera, whether it is in occupied space."""
        hidden = self._beyond(points)
        result = np.zeros(len(points), bool)
        result[hidden] = self._near_surface(points[hidden])
        return result

    def collides(self, cloud: FloatArray, keypoints: FloatArray) -> bool:
        """Return whether a cloud touches occupied space when it is moved along a path.

        The cloud is translated by p - p_0 for points p on the path, 5 mm apart (more on paths longer than 20 m).

        Args:
            cloud: (N, 3), points of the object, metres, camera.
            keypoints: (K, 3), keypoints of the path, metres, camera.
        """
        trace = Trace(keypoints)
        offsets = trace.resampled(max(STEP_M, trace.length_m / _MOST_STEPS)) - keypoints[0]
        touched = np.zeros(len(cloud), bool)
        for first in range(0, len(offsets), _STEPS_AT_ONCE):
            points = cloud[~touched] + offsets[first : first + _STEPS_AT_ONCE, None]
            taken = self.taken(points.reshape(-1, 3)).reshape(points.shape[:2])
            touched[~touched] = taken.any(axis=0)
            if touched.mean() > COLLIDING_SHARE:
                return True
        return False

    def _near_surface(self, points: FloatArray) -> npt.NDArray[np.bool_]:
        """Return for each point (N, 3) behind a surface whether it is within the thickness of obstacles."""
        if not len(points):
            return np.zeros(0, bool)
        depth, _ = self._surface.query(points, distance_upper_bound=SOLID_M)
        return np.asarray((depth > TOLERANCE_M) & (depth <= SOLID_M))

    def _beyond(self, points: FloatArray) -> npt.NDArray[np.bool_]:
        """Return for each point (N, 3) whether it is behind the surface that its pixel measures."""
        height, width = self._depth_m.shape
        (fx, _, cx), (_, fy, cy) = self.sample.intrinsics[:2]
        z = points[:, 2]
        ahead = z > 0.0
        safe = np.where(ahead, z, 1.0)
        column = np.floor(points[:, 0] * fx / safe + cx)
        row = np.floor(points[:, 1] * fy / safe + cy)
        seen = ahead & (column >= 0) & (column < width) & (row >= 0) & (row < height)
        surface = np.zeros(len(points))
        surface[seen] = self._depth_m[row[seen].astype(int), column[seen].astype(int)]
        return np.asarray((surface > 0.0) & (z > surface))
