"""A private copy of lavapipe, Mesa's Vulkan driver that draws on the CPU, inside the Python environment."""

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

from tracesim.errors import RendererError
from tracesim.machine.children import output_of

WINDOW_LIBRARY = "libX11.so.6"
DRIVER_LIBRARY = "libvulkan_lvp.so"


@dataclass(frozen=True)
class Lavapipe:
    """The private driver in a folder: `lib/`, the manifest that Vulkan reads, the order in which libraries load.

    Nothing in the folder holds an absolute path, so that an environment may be moved or mounted elsewhere.
    """

    folder: Path = Path(sys.prefix) / "share" / "tracesim" / "vulkan"

    @property
    def manifest(self) -> Path:
        """The file to which VK_DRIVER_FILES points."""
        return self.folder / "lavapipe.json"

    @property
    def load_order(self) -> Path:
        """A JSON file: library -> what it needs from the folder, each after its own needs."""
        return self.folder / "load_order.json"

    @property
    def present(self) -> bool:
        """Whether the folder holds a driver; it is put there complete, in one step."""
        return self.manifest.is_file()

    def preload(self, library: str) -> None:
        """Load what `library` needs, so that it is found by name without LD_LIBRARY_PATH.

        The system takes a library that is already loaded, whatever folder it came from.

        Raises:
            RendererError: something of the driver is missing or damaged.
        """
        try:
            for name in json.loads(self.load_order.read_text())[library]:
                ctypes.CDLL(str(self.folder / "lib" / name))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise RendererError(
                f"The private driver in {self.folder} is damaged ({error}). Run `python -m tracesim.driver install`."
            ) from None

    def collect(self, root: Path) -> None:
        """Fill the folder with the driver, libX11 and what they need, from packages unpacked under `root`.

        Raises:
            RendererError: something that is needed is neither there nor in the system.
        """
        found = next(root.rglob(DRIVER_LIBRARY), None)
        if found is None:
            raise RendererError(f"the packages hold no {DRIVER_LIBRARY}")
        # Debian 12 keeps some libraries in /lib, which is a link to /usr/lib on an installed system only.
        sources = [found.parent, *(folder for folder in root.glob("lib/*") if folder.is_dir())]
        order = {}
        for library in (WINDOW_LIBRARY, DRIVER_LIBRARY):
            needs = {name: needed(path, sources) for name, path in needed(_find(library, sources), sources).items()}
            # A library needs all that its own needs do, and them: it has the larger number.
            order[library] = sorted(needs, key=lambda name: (len(needs[name]), name))
        order[WINDOW_LIBRARY].append(WINDOW_LIBRARY)
        (self.folder / "lib").mkdir(parents=True)
        for name in {*order[WINDOW_LIBRARY], *order[DRIVER_LIBRARY], DRIVER_LIBRARY}:
            shutil.copy(_find(name, sources), self.folder / "lib" / name)
        self.load_order.write_text(json.dumps(order, indent=1) + "\n")
        icd = {"library_path": f"./lib/{DRIVER_LIBRARY}", "api_version": "1.3.0"}
        self.manifest.write_text(json.dumps({"file_format_version": "1.0.0", "ICD": icd}, indent=1) + "\n")


def needed(library: Path, folders: Sequence[Path]) -> dict[str, Path]:
    """Return the libraries in `folders` that a library needs, directly or not, by name.

    Raises:
        RendererError: it needs one that is neither there nor in the system.
    """
    environment = {**os.environ, "LD_LIBRARY_PATH": ":".join(map(str, folders))}
    listing = output_of(["ldd", library], environment=environment)
    found = {}
    for line in listing.splitlines():
        name, arrow, target = line.strip().partition(" => ")
        if target.startswith("not found"):
            raise RendererError(f"{library.name} needs {name}, which no package brought")
        path = Path(target.partition(" (")[0])
        if arrow and path.parent in folders:
            found[name] = path
    return found


def _find(name: str, folders: Sequence[Path]) -> Path:
    path = next((folder / name for folder in folders if (folder / name).exists()), None)
    if path is None:
        raise RendererError(f"the packages hold no {name}")
    return path


def prepare_import(private: Lavapipe | None = None) -> bool:
    """Make `import sapien` work and keep quiet where there is no window system: it links to libX11, window or not.

    Returns whether there is a libX11.
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
    """Raise `RendererError` where `import sapien` cannot work; for commands, whose users see no traceback."""
    if not prepare_import():
        raise RendererError(
            f"SAPIEN needs {WINDOW_LIBRARY}, with or without a window: on Debian `python -m tracesim.driver install` "
            "brings one, elsewhere your system's package of libX11."
        )
