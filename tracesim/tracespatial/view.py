"""Camera view of a sample: projection, lifting, depth and mask."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from tracesim.geometry.camera import IMAGE_SCALE
from tracesim.geometry.rigid import FloatArray
from tracesim.tracespatial.box import Box
from tracesim.tracespatial.dataset import Dataset, Sample, Size

_SMALLEST_Z: Final = 1e-6


@dataclass(frozen=True)
class Pixels:
    """Images that are needed for scoring."""

    depth_m: FloatArray
    """(H, W), metres, camera z, 0 if unknown."""

    mask: npt.NDArray[np.uint8]
    """(H', W'), above 0 on the object."""

    @property
    def fitted_mask(self) -> npt.NDArray[np.uint8]:
        """Mask (H, W), resized to the size of the depth image without interpolation."""
        height, width = self.depth_m.shape
        rows = np.arange(height) * self.mask.shape[0] // height
        columns = np.arange(width) * self.mask.shape[1] // width
        return np.asarray(self.mask[rows[:, None], columns])


@dataclass(frozen=True)
class SampleView:
    """Sample as seen by its camera."""

    sample: Sample
    """The sample, in the orientation of the image."""

    size: Size
    """Width and height of the image, pixels."""

    pixels: Pixels | None = None
    """Depth and mask, or None without the dataset."""

    @classmethod
    def of(cls, sample: Sample, dataset: Dataset | None, *, deep: bool) -> SampleView:
        """Return the view of a sample.

        Args:
            sample: The sample.
            dataset: Dataset with its images, or None.
            deep: Whether to take the size of the depth image instead of that of the colour image.

        Raises:
            ConfigurationError: An image is missing or of the wrong kind.
        """
        if dataset is None:
            return cls(sample, sample.nominal_size)
        pixels = Pixels(dataset.depth_m(sample), dataset.mask(sample))
        height, width = pixels.depth_m.shape
        size = (width, height) if deep else dataset.image_size(sample)
        return cls(dataset.upright(sample), size, pixels)

    @property
    def box(self) -> Box:
        """Box in which the object has to end."""
        return Box.of(self.sample)

    def project(self, points: FloatArray) -> FloatArray:
        """Return the projection (N, 2), pixels, of points (N, 3), metres, camera.

        A point in the plane of the camera is moved slightly in front of it. Source: the published scorer.
        """
        (fx, _, cx), (_, fy, cy) = self.sample.intrinsics[:2]
        z = np.where(np.abs(points[:, 2]) < _SMALLEST_Z, _SMALLEST_Z, points[:, 2])
        return np.column_stack([points[:, 0] * fx / z + cx, points[:, 1] * fy / z + cy])

    def lift(self, keypoints: FloatArray) -> FloatArray:
        """Return points (N, 3), metres, camera, for keypoints (N, 3) of u, v in 0-1000 and depth in metres."""
        (fx, _, cx), (_, fy, cy) = self.sample.intrinsics[:2]
        columns, rows = (keypoints[:, :2] / IMAGE_SCALE * self.size).T
        z = keypoints[:, 2]
        return np.column_stack([(columns - cx) * z / fx, (rows - cy) * z / fy, z])

    def ends_in_box(self, pixels: FloatArray) -> bool:
        """Return whether one of the last three pixels (N, 2) is in the axis-aligned rectangle around the projected box.

        Of fewer than three pixels, only the last one counts. Source: the published scorer.
        """
        corners = self.project(self.box.corners)
        ends = _ends(pixels)
        return bool(((ends >= corners.min(axis=0)) & (ends <= corners.max(axis=0))).all(axis=1).any())

    def end_distance_m(self, points: FloatArray) -> float:
        """Return the distance, metres, of the nearest of the last three points (N, 3) from the end box, 0 inside.

        Of fewer than three points, only the last one counts. Points with an unknown coordinate are ignored unless it is
        the last one. Source: the published scorer.
        """
        return float(min(self.box.distance(_ends(points))[::-1]))


def _ends(path: FloatArray) -> FloatArray:
    return path[-3:] if len(path) >= 3 else path[-1:]
