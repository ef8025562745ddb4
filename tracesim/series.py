"""A series: consecutive seeds of one episode configuration, played into one folder."""

from __future__ import annotations

import dataclasses
import logging
import shlex
import threading
import time
import warnings
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from tracesim.command import CONFIGURATION_FILE, store_configuration, stored
from tracesim.configuration import EpisodeConfiguration, RunConfiguration
from tracesim.errors import (
    BudgetSpentError,
    ConfigurationError,
    DoesNotApplyError,
    PlacementError,
    RendererError,
    RequestRefusedError,
)
from tracesim.json_file import write_json
from tracesim.lavapipe import check_import
from tracesim.terminal import console, warnings_in_one_line

if TYPE_CHECKING:
    from rich.console import Console

    from tracesim.progress import RunProgress
    from tracesim.results import Record, RecordStore
    from tracesim.split import Split
    from tracesim.summary import Summary

LOG_FILE: Final = "run.log"
SUMMARY_FILE: Final = "summary.json"

_LOG: Final = logging.getLogger(__name__)
_AS_ANOTHER_RUN: Final = (
    "An option that decides answers makes another run: start one with it in another folder; {folder} is kept."
)


class Episode(Protocol):
    """One seed, begun; `tracesim.episode.Episode` is one. Asked until an act ends it, then recorded."""

    def ask(self) -> None:
        """Ask the policy; called from a thread of its own where the player allows several in flight."""

    def act(self) -> bool:
        """Let what was answered happen, and return whether the episode is over."""

    def record(self) -> Record:
        """Return what came of it."""


class Player(Protocol):
    """Begins episodes of one configuration; `tracesim.episode.Player` does.

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

_ENDING: Final = (ConfigurationError, RendererError, BudgetSpentError, RequestRefusedError, KeyboardInterrupt)
"""What ends a run, and not one episode of it alone."""


def execute(
    configuration: RunConfiguration, folder: Path, *, playing: Playing | None = None, out: Console | None = None
) -> Summary:
    """Play what `folder` does not have yet of a run; write there its records, films, curves, log and summary.

    Raises:
        ConfigurationError: `folder` holds another run, or no episode can be played; what was recorded is kept.
        RendererError: pixels are wanted and cannot be drawn.
        RequestRefusedError: the policy's server would refuse every question; what was recorded is kept.
        InfrastructureError: a record cannot be written, or the policy's budget is spent; what was recorded is kept.
        KeyboardInterrupt: finished episodes are kept and their summary has been printed.
    """
    from tracesim.progress import RunProgress
    from tracesim.results import RecordStore
    from tracesim.split import Split

    if playing is None:
        check_import()
        from tracesim.episode import Player as PlayerInSimulation

        playing = PlayerInSimulation
    out = out or console()
    if (folder / CONFIGURATION_FILE).exists() and stored(folder).anywhere != configuration.anywhere:
        raise ConfigurationError(f"{folder} holds a run with another configuration; choose another hydra.run.dir.")
    split = None if configuration.split is None else Split.read(Path(configuration.split))
    folder.mkdir(parents=True, exist_ok=True)
    with RecordStore(folder) as store, _logging_to(folder / LOG_FILE):
        store_configuration(configuration, folder)
        try:
            with closing(playing(configuration.episode)) as player:
                _play_missing(configuration, folder, player, store, RunProgress(out, configuration))
        except (KeyboardInterrupt, BudgetSpentError) as stopped:
            left = configuration.episodes - len(store.finished)
            if store.records:
                _report(store.records, folder, out, split)
            why = "Interrupted" if isinstance(stopped, KeyboardInterrupt) else "Stopped"
            out.print(
                f"\n{why}: {left} of {configuration.episodes} episodes are left. {how_to_resume(folder)}",
                soft_wrap=True,
            )
            raise
        except RequestRefusedError as refusal:
            if not store.records:
                _leave_nothing(folder)
                raise
            _report(store.records, folder, out, split)
            left = configuration.episodes - len(store.finished)
            out.print(f"\nStopped: {left} of {configuration.episodes} episodes are left.", soft_wrap=True)
            way_on = _AS_ANOTHER_RUN.format(folder=folder)
            if refusal.resumable:
                way_on = f"Then go on{', adding that option' * ('policy.' in str(refusal))}: {_resuming(folder)}"
            refusal.args = (f"{refusal} {way_on}",)
            raise
        except (ConfigurationError, RendererError):
            if not store.records:
                _leave_nothing(folder)
            raise
        summary = _report(store.records, folder, out, split)
    if summary.infrastructure:
        out.print(
            f"\n{summary.infrastructure} of {configuration.episodes} episodes failed outside the benchmark; "
            f"{folder / LOG_FILE} says how. {how_to_resume(folder)}",
            soft_wrap=True,
        )
    return summary


def how_to_resume(folder: Path) -> str:
    """Return the sentence that says how to go on with the run or sweep in `folder`."""
    return f"To go on: {_resuming(folder)}"


def _resuming(folder: Path) -> str:
    return f"python -m tracesim.run {shlex.quote(f'resume={folder}')}"


def _play_missing(
    configuration: RunConfiguration, folder: Path, player: Player, store: RecordStore, progress: RunProgress
) -> None:
    from tracesim.results import Key

    known = {record.key: record for record in store.records if not record.is_infrastructure}
    reason: DoesNotApplyError | None = None
    missing: list[int] = []
    with progress:
        progress.resume(len(known))
        for seed in configuration.seeds:
            key = Key(configuration.task, seed, configuration.policy.name, configuration.robot)
            if key in known:
                progress.skip(known[key])
            else:
                missing.append(seed)
        begun: deque[_Turn] = deque()
        try:
            for turn in _turns(configuration, missing, folder, player, begun):
                try:
                    record = turn.record()
                except RequestRefusedError as error:
                    if not (error.about_prompt and any(one.turns for one in store.records)):
                        raise
                    record = turn.failed(error)  # others were answered
                except DoesNotApplyError as error:
                    # Neither held nor failed: there is nothing to record, and the other seeds may have something.
                    progress.pass_over(turn.seed, str(error))
                    reason = error
                    continue
                store.append(record)
                progress.show(record, time.perf_counter() - turn.started)
        finally:
            for turn in begun:
                turn.discard()
    if reason is not None and not store.records:
        raise ConfigurationError(f"No seed can be played: {reason}")


def _turns(
    configuration: RunConfiguration, seeds: Sequence[int], folder: Path, player: Player, begun: deque[_Turn]
) -> Iterator[_Turn]:
    """Yield the turns of seeds in their order, as many begun ahead as the player allows; those wait in `begun`."""
    waiting = deque(seeds)
    while waiting or begun:
        while waiting and len(begun) < player.in_flight and not any(turn.ends_the_run for turn in begun):
            begun.append(_Turn(configuration, waiting.popleft(), folder, player))
        yield begun.popleft()


class _Turn:
    """A seed from when it is begun to its record; meanwhile its policy may be thinking."""

    def __init__(self, configuration: RunConfiguration, seed: int, folder: Path, player: Player) -> None:
        self.seed = seed
        self.started = time.perf_counter()
        self._configuration = configuration
        filmed = configuration.video not in (False, "first") or (
            configuration.video == "first" and seed == configuration.seed
        )
        self._film = _made_room(folder / "videos" / f"{seed}.mp4") if filmed else None
        self._curves = _made_room(folder / "curves" / f"{seed}.npz")
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
        return self._asked is not None and self._asked.done() and isinstance(self._asked.exception(), _ENDING)

    def record(self) -> Record:
        """Return the seed's record; raises what ends more than this episode."""
        from tracesim.failure import Failure
        from tracesim.results import Record

        try:
            if self._asked is not None:
                self._asked.result()
            assert self._episode is not None
            if self._asked is None:
                self._episode.ask()
            while not self._episode.act():
                self._episode.ask()
            record = self._episode.record()
        except _ENDING:
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
                "curves_file": f"curves/{self._curves.name}" if self._curves.exists() else None,
            }
        )

    def failed(self, error: Exception) -> Record:
        """Return the record of an episode that failed outside the benchmark, and log why."""
        from tracesim.failure import Failure
        from tracesim.results import Record

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


