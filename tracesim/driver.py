"""The Vulkan driver that draws: the machine's own where one works, else a private lavapipe in the environment.

`python -m tracesim.driver install` finds out which works and puts lavapipe into place if none does; `activate` then
chooses without asking again. Drivers that the user's own VK_DRIVER_FILES, VK_ICD_FILENAMES or VK_ADD_DRIVER_FILES name
always win; what they name and cannot be used is passed over with a warning.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tracesim import manifests
from tracesim.arguments import COMPLETED, command_status
from tracesim.children import ending, last_line
from tracesim.debian import PrivateApt
from tracesim.errors import ConfigurationError, RendererError, TraceSimError, TraceSimWarning, unknown_name
from tracesim.lavapipe import DRIVER_LIBRARY, WINDOW_LIBRARY, Lavapipe, prepare_import
from tracesim.manifests import NAMING, REPLACING, Manifest

HELP: Final = """\
Find the Vulkan driver that draws on this machine, or install a private one that draws on the CPU.

Usage
  python -m tracesim.driver probe      draw one frame, and print the device that drew it
  python -m tracesim.driver install    see to it that something draws: on Debian, where no driver does, Mesa's software
                                       driver is unpacked into this Python environment (60 MB, no root)

Environment
  VK_DRIVER_FILES, VK_ICD_FILENAMES, VK_ADD_DRIVER_FILES
                   drivers named here are used instead; files that do not exist are passed over

Exit status
  0 something draws    1 nothing draws; why, and the ways out, are printed    2 a wrong argument    130 interrupted
"""

NOTHING_DRAWS: Final = 1

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

    "yours" is a driver that the VK_ variables name, "system" also stands for none that is known to work.
    """
    private = private or Lavapipe()
    if manifests.usable(named(private)):
        return "yours"
    record = Record.read(private.folder)
    system_works = record is not None and record.system.device is not None and record.hardware == hardware()
    return "private" if private.present and not system_works else "system"


def named(private: Lavapipe | None = None) -> list[Manifest]:
    """Return the manifests that the user's variables name."""
    return manifests.named(os.environ, (private or Lavapipe()).manifest)


def passed_over() -> tuple[Manifest, ...]:
    """Return the manifests that `activate` passed over in this process."""
    return tuple(_passed_over)


_passed_over: list[Manifest] = []


def activate(private: Lavapipe | None = None) -> None:
    """Lead Vulkan's loader to the driver that works here; to be called before the first RenderSystem (0.05 s).

    Manifests that the user's variables name and that cannot be used are passed over, with a warning.

    Raises:
        RendererError: the private driver is chosen, and damaged.
    """
    private = private or Lavapipe()
    prepare_import(private)
    asked = named(private)
    if faulty := [one for one in asked if one.fault]:
        left = manifests.usable(asked)
        for name in NAMING:
            os.environ.pop(name, None)
        os.environ.update(left)
        _passed_over.extend(faulty)
        instead = f"{next(iter(left))}={next(iter(left.values()))}" if left else f"the {route(private)} driver"
        said = ". ".join(map(str, faulty))
        warnings.warn(f"{said}: passed over, {instead} is used.", TraceSimWarning, stacklevel=2)
    if route(private) == "private":
        private.preload(DRIVER_LIBRARY)
        os.environ.update(dict.fromkeys(REPLACING, str(private.manifest)))


def variables_at_fault(private: Lavapipe | None = None) -> str:
    """Return which of the user's variables may be why nothing draws, as sentences; empty where none is set."""
    said = [f"{one}." for one in (*passed_over(), *named(private)) if one.fault]
    if others := users_variables(private):
        said.append(f"Vulkan also obeys {', '.join(f'{name}={os.environ[name]}' for name in others)}.")
    return " ".join(said)


def users_variables(private: Lavapipe | None = None) -> list[str]:
    """Return the names of Vulkan's variables that are set here, but not by `activate`."""
    own = str((private or Lavapipe()).manifest)
    return sorted(name for name, value in os.environ.items() if name.startswith("VK_") and value not in ("", own))


def probe(private: Lavapipe | None = None, *, system: bool = False) -> Probe:
    """Draw one frame in a process of its own, since a driver may end it.

    Args:
        private: where the private driver lies.
        system: leave the private driver aside, and ask the system's (or the one that VK_ variables name).
    """
    private = private or Lavapipe()
    environment = dict(os.environ)
    if route() != "yours":  # then they are what `activate` set in this process, or name nothing that can be used
        environment = {name: value for name, value in environment.items() if name not in NAMING}
    code = f"from tracesim import driver; driver.draw_one_frame({str(private.folder)!r}, {system})"
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


def draw_one_frame(folder: str, system: bool) -> None:
    """Draw a white box and print the device's name; what `probe` runs in a process of its own."""
    private = Lavapipe(Path(folder))
    prepare_import(private)
    if not system:
        activate(private)
    import sapien

    renderer = sapien.render.RenderSystem()
    # The pack that needs no look-up table: a second, not six. By its path: for a user without a home SAPIEN sets no
    # folder in which it looks for names.
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
        raise RendererError(f"{renderer.device.name} drew nothing")
    print(f"device: {renderer.device.name}", flush=True)


def install(say: Callable[[str], None] = print, private: Lavapipe | None = None) -> Probe:
    """Make sure that something draws; return what does.

    Raises:
        RendererError: nothing does, and no private driver can be had; the text names the ways out.
    """
    private = private or Lavapipe()
    for one in named(private):
        if one.fault:
            say(f"{one}: passed over.")
    say("Looking for a Vulkan device ...")
    system = probe(private, system=True)
    if route(private) == "yours":
        if system.device is None:
            asked = " and ".join(dict.fromkeys(one.variable for one in named(private) if not one.fault))
            raise RendererError(f"{asked} asks for a driver that does not draw: {system.reason}. Unset it.")
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
    except (TraceSimError, OSError) as error:
        raise RendererError(f"No private Vulkan driver could be made: {error}. {WAYS_OUT}") from error


def main(words: Sequence[str] | None = None) -> int:
    """Do what the words of the command line ask, and return the exit status."""
    return command_status(words, HELP, _do)


def _do(words: Sequence[str]) -> int:
    actions = {"probe": _probe, "install": _install}
    if not words:
        raise ConfigurationError(f"What to do is missing. Valid: {', '.join(actions)}; see --help.")
    if len(words) > 1 or words[0] not in actions:
        raise unknown_name("action", words[words[0] in actions], actions)
    return actions[words[0]]()


def _probe() -> int:
    found = probe()
    print(found.device or f"{found.reason} {variables_at_fault()}".strip())
    return COMPLETED if found.device else NOTHING_DRAWS


def _install() -> int:
    try:
        install()
    except RendererError as error:
        print(error, file=sys.stderr)
        return NOTHING_DRAWS
    return COMPLETED


if __name__ == "__main__":
    sys.exit(main())
