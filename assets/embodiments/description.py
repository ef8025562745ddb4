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
        raise TraceSimError(f"{PACKAGE}, which provides the robots, is missing: run `pip install {PACKAGE}`.") from None
    if not path.exists():
        raise TraceSimError(f"{path} is missing: run `pip install --force-reinstall {PACKAGE}`.")
    return path
