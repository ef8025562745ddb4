"""The Vulkan driver that draws: the machine's own where one works, else a private lavapipe in the environment.

`python -m tracesim.driver install` finds out which works and puts lavapipe into place if none does; `activate` then
chooses without asking again. A user's own VK_DRIVER_FILES or VK_ICD_FILENAMES always win.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tracesim.debian import PrivateApt
from tracesim.errors import RendererError, TraceSimError
from tracesim.lavapipe import DRIVER_LIBRARY, WINDOW_LIBRARY, Lavapipe, prepare_import

VARIABLES = ("VK_DRIVER_FILES", "VK_ICD_FILENAMES")
"""What Vulkan's loader reads; the second is the first's older name."""

PACKAGES = ("mesa-vulkan-drivers", "libx11-6")
MANIFESTS = ("/etc/vulkan/icd.d", "/usr/local/share/vulkan/icd.d", "/usr/share/vulkan/icd.d")
PROBE_LIMIT_S = 120.0

WAYS_OUT = (
    "Ways out: install your GPU's driver with Vulkan; on Debian 12, as root, `apt-get install -t bookworm-backports "
    "mesa-vulkan-drivers libx11-6`; elsewhere any Mesa from 24.3 on with libX11; "
    "or set VK_DRIVER_FILES to a driver's manifest."
)


@dataclass(frozen=True)
class Probe:
    """What came of drawing one frame: the device that drew it, or the reason why none did."""

    device: str | None
    reason: str = ""


@dataclass(frozen=True)
class Record:
    """What was found of the system's own drivers, and on which machine; kept beside the private driver.

    hardware: what the machine offered then; a folder shared between machines, with and without a GPU, holds for the
    one on which it was written.
    """

    system: Probe
    hardware: tuple[str, ...]

    def write(self, folder: Path) -> None:
        """Keep the record in `folder`."""
        folder.mkdir(parents=True, exist_ok=True)
        fields = {"device": self.system.device, "reason": self.system.reason, "hardware": self.hardware}
        (folder / "system.json").write_text(json.dumps(fields, indent=1) + "\n")

    @classmethod
    def read(cls, folder: Path) -> Record | None:
        """Return the record kept in `folder`, or None where none is."""
        try:
            fields = json.loads((folder / "system.json").read_text())
            return cls(Probe(fields["device"], fields["reason"]), tuple(fields["hardware"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None


def hardware() -> tuple[str, ...]:
    """Return the drivers' manifests and the graphics devices that this machine shows."""
    found = [path for folder in MANIFESTS for path in Path(folder).glob("*.json")]
    found += [*Path("/dev/dri").glob("renderD*"), *Path("/dev").glob("nvidia[0-9]*")]
    return tuple(sorted(map(str, found)))


def route(private: Lavapipe | None = None) -> str:
    """Return whose driver this process draws with: "yours", "system" or "private".

    "yours" is what the VK_ variables say, "system" also stands for none that is known to work.
    """
    private = private or Lavapipe()
    asked = {Path(os.environ[name]).resolve() for name in VARIABLES if os.environ.get(name)}
    if asked - {private.manifest.resolve()}:
        return "yours"
    record = Record.read(private.folder)
    system_works = record is not None and record.system.device is not None and record.hardware == hardware()
    return "private" if private.present and not system_works else "system"


def activate(private: Lavapipe | None = None) -> None:
    """Lead Vulkan's loader to the driver that works here; to be called before the first RenderSystem (0.05 s)."""
    private = private or Lavapipe()
    prepare_import(private)
    if route(private) == "private":
        private.preload(DRIVER_LIBRARY)
        os.environ.update(dict.fromkeys(VARIABLES, str(private.manifest)))


