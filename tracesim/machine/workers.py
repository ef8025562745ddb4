"""Worker processes, which are spawned rather than forked, so that results do not differ.

A worker that dies is replaced, and what it was doing is done again by another one. Workers end with this process,
however it ends.
"""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from types import FrameType, TracebackType
from typing import Any, Final, Generic, NoReturn, Self, TypeVar

from tracesim.errors import InfrastructureError
from tracesim.machine.children import ending

Job = TypeVar("Job")
Result = TypeVar("Result")

TRIES: Final = 2
"""How many workers may die of a job."""

_LAST_BREATH_S: Final = 5.0
_PR_SET_PDEATHSIG: Final = 1

_THREADS: Final = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "LP_NUM_THREADS")
"""Variables for the number of threads that numerical libraries and lavapipe start in each process."""


@dataclass(frozen=True)
class Died:
    """What is left of a job of which `TRIES` workers have died."""

    how: str
    """How the last one ended, such as "ended by SIGKILL: is there enough memory?"."""


@dataclass(frozen=True)
class _Said:
    """A message of a worker: the result of its first job, or something that it tells meanwhile."""

    what: Any
    is_result: bool


class Channel(Generic[Job, Result]):
    """A worker's connection to the process that it works for; threads may share it."""

    def __init__(self, connection: Connection) -> None:
        """Use a connection."""
        self._connection = connection
        self._lock = threading.Lock()

    def receive(self, waits: bool) -> Job | None:
        """Return the next job; None if there is none yet and `waits` is not set.

        Raises:
            EOFError: There will be no more jobs.
        """
        if not waits and not self._connection.poll():
            return None
        job: Job = self._connection.recv()
        return job

    def finish(self, result: Result) -> None:
        """Report the result of the job that was received first among those that are not finished."""
        self._send(_Said(result, is_result=True))

    def tell(self, what: object) -> None:
        """Send something else, such as a warning."""
        self._send(_Said(what, is_result=False))

    def _send(self, said: _Said) -> None:
        with self._lock:
            self._connection.send(said)


@dataclass
class _Worker(Generic[Job]):
    process: SpawnProcess
    connection: Connection
    jobs: deque[tuple[Job, int]] = field(default_factory=deque)
    """Jobs that it was given, each with the number of workers that have died of it."""
    has_started: bool = False


class Workers(Generic[Job, Result]):
    """Processes that do jobs. Use as a context manager; on exit, jobs that are not finished are given up."""

    def __init__(
        self, serve: Callable[[Channel[Job, Result]], None], count: int, told: Callable[[Any], None] = lambda _: None
    ) -> None:
        """Prepare the processes; they are started with the first jobs.

        Args:
            serve: What a process does: it receives jobs and finishes them, in order, until it receives no more; a
                function at the top level of a module.
            count: Number of processes.
            told: Called with what a process tells besides its results.
        """
        self.count = count
        self._serve = serve
        self._told = told
        self._workers: list[_Worker[Job]] = []

    def __enter__(self) -> Self:
        """Return the workers themselves."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the processes."""
        self.close()

    def close(self) -> None:
        """End the processes; those at work are interrupted, as by Ctrl-C."""
        workers, self._workers = self._workers, []
        for worker in workers:
            worker.connection.close()  # those that wait for a job end
            if worker.jobs:
                worker.process.terminate()
        for worker in workers:
            worker.process.join(_LAST_BREATH_S)
            worker.process.kill()
            worker.process.join()
            worker.process.close()

    def do(self, jobs: Iterable[Job], each: int = 1) -> Iterator[tuple[Job, Result | Died]]:
        """Yield every job with its result, in the order in which they are finished.

        If the iterator is closed early, the processes are ended; other jobs start new ones.

        Args:
            jobs: The jobs; each is taken from here when a worker can begin it.
            each: Number of jobs that a worker may have at the same time.

        Raises:
            InfrastructureError: Workers cannot be started.
        """
        waiting, again = ((job, 0) for job in jobs), deque[tuple[Job, int]]()

        def next_job() -> tuple[Job, int] | None:
            return again.popleft() if again else next(waiting, None)

        try:
            self._fill(next_job, each)
            while busy := [worker for worker in self._workers if worker.jobs]:
                ready = wait([worker.connection for worker in busy])
                done = [one for worker in busy if worker.connection in ready for one in self._receive(worker, again)]
                self._fill(next_job, each)  # so that they work while the results are used
                yield from done
        finally:
            if any(worker.jobs for worker in self._workers):  # the results are not wanted any more
                self.close()

    def _fill(self, next_job: Callable[[], tuple[Job, int] | None], each: int) -> None:
        """Give every worker jobs: one to each before a second one to any, so that the last ones are shared."""
        for wanted in range(1, each + 1):
            for place in range(self.count):
                if place < len(self._workers) and len(self._workers[place].jobs) >= wanted:
                    continue
                if (job := next_job()) is None:
                    return
                if place == len(self._workers):
                    self._start()
                worker = self._workers[place]
                worker.jobs.append(job)
                with suppress(OSError):  # it has died, which `_receive` notices
                    worker.connection.send(job[0])

    def _receive(self, worker: _Worker[Job], again: deque[tuple[Job, int]]) -> Iterator[tuple[Job, Result | Died]]:
        """Yield the job that a worker has finished or died of, if it has."""
        try:
            said: _Said = worker.connection.recv()
        except (EOFError, OSError):
            yield from self._bury(worker, again)
            return
        if not worker.has_started:
            worker.has_started = True
        elif said.is_result:
            yield worker.jobs.popleft()[0], said.what
        else:
            self._told(said.what)

    def _start(self) -> None:
        context = multiprocessing.get_context("spawn")
        here, there = context.Pipe()
        process = context.Process(target=_work, args=(there, self._serve, os.getpid()))
        with _threads_for(self.count):
            process.start()
        there.close()
        self._workers.append(_Worker(process, here))

    def _bury(self, worker: _Worker[Job], again: deque[tuple[Job, int]]) -> Iterator[tuple[Job, Died]]:
        """Remove a dead worker and put its jobs back; yield the first of them if it has ended too many workers."""
        self._workers.remove(worker)
        worker.process.join()
        code = worker.process.exitcode or 0
        how = ending(code) + (": is there enough memory?" if code == -signal.SIGKILL else "")
        worker.connection.close()
        worker.process.close()
        (job, deaths), *others = worker.jobs
        again.extend(others)
        if deaths + 1 < TRIES:
            again.appendleft((job, deaths + 1))
        elif worker.has_started:
            yield job, Died(how)
        else:
            raise InfrastructureError(f"Worker processes cannot be started ({how}).")


