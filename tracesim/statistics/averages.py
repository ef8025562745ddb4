"""Averages of success rates over tasks, each task with the same weight.

The tasks are fixed; the intervals are about other seeds of the same tasks. They combine the intervals of the tasks by
"square-and-add", and so cover what those cover, also if every episode succeeds, where a bootstrap has nothing to vary.

Source: Zou and Donner 2008, Statistics in Medicine 27, 1693-1702.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import hypot

from tracesim.statistics.differences import paired_difference, unpaired_difference
from tracesim.statistics.interval import Estimate, Interval
from tracesim.statistics.outcomes import Outcomes
from tracesim.statistics.proportions import clopper_pearson
from tracesim.statistics.rate import Rate


def average_rate(rates: Sequence[Rate]) -> Estimate:
    """Return the average of success rates.

    Args:
        rates: One rate a task, at least one, each of at least one trial.
    """
    return _average([(one.count / one.n, clopper_pearson(one.count, one.n)) for one in rates])


def average_difference(tasks: Sequence[Outcomes]) -> Estimate:
    """Return the average of the first success rate less the second.

    Args:
        tasks: Pairs of successes of each task, at least one task, with at least one pair each.
    """
    return _average([((one.first_only - one.second_only) / one.n, paired_difference(one)) for one in tasks])


def average_unpaired_difference(strata: Sequence[tuple[Rate, Rate]]) -> Estimate:
    """Return the average of the first rate less the second, of independent episodes.

    Args:
        strata: Two rates a stratum, such as a task; at least one stratum, and one trial each.
    """
    return _average(
        [(one.count / one.n - other.count / other.n, unpaired_difference(one, other)) for one, other in strata]
    )


def _average(parts: Sequence[tuple[float, Interval]]) -> Estimate:
    n = len(parts)
    value = sum(part for part, _ in parts) / n
    below = hypot(*(part - interval.low for part, interval in parts)) / n
    above = hypot(*(interval.high - part for part, interval in parts)) / n
    return Estimate(value, Interval(value - below, value + above))
