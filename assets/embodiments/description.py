"""Finds robot descriptions that the package `example-robot-data` installs."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from tracesim.errors import TraceSimError

PACKAGE = "example-robot-data"


def robot_description(relative: str) -> Path:
    """Return the path of a file below the package's `robots`; raises `TraceSimError` when it is not installed."""
    try:
        # The package has no Python module; where it was installed, its own record knows.
        path = Path(str(distribution(PACKAGE).locate_file(f"cmeel.prefix/share/{PACKAGE}/robots/{relative}")))
    except PackageNotFoundError:
        raise TraceSimError(f"The package {PACKAGE} is missing: `pip install {PACKAGE}` brings the robots.") from None
    if not path.exists():
        raise TraceSimError(f"{path} is missing: `pip install --force-reinstall {PACKAGE}` brings the robots.")
    return path