def _made_room(path: Path) -> Path:
    path.parent.mkdir(exist_ok=True)
    _discard(path, *path.parent.glob(f"{path.stem}_*{path.suffix}"))
    return path


def _discard(*paths: Path | None) -> None:
    for path in paths:
        if path is not None:
            path.unlink(missing_ok=True)


def _leave_nothing(folder: Path) -> None:
    """Delete what was made for a run that turned out to be impossible, and nothing else."""
    from tracesim.results import RecordStore

    for name in (CONFIGURATION_FILE, RecordStore.FILE, LOG_FILE):
        (folder / name).unlink(missing_ok=True)
    for path in (folder / "curves", folder / "videos", folder):
        with suppress(OSError):  # not there, or not empty
            path.rmdir()


def _filed(film: Path | None, record: Record, configuration: RunConfiguration) -> str | None:
    """Give a film its outcome's name, and return its path within the run's folder."""
    if film is None or not film.exists():
        return None
    if record.success and configuration.video == "failures":
        film.unlink()
        return None
    outcome = record.failure.stage if record.failure is not None else "success"
    film.rename(film.with_name(f"{record.seed}_{outcome}.mp4"))
    return f"videos/{record.seed}_{outcome}.mp4"


def _report(records: Sequence[Record], folder: Path, out: Console, split: Split | None) -> Summary:
    from tracesim.results import RecordStore
    from tracesim.scale_check import scale_warning
    from tracesim.summary import Rate, summarise
    from tracesim.summary_table import table

    summary = summarise(records)
    if split is not None:
        solved, certified = (of.intersection(summary.seeds) for of in (split.solved, split.certified))
        summary = dataclasses.replace(summary, expert_solves=Rate.of(len(solved), len(certified)))
    write_json(summary.as_json(), folder / SUMMARY_FILE)
    out.print()
    out.print(table(summary))
    if (warning := scale_warning(records)) is not None:
        out.print(f"\nWarning: {warning}", soft_wrap=True, markup=False)
    out.print("\nWritten", style="bold")
    lines = [f"{folder / RecordStore.FILE}   {len(records)} records", str(folder / SUMMARY_FILE)]
    lines += [str(folder / record.video) for record in records if record.video is not None]
    for line in lines:
        out.print(f"  {line}", soft_wrap=True, markup=False)
    return summary


class _LogFile(logging.FileHandler):
    """A log that is left out where the disk refuses it: what matters is in the records."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record."""
        with suppress(OSError):  # the file is opened by its first record
            super().emit(record)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        """Leave a record out that cannot be written."""


@contextmanager
def _logging_to(path: Path) -> Iterator[None]:
    """Send what libraries log and warn of to a file, so that it does not break the progress bar; ours is shown."""
    root = logging.getLogger()
    before = root.handlers[:], root.level
    handler = _LogFile(path, delay=True, encoding="utf-8", errors="backslashreplace")
    handler.setFormatter(logging.Formatter("%(asctime)s %(name)s %(levelname)s: %(message)s"))
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    logging.captureWarnings(True)
    warnings.showwarning = warnings_in_one_line(warnings.showwarning)
    try:
        yield
    finally:
        logging.captureWarnings(False)
        root.handlers[:], root.level = before
        with suppress(OSError):
            handler.close()
