"""What the camera of a sample sees: projection, lifting, and the cloud of points below a mask."""

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
    """The pictures that scoring needs: depth (H, W), metres, 0 unknown; mask (H', W'), above 0 on the object."""

    depth_m: FloatArray
    mask: npt.NDArray[np.uint8]

    @property
    def fitted_mask(self) -> npt.NDArray[np.uint8]:
        """The mask in the size of the depth; a pixel that another is stretched over keeps its value."""
        height, width = self.depth_m.shape
        rows = np.arange(height) * self.mask.shape[0] // height
        columns = np.arange(width) * self.mask.shape[1] // width
        return np.asarray(self.mask[rows[:, None], columns])


@dataclass(frozen=True)
class View:
    """A sample as its camera sees it. size: of the image, pixels. pixels: None where no dataset is at hand."""

    sample: Sample
    size: Size
    pixels: Pixels | None = None

    @classmethod
    def of(cls, sample: Sample, dataset: Dataset | None, *, deep: bool) -> View:
        """Return the view of a sample; its size is that of the depth if `deep`, else that of the image.

        Raises:
            ConfigurationError: a picture is missing or of another kind.
        """
        if dataset is None:
            return cls(sample, sample.nominal_size)
        pixels = Pixels(dataset.depth_m(sample), dataset.mask(sample))
        height, width = pixels.depth_m.shape
        size = (width, height) if deep else dataset.image_size(sample)
        return cls(dataset.upright(sample), size, pixels)

    @property
    def box(self) -> Box:
        """The box in which the object is to end."""
        return Box.of(self.sample)

    def project(self, points: FloatArray) -> FloatArray:
        """Map points (N, 3), metres, camera, to pixels (N, 2); a point in the camera's plane is taken just ahead of it.

        Source: the published scorer.
        """
        (fx, _, cx), (_, fy, cy) = self.sample.intrinsics[:2]
        z = np.where(np.abs(points[:, 2]) < _SMALLEST_Z, _SMALLEST_Z, points[:, 2])
        return np.column_stack([points[:, 0] * fx / z + cx, points[:, 1] * fy / z + cy])

    def lift(self, keypoints: FloatArray) -> FloatArray:
        """Map keypoints (N, 3) of u, v in 0-1000 and depth in metres to points (N, 3), metres, camera."""
        (fx, _, cx), (_, fy, cy) = self.sample.intrinsics[:2]
        columns, rows = (keypoints[:, :2] / IMAGE_SCALE * self.size).T
        z = keypoints[:, 2]
        return np.column_stack([(columns - cx) * z / fx, (rows - cy) * z / fy, z])

    def ends_in_box(self, pixels: FloatArray) -> bool:
        """Tell whether one of the last three pixels (N, 2) lies in the upright rectangle around the projected box.

        Of fewer than three only the last counts. Source: the published scorer.
        """
        corners = self.project(self.box.corners)
        ends = _ends(pixels)
        return bool(((ends >= corners.min(axis=0)) & (ends <= corners.max(axis=0))).all(axis=1).any())

    def end_distance_m(self, points: FloatArray) -> float:
        """Return how far the nearest of the last three points (N, 3) lies from the end box, 0 inside.

        Of fewer than three only the last counts, and those with an unknown coordinate do not unless it is the last.
        Source: the published scorer.
        """
        return float(min(self.box.distance(_ends(points))[::-1]))


def _ends(path: FloatArray) -> FloatArray:
    return path[-3:] if len(path) >= 3 else path[-1:]
