"""Pairs of episodes in the same scene that ask for different things: who does both listens to the words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from tracesim.configuration import canonical_json
from tracesim.results.summary import Rate

if TYPE_CHECKING:
    from tracesim.configuration import Variation
    from tracesim.results.record import Record


@dataclass(frozen=True)
class PairSummary:
    """How often a policy did what was asked, what its twin asks, and both, over the seeds of which both were judged.

    settings: by option, what tells it from other pairs of its task and policy in a sweep.
    """

    task: str
    policy: str
    robot: str
    original: Rate
    twin: Rate
    both: Rate
    settings: Mapping[str, Any] = field(default_factory=dict)


def pairs(records: Iterable[Record]) -> list[PairSummary]:
    """Return the pairs among records, by task, policy, robot and whatever else both have in common."""
    groups: dict[tuple[str, str, str, Variation, str], dict[int, dict[str, bool]]] = {}
    for record in records:
        asked = record.variation.counterfactual
        if asked != "none" and record.is_judged:
            scene = replace(record.variation, counterfactual="none")
            how = canonical_json([record.policy_kind, record.policy_options, record.repair])
            key = (record.task, record.policy, record.robot, scene, how)
            groups.setdefault(key, {}).setdefault(record.seed, {})[asked] = record.success
    summaries = []
    for (task, policy, robot, _, _), seeds in groups.items():
        paired = [done for done in seeds.values() if len(done) == 2]
        if paired:
            original, twin = (_rate(done[asked] for done in paired) for asked in ("original", "twin"))
            both = _rate(all(done.values()) for done in paired)
            summaries.append(PairSummary(task, policy, robot, original, twin, both))
    return summaries


def _rate(successes: Iterable[bool]) -> Rate:
    counted = list(successes)
    return Rate.of(sum(counted), len(counted))
