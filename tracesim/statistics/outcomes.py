"""Successes of two policies on the same seeds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from tracesim.statistics.rate import Rate


@dataclass(frozen=True)
class Outcomes:
    """Number of pairs of episodes on the same seeds, by the success of the first and of the second policy."""

    both: int
    """Both succeed."""

    first_only: int
    """Only the first succeeds."""

    second_only: int
    """Only the second succeeds."""

    neither: int
    """Both fail."""

    @classmethod
    def of(cls, pairs: Iterable[tuple[bool, bool]]) -> Self:
        """Return the counts of pairs of successes."""
        counts = {(True, True): 0, (True, False): 0, (False, True): 0, (False, False): 0}
        for pair in pairs:
            counts[pair] += 1
        return cls(*counts.values())

    @property
    def n(self) -> int:
        """Number of pairs."""
        return self.both + self.first_only + self.second_only + self.neither

    @property
    def discordant(self) -> int:
        """Number of pairs of which one succeeds and the other fails."""
        return self.first_only + self.second_only

    @property
    def first(self) -> Rate:
        """Success rate of the first."""
        return Rate.of(self.both + self.first_only, self.n)

    @property
    def second(self) -> Rate:
        """Success rate of the second."""
        return Rate.of(self.both + self.second_only, self.n)

    @property
    def p_value(self) -> float:
        """Two-sided p-value of McNemar's exact test of equal success rates; 1 without discordant pairs.

        Given how many pairs are discordant, each is as likely to favour one as the other if the rates are equal.

        Source: McNemar 1947, Psychometrika 12; exact as in Agresti, Categorical Data Analysis, section 11.1.
        """
        from scipy.special import bdtr

        fewer = min(self.first_only, self.second_only)
        return min(1.0, 2.0 * float(bdtr(fewer, self.discordant, 0.5))) if self.discordant else 1.0
