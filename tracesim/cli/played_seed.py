"""One seed of a series: begun, asked about, recorded, and its film and curves put into their place."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from tracesim.configuration import EpisodeConfiguration, RunConfiguration
from tracesim.errors import (
    BudgetSpentError,
    ConfigurationError,
    PlacementError,
    RendererError,
    RequestRefusedError,
)
from tracesim.machine.notices import not_written

if TYPE_CHECKING:
    from tracesim.results.record import Record

_LOG: Final = logging.getLogger(__name__)


class Episode(Protocol):
    """One seed, begun; `tracesim.episode.episode.Episode` is one. Asked until an act ends it, then recorded."""

    def ask(self) -> None:
        """Ask the policy; called from a thread of its own where the player allows several in flight."""

    def act(self) -> bool:
        """Let what was answered happen, and return whether the episode is over."""

    def record(self) -> Record:
        """Return what came of it."""


class Player(Protocol):
    """Begins episodes of one configuration; `tracesim.episode.episode.Player` does.

    film, curves: where the episode's film and curves are to be written, None when they are not wanted. Whatever the
    policy answers and the motion does, the outcome is in the record. `ConfigurationError` and `RendererError` mean that
    no episode of this configuration can be played; whatever else is raised is one episode's bad luck, and recorded as
    such.
    """

    @property
    def in_flight(self) -> int:
        """How many episodes may be asked about at once."""

    def begin(self, seed: int, *, film: Path | None, curves: Path | None) -> Episode:
        """Return the episode of a seed, ready to be asked about."""

    def close(self) -> None:
        """Let go of the policy; nothing more is begun."""


Playing = Callable[[EpisodeConfiguration], Player]

ENDING: Final = (ConfigurationError, RendererError, BudgetSpentError, RequestRefusedError, KeyboardInterrupt)
"""What ends a run, and not one episode of it alone."""


class PlayedSeed:
    """A seed from when it is begun to its record; meanwhile its policy may be thinking."""

    def __init__(self, configuration: RunConfiguration, seed: int, folder: Path, player: Player) -> None:
        self.seed = seed
        self.started = time.perf_counter()
        self._configuration = configuration
        filmed = configuration.video not in (False, "first") or (
            configuration.video == "first" and seed == configuration.seed
        )
        self._film = _made_room(folder / "videos" / f"{seed}.mp4", "The film", seed) if filmed else None
        self._curves = _made_room(folder / "curves" / f"{seed}.npz", "The curves", seed)
        self._episode: Episode | None = None
        self._asked: Future[None] | None = None
        try:
            episode = player.begin(seed, film=self._film, curves=self._curves)
        except Exception as error:
            # To be said in this seed's turn: others that were begun before are not over.
            self._asked = Future()
            self._asked.set_exception(error)
            return
        self._episode = episode
        if player.in_flight > 1:
            self._asked = _in_background(episode.ask)

    @property
    def ends_the_run(self) -> bool:
        """Whether it is known already that this turn ends the run."""
        return self._asked is not None and self._asked.done() and isinstance(self._asked.exception(), ENDING)

    def record(self) -> Record:
        """Return the seed's record; raises what ends more than this episode."""
        from tracesim.failure import Failure
        from tracesim.results.record import Record

        try:
            if self._asked is not None:
                self._asked.result()
            assert self._episode is not None
            if self._asked is None:
                self._episode.ask()
            while not self._episode.act():
                self._episode.ask()
            record = self._episode.record()
        except ENDING:
            self.discard()
            raise
        except PlacementError as error:
            self.discard()
            stage, reason = ("arrangement", "no_scene") if self._episode is None else ("answer", "no_way")
            failure = Failure(stage, reason, " ".join(str(error).split()))
            record = Record.of(self._configuration, self.seed, success=False, failure=failure)
        except Exception as error:
            self.discard()
            record = self.failed(error)
        return record.model_copy(
            update={
                "video": _filed(self._film, record, self._configuration),
                "curves_file": f"curves/{self._curves.name}" if self._curves and self._curves.exists() else None,
            }
        )

    def failed(self, error: Exception) -> Record:
        """Return the record of an episode that failed outside the benchmark, and log why."""
        from tracesim.failure import Failure
        from tracesim.results.record import Record

        _LOG.error("seed %d", self.seed, exc_info=error)
        failure = Failure("infrastructure", type(error).__name__, " ".join(str(error).split()))
        return Record.of(self._configuration, self.seed, success=False, failure=failure)

    def discard(self) -> None:
        """Delete what the turn wrote."""
        _discard(self._film, self._curves)


def _in_background(work: Callable[[], None]) -> Future[None]:
    """Start work in a thread, and return what waits for its end.

    The thread of a pool would keep an interrupted run waiting for its server.
    """
    future: Future[None] = Future()

    def run() -> None:
        try:
            work()
            future.set_result(None)
        except BaseException as error:
            future.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    return future


def _made_room(path: Path, what: str, seed: int) -> Path | None:
    """Return where to write something beside a record, cleared of what an earlier try left; None where nobody can."""
    try:
        path.parent.mkdir(exist_ok=True)
        for old in (path, *path.parent.glob(f"{path.stem}_*{path.suffix}")):
            old.unlink(missing_ok=True)
    except OSError as error:
        not_written(what, seed, error)
        return None
    return path


def _discard(*paths: Path | None) -> None:
    for path in paths:
        if path is not None:
            with suppress(OSError):
                path.unlink(missing_ok=True)


def _filed(film: Path | None, record: Record, configuration: RunConfiguration) -> str | None:
    """Give a film its outcome's name, and return its path within the run's folder."""
    if film is None or not film.exists():
        return None
    if record.success and configuration.video == "failures":
        _discard(film)
        return None
    outcome = record.failure.stage if record.failure is not None else "success"
    named = film.with_name(f"{record.seed}_{outcome}{film.suffix}")
    try:
        film.rename(named)
    except OSError as error:
        _discard(film)
        not_written("The film", record.seed, error)
        return None
    return f"{film.parent.name}/{named.name}"
