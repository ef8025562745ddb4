"""Averages of success rates over tasks, each task with the same weight.

The tasks are fixed; the intervals are about other seeds of the same tasks. They are those of a single task with the
average rate, and with as many episodes as give its estimate the same variance: successes with several probabilities
never vary more than as many with their average probability. So they cover what the intervals of one task cover, also
if nearly every episode succeeds. Adding up the intervals of the tasks would not: for 34 tasks with 10 episodes each and
success rates of 99 %, only 90 of 100 such intervals contain the average.

Source: Hoeffding 1956, Annals of Mathematical Statistics 27, for the variation of successes with several probabilities.
"""

from __future__ import annotations

from collections.abc import Sequence

from tracesim.statistics.differences import Cells, paired_interval, unpaired_interval
from tracesim.statistics.interval import Estimate
from tracesim.statistics.outcomes import Outcomes
from tracesim.statistics.proportions import clopper_pearson
from tracesim.statistics.rate import Rate


def average_rate(rates: Sequence[Rate]) -> Estimate:
    """Return the average of success rates.

    Args:
        rates: One rate a task, at least one, each of at least one trial.
    """
    value, n = _average([one.count / one.n for one in rates]), _effective([one.n for one in rates])
    return Estimate(value, clopper_pearson(value * n, n))


def average_difference(tasks: Sequence[Outcomes]) -> Estimate:
    """Return the average of the first success rate less the second, on the same seeds.

    Args:
        tasks: Pairs of successes of each task, at least one task, with at least one pair each.
    """
    both, first, second, neither = (
        _average([getattr(one, name) / one.n for one in tasks])
        for name in ("both", "first_only", "second_only", "neither")
    )
    n = _effective([one.n for one in tasks])
    return Estimate(first - second, paired_interval(Cells(both * n, first * n, second * n, neither * n)))


def average_unpaired_difference(strata: Sequence[tuple[Rate, Rate]]) -> Estimate:
    """Return the average of the first rate less the second, of independent episodes.

    Args:
        strata: Two rates a stratum, such as a task; at least one stratum, and one trial each.
    """
    first, second = (
        (_average([pair[side].count / pair[side].n for pair in strata]), _effective([pair[side].n for pair in strata]))
        for side in (0, 1)
    )
    return Estimate(first[0] - second[0], unpaired_interval(*first, *second))


def _average(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _effective(counts: Sequence[int]) -> float:
    """Return the number of trials of one rate with the variance of an average of rates of so many trials each."""
    return len(counts) ** 2 / sum(1.0 / n for n in counts)
