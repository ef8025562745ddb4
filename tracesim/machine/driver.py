"""Choice of the Vulkan driver: the machine's own if one works, else a private lavapipe in the Python environment.

`python -m tracesim.driver install` determines which driver works, and installs lavapipe if none does; `activate` then
uses that result. Drivers named by the user's VK_DRIVER_FILES, VK_ICD_FILENAMES or VK_ADD_DRIVER_FILES always take
precedence; those that cannot be used are ignored with a warning.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from tracesim.errors import RendererError, TraceSimError, TraceSimWarning
from tracesim.machine import manifests
from tracesim.machine.cache import cached
from tracesim.machine.children import ending, last_line
from tracesim.machine.debian import PrivateApt
from tracesim.machine.lavapipe import DRIVER_LIBRARY, WINDOW_LIBRARY, Lavapipe, prepare_import
from tracesim.machine.manifests import NAMING, REPLACING, Manifest

PACKAGES: Final = ("mesa-vulkan-drivers", "libx11-6")
"""Debian packages that make up the private driver."""

MANIFESTS: Final = ("/etc/vulkan/icd.d", "/usr/local/share/vulkan/icd.d", "/usr/share/vulkan/icd.d")
"""Folders of the system's driver manifests."""

PROBE_LIMIT_S: Final = 120.0
"""Time limit for rendering one frame."""

WAYS_OUT: Final = (
    "Remedies: install your GPU's driver with Vulkan; on Debian 12, as root, `apt-get install -t bookworm-backports "
    "mesa-vulkan-drivers libx11-6`; elsewhere Mesa 24.3 or newer with libX11; "
    "or set VK_DRIVER_FILES to a driver's manifest."
)


@dataclass(frozen=True)
class Probe:
    """Result of rendering one frame."""

    device: str | None
    """Name of the device that rendered it, or None if none did."""

    reason: str = ""
    """Why no device rendered it."""


