"""`python -m tracesim.certify`: writes splits of consecutive seeds, or finds out whether they hold on this machine."""

from __future__ import annotations

import dataclasses
import re
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tracesim.cli.arguments import (
    COMPLETED,
    INFRASTRUCTURE_REMAINS,
    arguments,
    command_status,
    root_key,
    separate,
)
from tracesim.cli.composition import check, run_configuration
from tracesim.configuration import EpisodeConfiguration
from tracesim.envs import TASKS
from tracesim.errors import ConfigurationError, unknown_name
from tracesim.machine.lavapipe import check_import

if TYPE_CHECKING:
    from rich.console import Console

    from tracesim.certify.certification import Verified
    from tracesim.results.split import Certificate

HELP: Final = """\
Write a split: consecutive seeds of a task with their scenes and what the expert does in them. Or verify one.

Usage
  python -m tracesim.certify task=NAME [seeds=0-49] [KEY=VALUE ...]
  python -m tracesim.certify verify=FILE [KEY=VALUE ...]

What is certified
  task=NAME            water_flowers, ...; several joined by commas, or all
  seeds=0-49           the first and the last; every one is written, whether the expert solves it or not
  variation=cluttered  clean, cluttered, randomized, and variation.clutter=N and the like, as for a run
  robot=panda

Where to
  out=splits           a folder, for TASK.jsonl; or the file of a single task, whose name ends with .jsonl
                       The first line says whose seeds they are; then a line a seed: instruction, bodies (name, kind,
                       colour, extents, pose once settled), joints, camera; the expert's trace for each stage; margins,
                       and success or why the expert failed, also where no arrangement was found.
                       The same command goes on with what is missing, after a kill as well.

What is verified
  verify=FILE          a split, or a folder of splits: every seed is made again. Start states must agree within 1e-6
                       (metres, radians, entries of a rotation), instructions to the letter
  replay=true          whether the expert's traces are followed again, too: verdicts must agree, margins within 1e-3
  seeds=0-9            only these of the split's

How
  workers=1            how many processes work at it; no pixels are drawn and no renderer is needed

`python -m tracesim.run split=FILE` plays the seeds of a split.

Exit status
  0 written, whatever the expert solves; or verified    1 a split does not hold on this machine: what differs is printed
  2 a wrong key, name or value    3 the disk refused, or some seeds were not judged    130 interrupted; what is finished
  is kept
"""

DIFFERS: Final = 1
_OWN: Final = ("task", "seeds", "out", "workers", "verify", "replay")
_SCENE: Final = ("variation", "robot")
_VERIFYING: Final = ("verify", "replay", "seeds", "workers")


@dataclass(frozen=True)
class Request:
    """What a command line asks for, but the scene."""

    task: str = ""
    seeds: str | None = None
    out: Path = Path("splits")
    workers: int = 1
    verify: Path | None = None
    replay: bool = True

    def __post_init__(self) -> None:
        """Check the values."""
        if self.workers < 1:
            raise ConfigurationError(f"workers={self.workers}: at least 1.")
        if self.seeds is not None:
            seeds_from(self.seeds)


@dataclass(frozen=True)
class _Job:
    """A seed to certify; or, with a certificate, to verify."""

    split: int
    configuration: EpisodeConfiguration
    seed: int
    certificate: Certificate | None = None
    replay: bool = True


@dataclass(frozen=True)
class _Done:
    job: _Job
    outcome: Certificate | Verified
    seconds: float


def _work(job: _Job) -> _Done:
    check_import()
    from tracesim.certify.certification import certify, verify

    started = time.perf_counter()
    outcome: Certificate | Verified
    if job.certificate is None:
        outcome = certify(job.configuration, job.seed)
    else:
        outcome = verify(job.configuration, job.certificate, job.replay)
    return _Done(job, outcome, time.perf_counter() - started)


def main(words: Sequence[str] | None = None) -> int:
    """Do what the words of the command line ask, and return the exit status."""
    return command_status(words, HELP, _do)


def _do(words: Sequence[str]) -> int:
    from tracesim.machine.terminal import console

    request = _request(words)
    if request.verify is not None:
        return _verify(request, request.verify, console())
    configurations = _configurations(request, [word for word in words if root_key(word) in _SCENE])
    return _certify(request, configurations, console())


def seeds_from(text: str) -> range:
    """Return the seeds that "3-7" or "3" means; raises `ConfigurationError`."""
    found = re.fullmatch(r"(\d+)(?:-(\d+))?", text)
    seeds = range(0) if found is None else range(int(found[1]), int(found[2] or found[1]) + 1)
    if not seeds:
        raise ConfigurationError(f"seeds={text}: the first and the last, such as seeds=0-49, or a single one.")
    return seeds


def _request(words: Sequence[str]) -> Request:
    own, _ = separate(words, _OWN, _SCENE)
    request = arguments(own, Request)
    if request.verify is None and any(root_key(word) == "replay" for word in words):
        raise ConfigurationError("replay says how a split is verified: give verify=FILE, or leave it out.")
    if request.verify is not None:
        for word in words:
            if root_key(word) not in _VERIFYING:
                raise ConfigurationError(
                    f"{word} with verify={request.verify}: the split says it. Valid: {', '.join(_VERIFYING)}."
                )
    return request


