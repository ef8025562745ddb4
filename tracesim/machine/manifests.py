"""Vulkan driver manifests that the user's environment variables name, and which of them cannot be used."""

from __future__ import annotations

import ctypes
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

REPLACING: Final = ("VK_DRIVER_FILES", "VK_ICD_FILENAMES")
"""Variables that name the only drivers to use; the second is the older name of the first, which wins over it."""

NAMING: Final = (*REPLACING, "VK_ADD_DRIVER_FILES")
"""Every variable that names drivers; the last names drivers in addition to the system's.

Source: https://github.com/KhronosGroup/Vulkan-Loader/blob/main/docs/LoaderDriverInterface.md
"""


@dataclass(frozen=True)
class Manifest:
    """A manifest, or a folder of manifests, that a variable names.

    fault: why it cannot be used, as a clause that follows its path; empty if it can.
    """

    variable: str
    path: Path
    fault: str

    def __str__(self) -> str:
        return (
            f"{self.variable} names {self.path}, which {self.fault}" if self.fault else f"{self.variable}={self.path}"
        )


def named(environment: Mapping[str, str], private: Path) -> list[Manifest]:
    """Return what the variables in `environment` name, other than the private driver's manifest."""
    found = []
    for variable in NAMING:
        for entry in environment.get(variable, "").split(os.pathsep):
            path = Path(entry)
            if entry and path.resolve() != private.resolve():
                found.append(Manifest(variable, path, _fault(path)))
    return found


def usable(manifests: Iterable[Manifest]) -> dict[str, str]:
    """Return the variables that are left, with their values, once the manifests that cannot be used are passed over.

    As in Vulkan's loader, the first variable that replaces the system's drivers decides alone.
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
    return f"holds no driver that can be used (the first of {len(faults)} {faults[0]})" if faults else "holds no driver"


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
        # A name without a folder is looked for where the system has its libraries, any other beside the manifest.
        ctypes.CDLL(str(path.parent / library) if "/" in library else library)
    except OSError:
        return f"names the driver {library}, which cannot be loaded"
    return ""
