"""Robot descriptions installed by the package `example-robot-data`."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from tracesim.errors import TraceSimError

PACKAGE = "example-robot-data"


def robot_description(relative: str) -> Path:
    """Return the path of a file in the package's `robots` folder.

    Raises:
        TraceSimError: The package or the file is missing.
    """
    try:
        # The package has no Python module; its installation record tells where its files are.
        path = Path(str(distribution(PACKAGE).locate_file(f"cmeel.prefix/share/{PACKAGE}/robots/{relative}")))
    except PackageNotFoundError:
        raise TraceSimError(f"The package {PACKAGE} is missing: `pip install {PACKAGE}` brings the robots.") from None
    if not path.exists():
        raise TraceSimError(f"{path} is missing: `pip install --force-reinstall {PACKAGE}` brings the robots.")
    return path
