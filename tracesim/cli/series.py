"""Series: consecutive seeds of one episode configuration, played into one folder."""

from __future__ import annotations

import dataclasses
import shlex
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tracesim.cli.played_seed import ENDING, Outcome, PlayedSeed, Player, Playing, failed
from tracesim.cli.resuming import check_same_code
from tracesim.cli.run_folder import check_is_new
from tracesim.cli.seed_workers import SeedWorkers
from tracesim.cli.stored_runs import CONFIGURATION_FILE, read_configuration, write_configuration
from tracesim.configuration import EpisodeConfiguration, RunConfiguration
from tracesim.errors import (
    ConfigurationError,
    DoesNotApplyError,
    InfrastructureError,
    RendererError,
    RequestRefusedError,
)
from tracesim.files.json_file import write_json
from tracesim.machine.lavapipe import check_import
from tracesim.machine.notices import Notice, Notices, logging_to
from tracesim.machine.terminal import console

if TYPE_CHECKING:
    from rich.console import Console

    from tracesim.cli.progress import EpisodeProgress
    from tracesim.results.call_store import CallStore
    from tracesim.results.record import Record
    from tracesim.results.split import Split
    from tracesim.results.store import RecordStore
    from tracesim.results.summary import Summary

LOG_FILE: Final = "run.log"
SUMMARY_FILE: Final = "summary.json"


@dataclass(frozen=True)
class Place:
    """The place of a run in a sweep, which shows the progress of all of its runs and prints their results."""

    progress: EpisodeProgress | None = None
    """The progress of the sweep; None if another process shows it."""

    job: str = ""
    """The name of the run among those of the sweep."""

    workers: SeedWorkers | None = None
    """Worker processes that the runs of the sweep share."""


def execute(
    configuration: RunConfiguration,
    folder: Path,
    *,
    playing: Playing | None = None,
    out: Console | None = None,
    new: bool = False,
    place: Place | None = None,
) -> Summary:
    """Play the episodes of a run that its folder does not have yet, and return the summary of all.

    Records, videos, curves, the log and the summary are written to the folder. If a video or curves cannot be written,
    a warning is printed, and the episode counts as any other.

    Args:
        configuration: The configuration of the run.
        folder: The folder of the run, which is created if necessary.
        playing: Plays episodes; in simulation by default.
        out: The console to print on; stdout by default.
        new: Whether the run starts here, so that the folder must not hold one.
        place: The place of the run in a sweep, if it belongs to one.

    Raises:
        ConfigurationError: The folder holds another run, cannot be written, or another process is writing to it; or no
            episode can be played. Records are kept.
        RendererError: The policy needs images and none can be rendered.
        RequestRefusedError: The policy's server refuses every question. Records are kept.
        InfrastructureError: A record cannot be written, or the policy's budget is spent. Records are kept.
        KeyboardInterrupt: The run was interrupted. Records are kept, and their summary has been printed.
    """
    from tracesim.results.call_store import CallStore
    from tracesim.results.provenance import PROVENANCE_FILE, Provenance
    from tracesim.results.split import Split
    from tracesim.results.store import RecordStore

    if out is None:
        out = place.progress.console if place is not None and place.progress is not None else console()
    playing = playing or in_simulation
    split = None if configuration.split is None else Split.read(Path(configuration.split))
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigurationError(f"{folder}: the folder cannot be made ({error.strerror}).") from None
    with logging_to(folder / LOG_FILE, Notices(out)), RecordStore(folder) as store:
        _check_takes(folder, configuration, store, new)
        provenance = None
        if not _finished(configuration, store).issuperset(configuration.seeds):
            before = Provenance.read(folder)
            provenance = Provenance.of(configuration, before)
            check_same_code(store.records, before, provenance, folder)
        write_configuration(configuration, folder)
        if provenance is not None:
            write_json(provenance.model_dump(mode="json"), folder / PROVENANCE_FILE)
        with CallStore(folder) as calls:
            return _Series(configuration, folder, store, calls, out, split, place).play(playing)


def how_to_resume(folder: Path) -> str:
    """Return the sentence that says how to resume the run or sweep in a folder."""
    return f"To resume: {_command(folder)}"


def _command(folder: Path) -> str:
    return f"python -m tracesim.run {shlex.quote(f'resume={folder}')}"


