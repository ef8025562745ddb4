"""Solid occupancy from one view: which space is taken, as far as a single depth picture can tell.

The model: a point that a pixel's ray reaches before its measured surface is free. A point beyond that surface is taken
where it lies more than `TOLERANCE_M` and at most `SOLID_M` from the nearest point of all surfaces seen. What no pixel
saw (deeper inside, under the object's mask, without depth, out of the image) is free. An object collides if more than a
fifth of its points meet taken space at some time on its way; so nothing passes through a surface unnoticed, however
tall it is and wherever its keypoints are. The limits: free space within 5 cm behind a thin board counts as taken, a
thing is no thicker than that, support below the object's own mask is not known, and the object itself is only its
visible side.
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
from tracesim.tracespatial.cloud import thinned
from tracesim.tracespatial.dataset import Sample
from tracesim.tracespatial.view import Pixels

TOLERANCE_M: Final = 0.02
SOLID_M: Final = 0.05
COLLIDING_SHARE: Final = 0.20
"""As published, of the object's points."""
STEP_M: Final = 0.005
_MOST_STEPS: Final = 4_000
_STEPS_AT_ONCE: Final = 32
_SURFACE_VOXEL_M: Final = 0.01
CENTRE_PX: Final = 0.5
"""From a pixel's index to its centre: pixel i covers [i, i + 1)."""


@dataclass(frozen=True)
class SeenSpace:
    """The space in front of a camera without the object that is to move."""

    sample: Sample
    pixels: Pixels

    @cached_property
    def _depth_m(self) -> FloatArray:
        return np.where(self.pixels.fitted_mask > 0, 0.0, self.pixels.depth_m)

    @cached_property
    def _surface(self) -> cKDTree:
        rows, columns = np.nonzero(self._depth_m)
        z = self._depth_m[rows, columns]
        (fx, _, cx), (_, fy, cy) = self.sample.intrinsics[:2]
        places = [(columns + CENTRE_PX - cx) * z / fx, (rows + CENTRE_PX - cy) * z / fy, z]
        return cKDTree(thinned(np.column_stack(places), _SURFACE_VOXEL_M))

    def taken(self, points: FloatArray) -> npt.NDArray[np.bool_]:
        """Tell for each point (N, 3), metres, camera, whether it lies in taken space."""
        hidden = self._beyond(points)
        result = np.zeros(len(points), bool)
        result[hidden] = self._near_surface(points[hidden])
        return result

    def collides(self, cloud: FloatArray, keypoints: FloatArray) -> bool:
        """Tell whether a cloud (N, 3) meets taken space when it is moved along keypoints (K, 3), metres, camera.

        It is translated by p - p_0 for every point p on the way, 5 mm apart (further on paths beyond 20 m).
        """
        trace = Trace(keypoints)
        way = trace.resampled(max(STEP_M, trace.length_m / _MOST_STEPS)) - keypoints[0]
        met = np.zeros(len(cloud), bool)
        for first in range(0, len(way), _STEPS_AT_ONCE):
            points = cloud[~met] + way[first : first + _STEPS_AT_ONCE, None]
            taken = self.taken(points.reshape(-1, 3)).reshape(points.shape[:2])
            met[~met] = taken.any(axis=0)
            if met.mean() > COLLIDING_SHARE:
                return True
        return False

    def _near_surface(self, points: FloatArray) -> npt.NDArray[np.bool_]:
        """Tell for each point (N, 3) beyond a surface whether it lies as deep as surfaces are solid."""
        if not len(points):
            return np.zeros(0, bool)
        depth, _ = self._surface.query(points, distance_upper_bound=SOLID_M)
        return np.asarray((depth > TOLERANCE_M) & (depth <= SOLID_M))

    def _beyond(self, points: FloatArray) -> npt.NDArray[np.bool_]:
        """Tell for each point (N, 3) whether it lies beyond the surface that its pixel sees."""
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
