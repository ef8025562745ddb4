"""Provenance of a run: the code, packages, renderer and machine that played it, and the rules that it played by."""

from __future__ import annotations

import dataclasses
import hashlib
import importlib.metadata
import json
import os
import platform
import re
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, FiniteFloat, JsonValue, ValidationError

import tracesim
from tracesim.configuration import RunConfiguration
from tracesim.errors import ConfigurationError, Fault, TraceSimError
from tracesim.machine import driver
from tracesim.machine.children import output_of
from tracesim.policies import as_played
from tracesim.results.versions import VERDICT_PACKAGES

PROVENANCE_SCHEMA: Final = 1
PROVENANCE_FILE: Final = "provenance.json"

_JUDGING: Final = frozenset(
    (
        *("answers", "arrangement", "assets", "configuration", "constraints", "control", "envs", "episode", "families"),
        *("geometry", "language", "layout", "models", "motion", "policies", "simulation"),
    )
)
"""Rooms whose code plays and judges episodes."""

_JUDGING_MODULES: Final = ("failure.py", "lifting.py", "observation.py", "policy.py", "task.py")
"""Modules beside them that do as well."""

_TERMINATION: Final = (
    "An episode ends when its last trace was followed to its end, or at its first failure: an answer that cannot be "
    "read, lifted or reached, a contact that is not allowed, an object that slips in the hand, or a point that leaves "
    "its path. There is no limit on its time."
)

_CHECKED: Final = ConfigDict(frozen=True, extra="forbid")


class Code(BaseModel):
    """The code of TraceSim."""

    model_config = _CHECKED

    digest: str
    """SHA-256 of the source files that play and judge episodes."""

    commit: str | None = None
    """Git commit of the clone from which the code runs; null if it does not run from a clone."""

    dirty: bool | None = None
    """Whether files of the clone differ from that commit; null if there is none."""


class Machine(BaseModel):
    """The computer."""

    model_config = _CHECKED

    cpu: str
    """Model of the processor."""

    cores: int
    """Number of cores that the process may use."""

    memory_gb: FiniteFloat
    """Size of the main memory in gigabytes."""

    system: str
    """Name and version of the operating system."""

    kernel: str
    """Release of its kernel."""


class Renderer(BaseModel):
    """What draws."""

    model_config = _CHECKED

    driver: Literal["yours", "system", "private"]
    """Whose Vulkan driver is used: one that an environment variable names (yours), the system's, or TraceSim's own."""

    device: str | None
    """Name of the device, which includes the version of a software renderer; null if nothing can draw."""


class Session(BaseModel):
    """A start or a resumption of a run."""

    model_config = _CHECKED

    started: str
    """Time in UTC, ISO 8601."""

    code: Code
    """The code of TraceSim."""

    python: str
    """Version of Python."""

    packages: dict[str, str]
    """Versions of the packages that TraceSim requires or can use, as far as they are installed."""

    renderer: Renderer
    """What draws."""

    machine: Machine
    """The computer."""

    @classmethod
    def now(cls) -> Self:
        """Return the session that begins now in this process."""
        started = datetime.now(UTC).isoformat(timespec="seconds")
        return cls(started=started, **_environment())

    def is_like(self, other: Session) -> bool:
        """Return whether another session differs in nothing but its time."""
        return self.model_copy(update={"started": other.started}) == other


class Rules(BaseModel):
    """What episodes are played by, whatever the configuration."""

    model_config = _CHECKED

    termination: str = _TERMINATION
    """When an episode ends."""

    physics_hz: FiniteFloat
    """Steps of the physics in a second of simulated time."""

    control_hz: FiniteFloat
    """How often in a second of simulated time the robot is given new targets."""

    record_hz: FiniteFloat
    """How often in a second of simulated time poses are recorded and judged; contacts are judged at every step."""

    slip_m: FiniteFloat
    """Movement of an object in the hand that ends an episode, metres."""

    slip_rad: FiniteFloat
    """Rotation of an object in the hand that ends an episode, radians."""

    deviation_m: FiniteFloat
    """Distance of the functional point from its path that ends an episode, metres."""

    @classmethod
    def current(cls) -> Self:
        """Return the rules of this version."""
        from tracesim.control.controller import SAMPLE_STEPS
        from tracesim.control.monitors import DEVIATION_M, SLIP_M, SLIP_RAD
        from tracesim.simulation.scene import TIMESTEP_S

        return cls(
            physics_hz=round(1.0 / TIMESTEP_S, 6),
            control_hz=round(1.0 / TIMESTEP_S, 6),
            record_hz=round(1.0 / TIMESTEP_S / SAMPLE_STEPS, 6),
            slip_m=SLIP_M,
            slip_rad=SLIP_RAD,
            deviation_m=DEVIATION_M,
        )


