"""Bootstrap intervals for means, medians and averages over tasks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from tracesim.statistics.interval import CONFIDENCE, Estimate, Interval

RESAMPLES: Final = 2000
"""Number of bootstrap resamples."""

FloatArray = npt.NDArray[np.float64]


def macro_average(
    groups: Sequence[Sequence[float]],
    rng: np.random.Generator,
    statistic: Callable[..., Any] = np.mean,
) -> Estimate:
    """Return the average over groups of a statistic of each group, with a bootstrap interval.

    Give one group a task with one value a seed: the tasks are fixed, and seeds are drawn again within each task. For a
    comparison, give the differences on the same seeds. From n values, n - 1 are drawn, which makes the variance of the
    mean unbiased; the interval is that of the percentiles. Its coverage is below 95 % for few values: about 93 % for
    one group of 20, and nothing is known about a group of equal values.

    Source: Efron and Tibshirani 1993, chapter 13; Rao and Wu 1988, Journal of the American Statistical Association 83.

    Args:
        groups: Values of each group, at least one each.
        rng: Source of the resamples.
        statistic: Function of an array and its `axis`, such as `np.mean` or `np.median`.
    """
    arrays = [np.asarray(group, float) for group in groups]
    value = float(np.mean([statistic(array, axis=-1) for array in arrays]))
    resampled = np.mean([_resampled(array, rng, statistic) for array in arrays], axis=0)  # (RESAMPLES,)
    low, high = np.quantile(resampled, [(1.0 - CONFIDENCE) / 2.0, (1.0 + CONFIDENCE) / 2.0])
    return Estimate(value, Interval(float(low), float(high)))


def _resampled(values: FloatArray, rng: np.random.Generator, statistic: Callable[..., Any]) -> FloatArray:
    """Return the statistic of each resample of values (n,)."""
    drawn = values[rng.integers(len(values), size=(RESAMPLES, max(1, len(values) - 1)))]
    return np.asarray(statistic(drawn, axis=-1), float)
