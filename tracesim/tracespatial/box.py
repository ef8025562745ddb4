"""The oriented box in which an object is to end."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tracesim.geometry.rigid import FloatArray
from tracesim.tracespatial.dataset import Sample


@dataclass(frozen=True)
class Box:
    """A box: center (3,), full side lengths (3,) and rotation (3, 3), metres, camera."""

    center: FloatArray
    extent: FloatArray
    rotation: FloatArray

    @classmethod
    def of(cls, sample: Sample) -> Box:
        """Return a sample's end box."""
        return cls(sample.bbox_center, sample.bbox_extent, sample.bbox_rotation)

    @property
    def corners(self) -> FloatArray:
        """The eight corners (8, 3)."""
        signs = np.array(np.meshgrid([-0.5, 0.5], [-0.5, 0.5], [-0.5, 0.5])).reshape(3, 8).T
        return np.asarray(signs * self.extent @ self.rotation.T + self.center)

    def distance(self, points: FloatArray) -> FloatArray:
        """Return the distance (N,) of points (N, 3) from the box, 0 inside."""
        inside = (points - self.center) @ self.rotation
        return np.asarray(np.linalg.norm(np.maximum(np.abs(inside) - self.extent / 2.0, 0.0), axis=1))
