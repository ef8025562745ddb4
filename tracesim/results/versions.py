"""Versions of the packages on which results depend."""

from __future__ import annotations

import importlib.metadata
import platform
from functools import cache
from typing import Final

VERDICT_PACKAGES: Final = ("tracesim", "sapien", "mplib", "numpy", "scipy")
"""Packages of which another version may change the verdict on an episode."""

_PACKAGES: Final = (*VERDICT_PACKAGES, "gymnasium")


@cache
def installed_versions() -> dict[str, str]:
    """Return the versions of Python, the platform and the packages that affect results."""
    versions = {"python": platform.python_version(), "platform": f"{platform.system()} {platform.machine()}"}
    for package in _PACKAGES:
        try:
            versions[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            versions[package] = "not installed"
    return versions
