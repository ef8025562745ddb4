"""Success rates with their intervals."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tracesim.statistics.interval import Interval
from tracesim.statistics.proportions import clopper_pearson


@dataclass(frozen=True)
class Rate:
    """A share of successes with its exact 95 % interval, see `tracesim.statistics.clopper_pearson`."""

    count: int
    """Number of successes."""

    n: int
    """Number of trials."""

    rate: float | None
    """Share of successes; null without trials."""

    low: float | None
    """Lower bound of the interval; null without trials."""

    high: float | None
    """Upper bound of the interval; null without trials."""

    @classmethod
    def of(cls, count: int, n: int) -> Rate:
        """Return the rate of `count` out of `n`."""
        if n == 0:
            return cls(0, 0, None, None, None)
        return cls(count, n, count / n, *clopper_pearson(count, n))

    @classmethod
    def among(cls, outcomes: Iterable[bool]) -> Rate:
        """Return the rate of true outcomes."""
        counted = list(outcomes)
        return cls.of(sum(counted), len(counted))

    @property
    def interval(self) -> Interval | None:
        """The interval; None without trials."""
        return None if self.low is None or self.high is None else Interval(self.low, self.high)

    def __str__(self) -> str:
        """Return counts, rate and interval, such as "3 of 4, 75.0% [19.4%, 99.4%]"."""
        if self.rate is None:
            return "none judged"
        return f"{self.count} of {self.n}, {self.rate:.1%} [{self.low:.1%}, {self.high:.1%}]"
