"""Command that packs results for others, and verifies what others have packed: `python -m tracesim.submit`."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tracesim.arguments import WRONG, command_status, sources
from tracesim.errors import ConfigurationError, InfrastructureError
from tracesim.machine.lavapipe import check_import

if TYPE_CHECKING:
    from rich.console import Console

    from tracesim.results.manifest import Manifest
    from tracesim.submit.archive import Submission
    from tracesim.submit.played_run import PlayedRun
    from tracesim.submit.reproduction import Reproduction

HELP: Final = """\
Check the results of one policy and pack them into one file, or verify such a file by playing a sample of it again.

Usage
  python -m tracesim.submit FOLDER [FOLDER ...] output=FILE.zip [KEY=VALUE ...]
  python -m tracesim.submit verify=FILE.zip [KEY=VALUE ...]

What is packed
  FOLDER               folder of a run or of a sweep, or one that contains several, such as the shards of a sweep
  output=FILE.zip      the file; it appears once it is complete, and only if every check holds: each seed of the split
                       or of the run is there once, none failed outside the benchmark, one policy with one set of
                       options, robot, variation, versions and code played all of them, provenance is complete, and
                       every hash agrees
  policy=NAME          only the episodes of this policy
  curves=false         whether curves files are packed, about 0.2 MB an episode
  pictures=false       whether the pictures are packed that were sent to the policy's model
  strict=false         whether warnings, such as code that was not committed, count as faults

What is verified
  verify=FILE.zip      all checks again, sizes and hashes of every file in it; then a sample of the episodes is played
                       with the answers in their records. Verdicts must be the same, margins and keypoints within 1e-3
  sample=5             number of episodes in the sample
  seed=0               seed with which the sample is drawn

No model and no network is needed to verify. Images are rendered unless the policy was the expert or a negative control.

Examples
  python -m tracesim.submit outputs/mine output=mine.zip
  python -m tracesim.submit verify=mine.zip sample=20 seed=7

Exit status
  0 written, or every episode of the sample is reproduced    1 an episode is not reproduced; the differences are printed
  2 a wrong key, value or file, or a check that does not hold    3 the file could not be written    130 interrupted
"""

NOT_REPRODUCED: Final = 1
"""Exit status if an episode is not reproduced here."""

_PACKING: Final = ("output", "policy", "curves", "pictures", "strict")
_VERIFYING: Final = ("verify", "sample", "seed")


@dataclass(frozen=True)
class Request:
    """Options of the command.

    Raises:
        ConfigurationError: A value is invalid.
    """

    output: Path | None = None
    """The file to write."""

    policy: str | None = None
    """Name of the only policy that is packed."""

    curves: bool = False
    """Whether curves files are packed."""

    pictures: bool = False
    """Whether pictures that were sent are packed."""

    strict: bool = False
    """Whether warnings count as faults."""

    verify: Path | None = None
    """The file to verify."""

    sample: int = 5
    """Number of episodes that are played again."""

    seed: int = 0
    """Seed with which they are drawn."""

    def __post_init__(self) -> None:
        """Check the values."""
        if self.sample < 1:
            raise ConfigurationError(f"sample={self.sample}: at least 1.")
        if self.seed < 0:
            raise ConfigurationError(f"seed={self.seed}: 0 or more.")
        if self.output is not None and self.output.suffix != ".zip":
            raise ConfigurationError(f"output={self.output}: valid are names that end with .zip.")


def main(words: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status.

    Args:
        words: Arguments of the command line; those of the process by default.
    """
    return command_status(words, HELP, _submit)


def _submit(words: Sequence[str]) -> int | None:
    from tracesim.machine.terminal import console

    for word in words:
        if "=" not in word and not Path(word).exists():
            raise ConfigurationError(f"{word}: no such folder. Valid: the folder of a run or a sweep.")
    folders, request = sources(words, Request)
    _check_mode(words, folders, request)
    if request.verify is not None:
        check_import()
        return _verify(request, request.verify, console())
    return _pack(folders, request, console())


def _check_mode(words: Sequence[str], folders: Sequence[Path], request: Request) -> None:
    """Raise `ConfigurationError` for options that do not belong together."""
    verifying = request.verify is not None
    if verifying and folders:
        raise ConfigurationError(f"{folders[0]} with verify={request.verify}: give one of them.")
    for word in words:
        if word.partition("=")[0] in (_PACKING if verifying else _VERIFYING):
            valid = _VERIFYING if verifying else ("FOLDER", *_PACKING)
            why = "with verify=FILE.zip" if verifying else "without verify=FILE.zip"
            raise ConfigurationError(f"{word} {why}: it has no effect. Valid: {', '.join(valid)}.")
    if not verifying and not folders:
        raise ConfigurationError(
            "No folder is given. Valid: python -m tracesim.submit FOLDER... output=FILE.zip, or verify=FILE.zip."
        )
    if not verifying and request.output is None:
        raise ConfigurationError("output is missing: give output=FILE.zip.")


