"""Private copy of lavapipe, Mesa's Vulkan driver for the CPU, in the Python environment."""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import sys
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tracesim.errors import RendererError
from tracesim.machine.children import output_of

WINDOW_LIBRARY: Final = "libX11.so.6"
DRIVER_LIBRARY: Final = "libvulkan_lvp.so"


@dataclass(frozen=True)
class Lavapipe:
    """Private driver in a folder, with its libraries, the manifest for Vulkan and the order of loading.

    Files in the folder hold no absolute paths, so that the Python environment can be moved or mounted elsewhere.
    """

    folder: Path = Path(sys.prefix) / "share" / "tracesim" / "vulkan"
    """Folder of the driver; libraries are in `lib/`."""

    @property
    def manifest(self) -> Path:
        """Manifest to which VK_DRIVER_FILES points."""
        return self.folder / "lavapipe.json"

    @property
    def load_order(self) -> Path:
        """JSON file: library -> its dependencies in the folder, each after its own dependencies."""
        return self.folder / "load_order.json"

    @property
    def present(self) -> bool:
        """Whether the folder holds a driver; the folder is created complete, in one step."""
        return self.manifest.is_file()

    def preload(self, library: str) -> None:
        """Load the dependencies of a library, so that it finds them without LD_LIBRARY_PATH.

        The dynamic linker takes a library that is already loaded, whatever folder it came from.

        Args:
            library: `WINDOW_LIBRARY` or `DRIVER_LIBRARY`.

        Raises:
            RendererError: A file of the driver is missing or damaged.
        """
        try:
            for name in json.loads(self.load_order.read_text())[library]:
                ctypes.CDLL(str(self.folder / "lib" / name))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise RendererError(
                f"The private driver in {self.folder} is damaged ({error}). Run `python -m tracesim.driver install`."
            ) from None

    def collect(self, root: Path) -> None:
        """Fill the folder with the driver, libX11 and their dependencies.

        Args:
            root: Folder in which the packages are unpacked.

        Raises:
            RendererError: A dependency is neither in the packages nor in the system.
        """
        found = next(root.rglob(DRIVER_LIBRARY), None)
        if found is None:
            raise RendererError(f"the packages do not contain {DRIVER_LIBRARY}")
        # Debian 12 has some libraries in /lib, which is a link to /usr/lib on an installed system only.
        sources = [found.parent, *(folder for folder in root.glob("lib/*") if folder.is_dir())]
        order = {}
        for library in (WINDOW_LIBRARY, DRIVER_LIBRARY):
            direct = dependencies(_find(library, sources), sources)
            needs = {name: dependencies(path, sources) for name, path in direct.items()}
            # A library has more dependencies than any of its dependencies has.
            order[library] = sorted(needs, key=lambda name: (len(needs[name]), name))
        order[WINDOW_LIBRARY].append(WINDOW_LIBRARY)
        (self.folder / "lib").mkdir(parents=True)
        for name in {*order[WINDOW_LIBRARY], *order[DRIVER_LIBRARY], DRIVER_LIBRARY}:
            shutil.copy(_find(name, sources), self.folder / "lib" / name)
        self.load_order.write_text(json.dumps(order, indent=1) + "\n")
        icd = {"library_path": f"./lib/{DRIVER_LIBRARY}", "api_version": "1.3.0"}
        self.manifest.write_text(json.dumps({"file_format_version": "1.0.0", "ICD": icd}, indent=1) + "\n")


def dependencies(library: Path, folders: Sequence[Path]) -> dict[str, Path]:
    """Return the direct and indirect dependencies of a library that are in the given folders, by name.

    Args:
        library: Shared library.
        folders: Folders of libraries.

    Raises:
        RendererError: A dependency is neither there nor in the system.
    """
    environment = {**os.environ, "LD_LIBRARY_PATH": ":".join(map(str, folders))}
    listing = output_of(["ldd", library], environment=environment)
    found = {}
    for line in listing.splitlines():
        name, arrow, target = line.strip().partition(" => ")
        if target.startswith("not found"):
            raise RendererError(f"{library.name} needs {name}, which is in none of the packages")
        path = Path(target.partition(" (")[0])
        if arrow and path.parent in folders:
            found[name] = path
    return found


def _find(name: str, folders: Sequence[Path]) -> Path:
    path = next((folder / name for folder in folders if (folder / name).exists()), None)
    if path is None:
        raise RendererError(f"the packages do not contain {name}")
    return path


def prepare_import(private: Lavapipe | None = None) -> bool:
    """Make `import sapien` work without warnings on a machine without libX11, to which it is always linked.

    Args:
        private: Private driver; the one in this Python environment by default.

    Returns:
        Whether a libX11 was found.
    """
    warnings.filterwarnings("ignore", "Failed to find system libvulkan", UserWarning, "sapien")
    try:
        ctypes.CDLL(WINDOW_LIBRARY)
    except OSError:
        private = private or Lavapipe()
        if not private.present:
            return False
        try:
            private.preload(WINDOW_LIBRARY)
        except RendererError:
            return False
    return True


def check_import() -> None:
    """Check that `import sapien` works, so that commands can report a clear error.

    Raises:
        RendererError: There is no libX11.
    """
    if not prepare_import():
        raise RendererError(
            f"SAPIEN needs {WINDOW_LIBRARY}, even without a window: on Debian, `python -m tracesim.driver install` "
            "installs it; elsewhere, install your system's package of libX11."
        )
