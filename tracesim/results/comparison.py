"""Comparison of two entrants on the seeds that both have played."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, Self

import numpy as np

from tracesim.errors import ConfigurationError
from tracesim.failure import Failure
from tracesim.results.collection import Collection, Stored, differing_versions
from tracesim.results.entrant import Entrant, distinguishing, group, labels
from tracesim.results.versions import VERDICT_PACKAGES
from tracesim.statistics import (
    Estimate,
    Outcomes,
    average_difference,
    holm,
    macro_average,
    sign_flip_test,
    smallest_difference,
    smallest_mean_difference,
)

Measure = Literal["success", "margins"]
"""What policies are compared by: success, or the area under the curve of success over scaled tolerances."""

Verdict = Literal["better", "worse", "inconclusive", "not comparable"]

SIGNIFICANT = 0.05
"""p-value up to which two policies differ."""


@dataclass(frozen=True)
class Side:
    """The judged episodes of one of the two entrants."""

    entrant: Entrant
    """The policy, its options and its conditions."""

    label: str
    """Name of the entrant."""

    episodes: Mapping[tuple[str, int], Stored]
    """Judged episodes by task and seed."""

    @classmethod
    def of(cls, collection: Collection, name: str | None, where: str) -> Self:
        """Return the episodes of an entrant.

        Args:
            collection: Episodes of one or more entrants.
            name: Label or policy of the entrant; needed if there are several.
            where: Where the episodes are from, for messages.

        Raises:
            ConfigurationError: There is no such entrant, or there are several.
        """
        groups = group(collection.episodes)
        names = labels(list(groups))
        chosen = [one for one, label in names.items() if name is None or name in (label, one.policy)]
        exact = [one for one, label in names.items() if name == label]
        valid = ", ".join(f"'{label}'" if " " in label else label for label in names.values())
        if len(exact or chosen) != 1:
            what = "has no policy" if not chosen else "has several policies" if name is None else "has several of"
            asked = "" if name is None else f" {name!r}"
            raise ConfigurationError(f"{where} {what}{asked}. Valid: policies=A,B with two of {valid}.")
        (entrant,) = exact or chosen
        judged = [one for one in groups[entrant] if one.record.is_judged]
        return cls(entrant, names[entrant], {(one.record.task, one.record.seed): one for one in judged})


@dataclass(frozen=True)
class TaskComparison:
    """Two entrants on one task; differences are those of B less A."""

    task: str
    """Name of the task."""

    outcomes: Outcomes
    """Pairs of successes, B first."""

    areas: tuple[float, ...]
    """Differences of the areas of each pair."""

    p_success: float
    """p-value for success, adjusted for the number of tasks."""

    p_margins: float
    """p-value for the areas, adjusted for the number of tasks."""


@dataclass(frozen=True)
class Disagreement:
    """A pair of episodes on the same seed, of which one succeeded."""

    task: str
    """Name of the task."""

    seed: int
    """The seed."""

    first: Failure | None
    """Why A failed, None if it succeeded."""

    second: Failure | None
    """Why B failed, None if it succeeded."""

    def __str__(self) -> str:
        """Return the disagreement as a line of text."""
        side, failure = ("A", self.first) if self.first is not None else ("B", self.second)
        assert failure is not None
        detail = f" ({failure.detail})" if failure.detail else ""
        return f"{self.task} seed {self.seed}: {side} fails, {failure.stage}: {failure.reason}{detail}"


@dataclass(frozen=True)
class Comparison:
    """Entrant B compared with entrant A on the same seeds; differences are those of B less A."""

    first: str
    """Name of A."""

    second: str
    """Name of B."""

    tasks: tuple[TaskComparison, ...]
    """The tasks that both have played on a shared seed, in alphabetical order."""

    unshared: tuple[int, int]
    """Number of judged episodes of A and of B without a counterpart."""

    obstacles: tuple[str, ...]
    """Why they cannot be compared; empty if they can."""

    differing: tuple[str, ...]
    """Options that differ, in words."""

    disagreements: tuple[Disagreement, ...] = ()
    """The pairs of which one succeeds and the other fails, in the order of tasks and seeds."""

    @classmethod
    def of(cls, first: Side, second: Side) -> Self:
        """Return the comparison of two entrants, A and B."""
        shared = [key for key in first.episodes if key in second.episodes]
        pairs = [(first.episodes[key], second.episodes[key]) for key in shared]
        by_task: dict[str, list[tuple[Stored, Stored]]] = {}
        for (task, _), pair in sorted(zip(shared, pairs, strict=True), key=lambda one: one[0]):
            by_task.setdefault(task, []).append(pair)
        outcomes = [Outcomes.of((b.record.success, a.record.success) for a, b in own) for own in by_task.values()]
        areas = [tuple(b.scores.area - a.scores.area for a, b in own) for own in by_task.values()]
        p_success = holm([one.p_value for one in outcomes])
        p_margins = holm([sign_flip_test(one, np.random.default_rng(0)) for one in areas])
        return cls(
            first.label,
            second.label,
            tuple(map(TaskComparison, by_task, outcomes, areas, p_success, p_margins)),
            (len(first.episodes) - len(pairs), len(second.episodes) - len(pairs)),
            tuple(_obstacles(first, second, pairs)),
            tuple(_differing(first.entrant, second.entrant)),
            tuple(
                Disagreement(task, a.record.seed, a.record.failure, b.record.failure)
                for task, own in by_task.items()
                for a, b in own
                if a.record.success != b.record.success
            ),
        )

    @property
    def n(self) -> int:
        """Number of pairs of episodes."""
        return self.outcomes.n

    @cached_property
    def outcomes(self) -> Outcomes:
        """Pairs of successes of all tasks together, B first."""
        own = [one.outcomes for one in self.tasks]
        names = ("both", "first_only", "second_only", "neither")
        return Outcomes(*(sum(getattr(one, name) for one in own) for name in names))

    @cached_property
    def difference(self) -> Mapping[Measure, Estimate]:
        """Average over tasks of the difference, by success and by margins."""
        return {
            "success": average_difference([one.outcomes for one in self.tasks]),
            "margins": macro_average([one.areas for one in self.tasks], np.random.default_rng(0)),
        }

    @cached_property
    def p_value(self) -> Mapping[Measure, float]:
        """p-value over all pairs: of McNemar's exact test for success, of a sign-flip test for margins."""
        areas = [area for one in self.tasks for area in one.areas]
        return {"success": self.outcomes.p_value, "margins": sign_flip_test(areas, np.random.default_rng(0))}

    @cached_property
    def smallest(self) -> Mapping[Measure, float | None]:
        """Smallest difference that so many pairs show with 80 % power, given how much these pairs differ."""
        areas = [area for one in self.tasks for area in one.areas]
        return {
            "success": smallest_difference(self.n, self.discordant),
            "margins": smallest_mean_difference(areas),
        }

    @property
    def discordant(self) -> float | None:
        """Share of pairs of which one succeeds and the other fails; None if there are none."""
        return self.outcomes.discordant / self.n if self.n and self.outcomes.discordant else None

    def verdict(self, by: Measure) -> Verdict:
        """Return what B is, compared with A."""
        if self.obstacles:
            return "not comparable"
        if self.p_value[by] > SIGNIFICANT:
            return "inconclusive"
        if by == "success":
            return "better" if self.outcomes.first_only > self.outcomes.second_only else "worse"
        return "better" if sum(sum(one.areas) for one in self.tasks) > 0.0 else "worse"

    def as_json(self, by: Measure) -> dict[str, Any]:
        """Return the comparison as plain JSON values."""
        measures: tuple[Measure, ...] = () if self.obstacles else ("success", "margins")
        return {
            "first": self.first,
            "second": self.second,
            "by": by,
            "verdict": self.verdict(by),
            "obstacles": list(self.obstacles),
            "pairs": self.n,
            **{
                measure: {
                    "difference": self.difference[measure].value,
                    "low": self.difference[measure].interval.low,
                    "high": self.difference[measure].interval.high,
                    "p_value": self.p_value[measure],
                    "smallest_difference": self.smallest[measure],
                }
                for measure in measures
            },
            "disagreements": [
                {"task": one.task, "seed": one.seed, "failed": "first" if one.first else "second"}
                for one in self.disagreements
            ],
            "tasks": [
                {"task": one.task, **vars(one.outcomes), "p_success": one.p_success, "p_margins": one.p_margins}
                for one in self.tasks
            ],
        }


