"""Finds robot descriptions that the package `example-robot-data` installs."""

from __future__ import annotations

import sysconfig
from pathlib import Path

from tracesim.errors import TraceSimError


def robot_description(relative: str) -> Path:
    """Return the path of a file below `example-robot-data/robots`; raises `TraceSimError` when it is not installed."""
    robots = Path(sysconfig.get_path("purelib")) / "cmeel.prefix/share/example-robot-data/robots"
    path = robots / relative
    if not path.exists():
        raise TraceSimError(f"{path} is missing: `pip install example-robot-data` brings the robot descriptions.")
    return path