def in_parallel(
    work: Callable[[Job], Result],
    jobs: Iterable[Job],
    workers: int,
    died: Callable[[Job, str], Result] | None = None,
) -> Iterator[Result]:
    """Yield the result of every job, in the order in which they are completed.

    A single worker is this process itself, which keeps the order of the jobs. If `work` raises an exception, it is
    raised here, and no further job is begun.

    Args:
        work: Does a job; a function at the top level of a module.
        jobs: The jobs.
        workers: Number of processes.
        died: Returns the result of a job of which several processes died, and how the last one ended; by default, that
            is an error.

    Raises:
        InfrastructureError: Several processes died of the same job, or none can be started.
    """
    if workers == 1:
        yield from map(work, jobs)
        return
    with Workers[Job, Any](partial(_map, work), workers) as processes:
        for job, result in processes.do(jobs):
            if isinstance(result, Died):
                if died is not None:
                    yield died(job, result.how)
                    continue
                raise InfrastructureError(
                    f"{TRIES} worker processes died of the same job ({result.how}). The same command resumes with what "
                    "is missing."
                )
            if isinstance(result, _Raised):
                raise result.error
            yield result


@dataclass(frozen=True)
class _Raised:
    error: Exception


def _map(work: Callable[[Any], Any], channel: Channel[Any, Any]) -> None:
    while True:
        job = channel.receive(waits=True)
        try:
            result = work(job)
        except Exception as error:
            result = _Raised(error)
        channel.finish(result)


def _work(connection: Connection, serve: Callable[[Channel[Any, Any]], None], parent: int) -> None:
    """Serve in a worker process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal sends it to the parent as well, which ends its workers
    signal.signal(signal.SIGTERM, _interrupt)
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)  # end with the parent, even if it is killed
    if os.getppid() != parent:  # it has ended already
        return
    channel: Channel[Any, Any] = Channel(connection)
    with suppress(EOFError, BrokenPipeError, ConnectionResetError, KeyboardInterrupt):
        channel.tell(None)  # it has started
        serve(channel)


def _interrupt(number: int, frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


@contextmanager
def _threads_for(workers: int) -> Iterator[None]:
    """Let the processes that are started in the context share the cores, unless the user says how many threads each.

    The number of threads changes no result.
    """
    own = str(max(1, len(os.sched_getaffinity(0)) // workers))
    added: Mapping[str, str] = {name: own for name in _THREADS if name not in os.environ}
    os.environ.update(added)
    try:
        yield
    finally:
        for name in added:
            os.environ.pop(name, None)
