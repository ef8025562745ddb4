"""Command that exports episodes to the formats of other tools: `python -m tracesim.export`."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from tracesim.arguments import command_status, sources
from tracesim.errors import ConfigurationError, InfrastructureError
from tracesim.machine.lavapipe import check_import

if TYPE_CHECKING:
    from rich.console import Console

    from tracesim.export.form import Form, Options
    from tracesim.results.collection import Stored

HELP: Final = """\
Export episodes that were played to the formats of other tools.

Usage
  python -m tracesim.export FOLDER [FOLDER ...] form=NAME output=DIR [KEY=VALUE ...]

  FOLDER               folder of a run or of a sweep, or one that contains several. Nothing is played again: the scene
                       of each seed is built anew, and moves as it was recorded in curves/

Form
  form=mcap            one file an episode, which Foxglove and Rerun open: cameras with calibration, pictures and depth,
                       frames, the scene with its hulls and traces, margins over time, events, instruction and answer
  form=lerobot         a LeRobotDataset v3: videos of colours and of depth, state, action, instruction, trace
  form=stills          the scenes at the start as TraceSpatial-Bench's Parquet file on Hugging Face
  form=csv             a table of the episodes, and for each one a table of its samples

Output
  output=DIR           a new folder; it appears once it is complete
  rate_hz=10           samples per second, in all forms but stills
  cameras=policy       policy, film, or policy,film: the cameras that mcap and lerobot draw
  depth=true           whether mcap and lerobot write depth beside colours

Which episodes
  seeds=0-9            first and last seed, or a single one
  success=true         true or false: only successes, or only failures
  task=NAME            only this task
  policy=NAME          only this policy

All forms but csv need the extra `export` and a Vulkan device; `python -m tracesim.doctor` says whether there is one.

Examples
  python -m tracesim.export outputs/first form=csv output=tables
  python -m tracesim.export outputs/sweep form=lerobot output=dataset success=true rate_hz=20

Exit status
  0 written    2 a wrong key, value or folder    3 the output could not be written    130 interrupted; nothing is left
"""


@dataclass(frozen=True)
class Request:
    """Options of an export.

    Raises:
        ConfigurationError: A value is invalid.
    """

    form: Literal["mcap", "lerobot", "stills", "csv"]
    """Name of the format."""

    output: Path
    """The folder to write."""

    rate_hz: int = 10
    """Number of samples per second."""

    cameras: str = "policy"
    """Names of cameras, with commas between them."""

    depth: bool = True
    """Whether depth is written beside colours."""

    seeds: str | None = None
    """First and last seed, or a single one."""

    success: bool | None = None
    """Whether only successes or only failures are exported; None for both."""

    task: str | None = None
    """Name of the only task."""

    policy: str | None = None
    """Name of the only policy."""

    def __post_init__(self) -> None:
        """Check the values."""
        if not 1 <= self.rate_hz <= 50:
            raise ConfigurationError(f"rate_hz={self.rate_hz}: motions are recorded at 50 Hz. Valid: 1 to 50.")


def main(words: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status.

    Args:
        words: Arguments of the command line; those of the process by default.
    """
    return command_status(words, HELP, _export)


def _export(words: Sequence[str]) -> None:
    from tracesim.machine.terminal import console

    for word in words:
        if "=" not in word and not Path(word).exists():
            raise ConfigurationError(f"{word}: no such folder. Valid: the folder of a run or a sweep.")
    folders, request = sources(words, Request)
    if not folders:
        raise ConfigurationError("No folder is given. Valid: python -m tracesim.export FOLDER form=... output=DIR.")
    check_import()
    export(folders, request, console())


def export(folders: Sequence[Path], request: Request, out: Console) -> None:
    """Write the episodes in folders in one form.

    Args:
        folders: Folders of runs and sweeps.
        request: What is written, and where.
        out: Console for progress.

    Raises:
        ConfigurationError: A folder, a file or an option is wrong, or a package is missing.
        InfrastructureError: The output cannot be written.
        RendererError: Pictures are needed, and this process cannot render.
    """
    from tracesim.export.form import FORMS
    from tracesim.files.whole_folder import whole_folder

    episodes = _chosen(folders, request, out)
    kind, options = FORMS[request.form], _options(request)
    try:
        with whole_folder(request.output) as folder, closing(kind(folder, options)) as form:
            written = _write(form, episodes, request.rate_hz, out)
            form.finish()
    except OSError as error:
        raise InfrastructureError(f"{request.output}: cannot be written ({error.strerror or error}).") from error
    out.print(f"Written\n  {request.output}   {written} episodes", soft_wrap=True)


def _chosen(folders: Sequence[Path], request: Request, out: Console) -> list[Stored]:
    """Return the episodes to export; raises `ConfigurationError` if there are none."""
    from tracesim.cli.seed_range import seeds_from
    from tracesim.export.selection import Selection
    from tracesim.results.collection import Collection

    seeds = None if request.seeds is None else seeds_from(request.seeds)
    found = Collection.read(folders).episodes
    selected = Selection(request.task, request.policy, seeds, request.success).of(found)
    recorded = [one for one in selected if one.curves_file is not None]
    if len(recorded) < len(selected):
        out.print(f"{len(selected) - len(recorded)} episodes without a recorded motion are left out")
    if not recorded:
        raise ConfigurationError(
            f"None of {len(found)} episodes in {', '.join(map(str, folders))} is selected and has a recorded motion."
        )
    return recorded


def _options(request: Request) -> Options:
    from tracesim.errors import unknown_name
    from tracesim.export.form import Options
    from tracesim.export.sampled import CAMERAS

    cameras = tuple(dict.fromkeys(request.cameras.split(",")))
    for name in cameras:
        if name not in CAMERAS:
            raise unknown_name("camera", name, CAMERAS)
    return Options(request.rate_hz, cameras, request.depth)


def _write(form: Form, episodes: Sequence[Stored], rate_hz: int, out: Console) -> int:
    """Write episodes, print the progress, and return how many were written."""
    from tracesim.episode.replayed import Replayed
    from tracesim.export.sampled import SampledEpisode
    from tracesim.export.selection import names

    written = 0
    for number, (one, name) in enumerate(zip(episodes, names(episodes), strict=True), start=1):
        started = time.perf_counter()
        assert one.curves_file is not None
        sampled = SampledEpisode(name, Replayed.of(one.record, one.curves_file, form.draws), rate_hz)
        left_out = form.add(sampled)
        written += left_out is None
        said = f"{sampled.times_s[-1]:.1f} s of motion" if left_out is None else f"left out: {left_out}"
        took = f"{time.perf_counter() - started:.1f} s"
        out.print(f"[{number}/{len(episodes)}] {name}: {said}   {took}", soft_wrap=True)
    if not written:
        raise ConfigurationError(f"Every one of {len(episodes)} episodes is left out, for the reasons above.")
    return written


if __name__ == "__main__":
    sys.exit(main())
