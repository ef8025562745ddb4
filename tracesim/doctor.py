"""`python -m tracesim.doctor`: what this machine offers TraceSim, what is missing, and how to mend it."""

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

from tracesim.assets.embodiments.description import robot_description
from tracesim.cli.arguments import COMPLETED, command_status, take_none
from tracesim.errors import TraceSimError
from tracesim.machine import cache, driver
from tracesim.machine.lavapipe import Lavapipe
from tracesim.machine.terminal import console

HELP: Final = """\
Say what was found on this machine, what is missing, and how to mend it.

Usage
  python -m tracesim.doctor

Exit status
  0 nothing that is needed is missing    1 something is, and its remedy is printed    2 a wrong argument
  130 interrupted
"""

MISSING: Final = 1
PACKAGES = ("sapien", "mplib", "numpy", "gymnasium", "hydra-core", "trimesh", "imageio-ffmpeg")
MODEL_PACKAGES = ("torch", "transformers")
ROUTES = {"yours": "the VK_ variables' driver", "system": "the system's driver", "private": "the private driver"}
INSTALL = "python -m pip install -e . in TraceSim's folder"


@dataclass(frozen=True)
class Finding:
    """One line of the report; `remedy` is empty when nothing is missing."""

    what: str
    found: str
    remedy: str = ""
    needed: bool = True

    @property
    def missing(self) -> bool:
        """Whether TraceSim cannot do its work for lack of this."""
        return self.needed and bool(self.remedy)


def renderer() -> Finding:
    """Draw a frame, and tell with what."""
    drawn = driver.probe()
    chosen = driver.route()
    if drawn.device is None:
        ways = [f"unset {' and '.join(names)}"] if (names := driver.users_variables()) else []
        ways += [] if chosen == "yours" else ["python -m tracesim.driver install"]
        return Finding("renderer", drawn.reason, f"{', or '.join(ways)}. {driver.WAYS_OUT}")
    place = f" in {Lavapipe().folder}" if chosen == "private" else ""
    return Finding("renderer", f"{drawn.device}, by {ROUTES[chosen]}{place}")


def variables() -> Iterator[Finding]:
    """Tell which of the variables that name drivers name one that cannot be used."""
    for one in driver.named():
        if one.fault:
            yield Finding(one.variable, f"{one.path} {one.fault}", f"unset {one.variable}", needed=False)


def new_hardware() -> Finding | None:
    """Tell when there is a GPU or driver that was not there when the driver was chosen."""
    record = driver.Record.read(Lavapipe().folder)
    if driver.route() != "private" or record is None or record.hardware == driver.hardware():
        return None
    news = sorted(set(driver.hardware()) - set(record.hardware))
    return Finding("new hardware", ", ".join(news), "python -m tracesim.driver install", needed=False) if news else None


def version(package: str) -> str | None:
    """Return the version of an installed package, or None."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def versions() -> Iterator[Finding]:
    """Name the version of Python and of each package that matters."""
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
    """Name the folder of robot descriptions."""
    try:
        panda = robot_description("panda_description")
    except TraceSimError as error:
        return Finding("robots", "no Panda", str(error))
    return Finding("robots", f"{sum(path.is_dir() for path in panda.parent.iterdir())} descriptions in {panda.parent}")


def machine() -> Iterator[Finding]:
    """Count cores and memory."""
    yield Finding("cores", f"{len(os.sched_getaffinity(0))} of {os.cpu_count()}, {platform.machine()}")
    gigabytes = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 1e9
    yield Finding("memory", f"{gigabytes:.0f} GB")


def kept_files() -> Finding:
    """Measure the folder of what is made once, or tell why it cannot be used."""
    if problem := cache.problem():
        return Finding("cache", problem, cache.REMEDY, needed=False)
    folder = cache.cache_folder()
    megabytes = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6 if folder else 0.0
    return Finding("cache", f"{megabytes:.1f} MB in {folder}; may be deleted")


def findings() -> Iterator[Finding]:
    """Look at everything, the slow things first."""
    yield renderer()
    yield from variables()
    if news := new_hardware():
        yield news
    yield robots()
    yield from versions()
    yield from machine()
    yield kept_files()


def main(words: Sequence[str] | None = None) -> int:
    """Do what the words of the command line ask, and return the exit status."""
    return command_status(words, HELP, _report)


def _report(words: Sequence[str]) -> int:
    """Print the report; return 1 when something needed is missing."""
    take_none(words, "python -m tracesim.doctor")
    out = console()
    found = list(findings())
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for finding in found:
        table.add_row(finding.what, Text(finding.found, style="red" if finding.missing else ""))
    out.print(table)
    for finding in found:
        if finding.remedy:
            state = "Missing" if finding.missing else "Optional"
            out.print(Text(f"\n{state}: {finding.what}. To mend: {finding.remedy}"), soft_wrap=True)
    missing = any(finding.missing for finding in found)
    out.print(Text("\nSomething needed is missing." if missing else "\nNothing needed is missing.", style="bold"))
    return MISSING if missing else COMPLETED


if __name__ == "__main__":
    sys.exit(main())
