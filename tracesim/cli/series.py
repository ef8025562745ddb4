"""A series: consecutive seeds of one episode configuration, played into one folder."""

from __future__ import annotations

import dataclasses
import logging
import shlex
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tracesim.cli.played_seed import PlayedSeed, Player, Playing
from tracesim.cli.run_folder import check_is_new
from tracesim.cli.stored_runs import CONFIGURATION_FILE, store_configuration, stored
from tracesim.configuration import RunConfiguration
from tracesim.errors import (
    ConfigurationError,
    DoesNotApplyError,
    InfrastructureError,
    RendererError,
    RequestRefusedError,
)
from tracesim.files.json_file import write_json
from tracesim.machine.lavapipe import check_import
from tracesim.machine.notices import logging_to
from tracesim.machine.terminal import console

if TYPE_CHECKING:
    from rich.console import Console

    from tracesim.cli.progress import RunProgress
    from tracesim.results.record import Record
    from tracesim.results.split import Split
    from tracesim.results.store import RecordStore
    from tracesim.results.summary import Summary

LOG_FILE: Final = "run.log"
SUMMARY_FILE: Final = "summary.json"

_LOG: Final = logging.getLogger(__name__)
_AS_ANOTHER_RUN: Final = (
    "An option that decides answers makes another run: start one with it in another folder; {folder} is kept."
)


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
    from tracesim.results.split import Split
    from tracesim.results.store import RecordStore

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
        begun: deque[PlayedSeed] = deque()
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
    configuration: RunConfiguration, seeds: Sequence[int], folder: Path, player: Player, begun: deque[PlayedSeed]
) -> Iterator[PlayedSeed]:
    """Yield the turns of seeds in their order, as many begun ahead as the player allows; those wait in `begun`."""
    waiting = deque(seeds)
    while waiting or begun:
        while waiting and len(begun) < player.in_flight and not any(turn.ends_the_run for turn in begun):
            begun.append(PlayedSeed(configuration, waiting.popleft(), folder, player))
        yield begun.popleft()


def _leave_nothing(folder: Path) -> None:
    """Delete what was made for a run that turned out to be impossible, and nothing else."""
    from tracesim.results.store import RecordStore

    for name in (CONFIGURATION_FILE, RecordStore.FILE, LOG_FILE):
        (folder / name).unlink(missing_ok=True)
    for path in (folder / "curves", folder / "videos", folder):
        with suppress(OSError):  # not there, or not empty
            path.rmdir()


def _report(records: Sequence[Record], folder: Path, out: Console, split: Split | None) -> Summary:
    from tracesim.results.scale_check import scale_warning
    from tracesim.results.store import RecordStore
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
