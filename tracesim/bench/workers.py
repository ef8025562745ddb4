"""Growth with worker processes."""

from __future__ import annotations

import subprocess
import sys
import time
from contextlib import ExitStack
from typing import IO, Final

from tracesim.bench.growth import Growth, Point
from tracesim.bench.options import Options
from tracesim.errors import InfrastructureError

WORKERS: Final = (1, 2)

SEEDS = 5

ROUNDS: Final = 3

CODE: Final = """\
import sys
from tracesim.bench.scenes import cluttered, solve
from tracesim.episode.simulated import SimulatedEpisode

def play(seed):
    solve(SimulatedEpisode(cluttered({task!r}), seed))

play(0)
print("ready", flush=True)
for line in sys.stdin:
    for seed in range({seeds}):
        play(seed)
    print("done", flush=True)
"""
"""What a worker does: it plays one episode to fill its caches, then all seeds at each line that it reads."""


def measure(options: Options) -> list[Growth]:
    """Play the same seeds in each of one and of two processes, in turn, and count the episodes a second; wall time."""
    seeds = len(options.seeds_or(SEEDS))
    code = CODE.format(task=options.task, seeds=seeds)
    rates: dict[int, list[float]] = {count: [] for count in WORKERS}
    with ExitStack() as stack:
        workers = [stack.enter_context(_Worker(code)) for _ in range(max(WORKERS))]
        for _ in range(ROUNDS):
            for count in WORKERS:
                rates[count].append(count * seeds / _round_s(workers[:count]))
    points = tuple(Point(count, tuple(rounds)) for count, rounds in rates.items())
    return [Growth(f"{options.task}: throughput", "workers", points, "episodes/s")]


def _round_s(workers: list[_Worker]) -> float:
    """Return the wall time in which all workers play their seeds once, seconds."""
    started = time.perf_counter()
    for worker in workers:
        worker.begin()
    for worker in workers:
        worker.wait()
    return time.perf_counter() - started


class _Worker:
    """A process that plays episodes on request; use as a context manager."""

    def __init__(self, code: str) -> None:
        command = [sys.executable, "-c", code]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __enter__(self) -> _Worker:
        self.wait()
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()

    def begin(self) -> None:
        """Ask for another round."""
        stdin = self._stream(self._process.stdin)
        stdin.write("again\n")
        stdin.flush()

    def wait(self) -> None:
        """Wait for the worker's next line."""
        if not self._stream(self._process.stdout).readline():
            raise InfrastructureError("A worker process ended before it had played its episodes.")

    @staticmethod
    def _stream(stream: IO[str] | None) -> IO[str]:
        assert stream is not None
        return stream
