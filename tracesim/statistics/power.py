"""What a number of episodes can show."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, sqrt
from typing import Final

import numpy as np

POWER: Final = 0.8
"""Probability with which a difference is to be found that is there."""

ALPHA: Final = 0.05
"""Probability with which a difference may be found that is not there."""

MOST: Final = 1_000_000
"""Largest number of episodes that is considered."""


def power(difference: float, n: int, discordant: float) -> float:
    """Return the probability that McNemar's exact test finds a difference between two policies on the same seeds.

    Args:
        difference: Difference of the success rates.
        n: Number of seeds.
        discordant: Probability that one policy succeeds on a seed and the other does not; at least the difference.
    """
    from scipy.special import bdtr, bdtrik, gammaln, xlog1py, xlogy

    counts = np.arange(n + 1)  # of discordant pairs
    ways = gammaln(n + 1.0) - gammaln(counts + 1.0) - gammaln(n - counts + 1.0)
    chance = np.exp(ways + xlogy(counts, discordant) + xlog1py(n - counts, -discordant))
    likely = (chance > 1e-12) & (counts > 0.0)  # without discordant pairs nothing is found
    counts, chance = counts[likely], chance[likely]
    # The largest number of pairs in favour of one policy with which the other is found to be better; -1 if none is.
    few = np.floor(np.nan_to_num(bdtrik(ALPHA / 2.0, counts, 0.5), nan=-1.0) + 1e-9)
    few = np.where((few >= 0.0) & (bdtr(np.maximum(few, 0.0), counts, 0.5) <= ALPHA / 2.0), few, few - 1.0)
    better = (discordant + difference) / (2.0 * discordant)
    found = sum(np.where(few < 0.0, 0.0, bdtr(np.maximum(few, 0.0), counts, share)) for share in (better, 1.0 - better))
    return float(np.sum(chance * found))


def smallest_difference(n: int, discordant: float | None = None) -> float | None:
    """Return the smallest difference of success rates that n shared seeds show with 80 % power at the 5 % level.

    Args:
        n: Number of seeds.
        discordant: Probability that one policy succeeds on a seed and the other does not. By default that of two
            policies that succeed about half of the time, independently of each other: the least favourable case.

    Returns:
        The difference; None if n is too small to show any.
    """
    low, high = 0.0, 1.0
    if power(1.0, n, 1.0) < POWER:
        return None
    while high - low > 1e-4:
        middle = (low + high) / 2.0
        found = power(middle, n, _discordant(middle, discordant)) >= POWER
        low, high = (low, middle) if found else (middle, high)
    return high


def episodes_needed(difference: float, discordant: float | None = None) -> int:
    """Return the number of shared seeds that show a difference with 80 % power at the 5 % level.

    Args:
        difference: Difference of success rates, above 0 and at most 1.
        discordant: As for `smallest_difference`.

    Raises:
        ValueError: The difference is out of range, or too small: more than `MOST` episodes would be needed.
    """
    if not 0.0 < difference <= 1.0:
        raise ValueError("a difference of success rates is above 0 and at most 1")
    share = _discordant(difference, discordant)
    low, high = 0, 8
    while power(difference, high, share) < POWER:
        low, high = high, 2 * high
        if high > MOST:
            raise ValueError(f"more than {MOST:,} episodes would be needed")
    while high - low > max(1, ceil(high / 1000)):
        middle = (low + high) // 2
        found = power(difference, middle, share) >= POWER
        low, high = (low, middle) if found else (middle, high)
    return high


def _discordant(difference: float, discordant: float | None) -> float:
    """Return the probability of a discordant pair, at least the difference itself."""
    least_favourable = (1.0 + difference**2) / 2.0
    return max(difference, least_favourable if discordant is None else discordant)


def smallest_mean_difference(differences: Sequence[float]) -> float | None:
    """Return the smallest mean of paired differences that so many pairs show with 80 % power at the 5 % level.

    It is the sum of the normal quantiles of both, 2.8, times the standard error.

    Args:
        differences: Differences of the pairs, whose standard deviation is taken.

    Returns:
        The difference; None for fewer than two pairs, or if all differences are the same.
    """
    from scipy.special import ndtri

    error = float(np.std(differences, ddof=1)) / sqrt(len(differences)) if len(differences) > 1 else 0.0
    return float(ndtri(1.0 - ALPHA / 2.0) + ndtri(POWER)) * error or None
