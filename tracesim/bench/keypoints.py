"""Growth with keypoints."""

from __future__ import annotations

from functools import partial
from typing import Final

import numpy as np

from tracesim.bench.growth import Growth, Point
from tracesim.bench.options import Options
from tracesim.bench.scenes import arranged, cluttered
from tracesim.bench.timing import cpu_ms
from tracesim.episode.simulated import SimulatedEpisode
from tracesim.geometry.trace import Trace
from tracesim.task import Task

KEYPOINTS: Final = (2, 4, 8, 16, 32, 64)

SEEDS = 3

TASK: Final = "pull_object"
"""Its expert's trace is straight, so that any number of keypoints gives the same path; the robot stops at each."""


def measure(options: Options) -> list[Growth]:
    """Execute the same straight path, divided by more and more keypoints."""
    configuration = cluttered(TASK)
    tasks = [arranged(configuration, seed) for seed in options.seeds_or(SEEDS)]
    execution, simulated = [], []
    for count in KEYPOINTS:
        rounds = [_execute(task, seed, count) for seed, task in enumerate(tasks)]
        execution.append(Point(count, tuple(ms for ms, _ in rounds)))
        simulated.append(Point(count, tuple(ms / seconds for ms, seconds in rounds)))
    return [
        Growth(f"{TASK}: execution", "keypoints", tuple(execution)),
        Growth(f"{TASK}: execution per simulated second", "keypoints", tuple(simulated)),
    ]


def divided(trace: Trace, count: int) -> Trace:
    """Return the straight line between the ends of a trace with `count` evenly spaced keypoints."""
    return Trace(np.linspace(trace.keypoints[0], trace.keypoints[-1], count))


def _execute(task: Task, seed: int, count: int) -> tuple[float, float]:
    """Return the CPU milliseconds and the simulated seconds of an execution."""
    episode = SimulatedEpisode(cluttered(TASK), seed, task=task)
    trace, started = divided(task.expert(), count), episode.scene.time_s
    spent = cpu_ms(partial(episode.execute, trace))
    return spent, episode.scene.time_s - started
