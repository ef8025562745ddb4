"""Hydra's launchers, which play the jobs of a sweep in other processes or on other machines."""

from __future__ import annotations

from typing import Final

from tracesim.machine.extras import Extra, check_installed

HERE: Final = "basic"
"""The launcher that plays the jobs in this process, one after the other."""

_EXTRAS: Final[dict[str, tuple[str, Extra]]] = {
    "joblib": ("hydra_plugins.hydra_joblib_launcher", "joblib"),
    "submitit_local": ("hydra_plugins.hydra_submitit_launcher", "slurm"),
    "submitit_slurm": ("hydra_plugins.hydra_submitit_launcher", "slurm"),
    "ray": ("hydra_plugins.hydra_ray_launcher", "ray"),
    "ray_aws": ("hydra_plugins.hydra_ray_launcher", "ray"),
}
"""By launcher, the package that has it and the extra that brings it."""


def check_launcher(name: str) -> None:
    """Check that the package of a launcher is installed; those that TraceSim does not know are left to Hydra.

    Raises:
        ConfigurationError: It is not; the message names the extra.
    """
    if name in _EXTRAS:
        package, extra = _EXTRAS[name]
        check_installed(package, extra, f"hydra/launcher={name}")


def own_defaults(launcher: str) -> tuple[str, ...]:
    """Return overrides that come before the user's, for a launcher.

    Submitit's default is a folder a job, named after the job's number. On a busy machine the job starts before that
    folder is there, and dies.
    """
    submitit = launcher.startswith("submitit_")
    return ("hydra.launcher.submitit_folder=${hydra.sweep.dir}/.submitit",) if submitit else ()
