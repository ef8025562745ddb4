"""Intervals and tests for success rates, their differences and margins: arithmetic on counts and arrays."""

from tracesim.statistics.averages import average_difference, average_rate, average_unpaired_difference
from tracesim.statistics.bootstrap import macro_average
from tracesim.statistics.differences import paired_difference, unpaired_difference
from tracesim.statistics.holm import holm
from tracesim.statistics.interval import CONFIDENCE, Estimate, Interval
from tracesim.statistics.mantel_haenszel import mantel_haenszel_test
from tracesim.statistics.medians import median_interval
from tracesim.statistics.outcomes import Outcomes
from tracesim.statistics.permutation import sign_flip_test
from tracesim.statistics.power import episodes_needed, smallest_difference, smallest_mean_difference
from tracesim.statistics.proportions import clopper_pearson, wilson
from tracesim.statistics.rate import Rate
from tracesim.statistics.repeats import pass_hat

__all__ = [
    "CONFIDENCE",
    "Estimate",
    "Interval",
    "Outcomes",
    "Rate",
    "average_difference",
    "average_rate",
    "average_unpaired_difference",
    "clopper_pearson",
    "episodes_needed",
    "holm",
    "macro_average",
    "mantel_haenszel_test",
    "median_interval",
    "paired_difference",
    "pass_hat",
    "sign_flip_test",
    "smallest_difference",
    "smallest_mean_difference",
    "unpaired_difference",
    "wilson",
]
