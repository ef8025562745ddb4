"""Where the episodes of an entrant fail: by stage and by constraint."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from tracesim.failure import STAGES
from tracesim.results.collection import Stored
from tracesim.statistics import Rate


@dataclass(frozen=True)
class Breakdown:
    """Failures of one entrant over its judged episodes."""

    label: str
    """Name of the entrant."""

    judged: int
    """Number of judged episodes."""

    stages: Mapping[str, Rate]
    """Share of episodes that failed at each stage, in the order of stages; stages without a failure are left out."""

    reasons: Mapping[str, str]
    """The most frequent reason of each stage; of collisions, what was touched."""

    constraints: Mapping[str, Rate]
    """Share of episodes that violated each constraint, among those to which it applies."""

    @classmethod
    def of(cls, label: str, episodes: Sequence[Stored]) -> Self:
        """Return the failures among judged episodes."""
        failures = [one.record.failure for one in episodes if one.record.failure is not None]
        counts = Counter(one.stage for one in failures)
        reasons = {
            stage: Counter(_reason(one.stage, one.reason) for one in failures if one.stage == stage) for stage in counts
        }
        applied: Counter[str] = Counter()
        violated: Counter[str] = Counter()
        for one in episodes:
            for name, margin in one.record.margins.items():
                if margin is not None:
                    applied[name] += 1
                    violated[name] += margin < 0.0
        return cls(
            label,
            len(episodes),
            {stage: Rate.of(counts[stage], len(episodes)) for stage in STAGES if stage in counts},
            {stage: found.most_common(1)[0][0] for stage, found in reasons.items()},
            {name: Rate.of(violated[name], count) for name, count in sorted(applied.items())},
        )


def _reason(stage: str, reason: str) -> str:
    """Return a reason; of a collision only what was touched, without its number."""
    return reason.split("-", 1)[-1].rstrip("_0123456789") if stage == "collision" else reason
