"""A pinhole camera: projects world points to pixels and lifts pixels with depth to the world."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tracesim.geometry.rigid import FloatArray, apply, inverse, look_at
from tracesim.geometry.trace import ImageTrace, Trace

IMAGE_SCALE = 1000.0
"""Image coordinates of a trace run from 0 to this, whatever the image's size."""


@dataclass(frozen=True)
class Camera:
    """Where a camera stands and how it sees.

    width, height: pixels. intrinsics: (3, 3). camera_in_world: (4, 4), OpenCV axes (x right, y down, z ahead).
    Pixel (i, j) covers [i, i + 1) x [j, j + 1). Depth is z in the camera's frame, metres.
    """

    width: int
    height: int
    intrinsics: FloatArray
    camera_in_world: FloatArray

    @classmethod
    def looking_at(
        cls,
        eye: npt.ArrayLike,
        target: npt.ArrayLike,
        fovy: float = np.pi / 4,
        width: int = 640,
        height: int = 480,
    ) -> Camera:
        """Return the camera at `eye` that looks at `target` (metres, world); `fovy` is its vertical view in radians."""
        focal = height / 2.0 / np.tan(fovy / 2.0)
        intrinsics = np.array([[focal, 0.0, width / 2.0], [0.0, focal, height / 2.0], [0.0, 0.0, 1.0]])
        return cls(width, height, intrinsics, look_at(eye, target))

    @property
    def fovy(self) -> float:
        """The vertical field of view, radians."""
        return float(2.0 * np.arctan(self.height / 2.0 / self.intrinsics[1, 1]))

    def project(self, points: npt.ArrayLike) -> FloatArray:
        """Map points (N, 3), metres, world, to (N, 3): column and row in pixels, depth in metres."""
        in_camera = apply(inverse(self.camera_in_world), points)
        z = in_camera[:, 2]
        homogeneous = in_camera @ self.intrinsics.T
        return np.column_stack([homogeneous[:, 0] / z, homogeneous[:, 1] / z, z])

    def lift(self, pixels: npt.ArrayLike) -> FloatArray:
        """Map (N, 3) column, row and depth to points (N, 3), metres, world; the inverse of `project`."""
        columns, rows, z = np.asarray(pixels, float).T
        homogeneous = np.column_stack([columns * z, rows * z, z])
        return apply(self.camera_in_world, homogeneous @ np.linalg.inv(self.intrinsics).T)

    def see(self, trace: Trace) -> ImageTrace:
        """Return a trace as a model would answer it: u, v rounded to integers of 0-1000, depth to millimetres."""
        columns, rows, z = self.project(trace.keypoints).T
        u = np.round(columns / self.width * IMAGE_SCALE)
        v = np.round(rows / self.height * IMAGE_SCALE)
        return ImageTrace(np.column_stack([u, v, np.round(z, 3)]))

    def pixels(self, trace: ImageTrace) -> FloatArray:
        """Return a trace's keypoints with u, v in pixels instead of 0-1000."""
        scale = np.ones(trace.keypoints.shape[1])
        scale[:2] = self.width / IMAGE_SCALE, self.height / IMAGE_SCALE
        return trace.keypoints * scale

    def contains(self, points: npt.ArrayLike, border_px: float = 0.0) -> npt.NDArray[np.bool_]:
        """Tell for each world point (N, 3) whether it is ahead of the camera and in its image, `border_px` inside."""
        columns, rows, z = self.project(points).T
        across = (columns >= border_px) & (columns < self.width - border_px)
        down = (rows >= border_px) & (rows < self.height - border_px)
        return np.asarray((z > 0.0) & across & down)
