"""Sweeps: what they were started with, their folders and their jobs."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

from tracesim.arguments import COMPLETED, INFRASTRUCTURE_REMAINS, report
from tracesim.cli.composition import CONFIG_NAME, Composition, hydra
from tracesim.cli.given_path import quote
from tracesim.cli.hydra_errors import hydra_errors
from tracesim.cli.job import job
from tracesim.cli.launchers import HERE, own_defaults
from tracesim.cli.planned_jobs import Plan
from tracesim.cli.played_seed import Playing
from tracesim.cli.run_folder import SWEEP_FILE, check_is_new, from_here
from tracesim.cli.series import SUMMARY_FILE, how_to_resume, in_simulation
from tracesim.cli.stored_runs import read_yaml, write_yaml
from tracesim.cli.sweep_results import Job, pair_summaries, summaries
from tracesim.cli.words import override_key
from tracesim.errors import ConfigurationError, InfrastructureError, TraceSimError
from tracesim.files.json_file import write_json
from tracesim.files.json_lines import lock
from tracesim.machine.terminal import console

if TYPE_CHECKING:
    from hydra._internal.hydra import Hydra
    from omegaconf import DictConfig

    from tracesim.cli.progress import EpisodeProgress

_EXCERPT: Final = 300
"""Length of quotations in messages, characters."""

_LOCK_FILE: Final = "multirun.yaml"
"""A file that Hydra writes and never replaces: the process that locks it owns the folder of the sweep."""


@dataclass(frozen=True)
class StoredSweep:
    """The settings with which a sweep was started, as stored in its folder."""

    overrides: tuple[str, ...]
    """Overrides of the sweep, in Hydra's grammar."""

    sweeps: Mapping[str, tuple[str, ...]]
    """Further overrides of each sweep of an experiment that has several, by its name; they are played in turn."""

    subfolder: str
    """Pattern of the names of its jobs' folders; those of an experiment's sweeps are in a folder for each of them."""

    home: Path
    """The folder that relative paths in the overrides start from."""

    files: Mapping[str, str]
    """SHA-256 of the content of every file that a job reads, by its path."""

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Return the sweep in a folder.

        Raises:
            ConfigurationError: There is none.
        """
        from omegaconf import OmegaConf

        values = OmegaConf.to_container(read_yaml(folder / SWEEP_FILE))
        try:
            assert isinstance(values, dict)
            sweeps = {name: tuple(further) for name, further in values["sweeps"].items()}
            subfolder, home = str(values["subfolder"]), Path(values["home"])
            return cls(tuple(values["overrides"]), sweeps, subfolder, home, dict(values["files"]))
        except (AssertionError, AttributeError, KeyError, TypeError, ValueError):
            raise ConfigurationError(f"{folder / SWEEP_FILE}: not the file of a sweep.") from None

    def write(self, folder: Path) -> None:
        """Write the sweep to its folder.

        Raises:
            ConfigurationError: The file cannot be written.
        """
        values = {
            "overrides": list(self.overrides),
            "sweeps": {name: list(further) for name, further in self.sweeps.items()},
            "subfolder": self.subfolder,
            "home": str(self.home),
            "files": dict(self.files),
        }
        write_yaml(values, folder / SWEEP_FILE)

    def changed(self, overrides: Sequence[str]) -> Self:
        """Return the sweep with other processes or another launcher; see `may_change`."""
        given = {override_key(one) for one in overrides}
        kept = [one for one in self.overrides if override_key(one) not in given]
        return dataclasses.replace(self, overrides=(*kept, *overrides))

    def play(self, folder: Path, playing: Playing | None, new: bool) -> int:
        """Play every job, print and write the results, and return the worst exit status."""
        shown = from_here(folder)
        try:
            return self._play_jobs(folder, playing, new)
        except KeyboardInterrupt:
            console().print(f"\nThe sweep was interrupted. {how_to_resume(shown)}", soft_wrap=True)
            raise
        except OSError as error:  # Hydra makes the folders of jobs
            raise ConfigurationError(f"{error.filename or shown}: {error.strerror}. {how_to_resume(shown)}") from None

    def _play_jobs(self, folder: Path, playing: Playing | None, new: bool) -> int:
        from tracesim.cli.progress import EpisodeProgress

        play = partial(job, playing=playing, home=self.home, new=new)
        with hydra() as started, hydra_errors():
            plans = [Plan.of(overrides) for overrides in self._each(folder)]
            launcher = Composition.of(plans[0].jobs[0].overrides).launcher
            progress = EpisodeProgress(console(), sum(plan.episodes() for plan in plans), "sweep")
            if launcher == HERE:
                folders, status = _play_here(started, plans, play, playing or in_simulation, progress)
            else:
                folders, status = _play_elsewhere(started, plans, play, progress, launcher)
        _report(Job.read(folders), from_here(folder), incomplete=status == INFRASTRUCTURE_REMAINS)
        return status

    def _each(self, folder: Path) -> Iterator[list[str]]:
        """Yield the overrides of each sweep that Hydra is to play."""
        shared = [*self.overrides, f"hydra.sweep.dir={quote(folder.absolute())}"]
        if not self.sweeps:
            yield [*shared, f"hydra.sweep.subdir={quote(self.subfolder)}"]
        for name, further in self.sweeps.items():
            yield [*shared, *further, f"hydra.sweep.subdir={quote(f'{name}/{self.subfolder}')}"]


def may_change(override: str) -> bool:
    """Return whether a resumed sweep may be given an override that it was not started with: how it is played."""
    return override_key(override) == "workers" or override_key(override).startswith(
        ("hydra/launcher", "hydra.launcher.")
    )


def _play_here(
    started: Hydra, plans: Sequence[Plan], play: Callable[..., int], playing: Playing, progress: EpisodeProgress
) -> tuple[list[Path], int]:
    """Play jobs in this process and by its workers; return their folders and the worst exit status."""
    from tracesim.cli.seed_workers import SeedWorkers
    from tracesim.cli.shown_sweep import ShownSweep

    with SeedWorkers(playing) as workers, progress:
        done = [
            one
            for plan in plans
            for one in _multirun(started, plan, partial(play, shown=ShownSweep(plan, progress, workers)))
        ]
    folders = [Path(one.hydra_cfg.hydra.runtime.output_dir) for one in done]
    return folders, max((one.return_value for one in done), default=COMPLETED)


def _play_elsewhere(
    started: Hydra, plans: Sequence[Plan], play: Callable[..., int], progress: EpisodeProgress, launcher: str
) -> tuple[list[Path], int]:
    """Let another launcher than `HERE` play jobs; return their folders and the worst exit status."""
    from hydra.errors import HydraException

    from tracesim.cli.shown_sweep import following

    named = [(one.folder(), one.name) for plan in plans for one in plan.jobs]
    statuses = [COMPLETED]
    with progress, following(named, progress):
        try:
            for plan in plans:
                statuses += [one.return_value for one in _multirun(started, plan, play, own_defaults(launcher))]
        except (HydraException, TraceSimError, OSError):
            raise
        except Exception as error:  # what launchers raise has no base class in common
            why = " ".join(f"{type(error).__name__}: {error}".split())[:_EXCERPT]
            statuses.append(report(InfrastructureError(f"hydra/launcher={launcher}: a job did not come back ({why}).")))
    return [folder for folder, _ in named], max(statuses)


def _multirun(started: Hydra, plan: Plan, play: Callable[..., int], defaults: Sequence[str] = ()) -> list[Any]:
    """Let Hydra launch jobs, with overrides that come before their own, and return what it says about each."""
    return [one for batch in started.multirun(CONFIG_NAME, play, [*defaults, *plan.overrides]) for one in batch]


@contextmanager
def sweep_lock(folder: Path, new: bool) -> Iterator[None]:
    """Prevent other processes from starting or resuming a sweep in a folder.

    Args:
        folder: The folder of the sweep.
        new: Whether the sweep starts here, so that the folder must not hold one.

    Raises:
        ConfigurationError: Another process holds the folder, it cannot be written, or it already holds a sweep.
    """
    path = folder / _LOCK_FILE
    try:
        file = path.open("ab")
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be written ({error.strerror}).") from None
    with file:
        lock(file, path)
        try:
            if new:
                check_is_new(folder)
            yield
        finally:
            with suppress(OSError):
                if not path.stat().st_size:
                    path.unlink()


def check_subfolder(folder: Path, config: DictConfig) -> None:
    """Check that the file system accepts the name of a job's folder.

    Raises:
        ConfigurationError: It does not.
    """
    from omegaconf import open_dict
    from omegaconf.errors import OmegaConfBaseException

    with open_dict(config):
        config.hydra.job.num = config.hydra.job.id = 0
    try:
        name = str(config.hydra.sweep.subdir)
    except OmegaConfBaseException:
        return  # known only once the job is there
    try:
        for part in Path(name).parts:
            with suppress(FileNotFoundError):
                os.lstat(folder / part)
    except OSError as error:
        raise ConfigurationError(
            f"hydra.sweep.subdir={name}: no folder can have this name ({error.strerror}). "
            "Valid: a shorter one, such as ${hydra.job.num}."
        ) from None


def _report(jobs: Sequence[Job], folder: Path, incomplete: bool) -> None:
    """Print the tables of a sweep and write its summary."""
    from tracesim.results.tables import pair_table, sweep_table

    rows, pairs = summaries(jobs), pair_summaries(jobs)
    out = console()
    out.print()
    out.print(sweep_table(rows))
    if pairs:
        out.print()
        out.print(pair_table(pairs))
    write_json([one.as_json() for one in rows], folder / SUMMARY_FILE)
    out.print(f"\nWritten\n  {folder / SUMMARY_FILE}", soft_wrap=True, markup=False, emoji=False)
    if incomplete:
        failed = sum(one.infrastructure for one in rows)
        text = f"\nFailed outside the benchmark: {failed} episodes. {how_to_resume(folder)}"
        out.print(text, soft_wrap=True, markup=False, emoji=False)
