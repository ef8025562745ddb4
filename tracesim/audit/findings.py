"""What an audit finds, line by line in a file that can be resumed."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Annotated, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, TypeAdapter, ValidationError

from tracesim.configuration import Variation
from tracesim.errors import ConfigurationError, Fault
from tracesim.files.json_lines import LineFile, read_lines
from tracesim.results.store import line_fault
from tracesim.results.versions import installed_versions

SCHEMA: Final = 1

Check = Literal["expert", "resampled", "image_blind", "instruction_blind", "distractor_blind", "mujoco"]
"""Name of a check."""


class Header(BaseModel):
    """First line of a file of findings."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    line: Literal["audit"] = "audit"
    """Marks the first line."""

    schema_version: Literal[1] = SCHEMA
    """Version of this schema."""

    variation: Variation
    """What varies between seeds."""

    versions: dict[str, str]
    """Versions of Python, the platform and the packages that were audited."""


class Compared(BaseModel):
    """Margins of one motion in two physics engines."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    first: dict[str, FiniteFloat | None]
    """Margin of each constraint in PhysX, in its unit."""

    second: dict[str, FiniteFloat | None]
    """The same in MuJoCo."""

    units: dict[str, str]
    """Unit of each constraint's margin."""

    apart_m: FiniteFloat
    """How far what was carried is at the end from where it is in PhysX, metres."""

    farthest_m: FiniteFloat
    """The same on the way, at most."""

    at_s: FiniteFloat
    """When that is, seconds."""


class Finding(BaseModel):
    """What one check found about one seed of a task."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    line: Literal["finding"] = "finding"
    """Marks the line of a finding."""

    check: Check
    """Name of the check."""

    task: str
    """Name of the task."""

    robot: str
    """Name of the robot."""

    seed: int
    """The seed."""

    tried: int = 0
    """Number of answers that were tried; 0 if the check does not apply here."""

    succeeded: int = 0
    """Number of them that succeeded; for `mujoco`, that have the same verdict in both engines."""

    began: int = 0
    """Number of them that begin at what the task moves, so that only what they do there can make them fail."""

    judged: int = 0
    """Number of verdicts that the second judge has checked."""

    agreed: int = 0
    """Number of them that it agrees with."""

    note: str = ""
    """Why the check does not apply, or what disagrees, with its figures."""

    start: list[FiniteFloat] | None = None
    """Where the expert's first trace begins, metres, world; from `expert` only."""

    compared: Compared | None = None
    """Margins in both engines; from `mujoco` only."""


Line = Annotated[Header | Finding, Field(discriminator="line")]
_LINE: Final[TypeAdapter[Header | Finding]] = TypeAdapter(Line)

Key = tuple[str, str, int]
"""Check, task and seed."""


class FindingsFile:
    """A file of findings, each flushed to disk before the next; use it as a context manager.

    Attributes:
        path: Path of the file.
        findings: What was found so far; the last finding of each check, task and seed.
    """

    def __init__(self, path: Path, variation: Variation) -> None:
        """Name the file, and what varies between its seeds; nothing is opened yet."""
        self.path = path
        self.findings: dict[Key, Finding] = {}
        self._header = Header(variation=variation, versions=installed_versions())
        self._lines = LineFile(path, _line)

    def __enter__(self) -> Self:
        """Open the file and read its findings.

        Raises:
            ConfigurationError: It holds something else, or another process is writing to it.
        """
        with ExitStack() as stack:
            found = stack.enter_context(self._lines).found
            if not found:
                self._lines.append(self._header.model_dump_json())
            elif found[0] != self._header:
                what = "with another variation or with other versions"
                raise ConfigurationError(f"{self.path} holds an audit {what}. Valid: the same, or another out=DIR.")
            self.findings = _by_key(one for one in found if isinstance(one, Finding))
            stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file."""
        self._lines.close()

    def append(self, finding: Finding) -> None:
        """Append a finding.

        Raises:
            InfrastructureError: The file cannot be written.
        """
        self._lines.append(finding.model_dump_json())
        self.findings[finding.check, finding.task, finding.seed] = finding


def read_findings(path: Path) -> list[Finding]:
    """Return the findings in a file, the last one of each check, task and seed.

    Raises:
        ConfigurationError: The file cannot be read, or holds something else.
    """
    return list(_by_key(one for one in read_lines(path, _line) if isinstance(one, Finding)).values())


def _by_key(findings: Iterable[Finding]) -> dict[Key, Finding]:
    return {(one.check, one.task, one.seed): one for one in findings}


def _line(text: bytes) -> Header | Finding:
    """Return a line of a file of findings; raises `ValueError` if it is not one."""
    try:
        return _LINE.validate_json(text)
    except ValidationError as error:
        raise line_fault(Fault.first(error), SCHEMA, "not a line of an audit") from None