def in_simulation(configuration: EpisodeConfiguration) -> Player:
    """Return a player of episodes in simulation, which a process imports when it plays the first one."""
    check_import()
    from tracesim.episode.episode import Player

    return Player(configuration)


def _check_takes(folder: Path, configuration: RunConfiguration, store: RecordStore, new: bool) -> None:
    """Check that the records of a run may be added to a folder, while no other process can write to it."""
    if new:
        check_is_new(folder)
        if store.records:
            raise ConfigurationError(f"{folder} already holds records of a run. Valid: another folder.")
    elif (folder / CONFIGURATION_FILE).exists() and read_configuration(folder).anywhere != configuration.anywhere:
        raise ConfigurationError(f"{folder} holds a run with another configuration; choose another hydra.run.dir.")


def _finished(configuration: RunConfiguration, store: RecordStore) -> set[int]:
    """Return the seeds that do not have to be played again."""
    from tracesim.results.record import Key

    one, finished = configuration, store.finished
    return {seed for seed in one.seeds if Key(one.task, seed, one.policy.name, one.robot) in finished}


@dataclass(frozen=True)
class _Series:
    """A run whose folder is ready."""

    configuration: RunConfiguration
    folder: Path
    store: RecordStore
    calls: CallStore
    out: Console
    split: Split | None
    place: Place | None

    def play(self, playing: Playing) -> Summary:
        """Play the missing seeds, print what ends them early, and return the summary."""
        from tracesim.cli.progress import EpisodeProgress

        try:
            if self.place is not None:
                self._play_missing(playing, self.place.progress)
            else:
                with EpisodeProgress(self.out, self.configuration.episodes, self.configuration.task) as progress:
                    self._play_missing(playing, progress)
        except RequestRefusedError as refusal:
            raise self._refused(refusal) from None
        except (KeyboardInterrupt, InfrastructureError) as stopped:
            self._stopped("Interrupted" if isinstance(stopped, KeyboardInterrupt) else "Stopped")
            raise
        except (ConfigurationError, RendererError):
            self._remove_if_empty()
            raise
        summary = self._report()
        if summary.infrastructure and self.place is None:
            self._print(
                f"\n{summary.infrastructure} of {self.configuration.episodes} episodes failed outside the benchmark; "
                f"see {self.folder / LOG_FILE}. {how_to_resume(self.folder)}"
            )
        return summary

    def _play_missing(self, playing: Playing, progress: EpisodeProgress | None) -> None:
        job = self.place.job if self.place is not None else ""
        reason: DoesNotApplyError | None = None
        missing = self._skip_finished(progress, job)
        with closing(self._outcomes(playing, missing)) as outcomes:
            for seed, result, seconds in outcomes:
                if isinstance(result, DoesNotApplyError):  # the other seeds may have something to play
                    reason = result
                    if progress is not None:
                        progress.pass_over(seed, str(result), job)
                    continue
                record = self._record(seed, result) if isinstance(result, Exception) else result
                self.store.append(record)
                if progress is not None:
                    progress.show(record, seconds, job)
        if reason is not None and not self.store.records:
            raise DoesNotApplyError(f"No seed can be played: {reason}")

    def _outcomes(self, playing: Playing, seeds: Sequence[int]) -> Generator[Outcome, None, None]:
        """Play seeds, in this process or by workers, and yield their outcomes as they come."""
        if not seeds:
            return
        if self.configuration.workers == 1:
            with closing(playing(self.configuration.episode)) as player:
                yield from self._outcomes_here(player, seeds)
            return
        shared = self.place.workers if self.place is not None else None
        with SeedWorkers(playing) if shared is None else nullcontext(shared) as workers:
            log, notices = self.folder / LOG_FILE, Notices(self.out)

            def told(what: Any) -> None:
                notices(what) if isinstance(what, Notice) else self.calls(what)

            yield from workers.play(self.configuration, self.folder, log, seeds, told)

    def _outcomes_here(self, player: Player, seeds: Sequence[int]) -> Iterator[Outcome]:
        """Yield the outcomes of seeds in order; as many as the player allows are begun ahead."""
        waiting, begun = deque(seeds), deque[PlayedSeed]()
        try:
            while waiting or begun:
                while waiting and len(begun) < player.in_flight and not any(turn.ends_the_run for turn in begun):
                    begun.append(PlayedSeed(self.configuration, waiting.popleft(), self.folder, player, self.calls))
                yield begun.popleft().outcome()
        finally:
            for turn in begun:
                turn.discard()

    def _skip_finished(self, progress: EpisodeProgress | None, job: str) -> list[int]:
        """Count the episodes that were finished before, and return the seeds that are missing."""
        finished = _finished(self.configuration, self.store)
        if progress is not None:
            progress.resume(len(finished), self.configuration.episodes, job)
            for record in self.store.records:
                if record.seed in finished:
                    progress.skip(record)
        return [seed for seed in self.configuration.seeds if seed not in finished]

    def _record(self, seed: int, error: Exception) -> Record:
        """Return the record of an episode that failed outside the benchmark; raise an error that ends the run."""
        if isinstance(error, RequestRefusedError):
            if not (error.about_prompt and any(one.turns for one in self.store.records)):
                raise error
        elif isinstance(error, ENDING):
            raise error
        return failed(self.configuration, seed, error)  # other prompts were answered, or other processes live

    def _refused(self, refusal: RequestRefusedError) -> RequestRefusedError:
        """Report what is finished, and return the refusal with the way out."""
        if not self.store.records:
            self._remove_if_empty()
            return refusal
        self._report()
        if self.place is None:
            self._print(f"\nStopped: {self._left()}")
        way_out = (
            "Options that affect answers cannot change when a run is resumed: start a new run in another folder; "
            f"{self.folder} is kept."
        )
        if refusal.resumable:
            adding = ", adding that option" * ("policy." in str(refusal))
            way_out = f"Then resume the run{adding}: {_command(self.folder)}"
        refusal.args = (f"{refusal} {way_out}",)
        return refusal

    def _stopped(self, why: str) -> None:
        """Report what is finished, and how to resume the run."""
        from tracesim.results.store import RecordStore

        kept = (self.folder / RecordStore.FILE).exists()  # else the folder was deleted or moved
        if self.store.records and kept:
            with suppress(InfrastructureError):  # if a record could not be written, this may fail, too
                self._report()
        if self.place is None:
            self._print(f"\n{why}: {self._left()}" + f" {how_to_resume(self.folder)}" * kept)

    def _left(self) -> str:
        episodes = self.configuration.episodes
        return f"{episodes - len(self.store.finished)} of {episodes} episodes are left."

    def _remove_if_empty(self) -> None:
        """Delete the files of a run that cannot be played, unless it has records."""
        from tracesim.results.provenance import PROVENANCE_FILE
        from tracesim.results.store import RecordStore

        if self.store.records:
            return
        for name in (CONFIGURATION_FILE, PROVENANCE_FILE, RecordStore.FILE, LOG_FILE):
            (self.folder / name).unlink(missing_ok=True)
        self.calls.remove()
        for path in (self.folder / "curves", self.folder / "videos", self.folder):
            with suppress(OSError):  # not there, or not empty
                path.rmdir()

    def _report(self) -> Summary:
        """Print and write the summary of all records, and return it; a sweep prints those of its runs together."""
        from tracesim.results.scale_check import scale_warning
        from tracesim.results.tables import table

        summary = self._summary()
        if self.place is not None:
            write_json(summary.as_json(), self.folder / SUMMARY_FILE)
            return summary
        self.out.print()
        self.out.print(table(summary))
        if (warning := scale_warning(self.store.records)) is not None:
            self._print(f"\nWarning: {warning}")
        write_json(summary.as_json(), self.folder / SUMMARY_FILE)
        self.out.print("\nWritten", style="bold")
        for line in self._written():
            self._print(f"  {line}")
        return summary

    def _summary(self) -> Summary:
        from tracesim.results.summary import summarise
        from tracesim.statistics import Rate

        summary = summarise(sorted(self.store.records, key=lambda record: record.seed))
        if self.split is None:
            return summary
        solved, certified = (of.intersection(summary.seeds) for of in (self.split.solved, self.split.certified))
        return dataclasses.replace(summary, expert_solves=Rate.of(len(solved), len(certified)))

    def _written(self) -> Iterator[str]:
        yield f"{self.store.path}   {len(self.store.records)} records"
        yield str(self.folder / SUMMARY_FILE)
        for record in self.store.records:
            if record.video is not None:
                yield str(self.folder / record.video)

    def _print(self, text: str) -> None:
        self.out.print(text, soft_wrap=True, markup=False, emoji=False)
