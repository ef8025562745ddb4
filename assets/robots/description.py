"""Robot descriptions installed by the package `example-robot-data`, and the meshes that they refer to."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from tracesim.errors import ConfigurationError, TraceSimError

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


def find_mesh(filename: str, urdf: Path) -> Path:
    """Return the path of a mesh named in a URDF; package:// paths are relative to one of the URDF's parent folders.

    Raises:
        ConfigurationError: The mesh is in none of these folders.
    """
    relative = filename.removeprefix("package://").removeprefix("file://")
    for folder in urdf.parents:
        if (folder / relative).is_file():
            return folder / relative
    raise ConfigurationError(f"{urdf} refers to the mesh {filename!r}, which is in none of its parent folders.")
