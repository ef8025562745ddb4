"""Intervals for a median."""

from __future__ import annotations

from collections.abc import Sequence
from math import isnan

from tracesim.statistics.interval import CONFIDENCE, Interval


def median_interval(values: Sequence[float]) -> Interval | None:
    """Return the order statistics that enclose the median with at least 95 % confidence; None for fewer than 6 values.

    Source: Conover, Practical Nonparametric Statistics, 3rd edition, section 3.2.
    """
    from scipy.stats import quantile_test

    interval = quantile_test(list(values), p=0.5).confidence_interval(CONFIDENCE)
    low, high = float(interval.low), float(interval.high)
    return None if isnan(low) or isnan(high) else Interval(low, high)
