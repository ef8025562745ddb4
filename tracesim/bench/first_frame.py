"""Start of new processes: the parts of the way to the first observation, and `--help`."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from typing import Final

from tracesim.bench import targets
from tracesim.bench.figure import Figure, lines
from tracesim.bench.options import Options
from tracesim.bench.timing import children_s
from tracesim.errors import InfrastructureError, TraceSimError
from tracesim.machine.children import output_of

ROUNDS = 5

HELP: Final = ("tracesim.run", "tracesim.bench")
"""Modules whose help text is printed by a new process."""

CODE: Final = """\
import json, time
time.perf_counter = time.process_time  # for the episode's own timings
from tracesim.configuration import EpisodeConfiguration
from tracesim.episode.simulated import SimulatedEpisode
from tracesim.simulation.renderer import render_system
imported = time.process_time()
render_system()
drawing = time.process_time()
episode = SimulatedEpisode(EpisodeConfiguration({task!r}), 0, pixels=True)
episode.observe(pixels=True)
parts = {{'first frame': time.process_time(), 'interpreter, imports': imported, 'Vulkan device': drawing - imported}}
print(json.dumps({{**parts, **episode.timings}}))
"""
"""Program that each new process runs: it ends after its first observation."""


def measure(options: Options) -> list[Figure]:
    """Start new processes with filled caches, and take the CPU time from their start on."""
    _first_frame(options.task)  # may have had to fill the caches
    starts = [_first_frame(options.task) for _ in range(options.rounds_or(ROUNDS))]
    whole = [start.pop("first frame") for start in starts]
    parts = {name: [start[name] for start in starts] for name in starts[0]}
    return [
        Figure("start of a process to its first frame", tuple(whole), "s", targets.FIRST_FRAME_S),
        *lines(parts, unit="s"),
        *(_help(module, options.rounds_or(ROUNDS)) for module in HELP),
    ]


def _first_frame(task: str) -> dict[str, float]:
    """Return the CPU seconds of a new process up to its first frame, and those of each part."""
    try:
        output = output_of([sys.executable, "-c", CODE.format(task=task)])
    except TraceSimError as error:
        raise InfrastructureError(f"A new process could not render: {error}.") from None
    parts: dict[str, float] = json.loads(output.splitlines()[-1])
    return parts


def _help(module: str, rounds: int) -> Figure:
    command = [sys.executable, "-m", module, "--help"]
    times = tuple(_child_s(command) for _ in range(rounds + 1))[1:]
    return Figure(f"python -m {module} --help", times, "s", targets.HELP_S)


def _child_s(command: Sequence[str]) -> float:
    """Return the CPU time of a command, seconds."""
    started = children_s()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    return children_s() - started
