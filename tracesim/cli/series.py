"""A series: consecutive seeds of one episode configuration, played into one folder."""

from __future__ import annotations

import dataclasses
import logging
import shlex
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from tracesim.cli.command_line import CONFIGURATION_FILE, store_configuration, stored
from tracesim.cli.run_folder import check_is_new
from tracesim.configuration import EpisodeConfiguration, RunConfiguration
from tracesim.errors import (
    BudgetSpentError,
    ConfigurationError,
    DoesNotApplyError,
    InfrastructureError,
    PlacementError,
    RendererError,
    RequestRefusedError,
)
from tracesim.files.json_file import write_json
from tracesim.machine.lavapipe import check_import
from tracesim.machine.notices import logging_to, not_written
from tracesim.machine.terminal import console

if TYPE_CHECKING:
    from rich.console import Console

    from tracesim.cli.progress import RunProgress
    from tracesim.results.record import Record, RecordStore
    from tracesim.results.split import Split
    from tracesim.results.summary import Summary

LOG_FILE: Final = "run.log"
SUMMARY_FILE: Final = "summary.json"

_LOG: Final = logging.getLogger(__name__)
_AS_ANOTHER_RUN: Final = (
    "An option that decides answers makes another run: start one with it in another folder; {folder} is kept."
)


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

_ENDING: Final = (ConfigurationError, RendererError, BudgetSpentError, RequestRefusedError, KeyboardInterrupt)
"""What ends a run, and not one episode of it alone."""


def execute(
    configuration: RunConfiguration,
    folder: Path,
    *,
    playing: Playing | None = None,
    out: Console | None = None,
    new: bool = False,
) -> Summary:
    """Play what `folder` does not have yet of a run; write there its records, films, curves, log and summary.

    new: whether the run begins here, so that a folder with a run in it is none for it. A film or curves that cannot be
    written are warned of, and their episode counts as any other.

    Raises:
        ConfigurationError: `folder` holds another run, cannot be written, or another process is writing to it; or no
            episode can be played. What was recorded is kept.
        RendererError: pixels are wanted and cannot be drawn.
        RequestRefusedError: the policy's server would refuse every question; what was recorded is kept.
        InfrastructureError: a record cannot be written, or the policy's budget is spent; what was recorded is kept.
        KeyboardInterrupt: finished episodes are kept and their summary has been printed.
    """
    from tracesim.cli.progress import RunProgress
    from tracesim.results.record import RecordStore
    from tracesim.results.split import Split

    if playing is None:
        check_import()
        from tracesim.episode.episode import Player as PlayerInSimulation

        playing = PlayerInSimulation
    out = out or console()
    split = None if configuration.split is None else Split.read(Path(configuration.split))
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigurationError(f"{folder}: the folder cannot be made ({error.strerror}).") from None
    with logging_to(folder / LOG_FILE, out), RecordStore(folder) as store:
        _check_takes(folder, configuration, store, new)
        store_configuration(configuration, folder)
        try:
            with closing(playing(configuration.episode)) as player:
                _play_missing(configuration, folder, player, store, RunProgress(out, configuration))
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
        except (KeyboardInterrupt, InfrastructureError) as stopped:
            left = configuration.episodes - len(store.finished)
            kept = (folder / RecordStore.FILE).exists()  # else somebody has deleted or moved the folder
            if store.records and kept:
                with suppress(InfrastructureError):  # the disk that refused a record may refuse this, too
                    _report(store.records, folder, out, split)
            why = "Interrupted" if isinstance(stopped, KeyboardInterrupt) else "Stopped"
            out.print(
                f"\n{why}: {left} of {configuration.episodes} episodes are left." + f" {how_to_resume(folder)}" * kept,
                soft_wrap=True,
                markup=False,
                emoji=False,
            )
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
            markup=False,
            emoji=False,
        )
    return summary


def _check_takes(folder: Path, configuration: RunConfiguration, store: RecordStore, new: bool) -> None:
    """Check, while nobody else can write to it, that a folder takes the records of a run."""
    if new:
        check_is_new(folder)
        if store.records:
            raise ConfigurationError(f"{folder} already holds records of a run. Valid: another folder.")
    elif (folder / CONFIGURATION_FILE).exists() and stored(folder).anywhere != configuration.anywhere:
        raise ConfigurationError(f"{folder} holds a run with another configuration; choose another hydra.run.dir.")


def how_to_resume(folder: Path) -> str:
    """Return the sentence that says how to go on with the run or sweep in `folder`."""
    return f"To go on: {_resuming(folder)}"


def _resuming(folder: Path) -> str:
    return f"python -m tracesim.run {shlex.quote(f'resume={folder}')}"


def _play_missing(
    configuration: RunConfiguration, folder: Path, player: Player, store: RecordStore, progress: RunProgress
) -> None:
    from tracesim.results.record import Key

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
        return self._asked is not None and self._asked.done() and isinstance(self._asked.exception(), _ENDING)

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


def _leave_nothing(folder: Path) -> None:
    """Delete what was made for a run that turned out to be impossible, and nothing else."""
    from tracesim.results.record import RecordStore

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


def _report(records: Sequence[Record], folder: Path, out: Console, split: Split | None) -> Summary:
    from tracesim.results.record import RecordStore
    from tracesim.results.scale_check import scale_warning
    from tracesim.results.summary import Rate, summarise
    from tracesim.results.tables import table

    summary = summarise(records)
    if split is not None:
        solved, certified = (of.intersection(summary.seeds) for of in (split.solved, split.certified))
        summary = dataclasses.replace(summary, expert_solves=Rate.of(len(solved), len(certified)))
    out.print()
    out.print(table(summary))
    if (warning := scale_warning(records)) is not None:
        out.print(f"\nWarning: {warning}", soft_wrap=True, markup=False, emoji=False)
    write_json(summary.as_json(), folder / SUMMARY_FILE)
    out.print("\nWritten", style="bold")
    lines = [f"{folder / RecordStore.FILE}   {len(records)} records", str(folder / SUMMARY_FILE)]
    lines += [str(folder / record.video) for record in records if record.video is not None]
    for line in lines:
        out.print(f"  {line}", soft_wrap=True, markup=False, emoji=False)
    return summary