class Provenance(BaseModel):
    """Where the records of a run come from: `provenance.json`."""

    model_config = _CHECKED

    schema_version: Literal[1] = PROVENANCE_SCHEMA
    """Version of this schema."""

    configuration: dict[str, JsonValue]
    """Configuration of the run, without the location of its policy's server and of files."""

    configuration_hash: str
    """SHA-256 of everything that determines its episodes except their seeds, as in its records."""

    rules: Rules
    """What the episodes were played by."""

    sessions: list[Session]
    """The first start and every resumption that differs from the one before, in order."""

    @classmethod
    def of(cls, configuration: RunConfiguration, before: Provenance | None = None) -> Self:
        """Return the provenance of a run that starts or is resumed now.

        Args:
            configuration: Its configuration.
            before: Its provenance up to now.
        """
        sessions, now = [] if before is None else list(before.sessions), Session.now()
        if not (sessions and sessions[-1].is_like(now)):
            sessions.append(now)
        values = json.loads(json.dumps(dataclasses.asdict(configuration.anywhere)))
        return cls(
            configuration=values,
            configuration_hash=as_played(configuration).hash,
            rules=Rules.current(),
            sessions=sessions,
        )

    @classmethod
    def read(cls, folder: Path) -> Self | None:
        """Return the provenance of the run in a folder; None if it has none.

        Raises:
            ConfigurationError: Its file cannot be read.
        """
        path = folder / PROVENANCE_FILE
        try:
            return cls.model_validate_json(path.read_bytes())
        except FileNotFoundError:
            return None
        except OSError as error:
            raise ConfigurationError(f"{path}: cannot be read ({error.strerror}).") from None
        except ValidationError as error:
            raise ConfigurationError(f"{path}: not the provenance of a run ({Fault.first(error)}).") from None


@cache
def _environment() -> dict[str, Any]:
    return {
        "code": _code(),
        "python": platform.python_version(),
        "packages": _packages(),
        "renderer": Renderer(driver=driver.route(), device=driver.known_device()),
        "machine": _machine(),
    }


def _code() -> Code:
    package = Path(tracesim.__file__).parent
    found = hashlib.sha256()
    files = [package / name for name in _JUDGING_MODULES]
    files += [file for room in sorted(_JUDGING) for file in sorted((package / room).resolve().rglob("*.py"))]
    for file in files:
        found.update(file.name.encode() + b"\n" + file.read_bytes())
    clone = package.resolve().parent
    commit = dirty = None
    if (clone / ".git").exists():
        try:
            commit = output_of(["git", "-C", clone, "rev-parse", "HEAD"]).strip()
            dirty = bool(output_of(["git", "-C", clone, "status", "--porcelain", "--untracked-files=no"]).strip())
        except TraceSimError:  # without git, or in somebody else's clone
            commit = None
    return Code(digest=found.hexdigest(), commit=commit, dirty=dirty)


def _packages() -> dict[str, str]:
    """Return the versions of TraceSim and of what it requires or can use, by name."""
    found = {}
    try:
        required = importlib.metadata.requires("tracesim") or []
    except importlib.metadata.PackageNotFoundError:
        required = list(VERDICT_PACKAGES)
    used = [one for one in required if not re.search("extra == ['\"](dev|docs)['\"]", one)]
    names = {re.split(r"[^\w.-]", one, maxsplit=1)[0] for one in used}
    for name in sorted(names - {"tracesim"}):
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return {"tracesim": tracesim.__version__, **found}


def _machine() -> Machine:
    cpu = re.search(r"^model name\s*: (.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    try:
        system = platform.freedesktop_os_release()["PRETTY_NAME"]
    except (OSError, KeyError):
        system = platform.system()
    return Machine(
        cpu=cpu[1] if cpu else platform.machine(),
        cores=len(os.sched_getaffinity(0)),
        memory_gb=round(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 1e9, 1),
        system=system,
        kernel=platform.release(),
    )