@dataclass(frozen=True)
class Record:
    """Result of probing the system's own drivers, stored beside the private driver."""

    system: Probe
    """Result with the system's drivers."""

    hardware: tuple[str, ...]
    """Drivers and devices of the machine at that time; the record is only valid on a machine with the same ones.

    The folder may be shared between machines with and without a GPU.
    """

    def write(self, folder: Path) -> None:
        """Store the record in `folder`."""
        folder.mkdir(parents=True, exist_ok=True)
        fields = {"device": self.system.device, "reason": self.system.reason, "hardware": self.hardware}
        (folder / "system.json").write_text(json.dumps(fields, indent=1) + "\n")

    @classmethod
    def read(cls, folder: Path) -> Record | None:
        """Return the record stored in `folder`, or None if there is no valid one."""
        try:
            fields = json.loads((folder / "system.json").read_text())
            return cls(Probe(fields["device"], fields["reason"]), tuple(fields["hardware"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None


def hardware() -> tuple[str, ...]:
    """Return the paths of the driver manifests and graphics devices on this machine."""
    found = [path for folder in MANIFESTS for path in Path(folder).glob("*.json")]
    found += [*Path("/dev/dri").glob("renderD*"), *Path("/dev").glob("nvidia[0-9]*")]
    return tuple(sorted(map(str, found)))


def route(private: Lavapipe | None = None) -> Literal["yours", "system", "private"]:
    """Return whose driver this process uses.

    Args:
        private: Private driver; the one in this Python environment by default.

    Returns:
        "yours" for a driver named by a VK_ variable, "private" for the private driver, and "system" for a driver of the
        system or if none is known to work.
    """
    private = private or Lavapipe()
    if manifests.usable_variables(users_manifests(private)):
        return "yours"
    record = Record.read(private.folder)
    system_works = record is not None and record.system.device is not None and record.hardware == hardware()
    return "private" if private.present and not system_works else "system"


def users_manifests(private: Lavapipe | None = None) -> list[Manifest]:
    """Return the manifests named by the user's variables."""
    return manifests.find_manifests(os.environ, (private or Lavapipe()).manifest)


_ignored: list[Manifest] = []
"""Manifests that `activate` has ignored in this process."""


def activate(private: Lavapipe | None = None) -> None:
    """Make Vulkan's loader use the chosen driver; has to be called before the first RenderSystem is created.

    Unusable manifests that the user's variables name are ignored with a warning. Takes 0.05 s.

    Args:
        private: Private driver; the one in this Python environment by default.

    Raises:
        RendererError: The private driver is chosen, and damaged.
    """
    private = private or Lavapipe()
    prepare_import(private)
    asked = users_manifests(private)
    if faulty := [one for one in asked if one.fault]:
        left = manifests.usable_variables(asked)
        for name in NAMING:
            os.environ.pop(name, None)
        os.environ.update(left)
        _ignored.extend(faulty)
        instead = f"{next(iter(left))}={next(iter(left.values()))}" if left else f"the {route(private)} driver"
        faults = ". ".join(map(str, faulty))
        warnings.warn(f"{faults}: ignored, {instead} is used.", TraceSimWarning, stacklevel=2)
    if route(private) == "private":
        private.preload(DRIVER_LIBRARY)
        os.environ.update(dict.fromkeys(REPLACING, str(private.manifest)))


def variables_at_fault(private: Lavapipe | None = None) -> str:
    """Return sentences about the variables that may be why nothing is rendered; empty if none is set."""
    faults = [f"{one}." for one in (*_ignored, *users_manifests(private)) if one.fault]
    if others := users_variables(private):
        settings = ", ".join(f"{name}={os.environ[name]}" for name in others)
        faults.append(f"These settings also affect Vulkan: {settings}.")
    return " ".join(faults)


def users_variables(private: Lavapipe | None = None) -> list[str]:
    """Return the names of Vulkan's variables that are set, but not by `activate`."""
    own = str((private or Lavapipe()).manifest)
    return sorted(name for name, value in os.environ.items() if name.startswith("VK_") and value not in ("", own))


def probe(private: Lavapipe | None = None, *, system: bool = False) -> Probe:
    """Render one frame in a separate process, since a faulty driver may crash it.

    Args:
        private: Private driver; the one in this Python environment by default.
        system: Whether to use the system's driver, or one named by a VK_ variable, instead of the private one.
    """
    private = private or Lavapipe()
    environment = dict(os.environ)
    if route() != "yours":  # the variables were set by `activate` in this process, or name nothing usable
        environment = {name: value for name, value in environment.items() if name not in NAMING}
    code = f"from tracesim.machine import driver; driver.draw_one_frame({str(private.folder)!r}, {system})"
    command = [sys.executable, "-c", code]
    try:
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, errors="replace", timeout=PROBE_LIMIT_S
        )
    except subprocess.TimeoutExpired:
        return Probe(None, f"no frame within {PROBE_LIMIT_S:.0f} s")
    for line in done.stdout.splitlines():
        if line.startswith("device: "):
            return Probe(line.removeprefix("device: "))
    if done.returncode < 0:
        return Probe(None, f"the driver ended the process with signal {-done.returncode}")
    return Probe(None, last_line(done.stderr) or ending(done.returncode))


def known_device() -> str | None:
    """Return the name of the device that renders here, or None if none does.

    It is probed once, and remembered for as long as the drivers and devices of the machine stay the same.
    """
    found = json.dumps([route(), str(Lavapipe().folder), *hardware(), *map(str, users_manifests())])
    key = hashlib.sha256(found.encode()).hexdigest()[:16]

    def device() -> dict[str, bytes]:
        tried = probe()
        if tried.device is None:
            raise RendererError(tried.reason)
        return {"device": tried.device.encode()}

    try:
        return (cached(f"device/{key}", device) / "device").read_text()
    except (RendererError, OSError):
        return None


def draw_one_frame(folder: str, system: bool) -> None:
    """Render a white box and print the name of the device; `probe` runs this in a separate process.

    Args:
        folder: Folder of the private driver.
        system: Whether to use the system's driver instead.

    Raises:
        RendererError: The frame is black.
    """
    private = Lavapipe(Path(folder))
    prepare_import(private)
    if not system:
        activate(private)
    import sapien

    renderer = sapien.render.RenderSystem()
    # This shader pack needs no look-up table and takes one second instead of six. It is given by its path because
    # SAPIEN does not find packs by name for a user without a home folder.
    sapien.render.set_camera_shader_dir(str(Path(sapien.__file__).parent / "vulkan_shader" / "trivial"))
    scene = sapien.Scene([sapien.physx.PhysxCpuSystem(), renderer])
    builder = scene.create_actor_builder()
    builder.add_box_visual(half_size=[0.2, 0.2, 0.2])
    builder.set_initial_pose(sapien.Pose([1, 0, 0]))
    builder.build_static()
    camera = scene.add_camera("probe", 16, 16, 1.0, 0.1, 10.0)
    scene.update_render()
    camera.take_picture()
    if camera.get_picture("Color")[8, 8, 0] < 0.5:
        raise RendererError(f"{renderer.device.name} renders a black frame")
    print(f"device: {renderer.device.name}", flush=True)


def install(say: Callable[[str], None] = print, private: Lavapipe | None = None) -> Probe:
    """Make sure that a driver works, and return the result of probing it.

    Args:
        say: Function that shows a line of progress.
        private: Private driver; the one in this Python environment by default.

    Raises:
        RendererError: No driver works, and no private one can be installed; the message lists the remedies.
    """
    private = private or Lavapipe()
    for one in users_manifests(private):
        if one.fault:
            say(f"{one}: ignored.")
    say("Looking for a Vulkan device ...")
    system = probe(private, system=True)
    if route(private) == "yours":
        if system.device is None:
            asked = " and ".join(dict.fromkeys(one.variable for one in users_manifests(private) if not one.fault))
            raise RendererError(f"{asked} names a driver that does not work: {system.reason}. Unset it.")
        say(f"Rendering with {system.device}, as your environment asks.")
        return system
    found = system
    if system.device is None:
        found = probe(private) if private.present else Probe(None)
        if found.device is None:
            say(f"No device works ({system.reason}). Fetching Mesa's software driver (60 MB) ...")
            found = build(private)
        if WINDOW_LIBRARY in system.reason:
            system = probe(private, system=True)
    Record(system, hardware()).write(private.folder)
    if system.device:
        say(f"Rendering with the system's {system.device}.")
        return system
    say(f"Rendering with {found.device}, from {private.folder}.")
    return found


def build(private: Lavapipe) -> Probe:
    """Install lavapipe and its dependencies from the archive in this machine's apt sources, completely or not at all.

    Args:
        private: Private driver to install.

    Returns:
        The result of probing it.

    Raises:
        RendererError: The packages are not available, or the folder is not writable.
    """
    try:
        private.folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=private.folder.parent) as scratch:
            new = Lavapipe(Path(scratch) / "vulkan")
            work = Path(scratch) / "apt"
            work.mkdir()
            PrivateApt.make(work).unpack(PACKAGES, Path(scratch) / "root")
            new.collect(Path(scratch) / "root")
            found = probe(new)
            if found.device is None:
                raise RendererError(f"it does not work: {found.reason}")
            shutil.rmtree(private.folder, ignore_errors=True)
            new.folder.rename(private.folder)
            return found
    except (TraceSimError, OSError) as error:
        raise RendererError(f"No private Vulkan driver could be installed: {error}. {WAYS_OUT}") from error
