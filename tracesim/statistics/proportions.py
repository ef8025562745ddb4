"""Intervals for a proportion."""

from __future__ import annotations

from collections.abc import Callable
from math import sqrt
from typing import Final

from tracesim.statistics.interval import CONFIDENCE, Interval

Limits = Callable[[float, float], Interval]
"""A rule for the interval of a proportion: of the number of successes and of trials."""


_ROUNDING: Final = 1e-9


def clopper_pearson(count: float, n: float) -> Interval:
    """Return the exact interval of a proportion: whatever the proportion is, at least 95 % of intervals contain it.

    Wilson's interval is up to a sixth narrower and has this coverage on average only: for a proportion of 1 % or 99 %,
    92 of 100 of them contain it with 100 trials, and 84 of 100 with 10 trials.

    Source: Clopper and Pearson 1934, Biometrika 26.

    Args:
        count: Number of successes; a sum of scores between 0 and 1, which vary less than successes, may be given too.
        n: Number of trials, at least 1; a fraction if trials have weights.
    """
    from scipy.special import betaincinv

    tail = (1.0 - CONFIDENCE) / 2.0
    low = float(betaincinv(count, n - count + 1.0, tail)) if count > _ROUNDING else 0.0
    high = float(betaincinv(count + 1.0, n - count, 1.0 - tail)) if count < n - _ROUNDING else 1.0
    return Interval(low, high)


def wilson(count: float, n: float) -> Interval:
    """Return Wilson's score interval of a proportion.

    Source: Wilson 1927, Journal of the American Statistical Association 22; Newcombe 1998, Statistics in Medicine 17,
    857-872, method 3.

    Args:
        count: Number of successes.
        n: Number of trials, at least 1.
    """
    from scipy.special import ndtri

    z = float(ndtri((1.0 + CONFIDENCE) / 2.0))
    rate = count / n
    center = (rate + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * sqrt(rate * (1 - rate) / n + z**2 / (4 * n**2))
    return Interval(max(0.0, center - half) if count > 0 else 0.0, min(1.0, center + half) if count < n else 1.0)
