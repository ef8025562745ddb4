"""Splits: files of certified seeds, with the start state and the expert's result of each."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from types import TracebackType
from typing import Annotated, Any, Final, Literal, Self

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, TypeAdapter, ValidationError, model_validator

from tracesim.configuration import EpisodeConfiguration, Variation
from tracesim.errors import ConfigurationError, Fault
from tracesim.failure import Failure
from tracesim.files.json_lines import LineFile, read_lines
from tracesim.geometry.trace import Trace, Traces
from tracesim.results.start import Start
from tracesim.results.store import line_fault
from tracesim.results.turn import Point
from tracesim.results.versions import installed_versions

SPLIT_SCHEMA: Final = 1


class Header(BaseModel):
    """First line of a split."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    line: Literal["split"] = "split"
    """Marks the first line."""

    schema_version: Literal[1] = SPLIT_SCHEMA
    """Version of this schema."""

    task: str
    """Name of the task."""

    robot: str
    """Name of the robot."""

    variation: Variation
    """What varies between seeds."""

    versions: dict[str, str]
    """Versions of Python, the platform and the packages that certified the seeds."""

    @classmethod
    def of(cls, configuration: EpisodeConfiguration) -> Self:
        """Return the header of a split of `configuration` with the installed versions."""
        return cls(
            task=configuration.task,
            robot=configuration.robot,
            variation=configuration.variation,
            versions=installed_versions(),
        )

    @property
    def configuration(self) -> EpisodeConfiguration:
        """Configuration that the expert was run with."""
        return EpisodeConfiguration(self.task, robot=self.robot, variation=self.variation)

    def check_same(self, other: Header, path: Path) -> None:
        """Raise `ConfigurationError` if lines of a split with another header cannot be added to the one at `path`."""
        for name in ("task", "robot", "variation", "versions"):
            there, here = getattr(self, name), getattr(other, name)
            if there != here:
                what = f"{name} {_difference(there, here)}"
                raise ConfigurationError(f"{path} holds a split with {what}. Valid: the same, or another out=FILE.")


class Witness(BaseModel):
    """One instruction and the expert's answer to it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    instruction: str
    """Instruction as asked."""

    trace: list[Point] | None
    """Keypoints that were followed, in metres in the world frame, rounded as in any answer; null if there are none."""

    traces: dict[str, list[Point]] | None = None
    """The same for each arm, by its name; null if one trace was asked for, or there are none."""

    @classmethod
    def of(cls, instruction: str, answer: Traces | Failure) -> Self:
        """Return the witness of an instruction and what the expert answered."""
        if isinstance(answer, Trace):
            return cls(instruction=instruction, trace=answer.keypoints.tolist())
        if isinstance(answer, Failure):
            return cls(instruction=instruction, trace=None)
        by_arm = {arm: one.keypoints.tolist() for arm, one in answer.items()}
        return cls(instruction=instruction, trace=None, traces=by_arm)

    @property
    def answer(self) -> Traces | None:
        """The trace, or that of each arm; None if there are none."""
        if self.traces is not None:
            return {arm: Trace(np.array(keypoints)) for arm, keypoints in self.traces.items()}
        return None if self.trace is None else Trace(np.array(self.trace))


class Certificate(BaseModel):
    """One certified seed, solved by the expert or not."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    line: Literal["seed"] = "seed"
    """Marks the line of a seed."""

    seed: int
    """Seed of the episode."""

    start: Start | None
    """Start state; null if no arrangement of the scene was found."""

    witnesses: list[Witness] = []
    """Instructions with the expert's traces, up to the one that failed."""

    success: bool
    """Whether the expert solves the seed."""

    failure: Failure | None = None
    """Why the expert does not solve the seed; null on success."""

    margins: dict[str, FiniteFloat | None] = {}
    """Signed margin of each constraint on the executed motion, in its unit; empty if nothing was executed."""

    reproducible: bool = True
    """Whether no step depended on a time limit."""

    @property
    def is_infrastructure(self) -> bool:
        """Whether something outside the benchmark failed, so that the seed has to be certified again."""
        return self.failure is not None and self.failure.stage == "infrastructure"

    @model_validator(mode="after")
    def _verdict_agrees_with_failure(self) -> Self:
        if self.success == (self.failure is not None):
            raise ValueError(f"success is {str(self.success).lower()} and failure is {self.failure}")
        return self


Line = Annotated[Header | Certificate, Field(discriminator="line")]
_LINE: Final[TypeAdapter[Header | Certificate]] = TypeAdapter(Line)