def _configurations(request: Request, scene: Sequence[str]) -> list[EpisodeConfiguration]:
    """Return the configurations of the tasks asked for; raises `ConfigurationError` for what is not known."""
    names = list(TASKS) if request.task == "all" else [name for name in request.task.split(",") if name]
    if not names:
        raise ConfigurationError(f"task is missing: give task=NAME. Valid: all, {', '.join(sorted(TASKS))}.")
    for name in names:
        if name not in TASKS:
            raise unknown_name("task", name, [*TASKS, "all"])
    if len(set(names)) < len(names):
        raise ConfigurationError(f"task={request.task}: a task is named twice.")
    first = run_configuration([f"task={names[0]}", *scene]).episode
    configurations = [dataclasses.replace(first, task=name) for name in names]
    for one in configurations:
        check(one)
    return configurations


def _path(out: Path, task: str, tasks: int) -> Path:
    if out.suffix != ".jsonl":
        return out / f"{task}.jsonl"
    if tasks > 1:
        raise ConfigurationError(f"out={out}: one file for {tasks} tasks. Valid: a folder, which gets TASK.jsonl.")
    return out


def _certify(request: Request, configurations: Sequence[EpisodeConfiguration], out: Console) -> int:
    from tracesim.certify.report import certified_table, failure_table
    from tracesim.certify.workers import in_parallel
    from tracesim.results.split import Certificate, Header, Split, SplitFile

    seeds = seeds_from(request.seeds or "0-49")
    paths = [_path(request.out, one.task, len(configurations)) for one in configurations]
    headers = [Header.of(one) for one in configurations]
    with ExitStack() as stack:
        files = [stack.enter_context(SplitFile(path, header)) for path, header in zip(paths, headers, strict=True)]
        jobs = [
            _Job(number, configuration, seed)
            for number, (file, configuration) in enumerate(zip(files, configurations, strict=True))
            for seed in file.missing(seeds)
        ]
        if known := len(seeds) * len(files) - len(jobs):
            out.print(f"{known} of {known + len(jobs)} seeds were certified before")
        try:
            for count, done in enumerate(in_parallel(_work, jobs, request.workers), start=1):
                assert isinstance(done.outcome, Certificate)
                files[done.job.split].append(done.outcome)
                failure = done.outcome.failure
                said = "solved" if failure is None else f"{failure.stage}: {failure.reason}"
                _say(out, f"[{count}/{len(jobs)}]", done, said, failure is None)
        except KeyboardInterrupt:
            out.print("\nInterrupted: the same command goes on with what is missing.")
            raise
        left = sum(len(file.missing(seeds)) for file in files)
    splits = [Split.read(path) for path in paths]
    out.print()
    out.print(certified_table(splits))
    if any(len(split.solved) < len(split.certificates) for split in splits):
        out.print()
        out.print(failure_table(splits))
    out.print("\nWritten", style="bold")
    for split in splits:
        out.print(f"  {split.path}   {len(split.certificates)} seeds", soft_wrap=True, markup=False)
    if left:
        out.print(f"\n{left} seeds were not judged; the same command certifies them again.")
    return INFRASTRUCTURE_REMAINS if left else COMPLETED


def _verify(request: Request, path: Path, out: Console) -> int:
    from tracesim.certify.certification import Verified
    from tracesim.certify.report import verified_table
    from tracesim.certify.workers import in_parallel
    from tracesim.results.split import Split

    splits = [Split.read(one) for one in (sorted(path.glob("*.jsonl")) if path.is_dir() else [path])]
    if not splits:
        raise ConfigurationError(f"verify={path}: no split is there. Valid: a file, or a folder that holds *.jsonl.")
    wanted = None if request.seeds is None else seeds_from(request.seeds)
    jobs = []
    for number, split in enumerate(splits):
        configuration = split.header.configuration
        check(configuration)
        for seed in split.seeds if wanted is None else wanted:
            if seed not in split.certificates:
                raise ConfigurationError(f"{split.path} has no seed {seed}; it has {_span(split.seeds)}.")
            jobs.append(_Job(number, configuration, seed, split.certificates[seed], request.replay))
    verified: list[list[Verified]] = [[] for _ in splits]
    for count, done in enumerate(in_parallel(_work, jobs, request.workers), start=1):
        assert isinstance(done.outcome, Verified)
        verified[done.job.split].append(done.outcome)
        found = done.outcome.differences
        said = f"{len(found)} differences" if found else "the same"
        _say(out, f"[{count}/{len(jobs)}]", done, said, not found)
        for one in found:
            out.print(f"    seed {one.seed}, {one.what}: {one.how}", soft_wrap=True, markup=False)
    out.print()
    out.print(verified_table(splits, verified))
    return DIFFERS if any(one.differences for of_split in verified for one in of_split) else COMPLETED


def _span(seeds: range) -> str:
    return f"{seeds[0]}-{seeds[-1]}"


def _say(out: Console, place: str, done: _Done, said: str, good: bool) -> None:
    from rich.text import Text

    line = Text(f"{place} {done.job.configuration.task}, seed {done.job.seed}: ")
    line.append(said, "green" if good else "red").append(f"   {done.seconds:.1f} s", "dim")
    out.print(line, soft_wrap=True)


if __name__ == "__main__":
    from tracesim.certify.__main__ import main as entry  # workers find the functions of this module under its own name

    sys.exit(entry())
