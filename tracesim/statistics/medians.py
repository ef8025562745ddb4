"""Intervals for a median."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tracesim.statistics.interval import CONFIDENCE, Interval


def median_interval(values: Sequence[float]) -> Interval | None:
    """Return the order statistics that enclose the median with at least 95 % confidence; None for fewer than 6 values.

    This is `scipy.stats.quantile_test(values).confidence_interval()`, without the import of `scipy.stats`, which takes
    longer than a short run.

    Source: Conover, Practical Nonparametric Statistics, 3rd edition, section 3.2.
    """
    from scipy.special import bdtr

    # The median is below the k-th smallest value with the probability that fewer than k of n coins show heads.
    below = bdtr(np.arange(len(values)), len(values), 0.5)
    outside = int(np.count_nonzero(below <= (1.0 - CONFIDENCE) / 2.0))
    if outside == 0:
        return None
    ordered = sorted(map(float, values))
    return Interval(ordered[outside - 1], ordered[-outside])
