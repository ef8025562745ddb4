"""Visits that a curve makes, compared with those that the instruction asks for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Self

from tracesim.constraints.base import Constraint
from tracesim.constraints.visits import Stops, Visits
from tracesim.geometry.curve import Curve


@dataclass(frozen=True)
class Visiting:
    """Visits asked for and visits made; targets are given by the names of their bodies."""

    asked: tuple[str, ...]
    """Targets in the order asked."""

    made: tuple[str, ...]
    """Visited targets in the order in which the visits begin; each visit lasts at least the dwell time asked."""

    tau: float | None
    """Kendall's rank correlation between the order asked and the order of first visits: 1 if they agree, -1 if one is
    the reverse of the other, null if fewer than two targets were visited."""

    missed: tuple[str, ...]
    """Targets never visited."""

    extra: tuple[str, ...]
    """Smallest set of visits, repeated or out of turn, without which the rest is in the order asked."""

    @classmethod
    def of(cls, stops: Stops, curve: Curve) -> Self | None:
        """Return the visits that a curve makes; None where it lacks the tool or a target."""
        if not stops.applies_to(curve):
            return None
        asked, made = tuple(target.body for target in stops.targets), stops.visit_order(curve)
        first = list(dict.fromkeys(made))
        return cls(
            asked,
            tuple(asked[number] for number in made),
            _tau(first),
            tuple(name for number, name in enumerate(asked) if number not in first),
            tuple(asked[number] for number in _out_of_turn(made)),
        )

    @classmethod
    def where_asked(cls, constraints: Iterable[Constraint], curve: Curve | None) -> Self | None:
        """Return the visits that a curve makes where constraints ask for visits; None where they ask for none."""
        asked = [one.stops for one in constraints if isinstance(one, Visits)]
        return cls.of(asked[0], curve) if asked and curve is not None else None


def _tau(first: Sequence[int]) -> float | None:
    """Return Kendall's tau of the numbers of targets, as first visited, with their order; None for fewer than two.

    Pairs in order less pairs out of order, as a share of all: there are no ties, with which tau-b would differ.
    Source: Kendall, "A new measure of rank correlation", Biometrika 30 (1938).
    """
    pairs = list(combinations(first, 2))
    return sum(1 if before < after else -1 for before, after in pairs) / len(pairs) if pairs else None


def _out_of_turn(made: Sequence[int]) -> list[int]:
    """Return what is left of a sequence of numbers without its longest strictly rising subsequence."""
    rising: list[tuple[int, ...]] = [()]  # nothing, and the longest part that ends at each position, as positions
    for at, number in enumerate(made):
        before = [part for part in rising if not part or made[part[-1]] < number]
        rising.append((*_longest(before), at))
    kept = set(_longest(rising))
    return [number for at, number in enumerate(made) if at not in kept]


def _longest(parts: Iterable[tuple[int, ...]]) -> tuple[int, ...]:
    return max(parts, key=len)
