"""Success in every one of several episodes."""

from __future__ import annotations

from math import comb


def pass_hat(successes: int, n: int, k: int) -> float:
    """Return the unbiased estimate of pass^k: the probability that k episodes of one task all succeed.

    It is the share of the sets of k among the n episodes that are successes throughout.

    Source: Yao et al. 2024, tau-bench (arXiv 2406.12045), section 4.

    Args:
        successes: Number of successes.
        n: Number of episodes.
        k: Number of episodes that all have to succeed, from 1 to n.

    Raises:
        ValueError: k is not in this range.
    """
    if not 1 <= k <= n:
        raise ValueError(f"k={k}: from 1 to the number of episodes, {n}.")
    return comb(successes, k) / comb(n, k)
