"""Distribution of work over processes, which are spawned rather than forked, so that results do not differ."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from multiprocessing.process import BaseProcess
from typing import Final, TypeVar

from tracesim.errors import InfrastructureError
from tracesim.machine.children import ending

Job = TypeVar("Job")
Result = TypeVar("Result")

_LAST_BREATH_S: Final = 5.0


def in_parallel(work: Callable[[Job], Result], jobs: Sequence[Job], workers: int) -> Iterator[Result]:
    """Yield the result of every job, in the order in which they are completed.

    A single worker is this process itself, which keeps the order of the jobs. If `work` raises an exception, it is
    raised here, and no further job is begun.

    Args:
        work: Does a job; a function at the top level of a module.
        jobs: The jobs.
        workers: Number of processes.

    Raises:
        InfrastructureError: a process died.
    """
    if workers == 1:
        yield from map(work, jobs)
        return
    context = multiprocessing.get_context("spawn")
    others = multiprocessing.active_children()
    with ProcessPoolExecutor(min(workers, max(len(jobs), 1)), context, initializer=_leave_interrupts_to_parent) as pool:
        # No more jobs than workers are submitted, as the pool waits for all submitted jobs when it ends early.
        waiting = iter(jobs)
        begun = {pool.submit(work, job) for job in islice(waiting, workers)}
        processes = [process for process in multiprocessing.active_children() if process not in others]
        try:
            while begun:
                ended, begun = wait(begun, return_when=FIRST_COMPLETED)
                begun |= {pool.submit(work, job) for job in islice(waiting, len(ended))}
                for future in ended:
                    yield future.result()
        except BrokenProcessPool:
            raise InfrastructureError(
                f"A worker process died ({_how_one_died(processes)}). The same command resumes with the missing seeds."
            ) from None


def _how_one_died(processes: Sequence[BaseProcess]) -> str:
    """Return how the process that broke the pool ended; the pool terminates all others by SIGTERM."""
    for process in processes:
        process.join(_LAST_BREATH_S)
    codes = [process.exitcode for process in processes if process.exitcode]
    code = next((one for one in codes if one != -signal.SIGTERM), codes[0] if codes else 0)
    return ending(code) + (": is there enough memory?" if code == -signal.SIGKILL else "")


def _leave_interrupts_to_parent() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
