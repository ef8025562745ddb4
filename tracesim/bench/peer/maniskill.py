"""ManiSkill in a Python environment of its own."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Final, Self

from tracesim.errors import ConfigurationError, InfrastructureError, TraceSimError
from tracesim.machine.cache import REMEDY, cache_folder
from tracesim.machine.children import ending, output_of
from tracesim.machine.driver import route
from tracesim.machine.lavapipe import Lavapipe
from tracesim.machine.manifests import REPLACING

PINS: Final = ("mani_skill==3.0.1", "torch==2.13.0", "numpy==1.26.4")
"""Packages that are installed.

ManiSkill's motion planning crashes with numpy 2, which its requirements do not rule out.
"""

WORKER: Final = f"{Path(__file__).with_name('maniskill_worker.py').read_text()}\nmain()\n"
"""Program of ManiSkill's process."""


def python() -> Path:
    """Return the interpreter of ManiSkill's environment, after installing it if necessary.

    The environment is created under another name and renamed, so that it is there completely or not at all.

    Raises:
        ConfigurationError: It cannot be created or installed.
    """
    cache = cache_folder()
    if cache is None:
        raise ConfigurationError(f"peer=maniskill needs a folder for its environment, and there is none: {REMEDY}.")
    folder = cache / "peers" / f"maniskill-{hashlib.sha256(' '.join(PINS).encode()).hexdigest()[:12]}"
    if not folder.is_dir():
        _install(folder)
    return folder / "bin" / "python"


def _install(folder: Path) -> None:
    print(f"Installing {', '.join(PINS)} into {folder} (minutes, a few GB) ...", file=sys.stderr, flush=True)
    scratch: Path | None = None
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}."))
        output_of([sys.executable, "-m", "venv", scratch], environment=_own_packages())
        interpreter = str(scratch / "bin" / "python")
        pip = [interpreter, "-I", "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
        output_of([*pip, *PINS], environment=_own_packages())
        scratch.rename(folder)
    except (TraceSimError, OSError) as error:
        raise ConfigurationError(
            f"ManiSkill's environment cannot be installed in {folder}: {str(error).rstrip('.')}. "
            f"It takes venv and pip with a package index; for another folder, {REMEDY}."
        ) from None
    finally:
        if scratch is not None:
            shutil.rmtree(scratch, ignore_errors=True)


def _own_packages() -> dict[str, str]:
    """Return the environment variables of this process without those that name its packages."""
    return {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "PYTHONHOME")}


def environment() -> dict[str, str]:
    """Return the environment variables with which ManiSkill's process renders with the same driver as this one."""
    private, variables = Lavapipe(), _own_packages()
    if private.present:
        libraries = [str(private.folder / "lib"), variables.get("LD_LIBRARY_PATH", "")]
        variables["LD_LIBRARY_PATH"] = os.pathsep.join(filter(None, libraries))
    if route(private) == "private":
        variables |= dict.fromkeys(REPLACING, str(private.manifest))
    return variables


class ManiSkill:
    """A process in ManiSkill's environment that works on request; use as a context manager."""

    def __init__(self, python: Path) -> None:
        """Start the process with an interpreter."""
        self._errors: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115
        self._process = subprocess.Popen(
            [python, "-I", "-W", "ignore", "-c", WORKER],
            env=environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
        )

    def __enter__(self) -> Self:
        """Return the process."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the process."""
        self._process.kill()
        self._process.communicate()
        self._errors.close()

    def ask(self, work: str, number: int = 0) -> Mapping[str, Any]:
        """Do a work, and return its answer.

        Args:
            work: A key of the worker's works.
            number: The seed, for works that take one.

        Raises:
            InfrastructureError: The process ended; the message quotes its last output.
        """
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        try:
            stdin.write(f"{work} {number}\n")
            stdin.flush()
            answer = stdout.readline()
        except BrokenPipeError:
            answer = ""
        if not answer:
            self._process.wait()
            self._errors.seek(0)
            how = ending(self._process.returncode, self._errors.read())
            raise InfrastructureError(f"ManiSkill's process failed at {work} ({how}).")
        answered: Mapping[str, Any] = json.loads(answer)
        return answered


def prefixed(versions: Mapping[str, str]) -> dict[str, str]:
    """Return versions of packages in ManiSkill's environment under names that say so."""
    return {f"maniskill's {package}": version for package, version in versions.items()}
