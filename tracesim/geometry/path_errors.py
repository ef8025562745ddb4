"""Errors of a predicted path: Fréchet and Hausdorff distance, root mean square and mean absolute error."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from scipy.spatial.distance import cdist

from tracesim.geometry.rigid import FloatArray

POINTS: Final = 100
"""Number of points to which a path is resampled before it is compared, as published."""


@dataclass(frozen=True)
class PathErrors:
    """Distances between two paths, in their own unit: metres in 3D, image widths and heights in 2D."""

    frechet: float
    """Discrete Fréchet distance."""
    hausdorff: float
    """Hausdorff distance."""
    rmse: float
    """Root mean square of the distances between corresponding points."""
    mae: float
    """Mean absolute difference over points and axes."""

    @classmethod
    def of(cls, predicted: FloatArray, true: FloatArray) -> PathErrors:
        """Return the errors of a path.

        Source: the scorer in RoboTracer's public repository at commit 11f09e1.

        Args:
            predicted: The path, (N, D), with N = M or N = 1.
            true: The true path, (M, D).
        """
        distances = cdist(predicted, true)
        difference = predicted - true
        return cls(
            frechet=_frechet(distances),
            hausdorff=float(max(distances.min(axis=1).max(), distances.min(axis=0).max())),
            rmse=float(np.sqrt((difference**2).sum(axis=1).mean())),
            mae=float(np.abs(difference).mean()),
        )

    def capped(self, worst: Self) -> PathErrors:
        """Return the errors with `worst` as the upper limit of each."""
        return PathErrors(
            min(self.frechet, worst.frechet),
            min(self.hausdorff, worst.hausdorff),
            min(self.rmse, worst.rmse),
            min(self.mae, worst.mae),
        )


def resample_path(path: FloatArray, count: int = POINTS) -> FloatArray:
    """Return `count` points of a path (N, D), equally spaced by arc length; a single point stays a single point."""
    if len(path) < 2:
        return path
    along = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(path, axis=0), axis=1))])
    targets = np.linspace(0.0, along[-1], count)
    return np.column_stack([np.interp(targets, along, axis) for axis in path.T])


def _frechet(distances: FloatArray) -> float:
    """Return the discrete Fréchet distance, given the distances (N, M) between all points of two paths.

    Source: Eiter and Mannila 1994. Cells on one anti-diagonal are independent of each other, so each is one step.
    """
    rows, columns = distances.shape
    reach = np.full((rows + 1, columns + 1), np.inf)
    reach[0, 0] = -np.inf
    for diagonal in range(rows + columns - 1):
        row = np.arange(max(0, diagonal - columns + 1), min(rows, diagonal + 1))
        column = diagonal - row
        before = np.minimum(np.minimum(reach[row, column + 1], reach[row + 1, column]), reach[row, column])
        reach[row + 1, column + 1] = np.maximum(before, distances[row, column])
    return float(reach[rows, columns])
