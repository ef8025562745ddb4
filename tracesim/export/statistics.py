"""Statistics of data sets, as LeRobot normalises with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Self

import numpy as np

from tracesim.geometry.rigid import FloatArray

QUANTILES: Final = {"q01": 0.01, "q10": 0.10, "q50": 0.50, "q90": 0.90, "q99": 0.99}
"""Quantiles that are kept, by name."""


@dataclass(frozen=True)
class Statistics:
    """Statistics of the values of one feature, each over frames; all arrays have the shape of one value."""

    minimum: FloatArray
    """Least value."""

    maximum: FloatArray
    """Greatest value."""

    mean: FloatArray
    """Mean."""

    deviation: FloatArray
    """Standard deviation."""

    quantiles: dict[str, FloatArray]
    """Quantiles by the names of `QUANTILES`."""

    count: int
    """Number of frames."""

    @classmethod
    def of(cls, values: FloatArray) -> Self:
        """Return the statistics of values (N, ...) over the first axis."""
        return cls(
            minimum=values.min(axis=0),
            maximum=values.max(axis=0),
            mean=values.mean(axis=0),
            deviation=values.std(axis=0),
            quantiles=dict(zip(QUANTILES, np.quantile(values, list(QUANTILES.values()), axis=0), strict=True)),
            count=len(values),
        )

    @classmethod
    def of_pictures(cls, pixels: FloatArray, count: int) -> Self:
        """Return the statistics of some pixels (P, C) of `count` pictures, each of the shape (C, 1, 1)."""
        return replace(cls.of(pixels[..., None, None]), count=count)

    @classmethod
    def joined(cls, parts: Sequence[Self]) -> Self:
        """Return the statistics of several episodes together.

        Quantiles are the means of those of the episodes, weighted by their lengths, as in LeRobot.
        """
        counts = np.array([one.count for one in parts], float)
        weights = counts / counts.sum()

        def weighted(arrays: Sequence[FloatArray]) -> FloatArray:
            return np.asarray(np.tensordot(weights, np.stack(arrays), axes=1))

        mean = weighted([one.mean for one in parts])
        variance = weighted([one.deviation**2 + (one.mean - mean) ** 2 for one in parts])
        return cls(
            minimum=np.min([one.minimum for one in parts], axis=0),
            maximum=np.max([one.maximum for one in parts], axis=0),
            mean=mean,
            deviation=np.sqrt(variance),
            quantiles={name: weighted([one.quantiles[name] for one in parts]) for name in QUANTILES},
            count=int(counts.sum()),
        )

    def as_data(self) -> dict[str, Any]:
        """Return the statistics as lists, by LeRobot's names."""
        named = {"min": self.minimum, "max": self.maximum, "mean": self.mean, "std": self.deviation, **self.quantiles}
        return {name: np.asarray(value, float).tolist() for name, value in named.items()} | {"count": [self.count]}
