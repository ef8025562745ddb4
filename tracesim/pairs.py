"""Pairs of episodes in the same scene that ask for different things: who does both listens to the words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tracesim.summary import Rate

if TYPE_CHECKING:
    from tracesim.configuration import Variation
    from tracesim.results import Record


@dataclass(frozen=True)
class PairSummary:
    """How often a policy did what was asked, what its twin asks, and both, over the seeds of which both were judged."""

    task: str
    policy: str
    robot: str
    original: Rate
    twin: Rate
    both: Rate


def pairs(records: Iterable[Record]) -> list[PairSummary]:
    """Return the pairs among records, by task, policy, robot and whatever else both have in common."""
    groups: dict[tuple[str, str, str, Variation], dict[int, dict[str, bool]]] = {}
    for record in records:
        asked = record.variation.counterfactual
        if asked != "none" and record.is_judged:
            key = (record.task, record.policy, record.robot, replace(record.variation, counterfactual="none"))
            groups.setdefault(key, {}).setdefault(record.seed, {})[asked] = record.success
    summaries = []
    for (task, policy, robot, _), seeds in groups.items():
        paired = [done for done in seeds.values() if len(done) == 2]
        if paired:
            original, twin = (_rate(done[asked] for done in paired) for asked in ("original", "twin"))
            both = _rate(all(done.values()) for done in paired)
            summaries.append(PairSummary(task, policy, robot, original, twin, both))
    return summaries


def _rate(successes: Iterable[bool]) -> Rate:
    counted = list(successes)
    return Rate.of(sum(counted), len(counted))
