"""Success of several entrants on several tasks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from tracesim.results.collection import Collection, Stored, differing_versions
from tracesim.results.entrant import group, labels
from tracesim.statistics import Estimate, Rate, average_rate, macro_average, pass_hat, smallest_difference


@dataclass(frozen=True)
class Column:
    """One entrant's results."""

    label: str
    """Its name: that of the policy, and the settings that distinguish it from others of the same policy."""

    rates: Mapping[str, Rate]
    """Success rate over the judged episodes of each task; tasks without any are left out."""

    areas: Mapping[str, Sequence[float]]
    """Of every judged episode of each task, the area under the curve of success over scaled tolerances, from 0 to 1."""

    infrastructure: int
    """Number of episodes that failed outside the benchmark; not judged."""

    no_scene: int
    """Number of seeds for which no scene was found; not judged."""

    @classmethod
    def of(cls, label: str, episodes: Iterable[Stored]) -> Self:
        """Return the results of an entrant from its episodes."""
        tasks: dict[str, list[Stored]] = {}
        infrastructure = no_scene = 0
        for one in episodes:
            if one.record.is_judged:
                tasks.setdefault(one.record.task, []).append(one)
            elif one.record.is_infrastructure:
                infrastructure += 1
            else:
                no_scene += 1
        return cls(
            label,
            {task: Rate.among(one.record.success for one in own) for task, own in tasks.items()},
            {task: [one.scores.area for one in own] for task, own in tasks.items()},
            infrastructure,
            no_scene,
        )

    @property
    def judged(self) -> int:
        """Number of judged episodes."""
        return sum(rate.n for rate in self.rates.values())

    def success(self, tasks: Iterable[str]) -> Estimate | None:
        """Return the average success rate over tasks; None for no tasks."""
        rates = [self.rates[task] for task in tasks]
        return average_rate(rates) if rates else None

    def area(self, tasks: Iterable[str], rng: np.random.Generator) -> Estimate | None:
        """Return the average area over tasks, with a bootstrap interval; None for no tasks."""
        areas = [self.areas[task] for task in tasks]
        return macro_average(areas, rng) if areas else None

    def pass_hat(self, tasks: Iterable[str], k: int) -> float | None:
        """Return the average over tasks of pass^k; None if a task has fewer than k episodes, or there are no tasks."""
        rates = [self.rates[task] for task in tasks]
        if not rates or any(rate.n < k for rate in rates):
            return None
        return sum(pass_hat(rate.count, rate.n, k) for rate in rates) / len(rates)


@dataclass(frozen=True)
class Matrix:
    """Success of several entrants on several tasks."""

    tasks: tuple[str, ...]
    """Names of the tasks, in alphabetical order."""

    columns: tuple[Column, ...]
    """The entrants, the one with the highest average success first."""

    versions: tuple[str, ...]
    """Packages of which the episodes name more than one version."""

    @classmethod
    def of(cls, collection: Collection) -> Self:
        """Return the matrix of a collection."""
        records = collection.records
        by_entrant = group(collection.episodes)
        names = labels(list(by_entrant))
        columns = [Column.of(names[entrant], own) for entrant, own in by_entrant.items()]
        tasks = sorted({record.task for record in records})
        common = _common(tasks, columns)
        columns.sort(key=lambda one: -_value(one.success(common)))
        return cls(tuple(tasks), tuple(columns), differing_versions(records))

    @property
    def common(self) -> tuple[str, ...]:
        """Tasks in which every entrant has judged episodes: those that averages are taken over."""
        return _common(self.tasks, self.columns)

    def smallest_difference(self, tasks: Iterable[str]) -> float | None:
        """Return the smallest difference of two entrants that the seeds of tasks together can show.

        See `tracesim.statistics.smallest_difference`; of every task as many seeds count as each entrant has at least.
        """
        n = sum(min((one.rates[task].n for one in self.columns if task in one.rates), default=0) for task in tasks)
        return smallest_difference(n) if n else None


def _common(tasks: Iterable[str], columns: Sequence[Column]) -> tuple[str, ...]:
    return tuple(task for task in tasks if all(task in one.rates for one in columns))


def _value(estimate: Estimate | None) -> float:
    return -1.0 if estimate is None else estimate.value
