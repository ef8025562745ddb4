"""The command that plays tasks and says how that went: `python -m tracesim.run task=water_flowers`."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from tracesim.cli import command_line as command
from tracesim.cli.arguments import COMPLETED, INFRASTRUCTURE_REMAINS, refused, status
from tracesim.cli.given_path import quoted
from tracesim.cli.played_seed import Playing
from tracesim.cli.refusals import refusals
from tracesim.cli.resuming import check_unchanged, resumed
from tracesim.cli.run_folder import SWEEP_FILE, RunFolder, from_here, without_time
from tracesim.cli.series import SUMMARY_FILE, execute, how_to_resume
from tracesim.cli.stored_runs import stored
from tracesim.errors import ConfigurationError, TraceSimError
from tracesim.files.json_file import write_json
from tracesim.machine.terminal import console, standard_streams

if TYPE_CHECKING:
    from omegaconf import DictConfig

    from tracesim.cli.sweep import Job, Sweep


def main(words: Sequence[str] | None = None, playing: Playing | None = None) -> int:
    """Do what the command line asks, and return the exit status (see `--help`).

    playing: plays episodes, in simulation by default.
    """
    return status(lambda: _do(command.Command.of(sys.argv[1:] if words is None else words), playing))


def job(composition: DictConfig, playing: Playing | None = None, home: Path | None = None, new: bool = True) -> int:
    """Play one job that Hydra composed, and return its exit status; Hydra's launchers call this.

    home: the folder that relative paths start from, by default the one that the command was given in. new: whether it
    has not been begun before.
    """
    from hydra.core.hydra_config import HydraConfig

    settings = HydraConfig.get()
    folder, here = Path(settings.runtime.output_dir), Path(settings.runtime.cwd)
    if Path.cwd() == here:  # else Hydra was told to change it
        folder = from_here(folder)
    with standard_streams():  # a launcher may have started this process
        try:
            configuration = command.configuration_of(composition, settings.runtime.choices["policy"], home or here)
            summary = execute(configuration, folder, playing=playing, new=new)
        except (TraceSimError, OSError) as error:
            return refused(error)
    return INFRASTRUCTURE_REMAINS if summary.infrastructure else COMPLETED


def _do(asked: command.Command, playing: Playing | None) -> int:
    if asked.help:
        from tracesim.cli.usage import policy_usage, usage

        about_policy = [word for word in asked.overrides if word.startswith(("policy", "++policy", "hydra.searchpath"))]
        if any("policy=" in word for word in about_policy):
            print(policy_usage(command.policy_choice(about_policy)), end="")
        else:
            names = {**command.tables(), "policy": command.policy_names()}
            print(usage(names), end="")
        return COMPLETED
    if asked.resume is not None:
        return _resume(asked, asked.resume, playing)
    if asked.multirun:
        return _start_sweep(asked.overrides, playing)
    with command.hydra() as hydra:
        wanted = RunFolder.of(command.checked_composition(asked.overrides), "run")
        with wanted.made() as folder, refusals():
            overrides = [*asked.overrides, f"hydra.run.dir={quoted(folder)}"]
            status: int = hydra.run(command.CONFIG_NAME, partial(job, playing=playing), overrides).return_value
    return status


def _resume(asked: command.Command, folder: Path, playing: Playing | None) -> int:
    if os.path.exists(folder / SWEEP_FILE):
        from tracesim.cli.sweep import Sweep, owned

        sweep = Sweep.stored(folder)
        for override in asked.overrides:
            if override not in sweep.overrides:
                raise ConfigurationError(
                    f"{override} with resume={folder}: the sweep has {' '.join(sweep.overrides)}. "
                    "Leave it out, or start another sweep."
                )
        with owned(folder, new=False):
            check_unchanged(sweep.files, folder)
            return _play(sweep, folder, playing, new=False)
    configuration = stored(folder)
    if asked.multirun:
        raise ConfigurationError(f"--multirun with resume={folder}: that is a single run. Leave the flag out.")
    configuration = resumed(asked.overrides, configuration, folder)
    return INFRASTRUCTURE_REMAINS if execute(configuration, folder, playing=playing).infrastructure else COMPLETED


def _start_sweep(overrides: Sequence[str], playing: Playing | None) -> int:
    from tracesim.cli.sweep import Sweep, check_subfolder, owned, samples

    files: dict[str, str] = {}
    with command.hydra():
        compositions = [command.composed(sample) for sample in samples(overrides)]
    for composition in compositions:
        files |= command.configuration_of(composition, composition.hydra.runtime.choices["policy"]).files
    subfolder = str(compositions[0].hydra.sweep._get_node("subdir")._value())
    with RunFolder.of(compositions[0], "sweep").made() as folder, owned(folder, new=True):
        for composition in compositions:
            check_subfolder(folder, composition)
        named = [*overrides, f"hydra.sweep.subdir={quoted(without_time(subfolder))}"]
        sweep = Sweep(tuple(named), Path.cwd(), files)
        sweep.store(folder)
        return _play(sweep, folder, playing, new=True)


def _play(sweep: Sweep, folder: Path, playing: Playing | None, new: bool) -> int:
    """Play every job of a sweep, print and write one row a configuration, and return the worst exit status."""
    from tracesim.cli.sweep import Job

    overrides = [*sweep.overrides, f"hydra.sweep.dir={quoted(folder.absolute())}"]
    shown = from_here(folder)
    try:
        with command.hydra() as hydra, refusals():
            play = partial(job, playing=playing, home=sweep.home, new=new)
            results = [one for batch in hydra.multirun(command.CONFIG_NAME, play, overrides) for one in batch]
    except KeyboardInterrupt:
        console().print(f"\nThe sweep was interrupted. {how_to_resume(shown)}", soft_wrap=True)
        raise
    except OSError as error:  # Hydra makes the folders of jobs
        raise ConfigurationError(f"{error.filename or shown}: {error.strerror}. {how_to_resume(shown)}") from None
    _report(Job.within(Path(one.hydra_cfg.hydra.runtime.output_dir) for one in results), shown)
    return max((one.return_value for one in results), default=COMPLETED)


def _report(jobs: Sequence[Job], folder: Path) -> None:
    from tracesim.cli.sweep import paired, rows
    from tracesim.results.tables import pair_table, sweep_table

    summaries, pairs = rows(jobs), paired(jobs)
    out = console()
    out.print()
    out.print(sweep_table(summaries))
    if pairs:
        out.print()
        out.print(pair_table(pairs))
    write_json([one.as_json() for one in summaries], folder / SUMMARY_FILE)
    out.print(f"\nWritten\n  {folder / SUMMARY_FILE}", soft_wrap=True)


if __name__ == "__main__":
    from tracesim.run import main as entry  # launchers send `job` to other processes by its module's name

    sys.exit(entry())
