"""A series: consecutive seeds of one episode configuration, played into one folder."""

from __future__ import annotations

import json
import logging
import os
import shlex
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from tracesim.command import CONFIGURATION_FILE, store_configuration, stored
from tracesim.configuration import EpisodeConfiguration, RunConfiguration
from tracesim.errors import ConfigurationError, DoesNotApplyError, RendererError
from tracesim.lavapipe import check_import

if TYPE_CHECKING:
    from rich.console import Console

    from tracesim.progress import RunProgress
    from tracesim.results import Record, RecordStore
    from tracesim.summary import Summary

LOG_FILE: Final = "run.log"
SUMMARY_FILE: Final = "summary.json"

_LOG: Final = logging.getLogger(__name__)
_PIPED_WIDTH: Final = 110


class Play(Protocol):
    """Plays one episode; `tracesim.episode.play` does.

    film, curves: where the episode's film and curves are to be written, None when they are not wanted. Whatever the
    policy answers and the motion does, the outcome is in the record returned. Raises `ConfigurationError` or
    `RendererError` when no episode of this configuration can be played; whatever else is raised is one episode's bad
    luck, and recorded as such.
    """

    def __call__(
        self, configuration: EpisodeConfiguration, seed: int, *, film: Path | None, curves: Path | None
    ) -> Record:
        """Return the record of the episode."""


def execute(
    configuration: RunConfiguration, folder: Path, *, play: Play | None = None, out: Console | None = None
) -> Summary:
    """Play what `folder` does not have yet of a run; write there its records, films, curves, log and summary.

    Raises:
        ConfigurationError: `folder` holds another run, or no episode can be played; what was recorded is kept.
        RendererError: pixels are wanted and cannot be drawn.
        InfrastructureError: a record cannot be written.
        KeyboardInterrupt: finished episodes are kept and their summary has been printed.
    """
    from tracesim.progress import RunProgress
    from tracesim.results import RecordStore

    if play is None:
        check_import()
        from tracesim.episode import play as play_in_simulation

        play = play_in_simulation
    out = out or console()
    if (folder / CONFIGURATION_FILE).exists() and stored(folder) != configuration:
        raise ConfigurationError(f"{folder} holds a run with another configuration; choose another hydra.run.dir.")
    folder.mkdir(parents=True, exist_ok=True)
    with RecordStore(folder) as store, _logging_to(folder / LOG_FILE):
        store_configuration(configuration, folder)
        try:
            _play_missing(configuration, folder, play, store, RunProgress(out, configuration))
        except KeyboardInterrupt:
            left = configuration.episodes - len(store.finished)
            if store.records:
                _report(store.records, folder, out)
            out.print(
                f"\nInterrupted: {left} of {configuration.episodes} episodes are left. {how_to_resume(folder)}",
                soft_wrap=True,
            )
            raise
        except (ConfigurationError, RendererError):
            if not store.records:
                _leave_nothing(folder)
            raise
        summary = _report(store.records, folder, out)
    if summary.infrastructure:
        out.print(
            f"\n{summary.infrastructure} of {configuration.episodes} episodes failed outside the benchmark; "
            f"{folder / LOG_FILE} says how. {how_to_resume(folder)}",
            soft_wrap=True,
        )
    return summary


def how_to_resume(folder: Path) -> str:
    """Return the sentence that says how to go on with the run or sweep in `folder`."""
    return f"To go on: python -m tracesim.run {shlex.quote(f'resume={folder}')}"


def _play_missing(
    configuration: RunConfiguration, folder: Path, play: Play, store: RecordStore, progress: RunProgress
) -> None:
    from tracesim.results import Key

    known = {record.key: record for record in store.records if not record.is_infrastructure}
    reason: DoesNotApplyError | None = None
    with progress:
        progress.resume(len(known))
        for seed in configuration.seeds:
            key = Key(configuration.task, seed, configuration.policy.name, configuration.robot)
            if key in known:
                progress.skip(known[key])
                continue
            started = time.perf_counter()
            try:
                record = _played(configuration, seed, folder, play)
            except DoesNotApplyError as error:
                # Neither held nor failed: there is nothing to record, and the other seeds may have something.
                progress.pass_over(seed, str(error))
                reason = error
                continue
            store.append(record)
            progress.show(record, time.perf_counter() - started)
    if reason is not None and not store.records:
        raise ConfigurationError(f"No seed can be played: {reason}")


def _played(configuration: RunConfiguration, seed: int, folder: Path, play: Play) -> Record:
    from tracesim.failure import Failure
    from tracesim.results import Record

    filmed = configuration.video not in (False, "first") or (
        configuration.video == "first" and seed == configuration.seed
    )
    film = _made_room(folder / "videos" / f"{seed}.mp4") if filmed else None
    curves = _made_room(folder / "curves" / f"{seed}.npz")
    try:
        record = play(configuration.episode, seed, film=film, curves=curves)
    except (ConfigurationError, RendererError, KeyboardInterrupt):
        _discard(film, curves)
        raise
    except Exception as error:
        _LOG.exception("seed %d", seed)
        _discard(film, curves)
        failure = Failure("infrastructure", type(error).__name__, " ".join(str(error).split()))
        record = Record.of(configuration, seed, success=False, failure=failure)
    return record.model_copy(
        update={
            "video": _filed(film, record, configuration),
            "curves_file": f"curves/{curves.name}" if curves.exists() else None,
        }
    )


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


def _report(records: Sequence[Record], folder: Path, out: Console) -> Summary:
    from tracesim.results import RecordStore
    from tracesim.summary import summarise, table

    summary = summarise(records)
    write_json(summary.as_json(), folder / SUMMARY_FILE)
    out.print()
    out.print(table(summary))
    out.print("\nWritten", style="bold")
    lines = [f"{folder / RecordStore.FILE}   {len(records)} records", str(folder / SUMMARY_FILE)]
    lines += [str(folder / record.video) for record in records if record.video is not None]
    for line in lines:
        out.print(f"  {line}", soft_wrap=True, markup=False)
    return summary


def write_json(value: object, path: Path) -> None:
    """Write a value as JSON, all of it or nothing."""
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps(value, indent=2, allow_nan=False) + "\n")
    os.replace(partial, path)


def console() -> Console:
    """Return where a run prints: as wide as the terminal, or as a file reads well."""
    from rich.console import Console

    return Console(highlight=False, width=None if sys.stdout.isatty() else _PIPED_WIDTH)


@contextmanager
def _logging_to(path: Path) -> Iterator[None]:
    """Send what libraries log and warn of to a file, so that it does not break the progress bar."""
    root = logging.getLogger()
    before = root.handlers[:], root.level
    handler = logging.FileHandler(path, delay=True)
    handler.setFormatter(logging.Formatter("%(asctime)s %(name)s %(levelname)s: %(message)s"))
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    logging.captureWarnings(True)
    try:
        yield
    finally:
        logging.captureWarnings(False)
        root.handlers[:], root.level = before
        handler.close()
