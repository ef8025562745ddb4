"""The report: tables in the terminal, and one JSON document with everything that was measured and on what."""

from __future__ import annotations

import datetime
import os
import platform
import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from rich import box
from rich.table import Table

import tracesim
from tracesim.bench.figure import Figure
from tracesim.bench.growth import Growth
from tracesim.bench.measures import Measured
from tracesim.files.json_file import write_json

FORMAT: Final = 1
"""Version of the JSON document."""

COLUMNS: Final = ("figure", "median", "quartiles", "rounds", "target")
GROWTH_COLUMNS: Final = ("figure", "at", "medians", "growth (exponent)")


@dataclass
class Report:
    """What has been measured so far."""

    words: Sequence[str]
    """The words of the command line."""

    core: int | None = None
    """Number of the core that measures were kept on, None if they were not."""

    measured: dict[str, list[Measured]] = field(default_factory=dict)
    """What each measure returned, by its name."""

    peer: Mapping[str, str] = field(default_factory=dict)
    """Versions in the environment of the peer, by package; empty without a peer."""

    @property
    def missed(self) -> bool:
        """Whether a figure misses its target."""
        return any(isinstance(one, Figure) and one.missed for some in self.measured.values() for one in some)

    def tables(self, name: str) -> list[Table]:
        """Return the tables of a measure."""
        figures = [one.row() for one in self.measured[name] if isinstance(one, Figure)]
        growths = [one.row() for one in self.measured[name] if isinstance(one, Growth)]
        return [
            _table(name, columns, rows) for columns, rows in ((COLUMNS, figures), (GROWTH_COLUMNS, growths)) if rows
        ]

    def write(self, path: Path) -> None:
        """Write everything to a JSON file; raises `InfrastructureError` if that fails."""
        write_json(self.as_data(), path)

    def as_data(self) -> dict[str, Any]:
        """Return everything as JSON values."""
        return {
            "format": FORMAT,
            "measured": datetime.datetime.now(datetime.UTC).date().isoformat(),
            "command": " ".join(("python -m tracesim.bench", *self.words)),
            "versions": {**_versions(), **self.peer},
            "machine": {**_machine(), "pinned_to_core": self.core},
            "figures": {
                name: [one.as_data() for one in some if isinstance(one, Figure)]
                for name, some in self.measured.items()
                if any(isinstance(one, Figure) for one in some)
            },
            "growth": {
                name: [one.as_data() for one in some if isinstance(one, Growth)]
                for name, some in self.measured.items()
                if any(isinstance(one, Growth) for one in some)
            },
        }


def _table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    grid = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, show_edge=False)
    for column in columns:
        grid.add_column(column, overflow="fold")
    for row in rows:
        grid.add_row(*row)
    return grid


def _versions() -> dict[str, str]:
    """Return the versions of TraceSim, with the commit where it is a clone, and of what it measures with."""
    from tracesim.results.versions import installed_versions

    return {**installed_versions(), "tracesim": tracesim.__version__, "commit": _commit()}


def _commit() -> str:
    """Return the commit of the clone, marked if files differ from it; empty outside a clone or without git."""
    here = Path(tracesim.__file__).resolve().parent
    try:
        done = subprocess.run(
            ["git", "-C", str(here), "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*"],
            capture_output=True,
            text=True,
        )
    except OSError:
        return ""
    return done.stdout.strip()


def _machine() -> dict[str, Any]:
    """Return what is known about this machine: processor, cores, and the device that renders."""
    from tracesim.simulation.renderer import available, render_system

    return {
        "cpu": _processor(),
        "cores": os.cpu_count(),
        "renders": str(render_system().device.name) if available() else "",
        "platform": f"{platform.system()} {platform.machine()}",
    }


def _processor() -> str:
    """Return the model of the processor as Linux names it."""
    try:
        found = re.search(r"^model name\s*: (.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    except OSError:
        found = None
    return found[1] if found else platform.processor()
