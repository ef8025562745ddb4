"""Growth with the episodes that a process has played."""

from __future__ import annotations

from typing import Final

from tracesim.bench.growth import Growth, Point
from tracesim.bench.many_episodes import play_many
from tracesim.bench.options import Options

SEEDS = 80

FIRST: Final = 5
"""Number of episodes up to the first point; each point follows at twice the number."""


def measure(options: Options) -> list[Growth]:
    """Arrange and play consecutive seeds in a new process; each point is the median since the one before."""
    played = play_many(options.task, len(options.seeds_or(SEEDS)), pixels=False)
    times, sizes = [one.cpu_ms for one in played], [one.resident_mb for one in played]
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
