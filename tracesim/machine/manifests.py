"""Vulkan driver manifests named by environment variables."""

from __future__ import annotations

import ctypes
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

REPLACING: Final = ("VK_DRIVER_FILES", "VK_ICD_FILENAMES")
"""Variables that replace the system's drivers; the second is the older name of the first, which takes precedence."""

NAMING: Final = (*REPLACING, "VK_ADD_DRIVER_FILES")
"""All variables that name drivers; the last one adds drivers to the system's.

Source: https://github.com/KhronosGroup/Vulkan-Loader/blob/main/docs/LoaderDriverInterface.md
"""


@dataclass(frozen=True)
class Manifest:
    """Manifest, or folder of manifests, that a variable names."""

    variable: str
    """Name of the environment variable."""

    path: Path
    """Path of the manifest or folder."""

    fault: str
    """Why it cannot be used, as a clause that follows its path; empty if it can."""

    def __str__(self) -> str:
        """Return the setting, and what is wrong with it."""
        return (
            f"{self.variable} names {self.path}, which {self.fault}" if self.fault else f"{self.variable}={self.path}"
        )


def find_manifests(environment: Mapping[str, str], private: Path) -> list[Manifest]:
    """Return the manifests named by environment variables.

    Args:
        environment: Environment variables.
        private: Manifest of the private driver, which is left out.
    """
    found = []
    for variable in NAMING:
        for entry in environment.get(variable, "").split(os.pathsep):
            path = Path(entry)
            if entry and path.resolve() != private.resolve():
                found.append(Manifest(variable, path, _fault(path)))
    return found


def usable_variables(manifests: Iterable[Manifest]) -> dict[str, str]:
    """Return the variables and values that remain without the unusable manifests.

    As in Vulkan's loader, only the first variable that replaces the system's drivers counts.
    """
    values: dict[str, list[str]] = {}
    for one in manifests:
        if not one.fault:
            values.setdefault(one.variable, []).append(str(one.path))
    deciding = next((name for name in NAMING if name in values), None)
    return {} if deciding is None else {deciding: os.pathsep.join(values[deciding])}


def _fault(path: Path) -> str:
    try:
        if not path.is_dir():
            return _manifest_fault(path)
        faults = [_manifest_fault(one) for one in sorted(path.glob("*.json"))]
    except OSError as error:
        return f"cannot be read ({error.strerror})"
    if "" in faults:
        return ""
    return f"holds no usable driver (the first of {len(faults)} {faults[0]})" if faults else "holds no driver"


def _manifest_fault(path: Path) -> str:
    try:
        if not path.exists():
            return "does not exist"
        library = str(json.loads(path.read_bytes())["ICD"]["library_path"])
    except OSError as error:
        return f"cannot be read ({error.strerror})"
    except (ValueError, KeyError, TypeError, RecursionError):
        return "is not a driver's manifest"
    try:
        # A name without a folder is searched for in the system's library folders, any other path beside the manifest.
        ctypes.CDLL(str(path.parent / library) if "/" in library else library)
    except OSError:
        return f"names the driver {library}, which cannot be loaded"
    return ""
