"""Where the time of an episode goes: its phases, and named functions."""

from __future__ import annotations

import time
from statistics import median
from types import SimpleNamespace
from unittest.mock import patch

from tracesim.bench import targets
from tracesim.bench.figure import Figure, lines, ratios
from tracesim.bench.options import Options
from tracesim.bench.parts import Stopwatch
from tracesim.bench.scenes import cluttered, solve
from tracesim.configuration import EpisodeConfiguration
from tracesim.episode import simulated
from tracesim.episode.outcome import Outcome
from tracesim.episode.simulated import SimulatedEpisode

SEEDS = 6

PHASES = {
    "arrange": "arrangement: expert's route, clutter, followability",
    "build": "building the scene",
    "settle": "coming to rest",
    "predict": "prediction",
    "execute": "execution: planning, motion, contacts",
    "judge": "clearance after the fact",
}
"""Timings of a `SimulatedEpisode`, and what they mean."""


def measure(options: Options) -> list[Figure]:
    """Measure episodes of consecutive seeds in clutter, first as they are, then with named functions timed."""
    configuration, seeds = cluttered(options.task), options.seeds_or(SEEDS)
    play(configuration, seeds[0])
    played = [play(configuration, seed) for seed in seeds]
    cpu_s, simulated_s = [one[0] for one in played], [one[1].scene.time_s for one in played]
    phases = {name: [one[1].timings.get(phase, 0.0) * 1000.0 for one in played] for phase, name in PHASES.items()}
    parts = [_parts(configuration, seed) for seed in seeds]
    split = {name: [one[name] * 1000.0 for one in parts] for name in parts[0]}
    largest = sorted(split, key=lambda name: -median(split[name]))
    deviations = [one[2].deviation_m[0] * 1000.0 for one in played if one[2].deviation_m is not None]
    return [
        Figure(f"{options.task}: whole episode", tuple(1000.0 * spent_s for spent_s in cpu_s)),
        Figure("real-time factor", ratios(simulated_s, cpu_s), ""),
        *lines(phases),
        Figure("the same episodes by function", tuple(sum(one.values()) * 1000.0 for one in parts)),
        *lines({name: split[name] for name in largest}),
        Figure("mean deviation from the trace", tuple(deviations), "mm", targets.DEVIATION_MM),
    ]


def play(configuration: EpisodeConfiguration, seed: int) -> tuple[float, SimulatedEpisode, Outcome]:
    """Play an episode by the expert, and return its CPU time in seconds, the episode and its outcome.

    The episode's own timings are in CPU time, too: other processes on a busy machine do not lengthen its phases.
    """
    started = time.process_time()
    with patch.object(simulated, "time", SimpleNamespace(perf_counter=time.process_time)):
        episode = simulated.SimulatedEpisode(configuration, seed)
        outcome = solve(episode)
    return time.process_time() - started, episode, outcome


def _parts(configuration: EpisodeConfiguration, seed: int) -> dict[str, float]:
    """Return the CPU seconds of an episode by part."""
    watch = Stopwatch()
    with watch.running():
        play(configuration, seed)
    return watch.spent_s