@dataclasses.dataclass(frozen=True)
class Split:
    """Content of a split."""

    path: Path
    """Path of the file."""

    header: Header
    """First line of the file."""

    certificates: Mapping[int, Certificate]
    """Certificates by seed, in ascending order; the last one of each seed."""

    @classmethod
    def read(cls, path: Path) -> Self:
        """Return the split in a file.

        Raises:
            ConfigurationError: The file cannot be read, or is not a split.
        """
        header, certificates = _sort(read_lines(path, _line), path)
        return cls(path, header, certificates)

    @property
    def seeds(self) -> range:
        """The seeds, which are consecutive.

        Raises:
            ConfigurationError: Seeds are missing.
        """
        certified = self.certified
        if not certified:
            raise ConfigurationError(f"{self.path} holds no seeds. Finish it with python -m tracesim.certify.")
        seeds = range(min(certified), max(self.certificates) + 1)
        if missing := sorted(set(seeds) - set(certified)):
            raise ConfigurationError(
                f"{self.path} lacks {len(missing)} of the seeds {seeds[0]}-{seeds[-1]}, {missing[0]} among them. "
                f"Finish it with python -m tracesim.certify task={self.header.task} seeds={seeds[0]}-{seeds[-1]} "
                f"out={self.path}."
            )
        return seeds

    @property
    def as_run(self) -> dict[str, Any]:
        """Values of a `RunConfiguration` that plays every seed.

        Raises:
            ConfigurationError: Seeds are missing.
        """
        header, seeds = self.header, self.seeds
        values = {"task": header.task, "robot": header.robot, "variation": dataclasses.asdict(header.variation)}
        return values | {"seed": seeds[0], "episodes": len(seeds), "split": str(self.path.absolute())}

    @property
    def solved(self) -> frozenset[int]:
        """Seeds that the expert solves."""
        return frozenset(seed for seed, one in self.certificates.items() if one.success)

    @property
    def certified(self) -> frozenset[int]:
        """Seeds that count, including those without a scene; infrastructure failures have to be certified again."""
        return frozenset(seed for seed, one in self.certificates.items() if not one.is_infrastructure)


class SplitFile:
    """A split that certificates are appended to, each flushed to disk before the next.

    If a seed has several certificates, the last one counts; closing the file removes the others and sorts the rest by
    seed. Use as a context manager; while it is open, no other process can write to the file.

    Attributes:
        path: Path of the file.
        certificates: The last certificate of each seed.
    """

    def __init__(self, path: Path, header: Header) -> None:
        """Name the file and the header that it has or gets; nothing is opened yet."""
        self.path = path
        self.certificates: dict[int, Certificate] = {}
        self._header = header
        self._lines = LineFile(path, _line)
        self._in_order = True

    def __enter__(self) -> Self:
        """Open the file and read its certificates.

        Raises:
            ConfigurationError: The file holds another split or something else, or another process is writing to it.
        """
        with ExitStack() as stack:
            found = stack.enter_context(self._lines).found
            if found:
                header, self.certificates = _sort(found, self.path)
                header.check_same(self._header, self.path)
                self._in_order = [header, *self.certificates.values()] == found
            else:
                self._lines.append(self._header.model_dump_json())
            stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file, with its certificates sorted by seed."""
        with closing(self._lines):
            if not self._in_order:
                ordered = (self.certificates[seed] for seed in sorted(self.certificates))
                self._lines.replace(line.model_dump_json() for line in (self._header, *ordered))

    def missing(self, seeds: Iterable[int]) -> list[int]:
        """Return the seeds that still have to be certified."""
        known = self.certificates
        return [seed for seed in seeds if seed not in known or known[seed].is_infrastructure]

    def append(self, certificate: Certificate) -> None:
        """Append a certificate and flush it to disk.

        Raises:
            InfrastructureError: The file cannot be written.
        """
        self._lines.append(certificate.model_dump_json())
        self._in_order &= certificate.seed > max(self.certificates, default=-1)
        self.certificates[certificate.seed] = certificate


def _sort(lines: Sequence[Header | Certificate], path: Path) -> tuple[Header, dict[int, Certificate]]:
    """Return the header of a split and the last certificate of each seed, sorted by seed."""
    header, *rest = lines or (None,)
    if not isinstance(header, Header):
        raise ConfigurationError(f"{path}: not a split: its first line is no header.")
    certificates: dict[int, Certificate] = {}
    for number, line in enumerate(rest, start=2):
        if not isinstance(line, Certificate):
            raise ConfigurationError(f"{path}: entry {number} is another header; several files were joined.")
        certificates[line.seed] = line
    return header, dict(sorted(certificates.items()))


def _line(text: bytes) -> Header | Certificate:
    """Return a line of a split; raises `ValueError` if it is not one."""
    try:
        return _LINE.validate_json(text)
    except ValidationError as error:
        fault = Fault.first(error)
    if fault.kind.startswith("union_tag"):
        raise ValueError("not a line of a split. Valid: a file that `python -m tracesim.certify task=NAME` wrote.")
    inside = dataclasses.replace(fault, where=fault.where[1:])  # without the name of the kind of line
    raise line_fault(inside, SPLIT_SCHEMA, "not a line of a split")


def _difference(there: object, here: object) -> str:
    """Return how two values differ: by the parts that differ, if they have parts."""
    if dataclasses.is_dataclass(there) and dataclasses.is_dataclass(here):
        return _difference(vars(there), vars(here))
    if not isinstance(there, Mapping) or not isinstance(here, Mapping):
        return f"{there}, not {here}"
    parts = [key for key in {**there, **here} if there.get(key) != here.get(key)]
    return ", ".join(f"{key} {there.get(key)}, not {here.get(key)}" for key in parts)
