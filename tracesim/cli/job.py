"""Jobs: runs that Hydra composed, played in the folder that it gave them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tracesim.arguments import COMPLETED, INFRASTRUCTURE_REMAINS, report
from tracesim.cli.composition import configuration_of
from tracesim.errors import DoesNotApplyError, NeverAppliesError, TraceSimError
from tracesim.machine.terminal import standard_streams

if TYPE_CHECKING:
    from omegaconf import DictConfig
    from rich.console import Console

    from tracesim.cli.played_seed import Playing
    from tracesim.cli.series import Place
    from tracesim.cli.shown_sweep import ShownSweep
    from tracesim.configuration import RunConfiguration


def job(
    config: DictConfig,
    playing: Playing | None = None,
    home: Path | None = None,
    new: bool = True,
    shown: ShownSweep | None = None,
) -> int:
    """Play a job of a sweep and return its exit status; Hydra's launchers call this, possibly in another process.

    Args:
        config: What Hydra composed, without its own node.
        playing: Plays episodes; in simulation by default.
        home: The folder that relative paths start from, by default the one in which the command was given.
        new: Whether the job starts here; otherwise it is resumed.
        shown: The sweep as this process shows it; None in another process, where nothing but errors is printed.
    """
    from hydra.core.hydra_config import HydraConfig
    from rich.console import Console

    from tracesim.cli.series import Place

    settings = HydraConfig.get()
    with standard_streams():
        try:
            start = Path(settings.runtime.cwd) if home is None else home
            configuration = configuration_of(config, settings.runtime.choices["policy"], start)
        except (TraceSimError, OSError) as error:
            return report(error)
        if shown is None:
            return play_job(configuration, playing, new, Place(), Console(quiet=True))
        return play_job(configuration, playing, new, shown.place(settings.job.num))


def play_job(
    configuration: RunConfiguration,
    playing: Playing | None,
    new: bool = True,
    place: Place | None = None,
    out: Console | None = None,
) -> int:
    """Play a run in the output folder of the current Hydra job, and return its exit status."""
    from hydra.core.hydra_config import HydraConfig

    from tracesim.cli.run_folder import from_here
    from tracesim.cli.series import execute

    runtime = HydraConfig.get().runtime
    folder = Path(runtime.output_dir)
    if Path.cwd() == Path(runtime.cwd):  # else Hydra was told to change it
        folder = from_here(folder)
    try:
        summary = execute(configuration, folder, playing=playing, out=out, new=new, place=place)
    except (TraceSimError, OSError) as error:
        if place is None or not isinstance(error, DoesNotApplyError | NeverAppliesError):
            return report(error)
        if place.progress is not None:
            place.progress.leave_out(configuration.episodes, str(error), place.job)
        return COMPLETED  # a suite may have tasks in which a control has nothing to violate
    return INFRASTRUCTURE_REMAINS if summary.infrastructure else COMPLETED
