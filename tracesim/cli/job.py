"""Jobs: runs that Hydra composed, played in the folder that it gave them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tracesim.arguments import COMPLETED, INFRASTRUCTURE_REMAINS, report
from tracesim.cli.composition import configuration_of
from tracesim.errors import TraceSimError
from tracesim.machine.terminal import standard_streams

if TYPE_CHECKING:
    from omegaconf import DictConfig

    from tracesim.cli.played_seed import Playing
    from tracesim.configuration import RunConfiguration


def job(config: DictConfig, playing: Playing | None = None, home: Path | None = None, new: bool = True) -> int:
    """Play a job of a sweep and return its exit status; Hydra's launchers call this, possibly in another process.

    Args:
        config: What Hydra composed, without its own node.
        playing: Plays episodes; in simulation by default.
        home: The folder that relative paths start from, by default the one in which the command was given.
        new: Whether the job starts here; otherwise it is resumed.
    """
    from hydra.core.hydra_config import HydraConfig

    settings = HydraConfig.get()
    with standard_streams():
        try:
            start = Path(settings.runtime.cwd) if home is None else home
            configuration = configuration_of(config, settings.runtime.choices["policy"], start)
        except (TraceSimError, OSError) as error:
            return report(error)
        return play_job(configuration, playing, new)


def play_job(configuration: RunConfiguration, playing: Playing | None, new: bool = True) -> int:
    """Play a run in the output folder of the current Hydra job, and return its exit status."""
    from hydra.core.hydra_config import HydraConfig

    from tracesim.cli.run_folder import from_here
    from tracesim.cli.series import execute

    runtime = HydraConfig.get().runtime
    folder = Path(runtime.output_dir)
    if Path.cwd() == Path(runtime.cwd):  # else Hydra was told to change it
        folder = from_here(folder)
    try:
        summary = execute(configuration, folder, playing=playing, new=new)
    except (TraceSimError, OSError) as error:
        return report(error)
    return INFRASTRUCTURE_REMAINS if summary.infrastructure else COMPLETED
