"""One seed of a series, from its start to its record, video and curves."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from tracesim.configuration import EpisodeConfiguration, RunConfiguration
from tracesim.errors import (
    BudgetSpentError,
    ConfigurationError,
    PlacementError,
    RendererError,
    RequestRefusedError,
)
from tracesim.machine.notices import not_written
from tracesim.models.calls import Sink, recorded

if TYPE_CHECKING:
    from tracesim.results.record import Record

_LOG: Final = logging.getLogger(__name__)


class Episode(Protocol):
    """An episode that has begun, such as `tracesim.episode.episode.Episode`.

    The policy is asked, and its answer executed, until the episode is over; then it is recorded.
    """

    def ask(self) -> None:
        """Ask the policy; called from a thread of its own if the player allows several episodes in flight."""

    def play(self) -> Record:
        """Play the episode to its end and return its record; ask the policy unless it has been asked."""


class Player(Protocol):
    """Begins episodes of one configuration, such as `tracesim.episode.episode.Player`."""

    @property
    def in_flight(self) -> int:
        """Number of episodes whose policy may be asked at the same time."""

    def begin(self, seed: int, *, film: Path | None, curves: Path | None) -> Episode:
        """Return the episode of a seed, ready to ask the policy.

        Args:
            seed: The seed.
            film: Path of the video to write; None for no video.
            curves: Path of the curves file to write; None for no file.

        Raises:
            ConfigurationError: No episode of this configuration can be played.
            RendererError: No episode of this configuration can be rendered.
            Exception: This episode failed outside the benchmark; it is recorded as such.
        """

    def close(self) -> None:
        """Release the policy; no further episode is begun."""


Playing = Callable[[EpisodeConfiguration], Player]

ENDING: Final = (ConfigurationError, RendererError, BudgetSpentError, RequestRefusedError, KeyboardInterrupt)
"""Errors that end a run, not just one of its episodes."""


class Outcome(NamedTuple):
    """What came of a seed."""

    seed: int
    """The seed."""

    result: Record | Exception
    """Its record, or one of `ENDING`, or why there is none."""

    seconds: float
    """How long it took."""


class PlayedSeed:
    """A seed whose episode has begun; its policy may be asked in the background."""

    def __init__(self, configuration: RunConfiguration, seed: int, folder: Path, player: Player, calls: Sink) -> None:
        """Begin the episode of a seed.

        Args:
            configuration: The configuration of the run.
            seed: The seed.
            folder: The folder of the run, for the video and the curves.
            player: Begins the episode. If that fails, `record` raises the error.
            calls: Is given every call of the policy's model.
        """
        self.seed = seed
        self.started = time.perf_counter()
        self._configuration = configuration
        self._calls = calls
        filmed = configuration.video not in (False, "first") or (
            configuration.video == "first" and seed == configuration.seed
        )
        self._film = _cleared_path(folder / "videos" / f"{seed}.mp4", "The film", seed) if filmed else None
        self._curves = _cleared_path(folder / "curves" / f"{seed}.npz", "The curves", seed)
        self._episode: Episode | None = None
        self._asked: Future[None] | None = None
        try:
            episode = player.begin(seed, film=self._film, curves=self._curves)
        except Exception as error:
            # Raised in this seed's turn: earlier ones are not over.
            self._asked = Future()
            self._asked.set_exception(error)
            return
        self._episode = episode
        if player.in_flight > 1:
            self._asked = _in_background(self._ask)

    def _ask(self) -> None:
        assert self._episode is not None
        with recorded(self._calls):
            self._episode.ask()

    @property
    def ends_the_run(self) -> bool:
        """Whether the policy was asked, with an error that ends the run."""
        return self._asked is not None and self._asked.done() and isinstance(self._asked.exception(), ENDING)

    def outcome(self) -> Outcome:
        """Play the episode to its end and return what came of it."""
        result: Record | Exception
        try:
            result = self.record()
        except Exception as error:
            result = error
        return Outcome(self.seed, result, time.perf_counter() - self.started)

    def record(self) -> Record:
        """Play the episode to its end and return its record, with the paths of its video and curves.

        Raises:
            Exception: One of `ENDING`.
        """
        try:
            record = self._play()
        except ENDING:
            self.discard()
            raise
        except PlacementError as error:
            self.discard()
            record = self._without_scene(error)
        except Exception as error:
            self.discard()
            record = failed(self._configuration, self.seed, error)
        return record.model_copy(
            update={
                "video": _rename_film(self._film, record, self._configuration),
                "curves_file": f"curves/{self._curves.name}" if self._curves and self._curves.exists() else None,
            }
        )

    def _play(self) -> Record:
        if self._asked is not None:
            self._asked.result()
        assert self._episode is not None
        with recorded(self._calls):
            return self._episode.play()

    def _without_scene(self, error: PlacementError) -> Record:
        """Return the record of an episode without an arrangement, or without a trace that the expert can find."""
        stage, reason = ("arrangement", "no_scene") if self._episode is None else ("answer", "no_way")
        return _failure(self._configuration, self.seed, stage, reason, error)

    def discard(self) -> None:
        """Delete the video and the curves."""
        _discard(self._film, self._curves)


def failed(configuration: RunConfiguration, seed: int, error: Exception) -> Record:
    """Return the record of an episode that failed outside the benchmark, and log the error."""
    _LOG.error("seed %d", seed, exc_info=error)
    return _failure(configuration, seed, "infrastructure", type(error).__name__, error)


def _failure(configuration: RunConfiguration, seed: int, stage: str, reason: str, error: Exception) -> Record:
    from tracesim.failure import Failure
    from tracesim.policies import as_played
    from tracesim.results.record import Record

    failure = Failure(stage, reason, " ".join(str(error).split()))
    return Record.of(as_played(configuration), seed, success=False, failure=failure)


def _in_background(work: Callable[[], None]) -> Future[None]:
    """Start work in a thread and return its future.

    A pool is not used because an interrupted run would wait for its threads.
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


def _cleared_path(path: Path, what: str, seed: int) -> Path | None:
    """Remove the files of an earlier attempt and return the path to write to; None if that is impossible."""
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


def _rename_film(film: Path | None, record: Record, configuration: RunConfiguration) -> str | None:
    """Add the outcome to the name of a video, and return its path relative to the run's folder."""
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