def _pack(folders: Sequence[Path], request: Request, out: Console) -> int | None:
    from tracesim.submit.checks import faults, warnings
    from tracesim.submit.pack import Packing, write
    from tracesim.submit.played_run import submitted

    runs, found = _read(folders, request.policy)
    if not found:  # what cannot be read would be reported a second time, as missing
        found = faults(runs, request.curves)
    told = [] if found else warnings(runs)
    if found or (told and request.strict):
        _print_faults([*found, *told])
        return WRONG
    for warning in told:
        out.print(f"Warning: {warning}", style="yellow", soft_wrap=True, markup=False)
    assert request.output is not None
    try:
        manifest = write(request.output, submitted(runs), told, Packing(request.curves, request.pictures))
    except OSError as error:
        raise InfrastructureError(f"{request.output}: cannot be written ({error.strerror or error}).") from error
    _print_content(manifest, out)
    size_kb = request.output.stat().st_size / 1e3
    out.print(f"\nWritten\n  {request.output}   {size_kb:.0f} kB", soft_wrap=True, markup=False)
    return None


def _read(folders: Sequence[Path], policy: str | None) -> tuple[list[PlayedRun], list[str]]:
    """Return the runs in folders, and why others cannot be read."""
    from dataclasses import replace

    from tracesim.errors import unknown_name
    from tracesim.results.collection import record_files
    from tracesim.submit.played_run import PlayedRun
    from tracesim.submit.sweep_jobs import missing_jobs

    runs: list[PlayedRun] = []
    found = [] if policy is not None else [one for folder in folders for one in missing_jobs(folder)]
    for file in dict.fromkeys(file.resolve() for folder in folders for file in record_files(folder)):
        try:
            runs.append(PlayedRun.read(file))
        except ConfigurationError as error:
            found.append(str(error))
    if policy is None:
        return runs, found
    names = {record.policy for run in runs for record in run.records}
    if policy not in names:
        raise unknown_name("policy in these folders", policy, names)
    of_policy = [replace(run, records=tuple(one for one in run.records if one.policy == policy)) for run in runs]
    return [run for run in of_policy if run.records], found


def _print_faults(found: Sequence[str]) -> None:
    """Print everything that is wrong on stderr: a line for each fault."""
    for one in found:
        print("error:", " ".join(one.split()), file=sys.stderr)


def _print_content(manifest: Manifest, out: Console) -> None:
    from rich import box
    from rich.table import Table

    from tracesim.submit.checks import ranges

    grid = Table(
        title=f"{manifest.policy} on {manifest.robot}, {manifest.variation.label}",
        title_justify="left",
        title_style="bold",
        box=box.SIMPLE_HEAD,
        show_edge=False,
    )
    for column in ("task", "episodes", "seeds", "split"):
        grid.add_column(column, overflow="fold")
    for one in manifest.tasks:
        split = "" if one.split_hash is None else one.split_hash[:12]
        grid.add_row(one.task, str(len(one.seeds)), ranges(one.seeds), split)
    out.print(grid)


def _verify(request: Request, path: Path, out: Console) -> int | None:
    from tracesim.submit.archive import read_submission
    from tracesim.submit.reproduction import circumstances, reproduce

    submission = read_submission(path)
    _print_content(submission.manifest, out)
    told = circumstances(submission.manifest)
    for one in (*submission.manifest.warnings, *told):
        out.print(f"Warning: {one}", style="yellow", soft_wrap=True, markup=False)
    out.print()
    episodes = _sample(submission, request)
    differing = 0
    for number, (run, place) in enumerate(episodes, start=1):
        started = time.perf_counter()
        assert run.configuration is not None
        done = reproduce(run.configuration, run.records[place])
        _say(f"[{number}/{len(episodes)}]", done, time.perf_counter() - started, out)
        differing += bool(done.differences)
    out.print(f"\n{len(episodes) - differing} of {len(episodes)} episodes are reproduced", style="bold")
    if not differing:
        return None
    why = (
        " ".join(told)
        or "Code and versions are the same here: the file was edited, or this machine computes otherwise."
    )
    out.print(why, soft_wrap=True, markup=False)
    return NOT_REPRODUCED


def _sample(submission: Submission, request: Request) -> list[tuple[PlayedRun, int]]:
    """Return the episodes to play again, by their run and their place in it, sorted by task and seed."""
    import numpy as np

    episodes = [(run, place) for run in submission.runs for place in range(len(run.records))]
    episodes.sort(key=lambda one: (one[0].records[one[1]].task, one[0].records[one[1]].seed))
    rng = np.random.default_rng(request.seed)
    chosen = rng.choice(len(episodes), size=min(request.sample, len(episodes)), replace=False)
    return [episodes[place] for place in sorted(chosen.tolist())]


def _say(place: str, done: Reproduction, seconds: float, out: Console) -> None:
    from rich.text import Text

    line = Text(f"{place} {done.record.task}, seed {done.record.seed}: ")
    if done.differences:
        line.append("not reproduced", "red")
    else:
        line.append("the same to the last digit" if done.same_hash else "reproduced", "green")
    out.print(line.append(f"   {seconds:.1f} s", "dim"), soft_wrap=True)
    for what, how in done.differences:
        out.print(f"    {what}: {how}", soft_wrap=True, markup=False)


if __name__ == "__main__":
    sys.exit(main())
