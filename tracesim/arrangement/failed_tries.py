"""Tries that failed, and how often each reason occurred."""

from __future__ import annotations

import itertools
import re
from typing import Final

_NUMBER: Final = re.compile(r"(?<![\w.])(-?\d+(?:\.\d+)?)(?![\w])")
"""A number in a sentence, but not one in a name such as "distractor_2"."""


class FailedTries:
    """The reasons why tries failed, each a sentence.

    Reasons that differ only in their numbers count as the same reason, and are told with the range of each number.
    """

    def __init__(self) -> None:
        """Begin without any try."""
        self._numbers: dict[tuple[str, ...], list[list[str]]] = {}

    def add(self, reason: str) -> None:
        """Count a try that failed for a reason."""
        words, numbers = _NUMBER.split(reason)[::2], _NUMBER.findall(reason)
        self._numbers.setdefault(tuple(words), []).append(numbers)

    def __len__(self) -> int:
        """Return the number of tries."""
        return sum(map(len, self._numbers.values()))

    def __str__(self) -> str:
        """Return how often each reason occurred, most frequent first: "14 times ...; 6 times ..."."""
        often_first = sorted(self._numbers.items(), key=lambda item: -len(item[1]))
        return "; ".join(_told(words, numbers) for words, numbers in often_first)


def _told(words: tuple[str, ...], numbers: list[list[str]]) -> str:
    """Return a reason as a clause, with its count and the range of each of its numbers."""
    ranges = map(_range, zip(*numbers, strict=True))
    reason = "".join(itertools.chain(*itertools.zip_longest(words, ranges, fillvalue=""))).strip().removesuffix(".")
    times = "once" if len(numbers) == 1 else f"{len(numbers)} times"
    return f"{times} {reason[:1].lower()}{reason[1:]}"


def _range(values: tuple[str, ...]) -> str:
    """Return numbers that are given as text as one number, or as the least and the greatest."""
    least, greatest = min(values, key=float), max(values, key=float)
    return least if float(least) == float(greatest) else f"{least} to {greatest}"
