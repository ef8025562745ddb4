"""Which varied factors go with failure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from tracesim.configuration import canonical_json
from tracesim.results.record import Record
from tracesim.statistics import Estimate, Rate, average_unpaired_difference, holm, mantel_haenszel_test

FEWEST: Final = 5
"""Number of episodes with and without a factor below which a task and policy do not count."""

MOST_VALUES: Final = 6
"""Number of different values from which a number counts as low or high."""

Stratum = tuple[str, str]
"""A task and a policy, within which episodes are compared."""


@dataclass(frozen=True)
class Factor:
    """Episodes with a factor against those without it, within the same tasks and policies."""

    name: str
    """Option, or what was drawn for the episode, such as "variation.light", "words.order" or "light.azimuth_rad"."""

    value: str
    """Its value."""

    n: int
    """Number of episodes with this value that were compared."""

    strata: int
    """Number of tasks and policies within which they were compared."""

    failures: Estimate
    """Failure rate with this value less that with other values, averaged over these."""

    p_value: float
    """p-value of the Cochran-Mantel-Haenszel test, adjusted for the number of factors after Holm."""


def factors(records: Sequence[Record]) -> list[Factor]:
    """Return the factors that vary among judged episodes, those that go with most failures first.

    Episodes are compared within one task and one policy. So a factor that only some tasks have does not stand for the
    difficulty of these tasks; factors that vary together still stand for each other.
    """
    levels: dict[tuple[str, str], dict[Stratum, list[bool]]] = defaultdict(lambda: defaultdict(list))
    everyone: dict[str, dict[Stratum, list[bool]]] = defaultdict(lambda: defaultdict(list))
    values = [_values(record) for record in records]
    binned = _bins(values)
    for record, own in zip(records, values, strict=True):
        stratum = (record.task, record.policy)
        for name, value in own.items():
            levels[name, binned(name, value)][stratum].append(not record.success)
            everyone[name][stratum].append(not record.success)
    compared = (_compare(name, value, own, everyone[name]) for (name, value), own in levels.items())
    found = [one for one in compared if one is not None]
    adjusted = holm([one.p_value for one in found])
    found = [replace(one, p_value=p_value) for one, p_value in zip(found, adjusted, strict=True)]
    return sorted(found, key=lambda one: (one.p_value, -one.failures.value))


def _values(record: Record) -> dict[str, Any]:
    """Return everything that may vary between episodes of one task and policy."""
    words = {f"words.{name}": _number(word) for turn in record.turns for name, word in turn.words.items()}
    return {
        **{f"variation.{name}": value for name, value in vars(record.variation).items() if name != "level"},
        **{f"policy.{name}": value for name, value in record.policy_options.items()},
        **(record.factors or words),  # records of schema 4 have no factors
        "robot": record.robot,
    }


def _number(word: str) -> Any:
    try:
        return float(word)
    except ValueError:
        return word


def _bins(values: Sequence[Mapping[str, Any]]) -> Any:
    """Return a function of a factor's name and value that returns the value as a text, large numbers of them halved."""
    seen: dict[str, list[Any]] = defaultdict(list)
    for own in values:
        for name, value in own.items():
            seen[name].append(value)
    middles = {}
    for name, found in seen.items():
        numbers = sorted(value for value in found if isinstance(value, int | float) and not isinstance(value, bool))
        if len(set(numbers)) > MOST_VALUES:
            middles[name] = numbers[len(numbers) // 2]

    def binned(name: str, value: Any) -> str:
        if name in middles and isinstance(value, int | float):
            return f">= {middles[name]:g}" if value >= middles[name] else f"< {middles[name]:g}"
        return f"{value:g}" if isinstance(value, float) else value if isinstance(value, str) else canonical_json(value)

    return binned


def _compare(
    name: str, value: str, own: Mapping[Stratum, list[bool]], everyone: Mapping[Stratum, list[bool]]
) -> Factor | None:
    """Return the comparison of episodes with a value with all others; None where too few can be compared."""
    pairs = [
        (Rate.among(failed), Rate.of(sum(everyone[stratum]) - sum(failed), len(everyone[stratum]) - len(failed)))
        for stratum, failed in own.items()
        if len(failed) >= FEWEST and len(everyone[stratum]) - len(failed) >= FEWEST
    ]
    if not pairs:
        return None
    n, failures = sum(one.n for one, _ in pairs), average_unpaired_difference(pairs)
    return Factor(name, value, n, len(pairs), failures, mantel_haenszel_test(pairs))


def varying(found: Sequence[Factor]) -> Iterator[Factor]:
    """Yield the factors without the second of two values of one factor, which says the same with the other sign."""
    counts: dict[str, int] = defaultdict(int)
    for one in found:
        counts[one.name] += 1
    seen: set[str] = set()
    for one in found:
        if counts[one.name] != 2 or one.name not in seen:
            yield one
        seen.add(one.name)
