"""A test of two rates within several strata."""

from __future__ import annotations

from collections.abc import Sequence
from math import erfc, sqrt

from tracesim.statistics.rate import Rate


def mantel_haenszel_test(strata: Sequence[tuple[Rate, Rate]]) -> float:
    """Return the two-sided p-value of the Cochran-Mantel-Haenszel test that two rates are equal in every stratum.

    It has no continuity correction. Strata in which all or no trials succeed say nothing.

    Source: Mantel and Haenszel 1959, Journal of the National Cancer Institute 22; Agresti, Categorical Data Analysis,
    section 6.3.

    Args:
        strata: Two rates of independent trials a stratum, such as a task.
    """
    excess = variance = 0.0
    for one, other in strata:
        n, count = one.n + other.n, one.count + other.count
        if n > 1:
            excess += one.count - one.n * count / n
            variance += one.n * other.n * count * (n - count) / (n**2 * (n - 1))
    return erfc(abs(excess) / sqrt(2.0 * variance)) if variance > 0.0 else 1.0
