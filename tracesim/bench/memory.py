"""Growth of memory while one process plays many episodes."""

from __future__ import annotations

from statistics import median
from typing import Final

from tracesim.bench import targets
from tracesim.bench.figure import Figure
from tracesim.bench.many_episodes import play_many
from tracesim.bench.options import Options
from tracesim.errors import ConfigurationError

FILLING: Final = 100
"""Episodes that fill the caches, after which memory is to stay as it is."""

SEEDS = 150

LAST: Final = 10
"""Number of episodes whose median is taken, as memory goes up and down."""


def measure(options: Options) -> list[Figure]:
    """Arrange, render and play consecutive seeds in clutter by the expert, in a new process.

    Raises:
        ConfigurationError: There are too few seeds to fill the caches.
    """
    seeds = options.seeds_or(SEEDS)
    if len(seeds) < FILLING + LAST:
        raise ConfigurationError(f"seeds={len(seeds)}: the measure memory needs at least {FILLING + LAST}.")
    sizes = [one.resident_mb for one in play_many(options.task, len(seeds), pixels=True)]
    before, after = median(sizes[FILLING - LAST : FILLING]), median(sizes[-LAST:])
    return [
        Figure.of(f"{options.task}: resident memory after {FILLING} episodes", before, "MB"),
        Figure.of(f"resident memory after {len(seeds)} episodes", after, "MB"),
        Figure.of("growth since then", 100.0 * (after / before - 1.0), "%", targets.MEMORY_GROWTH_PERCENT),
    ]
