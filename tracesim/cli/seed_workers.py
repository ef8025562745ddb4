"""Worker processes that play seeds of runs."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tracesim.cli.played_seed import Outcome, PlayedSeed, Player, Playing
from tracesim.configuration import RunConfiguration
from tracesim.errors import WorkerDiedError
from tracesim.machine.notices import logging_to
from tracesim.machine.workers import Channel, Died, Workers
from tracesim.policies import POLICIES


@dataclass(frozen=True)
class _Assignment:
    """A seed to play."""

    configuration: RunConfiguration
    folder: Path
    log: Path
    seed: int

    def is_of_run(self, other: _Assignment | None) -> bool:
        """Return whether another seed belongs to the same run."""
        return other is not None and (self.configuration, self.folder) == (other.configuration, other.folder)


class SeedWorkers:
    """Processes that play seeds, of one run after the other. Use as a context manager."""

    def __init__(self, playing: Playing) -> None:
        """Prepare the processes; they are started with the first run that asks for several.

        Args:
            playing: Plays episodes; it can be pickled.
        """
        self._playing = playing
        self._workers: Workers[_Assignment, Outcome] | None = None
        self._told: Callable[[Any], None] = lambda _: None

    def __enter__(self) -> Self:
        """Return the workers themselves."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the processes."""
        if self._workers is not None:
            self._workers.close()

    def play(
        self,
        configuration: RunConfiguration,
        folder: Path,
        log: Path,
        seeds: Sequence[int],
        told: Callable[[Any], None],
    ) -> Iterator[Outcome]:
        """Play seeds of a run, and yield their outcomes as they come.

        Args:
            configuration: The configuration of the run, which says how many processes play it.
            folder: The folder of the run, for videos and curves.
            log: The log file of the run.
            seeds: The seeds.
            told: Called with everything else that the processes tell: every `Notice` and every `RecordedCall`.
        """
        if self._workers is None or self._workers.count != configuration.workers:
            if self._workers is not None:
                self._workers.close()
            self._workers = Workers(partial(_serve, self._playing), configuration.workers, self._tell)
        self._told = told
        jobs = [_Assignment(configuration, folder.absolute(), log.absolute(), seed) for seed in seeds]
        for job, result in self._workers.do(jobs, _seeds_at_once(configuration)):
            if isinstance(result, Died):
                result = Outcome(job.seed, WorkerDiedError(f"The processes that played it died ({result.how})"), 0.0)
            yield result

    def _tell(self, what: Any) -> None:
        self._told(what)


def _seeds_at_once(configuration: RunConfiguration) -> int:
    """Return how many seeds a process may have begun, so that all of them together ask as often as the policy may."""
    choice = configuration.policy
    in_flight: int = choice.arguments.get("in_flight", POLICIES[choice.kind].in_flight)
    return math.ceil(in_flight / configuration.workers)


def _serve(playing: Playing, channel: Channel[_Assignment, Outcome]) -> None:
    """Play seeds in a worker process: begin all that were given, and play them in order."""
    given: deque[_Assignment] = deque()
    begun: deque[PlayedSeed] = deque()
    run, player = ExitStack(), None
    playing_now: _Assignment | None = None
    try:
        while True:
            while (one := channel.receive(waits=not (given or begun))) is not None:
                given.append(one)
            while given and (not begun or given[0].is_of_run(playing_now)):
                one = given.popleft()
                if not one.is_of_run(playing_now):
                    run.close()
                    playing_now, player = None, None  # stays so if the policy cannot be made
                    try:
                        player = _prepare(playing, one, channel, run)
                    except Exception as error:
                        channel.finish(Outcome(one.seed, error, 0.0))
                        continue
                    playing_now = one
                assert player is not None
                begun.append(PlayedSeed(one.configuration, one.seed, one.folder, player, channel.tell))
            if begun:
                channel.finish(begun.popleft().outcome())
    finally:
        for turn in begun:
            turn.discard()
        run.close()


def _prepare(playing: Playing, one: _Assignment, channel: Channel[Any, Any], run: ExitStack) -> Player:
    """Return a player for a run, which is released when `run` is closed."""
    run.enter_context(logging_to(one.log, channel.tell))
    return run.enter_context(closing(playing(one.configuration.episode)))
