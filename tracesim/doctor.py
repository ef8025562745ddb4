"""Command that checks this machine for everything TraceSim needs: `python -m tracesim.doctor`."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rich.table import Table
from rich.text import Text

from tracesim.arguments import COMPLETED, command_status, take_none
from tracesim.assets.robots import ROBOTS
from tracesim.assets.robots.description import robot_description
from tracesim.errors import TraceSimError
from tracesim.machine import cache, driver
from tracesim.machine.lavapipe import Lavapipe
from tracesim.machine.terminal import console

HELP: Final = """\
Report what TraceSim finds on this machine, what is missing, and how to fix it.

Usage
  python -m tracesim.doctor

Exit status
  0 nothing required is missing    1 something required is missing; its remedy is printed    2 a wrong argument
  130 interrupted
"""

MISSING: Final = 1
"""Exit status if something required is missing."""

PACKAGES: Final = ("sapien", "mplib", "numpy", "gymnasium", "hydra-core", "trimesh", "imageio-ffmpeg")
"""Required packages whose version is reported."""

MODEL_PACKAGES: Final = ("torch", "transformers")
"""Optional packages for models in this process."""

ROUTES: Final = {
    "yours": "the driver named by a VK_ variable",
    "system": "the system's driver",
    "private": "the private driver",
}
"""Whose driver is used (`tracesim.machine.driver.route`) -> description."""

INSTALL: Final = "python -m pip install -e . in TraceSim's folder"


@dataclass(frozen=True)
class Finding:
    """One line of the report."""

    what: str
    """What was looked for."""

    found: str
    """What was found, or why nothing was."""

    remedy: str = ""
    """How to fix it; empty if nothing is missing."""

    needed: bool = True
    """Whether TraceSim requires it."""

    @property
    def missing(self) -> bool:
        """Whether something required is missing."""
        return self.needed and bool(self.remedy)


def renderer() -> Finding:
    """Render a frame and report the device that did."""
    probe = driver.probe()
    chosen = driver.route()
    if probe.device is None:
        remedies = [f"unset {' and '.join(names)}"] if (names := driver.users_variables()) else []
        remedies += [] if chosen == "yours" else ["python -m tracesim.driver install"]
        return Finding("renderer", probe.reason, f"{', or '.join(remedies)}. {driver.WAYS_OUT}")
    place = f" in {Lavapipe().folder}" if chosen == "private" else ""
    return Finding("renderer", f"{probe.device}, by {ROUTES[chosen]}{place}")


def variables() -> Iterator[Finding]:
    """Report the environment variables that name an unusable driver."""
    for one in driver.users_manifests():
        if one.fault:
            yield Finding(one.variable, f"{one.path} {one.fault}", f"unset {one.variable}", needed=False)


def new_hardware() -> Finding | None:
    """Report GPUs and drivers that have appeared since the driver was chosen."""
    record = driver.Record.read(Lavapipe().folder)
    if driver.route() != "private" or record is None or record.hardware == driver.hardware():
        return None
    news = sorted(set(driver.hardware()) - set(record.hardware))
    return Finding("new hardware", ", ".join(news), "python -m tracesim.driver install", needed=False) if news else None


def version(package: str) -> str | None:
    """Return the version of a package, or None if it is not installed."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def versions() -> Iterator[Finding]:
    """Report the versions of Python and of the packages that matter."""
    yield Finding("python", f"{platform.python_version()} at {sys.executable}")
    yield Finding("tracesim", f"{version('tracesim') or 'not installed'}, run from {Path(__file__).parent}")
    for package in PACKAGES:
        found = version(package)
        yield Finding(package, found or "not installed", "" if found else INSTALL)
    models = {package: version(package) for package in MODEL_PACKAGES}
    if all(models.values()):
        yield Finding("local models", ", ".join(f"{package} {found}" for package, found in models.items()))
    else:
        absent = " and ".join(package for package, found in models.items() if not found)
        yield Finding("local models", f"{absent} not installed", INSTALL.replace("-e .", "-e '.[vlm]'"), needed=False)


def robots() -> Finding:
    """Report the folder of robot descriptions."""
    try:
        robot_description("panda_description")
        robot_description("ur_description")
    except TraceSimError as error:
        return Finding("robots", "no descriptions", str(error))
    return Finding("robots", ", ".join(ROBOTS))


def machine() -> Iterator[Finding]:
    """Report cores and memory."""
    yield Finding("cores", f"{len(os.sched_getaffinity(0))} of {os.cpu_count()}, {platform.machine()}")
    gigabytes = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 1e9
    yield Finding("memory", f"{gigabytes:.0f} GB")


def cached_files() -> Finding:
    """Report the size of the cache folder, or why it cannot be used."""
    if problem := cache.problem():
        return Finding("cache", problem, cache.REMEDY, needed=False)
    folder = cache.cache_folder()
    megabytes = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6 if folder else 0.0
    return Finding("cache", f"{megabytes:.1f} MB in {folder}; may be deleted")


def findings() -> Iterator[Finding]:
    """Yield all lines of the report."""
    yield renderer()
    yield from variables()
    if news := new_hardware():
        yield news
    yield robots()
    yield from versions()
    yield from machine()
    yield cached_files()


def main(words: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status.

    Args:
        words: Arguments of the command line; those of the process by default.
    """
    return command_status(words, HELP, _report)


def _report(words: Sequence[str]) -> int:
    """Print the report; return 1 if something required is missing."""
    take_none(words, "python -m tracesim.doctor")
    out = console()
    found = list(findings())
    out.print(_table(found))
    for finding in found:
        if finding.remedy:
            state = "Missing" if finding.missing else "Optional"
            out.print(Text(f"\n{state}: {finding.what}. To fix it: {finding.remedy}"), soft_wrap=True)
    missing = any(finding.missing for finding in found)
    verdict = "Something required is missing." if missing else "Nothing required is missing."
    out.print(Text(f"\n{verdict}", style="bold"))
    return MISSING if missing else COMPLETED


def _table(found: Sequence[Finding]) -> Table:
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for finding in found:
        table.add_row(finding.what, Text(finding.found, style="red" if finding.missing else ""))
    return table


if __name__ == "__main__":
    sys.exit(main())