def probe(private: Lavapipe | None = None, *, system: bool = False) -> Probe:
    """Draw one frame in a process of its own, since a driver may end it.

    Args:
        private: where the private driver lies.
        system: leave the private driver aside, and ask the system's (or the one that VK_ variables name).
    """
    private = private or Lavapipe()
    environment = dict(os.environ)
    if route() != "yours":  # then they are what `activate` set in this process
        environment = {name: value for name, value in environment.items() if name not in VARIABLES}
    code = f"from tracesim import driver; driver.draw_one_frame({str(private.folder)!r}, {system})"
    command = [sys.executable, "-c", code]
    try:
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=PROBE_LIMIT_S)
    except subprocess.TimeoutExpired:
        return Probe(None, f"no frame within {PROBE_LIMIT_S:.0f} s")
    for line in done.stdout.splitlines():
        if line.startswith("device: "):
            return Probe(line.removeprefix("device: "))
    complaints = [line.strip() for line in done.stderr.splitlines() if line.strip()]
    if done.returncode < 0:
        return Probe(None, f"the driver ended the process with signal {-done.returncode}")
    return Probe(None, complaints[-1] if complaints else f"exit status {done.returncode}")


def draw_one_frame(folder: str, system: bool) -> None:
    """Draw a white box and print the device's name; what `probe` runs in a process of its own."""
    private = Lavapipe(Path(folder))
    prepare_import(private)
    if not system:
        activate(private)
    import sapien

    renderer = sapien.render.RenderSystem()
    sapien.render.set_camera_shader_dir("trivial")  # the one that needs no look-up table: a second, not six
    scene = sapien.Scene([sapien.physx.PhysxCpuSystem(), renderer])
    builder = scene.create_actor_builder()
    builder.add_box_visual(half_size=[0.2, 0.2, 0.2])
    builder.set_initial_pose(sapien.Pose([1, 0, 0]))
    builder.build_static()
    camera = scene.add_camera("probe", 16, 16, 1.0, 0.1, 10.0)
    scene.update_render()
    camera.take_picture()
    if camera.get_picture("Color")[8, 8, 0] < 0.5:
        raise RendererError(f"{renderer.device.name} drew nothing")
    print(f"device: {renderer.device.name}", flush=True)


def install(say: Callable[[str], None] = print, private: Lavapipe | None = None) -> Probe:
    """Make sure that something draws; return what does.

    Raises:
        RendererError: nothing does, and no private driver can be had; the text names the ways out.
    """
    private = private or Lavapipe()
    say("Looking for a Vulkan device ...")
    system = probe(private, system=True)
    if route(private) == "yours":
        if system.device is None:
            raise RendererError(f"{' and '.join(VARIABLES)} name a driver that does not draw: {system.reason}.")
        say(f"Drawing with {system.device}, as your environment asks.")
        return system
    found = system
    if system.device is None:
        found = probe(private) if private.present else Probe(None)
        if found.device is None:
            say(f"None draws ({system.reason}). Fetching Mesa's software driver (60 MB) ...")
            found = build(private)
        if WINDOW_LIBRARY in system.reason:
            system = probe(private, system=True)
    Record(system, hardware()).write(private.folder)
    if system.device:
        say(f"Drawing with the system's {system.device}.")
        return system
    say(f"Drawing with {found.device}, from {private.folder}.")
    return found


def build(private: Lavapipe) -> Probe:
    """Put lavapipe and what it needs into its folder, from the archive this machine's apt knows; whole or not at all.

    Returns what drew a frame with it.

    Raises:
        RendererError: the packages cannot be had, or the folder cannot be written.
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
                raise RendererError(f"what it gave does not draw: {found.reason}")
            shutil.rmtree(private.folder, ignore_errors=True)
            new.folder.rename(private.folder)
            return found
    except (TraceSimError, OSError, subprocess.CalledProcessError) as error:
        raise RendererError(f"No private Vulkan driver could be made: {error}. {WAYS_OUT}") from error


def main() -> int:
    """Run the command line; exit status 1 when nothing draws."""
    parser = argparse.ArgumentParser(prog="python -m tracesim.driver", description="Find, or install, what draws.")
    parser.add_argument("action", choices=["probe", "install"], help="probe says what draws, install sees to it")
    action = parser.parse_args().action
    if action == "probe":
        found = probe()
        print(found.device or found.reason)
        return 0 if found.device else 1
    try:
        install()
    except RendererError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
