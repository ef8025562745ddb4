"""Selection of the episodes that are exported."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tracesim.results.collection import Stored
from tracesim.results.record import Record


@dataclass(frozen=True)
class Selection:
    """Which episodes are exported; None stands for all."""

    task: str | None = None
    """Name of the task."""

    policy: str | None = None
    """Name of the policy's configuration."""

    seeds: range | None = None
    """The seeds."""

    success: bool | None = None
    """Whether the episode was a success."""

    def of(self, episodes: Iterable[Stored]) -> list[Stored]:
        """Return the episodes that are selected, in their order."""
        return [one for one in episodes if self._selects(one.record)]

    def _selects(self, record: Record) -> bool:
        return (
            self.task in (None, record.task)
            and self.policy in (None, record.policy)
            and (self.seeds is None or record.seed in self.seeds)
            and self.success in (None, record.success)
        )


def names(episodes: Sequence[Stored]) -> list[str]:
    """Return a name for each episode, such as "003_water_flowers_expert_7": its number, task, policy and seed."""
    width = max(3, len(str(len(episodes) - 1)))
    return [
        f"{number:0{width}}_{one.record.task}_{one.record.policy}_{one.record.seed}"
        for number, one in enumerate(episodes)
    ]
