"""Options of the command."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tracesim.errors import ConfigurationError

TASK = "water_flowers"
"""Task that is measured unless another one is named."""


@dataclass(frozen=True)
class Options:
    """The words KEY=VALUE of the command line."""

    task: str = TASK
    """Name of the task."""

    rounds: int | None = None
    """Number of rounds of works that are repeated, None for each measure's default."""

    seeds: int | None = None
    """Number of seeds, from 0 on, None for each measure's default."""

    peer: Literal["maniskill"] | None = None
    """Simulator to compare with, None for none."""

    json: Path | None = None
    """File that everything measured is written to, None for none."""

    plot: Path | None = None
    """Folder that plots of growth are written to, None for none."""

    def __post_init__(self) -> None:
        """Check the values."""
        from tracesim.envs import TASKS

        TASKS.check(self.task)
        for name in ("rounds", "seeds"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise ConfigurationError(f"{name}={value}: at least 1.")

    def rounds_or(self, default: int) -> int:
        """Return the number of rounds that was asked for, or a measure's default."""
        return self.rounds or default

    def seeds_or(self, default: int) -> range:
        """Return the seeds that were asked for, or those of a measure's default."""
        return range(self.seeds or default)
