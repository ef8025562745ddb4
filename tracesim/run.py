"""The command that plays tasks and says how that went: `python -m tracesim.run task=water_flowers`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from tracesim import command
from tracesim.arguments import COMPLETED, INFRASTRUCTURE_REMAINS, refused, status
from tracesim.errors import ConfigurationError, TraceSimError
from tracesim.json_file import write_json
from tracesim.series import Playing, execute, how_to_resume
from tracesim.terminal import console, standard_streams

if TYPE_CHECKING:
    from omegaconf import DictConfig


def main(words: Sequence[str] | None = None, playing: Playing | None = None) -> int:
    """Do what the command line asks, and return the exit status (see `--help`).

    playing: plays episodes, in simulation by default.
    """
    return status(lambda: _do(command.Command.of(sys.argv[1:] if words is None else words), playing))


def job(composition: DictConfig, playing: Playing | None = None) -> int:
    """Play one job that Hydra composed, and return its exit status; Hydra's launchers call this."""
    from hydra.core.hydra_config import HydraConfig

    settings = HydraConfig.get()
    folder = _from_here(Path(settings.runtime.output_dir))
    with standard_streams():  # a launcher may have started this process
        try:
            configuration = command.configuration_of(composition, settings.runtime.choices["policy"])
            if composition.resume is None:
                _check_is_new(folder, command.CONFIGURATION_FILE)
            summary = execute(configuration, folder, playing=playing)
        except (TraceSimError, OSError) as error:
            return refused(error)
    return INFRASTRUCTURE_REMAINS if summary.infrastructure else COMPLETED


def _do(asked: command.Command, playing: Playing | None) -> int:
    if asked.help:
        from tracesim.usage import policy_usage, usage

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
        with command.hydra():
            for sample in command.sweep_samples(asked.overrides):
                composition = command.checked_composition(sample)
            folder = _from_here(command.output_folder(composition, "sweep"))
        _check_is_new(folder, command.SWEEP_FILE)
        _make(folder, "hydra.sweep.dir")
        return _sweep(asked.overrides, folder, playing)
    with command.hydra() as hydra:
        folder = _from_here(command.output_folder(command.checked_composition(asked.overrides), "run"))
        _check_is_new(folder, command.CONFIGURATION_FILE)
        _make(folder, "hydra.run.dir")
        overrides = [*asked.overrides, f"hydra.run.dir={command.quoted(folder)}"]
        with command.refusals():
            status: int = hydra.run(command.CONFIG_NAME, partial(job, playing=playing), overrides).return_value
        return status


def _resume(asked: command.Command, folder: Path, playing: Playing | None) -> int:
    if (folder / command.SWEEP_FILE).exists():
        overrides = command.stored_sweep(folder)
        for override in asked.overrides:
            if override not in overrides:
                raise ConfigurationError(
                    f"{override} with resume={folder}: the sweep has {' '.join(overrides)}. "
                    "Leave it out, or start another sweep."
                )
        return _sweep([*overrides, f"resume={command.quoted(folder)}"], folder, playing)
    configuration = command.stored(folder)
    if asked.multirun:
        raise ConfigurationError(f"--multirun with resume={folder}: that is a single run. Leave the flag out.")
    configuration = command.resumed(asked.overrides, configuration, folder)
    return INFRASTRUCTURE_REMAINS if execute(configuration, folder, playing=playing).infrastructure else COMPLETED


def _sweep(overrides: Sequence[str], folder: Path, playing: Playing | None) -> int:
    """Play every job of a sweep, print and write one row a configuration, and return the worst exit status."""
    overrides = [*overrides, f"hydra.sweep.dir={command.quoted(folder)}"]
    try:
        with command.hydra() as hydra, command.refusals():
            batches = hydra.multirun(command.CONFIG_NAME, partial(job, playing=playing), overrides)
    except KeyboardInterrupt:
        console().print(f"\nThe sweep was interrupted. {how_to_resume(folder)}", soft_wrap=True)
        raise
    _report(folder)
    return max((result.return_value for batch in batches for result in batch), default=COMPLETED)


def _report(folder: Path) -> None:
    from tracesim.pairs import pairs
    from tracesim.results import RecordStore, read_records
    from tracesim.summary import by_configuration
    from tracesim.summary_table import pair_table, sweep_table

    paths = sorted(folder.rglob(RecordStore.FILE))
    records = [record for path in paths for record in read_records(path)]
    summaries, paired = by_configuration(records), pairs(records)
    write_json([one.as_json() for one in summaries], folder / "summary.json")
    out = console()
    out.print()
    out.print(sweep_table(summaries))
    if paired:
        out.print()
        out.print(pair_table(paired))
    out.print(f"\nWritten\n  {folder / 'summary.json'}", soft_wrap=True)


def _check_is_new(folder: Path, file: str) -> None:
    if (folder / file).exists():
        raise ConfigurationError(f"{folder} already holds a run. Valid: resume={folder}, or another folder.")


def _make(folder: Path, key: str) -> None:
    """Make the folder of a run or sweep; Hydra would show a traceback where that cannot be done."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigurationError(
            f"{folder} cannot be made ({error.strerror}). Give {key}=DIR, a folder that can be written."
        ) from None


def _from_here(folder: Path) -> Path:
    """Return a folder's path, relative where it lies below the current folder: it is printed to be typed again."""
    path = folder.absolute()
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


if __name__ == "__main__":
    from tracesim.run import main as entry  # launchers send `job` to other processes by its module's name

    sys.exit(entry())
