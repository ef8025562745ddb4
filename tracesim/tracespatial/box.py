"""Oriented box in which an object has to end."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tracesim.geometry.rigid import FloatArray
from tracesim.tracespatial.dataset import Sample


@dataclass(frozen=True)
class Box:
    """Oriented box in the camera frame."""

    center: FloatArray
    """(3,), metres."""

    extent: FloatArray
    """(3,), full side lengths, metres."""

    rotation: FloatArray
    """(3, 3), from the box's frame to the camera's."""

    @classmethod
    def of(cls, sample: Sample) -> Box:
        """Return the box in which the object of a sample has to end."""
        return cls(sample.bbox_center, sample.bbox_extent, sample.bbox_rotation)

    @property
    def corners(self) -> FloatArray:
        """Corners (8, 3), metres, camera; two of them share an edge if their indices differ in one bit."""
        signs = np.array(np.meshgrid([-0.5, 0.5], [-0.5, 0.5], [-0.5, 0.5])).reshape(3, 8).T
        return np.asarray(signs * self.extent @ self.rotation.T + self.center)

    def distance(self, points: FloatArray) -> FloatArray:
        """Return the distance (N,), metres, of points (N, 3), metres, camera, from the box; 0 inside."""
        inside = (points - self.center) @ self.rotation
        return np.asarray(np.linalg.norm(np.maximum(np.abs(inside) - self.extent / 2.0, 0.0), axis=1))