def _obstacles(first: Side, second: Side, pairs: Sequence[tuple[Stored, Stored]]) -> list[str]:
    """Return why two entrants cannot be compared, one sentence each."""
    if not pairs:
        return [_nothing_shared(first, second)]
    found = []
    a, b = (one.record for one in pairs[0])
    settings = distinguishing([vars(a.variation), vars(b.variation)], ["", ""])
    for name in dict.fromkeys((*settings[0], *settings[1])):
        if name != "level":
            there, here = getattr(a.variation, name), getattr(b.variation, name)
            found.append(f"The scenes differ: variation.{name} is {there} in A and {here} in B.")
    records = [one.record for pair in pairs for one in pair]
    for name in differing_versions(records):
        if name in VERDICT_PACKAGES:
            there, here = ("/".join(sorted({pair[side].record.versions[name] for pair in pairs})) for side in (0, 1))
            found.append(f"The versions differ: {name} is {there} in A and {here} in B, which can change verdicts.")
    return found


def _nothing_shared(first: Side, second: Side) -> str:
    tasks = [{task for task, _ in one.episodes} for one in (first, second)]
    if not tasks[0] & tasks[1]:
        return f"No task is shared: A has {_some(tasks[0])}, B has {_some(tasks[1])}."
    task = min(tasks[0] & tasks[1])
    seeds = [{seed for own, seed in one.episodes if own == task} for one in (first, second)]
    spans = (f"{min(own)} to {max(own)}" for own in seeds)
    return f"No seed is shared: of {task}, A has seeds {' and B has seeds '.join(spans)}."


def _some(names: set[str]) -> str:
    return ", ".join(sorted(names)[:3]) + (", ..." if len(names) > 3 else "") if names else "none"


def _differing(first: Entrant, second: Entrant) -> list[str]:
    a, b = distinguishing([first.settings, second.settings], ["", ""])
    keys = [key for key in dict.fromkeys((*a, *b)) if not key.startswith("variation")]
    return [f"{key} is {a.get(key, 'not set')} in A and {b.get(key, 'not set')} in B" for key in keys]
