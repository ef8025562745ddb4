"""The command line of `python -m tracesim.run`: help, a run, a sweep, or a run or sweep to be resumed."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from tracesim.arguments import COMPLETED, INFRASTRUCTURE_REMAINS
from tracesim.cli.composition import Composition, hydra, policy_choice
from tracesim.cli.hydra_errors import hydra_errors
from tracesim.cli.job import play_job
from tracesim.cli.words import Words
from tracesim.errors import ConfigurationError

if TYPE_CHECKING:
    from omegaconf import DictConfig

    from tracesim.cli.played_seed import Playing


@dataclass(frozen=True)
class Help:
    """A request for help."""

    policy: tuple[str, ...] = ()
    """Overrides that choose the policy to describe; the command is described if there are none."""

    def do(self, playing: Playing | None) -> int:
        """Print the help text and return the exit status."""
        from tracesim.cli.usage import policy_usage, usage

        print(policy_usage(policy_choice(self.policy)) if self.policy else usage(), end="")
        return COMPLETED


@dataclass(frozen=True)
class Run:
    """A run to be started."""

    overrides: tuple[str, ...]
    """Overrides in Hydra's grammar."""

    def do(self, playing: Playing | None) -> int:
        """Play the run and return the exit status.

        Raises:
            TraceSimError: Nothing can be played.
        """
        from tracesim.cli.run_folder import RunFolder

        with hydra():
            composition = Composition.of(self.overrides)
            configuration = composition.configuration

            def play(_: DictConfig) -> int:
                return play_job(configuration, playing)

            with RunFolder.of(composition.config, "run").create() as folder, hydra_errors():
                return composition.run(play, folder)


@dataclass(frozen=True)
class Sweep:
    """A sweep to be started."""

    overrides: tuple[str, ...]
    """Overrides in Hydra's grammar; several values for a key are separated by commas."""

    sweeps: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Further overrides of each sweep of an experiment that has several, by its name."""

    def do(self, playing: Playing | None) -> int:
        """Play every job of the sweep and return the worst exit status.

        Raises:
            TraceSimError: A value is invalid, or nothing can be played.
        """
        from tracesim.cli.planned_jobs import samples
        from tracesim.cli.run_folder import RunFolder, without_time
        from tracesim.cli.sweep import StoredSweep, check_subfolder, sweep_lock

        with hydra():
            compositions = [
                Composition.of(sample)
                for further in self.sweeps.values() or ((),)
                for sample in samples((*self.overrides, *further))
            ]
        files = {path: held for one in compositions for path, held in one.configuration.files.items()}
        first = compositions[0].config
        subfolder = without_time(str(first.hydra.sweep._get_node("subdir")._value()))
        with RunFolder.of(first, "sweep").create() as folder, sweep_lock(folder, new=True):
            for one in compositions:
                check_subfolder(folder, one.config)
            sweep = StoredSweep(self.overrides, self.sweeps, subfolder, Path.cwd(), files)
            sweep.write(folder)
            return sweep.play(folder, playing, new=True)


@dataclass(frozen=True)
class Resume:
    """A run or a sweep to be resumed."""

    folder: Path
    """Its folder."""

    overrides: tuple[str, ...] = ()
    """Overrides given besides `resume=DIR`."""

    multirun: bool = False
    """Whether `--multirun` is given."""

    def do(self, playing: Playing | None) -> int:
        """Play what is missing and return the exit status.

        Raises:
            TraceSimError: The folder holds neither, an override differs from the stored configuration, or nothing can
                be played.
        """
        from tracesim.cli.run_folder import SWEEP_FILE

        return self._sweep(playing) if os.path.exists(self.folder / SWEEP_FILE) else self._run(playing)

    def _run(self, playing: Playing | None) -> int:
        from tracesim.cli.resuming import resumed_configuration
        from tracesim.cli.series import execute
        from tracesim.cli.stored_runs import read_configuration

        configuration = read_configuration(self.folder)
        if self.multirun:
            raise ConfigurationError(f"--multirun with resume={self.folder}: that is a single run. Leave the flag out.")
        configuration = resumed_configuration(self.overrides, configuration, self.folder)
        summary = execute(configuration, self.folder, playing=playing)
        return INFRASTRUCTURE_REMAINS if summary.infrastructure else COMPLETED

    def _sweep(self, playing: Playing | None) -> int:
        from tracesim.cli.resuming import check_unchanged
        from tracesim.cli.sweep import StoredSweep, may_change, sweep_lock

        sweep = StoredSweep.read(self.folder)
        for override in self.overrides:
            if override not in sweep.overrides and not may_change(override):
                raise ConfigurationError(
                    f"{override} with resume={self.folder}: the sweep has {' '.join(sweep.overrides)}. "
                    "Leave it out, or start another sweep."
                )
        with sweep_lock(self.folder, new=False):
            check_unchanged(sweep.files, self.folder)
            return sweep.changed(self.overrides).play(self.folder, playing, new=False)


def parse(words: Sequence[str]) -> Help | Run | Sweep | Resume:
    """Return what the words of a command line ask for.

    Raises:
        ConfigurationError: A flag, key or name is unknown.
    """
    given = Words.of(words)
    if given.help:
        about_policy = ("policy", "++policy", "hydra.searchpath")
        chosen = tuple(override for override in given.overrides if override.startswith(about_policy))
        return Help(chosen if any("policy=" in override for override in chosen) else ())
    if given.resume is not None:
        return Resume(given.resume, given.overrides, given.multirun)
    return Sweep(given.overrides, given.sweeps) if given.multirun else Run(given.overrides)
