"""Growth with the episodes that a process has played."""

from __future__ import annotations

from functools import partial
from typing import Final

from tracesim.bench.growth import Growth, Point
from tracesim.bench.options import Options
from tracesim.bench.scenes import cluttered, solve
from tracesim.bench.timing import cpu_ms, resident_mb
from tracesim.episode.simulated import SimulatedEpisode

SEEDS = 80

FIRST: Final = 5
"""Number of episodes up to the first point; each point follows at twice the number."""


def measure(options: Options) -> list[Growth]:
    """Arrange and play consecutive seeds without images; each point is the median since the one before."""
    times: list[float] = []
    sizes: list[float] = []
    for seed in options.seeds_or(SEEDS):
        times.append(cpu_ms(partial(_play, options.task, seed)))
        sizes.append(resident_mb())
    ends = doublings(len(times))
    spans = list(zip((0, *ends), ends, strict=False))
    return [
        Growth(
            f"{options.task}: {what}",
            "episodes played",
            tuple(Point(end, tuple(values[start:end])) for start, end in spans),
            unit,
        )
        for what, values, unit in (("episode", times, "ms"), ("resident memory", sizes, "MB"))
    ]


def doublings(count: int) -> list[int]:
    """Return the numbers of episodes at which a point ends, the last at `count`."""
    ends = [FIRST]
    while ends[-1] * 2 < count:
        ends.append(ends[-1] * 2)
    return [end for end in ends if end < count] + [count]


def _play(task: str, seed: int) -> None:
    solve(SimulatedEpisode(cluttered(task), seed))
