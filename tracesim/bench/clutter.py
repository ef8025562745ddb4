"""Growth with clutter."""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import partial
from typing import Final

from tracesim.bench.growth import Growth, Point
from tracesim.bench.options import Options
from tracesim.bench.scenes import arranged, cluttered, solve
from tracesim.bench.timing import cpu_ms
from tracesim.configuration import EpisodeConfiguration
from tracesim.configuration.variation.clutter import MOST_OBJECTS
from tracesim.episode.simulated import SimulatedEpisode
from tracesim.errors import PlacementError

DISTRACTORS: Final = tuple(count for count in (0, 4, 10, 20, 40) if count <= MOST_OBJECTS)
"""Numbers of distractors, as far as a variation admits them."""

SEEDS = 5

TRIED: Final = 10
"""Seeds that are tried for each one that is wanted, as a crowded table leaves some tasks without a scene."""


def measure(options: Options) -> list[Growth]:
    """Arrange, execute and observe scenes with more and more distractors."""
    wanted = len(options.seeds_or(SEEDS))
    list(_rounds(cluttered(options.task, DISTRACTORS[1]), 1))  # imports modules and fills caches
    works: dict[str, list[Point]] = {"arrangement": [], "execution": [], "observation": []}
    for distractors in DISTRACTORS:
        rounds = list(_rounds(cluttered(options.task, distractors), wanted))
        for index, points in enumerate(works.values()):
            points.append(Point(distractors, tuple(one[index] for one in rounds)))
    return [Growth(f"{options.task}: {work}", "distractors", tuple(points)) for work, points in works.items()]


def _rounds(configuration: EpisodeConfiguration, wanted: int) -> Iterator[tuple[float, float, float]]:
    """Yield the CPU times of arranging, executing and observing for as many seeds as are wanted, milliseconds.

    Raises:
        PlacementError: There are not enough seeds whose scene has room for that many distractors.
    """
    found = 0
    for seed in range(TRIED * wanted):
        started = time.process_time()
        try:
            task = arranged(configuration, seed)
        except PlacementError:
            continue
        arranging = (time.process_time() - started) * 1000.0
        episode = SimulatedEpisode(configuration, seed, pixels=True, task=task)
        episode.observe(pixels=True)
        observing = cpu_ms(partial(episode.observe, pixels=True))
        yield arranging, cpu_ms(partial(solve, episode)), observing
        found += 1
        if found == wanted:
            return
    raise PlacementError(
        f"{configuration.task} has {found} scenes with {configuration.variation.clutter} distractors below seed "
        f"{TRIED * wanted}, of {wanted} that are wanted: give a smaller seeds= or another task=."
    )
