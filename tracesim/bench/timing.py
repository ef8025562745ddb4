"""CPU times of works that run in turn, on one core."""

from __future__ import annotations

import os
import resource
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path


def alternate(works: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, list[float]]:
    """Run works in turn, so that a busy machine affects all alike, and return the CPU milliseconds of each round.

    Each work runs once before the first round, to fill caches.

    Args:
        works: The works by name.
        rounds: Number of rounds that are measured.
    """
    spent: dict[str, list[float]] = {name: [] for name in works}
    for work in works.values():
        work()
    for _ in range(rounds):
        for name, work in works.items():
            spent[name].append(cpu_ms(work))
    return spent


def cpu_ms(work: Callable[[], object]) -> float:
    """Return the CPU time of a work in this process, milliseconds."""
    started = time.process_time()
    work()
    return (time.process_time() - started) * 1000.0


def cpu_with_children_s() -> float:
    """Return the CPU seconds of this process and of its finished children so far."""
    return time.process_time() + children_s()


def children_s() -> float:
    """Return the CPU seconds of the finished children of this process so far."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return children.ru_utime + children.ru_stime


def resident_mb() -> float:
    """Return the resident memory of this process, megabytes."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


@contextmanager
def pinned() -> Iterator[int]:
    """Keep all threads of this process, and the processes that it starts, on one core; yield the core's number."""
    allowed = os.sched_getaffinity(0)
    core = max(allowed)
    _keep_on({core})
    try:
        yield core
    finally:
        _keep_on(allowed)


def _keep_on(cores: set[int]) -> None:
    """Restrict all threads of this process to some cores; new threads and children inherit that."""
    for thread in os.listdir("/proc/self/task"):
        with suppress(OSError):  # it has ended
            os.sched_setaffinity(int(thread), cores)
