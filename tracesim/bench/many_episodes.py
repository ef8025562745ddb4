"""Many episodes in one new process, whose memory holds nothing of other measures."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from typing import Final

from tracesim.bench.scenes import cluttered, solve
from tracesim.bench.timing import resident_mb
from tracesim.episode.simulated import SimulatedEpisode
from tracesim.errors import InfrastructureError, TraceSimError
from tracesim.machine.children import output_of

CODE: Final = "from tracesim.bench.many_episodes import play; play({task!r}, {count}, {pixels})"
"""Program that the new process runs."""


@dataclass(frozen=True)
class Played:
    """An episode that was played."""

    cpu_ms: float
    """Its CPU time, milliseconds."""

    resident_mb: float
    """Resident memory after it, megabytes."""


def play_many(task: str, count: int, pixels: bool) -> list[Played]:
    """Play the seeds from 0 on in a new process, and return what each took.

    Args:
        task: Name of the task, which the expert solves in clutter.
        count: Number of seeds.
        pixels: Whether each episode is rendered once.

    Raises:
        InfrastructureError: The process failed.
    """
    try:
        output = output_of([sys.executable, "-c", CODE.format(task=task, count=count, pixels=pixels)])
    except TraceSimError as error:
        raise InfrastructureError(f"Episodes in a new process were not finished: {error}.") from None
    return [Played(*map(float, line.split())) for line in output.splitlines()]


def play(task: str, count: int, pixels: bool) -> None:
    """Play episodes, and print the CPU milliseconds and the resident megabytes of each."""
    for seed in range(count):
        started = time.process_time()
        episode = SimulatedEpisode(cluttered(task), seed, pixels=pixels)
        if pixels:
            episode.observe(pixels=True)
        solve(episode)
        print((time.process_time() - started) * 1000.0, resident_mb())
