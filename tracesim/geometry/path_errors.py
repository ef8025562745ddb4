"""How far a predicted path lies from the true one: Frechet, Hausdorff, root mean square and mean absolute error."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from scipy.spatial.distance import cdist

from tracesim.geometry.rigid import FloatArray

POINTS: Final = 100
"""How many points a path is resampled to before it is compared, as published."""


@dataclass(frozen=True)
class PathErrors:
    """The distances between two paths, in their own unit: metres in 3D, image widths and heights in 2D."""

    frechet: float
    hausdorff: float
    rmse: float
    mae: float

    @classmethod
    def of(cls, predicted: FloatArray, true: FloatArray) -> PathErrors:
        """Return the errors of a path (N, D) against the true one (M, D); N is M or 1.

        rmse: of the points' distances. mae: over points and axes. Source: the scorer in RoboTracer's public repository
        at commit 11f09e1.
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
        """Return these errors, none above `worst`."""
        return PathErrors(
            min(self.frechet, worst.frechet),
            min(self.hausdorff, worst.hausdorff),
            min(self.rmse, worst.rmse),
            min(self.mae, worst.mae),
        )


def resampled(path: FloatArray, count: int = POINTS) -> FloatArray:
    """Return `count` points, evenly spaced in arc length, of a path (N, D); a path of one point stays one point."""
    if len(path) < 2:
        return path
    along = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(path, axis=0), axis=1))])
    targets = np.linspace(0.0, along[-1], count)
    return np.column_stack([np.interp(targets, along, axis) for axis in path.T])


def _frechet(distances: FloatArray) -> float:
    """Return the discrete Frechet distance, given all distances (N, M) between two paths' points.

    Source: Eiter and Mannila 1994. Cells on one diagonal do not depend on each other, so a diagonal is one step.
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
