"""Tests of finding, choosing and installing a Vulkan driver without changing the system's own."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tracesim.errors import RendererError, TraceSimError, TraceSimWarning
from tracesim.machine import driver
from tracesim.machine.debian import Archive, PackagesError, configured_archives, main_archive
from tracesim.machine.lavapipe import DRIVER_LIBRARY, WINDOW_LIBRARY, Lavapipe, check_import, dependencies
from tracesim.machine.manifests import NAMING, REPLACING

needs_apt = pytest.mark.skipif(not shutil.which("apt-get"), reason="this system has no apt")


@pytest.fixture(autouse=True)
def _no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMING:
        monkeypatch.setenv(name, "")  # so that values set by a test are always undone
        monkeypatch.delenv(name)


@pytest.fixture
def private(tmp_path: Path) -> Lavapipe:
    """Private driver whose libraries have no dependencies."""
    lavapipe = Lavapipe(tmp_path / "vulkan")
    lavapipe.folder.mkdir()
    lavapipe.manifest.write_text("{}")
    lavapipe.load_order.write_text(json.dumps({WINDOW_LIBRARY: [], DRIVER_LIBRARY: []}))
    return lavapipe


def test_the_private_driver_is_chosen_where_nothing_else_is_known_to_draw(private: Lavapipe) -> None:
    driver.activate(private)
    assert [os.environ[name] for name in REPLACING] == [str(private.manifest)] * 2
    assert driver.route(private) == "private", "what activate set is not taken for the user's"


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    """Manifest whose library can be loaded but is not a driver, so that Vulkan finds no device."""
    path = tmp_path / "my drivers" / "no_driver.json"
    path.parent.mkdir()
    icd = {"library_path": "libm.so.6", "api_version": "1.3.0"}
    path.write_text(json.dumps({"file_format_version": "1.0.0", "ICD": icd}))
    return path


@pytest.mark.parametrize("name", NAMING)
def test_a_users_own_variable_wins(
    name: str, private: Lavapipe, manifest: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for asked in (str(manifest), str(manifest.parent)):
        monkeypatch.setenv(name, asked)
        driver.activate(private)
        assert driver.route(private) == "yours"
        assert {one: os.environ[one] for one in NAMING if one in os.environ} == {name: asked}


@pytest.mark.parametrize("name", NAMING)
@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (None, "does not exist"),
        ("", "is not a driver's manifest"),
        ('{"ICD": {}}', "is not a driver's manifest"),
        ('{"ICD": {"library_path": "./gone.so"}}', "names the driver ./gone.so, which cannot be loaded"),
        ('{"ICD": {"library_path": "libgone.so.9"}}', "names the driver libgone.so.9, which cannot be loaded"),
        ("folder", "holds no driver"),
    ],
)
def test_what_a_variable_names_in_vain_is_passed_over(
    name: str, content: str | None, fault: str, private: Lavapipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = tmp_path / "gone.json"
    if content == "folder":
        asked.mkdir()
    elif content is not None:
        asked.write_text(content)
    monkeypatch.setenv(name, str(asked))
    assert driver.route(private) == "private"
    with pytest.warns(TraceSimWarning, match=re.escape(f"{name} names {asked}, which {fault}: ignored")):
        driver.activate(private)
    assert {one: os.environ[one] for one in NAMING if one in os.environ} == dict.fromkeys(
        REPLACING, str(private.manifest)
    )
    assert f"{name} names {asked}" in driver.variables_at_fault(private)


def test_of_several_drivers_those_are_kept_that_exist(
    private: Lavapipe, manifest: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VK_DRIVER_FILES", "/nowhere.json")
    monkeypatch.setenv("VK_ICD_FILENAMES", f"/nowhere.json:{manifest}:/neither.json")
    with pytest.warns(TraceSimWarning, match=r"VK_DRIVER_FILES names /nowhere\.json.*VK_ICD_FILENAMES names /neither"):
        driver.activate(private)
    assert driver.route(private) == "yours"
    assert "VK_DRIVER_FILES" not in os.environ
    assert os.environ["VK_ICD_FILENAMES"] == str(manifest)


def test_a_frame_is_drawn_although_a_variable_points_nowhere(tmp_path: Path) -> None:
    code = (
        "from tracesim.geometry.camera import Camera; from tracesim.simulation import renderer;"
        "renderer.render_system(); import sapien;"
        "camera = Camera.looking_at((1, 0, 1), (0, 0, 0))\n"
        "renderer.SceneCamera(sapien.Scene(), camera, 'observation').rgb(); print('drawn')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "VK_ICD_FILENAMES": str(tmp_path / "nowhere.json")},
        capture_output=True,
        text=True,
    )
    assert done.stdout == "drawn\n", done.stderr
    assert done.stderr.count("VK_ICD_FILENAMES names") == 1


def test_a_system_driver_that_draws_is_preferred_on_its_machine_only(private: Lavapipe) -> None:
    gpu = driver.Probe("a GPU")
    driver.Record(gpu, driver.hardware()).write(private.folder)
    assert driver.route(private) == "system"
    driver.Record(gpu, ("/dev/nvidia0 of another machine",)).write(private.folder)
    assert driver.route(private) == "private"
    driver.Record(driver.Probe(None, "no device"), driver.hardware()).write(private.folder)
    assert driver.route(private) == "private"


@pytest.mark.parametrize("text", ["", "{", "[]", '{"device": null}'])
def test_a_damaged_record_counts_as_none(private: Lavapipe, text: str) -> None:
    (private.folder / "system.json").write_text(text)
    assert driver.Record.read(private.folder) is None


def test_without_libx11_a_command_says_what_brings_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def no_library(name: str) -> None:
        raise OSError(name)

    monkeypatch.setattr("ctypes.CDLL", no_library)
    monkeypatch.setattr("tracesim.machine.lavapipe.Lavapipe", lambda: Lavapipe(tmp_path))
    with pytest.raises(RendererError, match=r"needs libX11\.so\.6.*python -m tracesim\.driver install"):
        check_import()


def test_probing_draws_a_frame_here() -> None:
    assert driver.probe().device, driver.probe().reason


def test_a_user_without_home_or_name_draws() -> None:
    # As in a container with an unknown user id, where SAPIEN does not set the folder of its shaders.
    code = (
        "import os, pwd; os.environ.pop('HOME', None); pwd.getpwuid = {}.__getitem__;"
        "from tracesim.machine import driver; driver.draw_one_frame(str(driver.Lavapipe().folder), False)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stdout.partition(" ")[0]) == (0, "device:"), done.stderr


def test_probing_a_driver_that_does_not_draw_gives_the_reason(manifest: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VK_DRIVER_FILES", str(manifest))
    found = driver.probe()
    assert found.device is None
    assert "device" in found.reason
    with pytest.raises(RendererError, match="VK_DRIVER_FILES names a driver that does not work"):
        driver.install(say=lambda _: None)


def test_probing_survives_a_driver_that_ends_the_process(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "sapien.py").write_text("import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)\n")
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}{os.pathsep}{os.environ.get('PYTHONPATH', '')}")
    assert driver.probe() == driver.Probe(None, "the driver ended the process with signal 11")


@pytest.mark.parametrize("system", ["no apt", "not Debian", "folder is a file"])
def test_where_no_driver_can_be_had_one_line_tells_the_ways_out(
    system: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    private = Lavapipe(tmp_path / "share" / "vulkan")
    if system == "no apt":
        monkeypatch.setenv("PATH", "")
    elif system == "not Debian":
        monkeypatch.setattr("platform.freedesktop_os_release", lambda: {"ID": "other", "PRETTY_NAME": "Other 1"})
    else:
        (tmp_path / "share").touch()
    with pytest.raises(RendererError) as caught:
        driver.build(private)
    assert "Remedies:" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "share").is_dir() or not list((tmp_path / "share").iterdir()), "nothing half written"


@needs_apt
def test_apts_sources_are_read_in_both_formats_and_comments_are_not(tmp_path: Path) -> None:
    parts = tmp_path / "parts"
    parts.mkdir()
    (tmp_path / "sources.list").write_text(
        "# deb http://comment.invalid/debian bookworm main\n"
        "deb [arch=amd64] http://security.invalid/debian-security bookworm-security main\n"
        "deb http://third.invalid/tool bookworm stable\n"
    )
    (parts / "debian.sources").write_text(
        "Types: deb\n# http://snapshot.invalid/archive/debian/20250520T000000Z\n"
        "URIs: http://main.invalid/debian\nSuites: bookworm bookworm-updates\nComponents: main contrib\n\n"
        "Types: deb\nEnabled: no\nURIs: http://disabled.invalid/debian\nSuites: bookworm\nComponents: main\n"
    )
    options = [f"-oDir::Etc::SourceList={tmp_path}/sources.list", f"-oDir::Etc::SourceParts={parts}"]
    archives = configured_archives([*options, "-oAPT::Architecture=amd64", "-oAPT::Architectures=amd64"])
    hosts = {archive.uri.split("/")[2] for archive in archives}
    assert hosts == {"security.invalid", "third.invalid", "main.invalid"}
    assert main_archive(archives, "bookworm") == Archive("http://main.invalid/debian/", "bookworm", "main")


def test_a_machine_whose_sources_lack_the_release_says_so() -> None:
    others = [Archive("http://a/", "bookworm-security", "main"), Archive("cdrom:[Debian]/", "bookworm", "main")]
    with pytest.raises(PackagesError, match="name no archive for bookworm/main"):
        main_archive(others, "bookworm")


def test_the_doctor_reports_and_exits_with_0_where_all_is_there() -> None:
    done = subprocess.run([sys.executable, "-m", "tracesim.doctor"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    words = {line.split()[0] for line in done.stdout.splitlines() if line.strip()}
    assert {
        "renderer",
        "robots",
        "python",
        "sapien",
        "mplib",
        "numpy",
        "gymnasium",
        "cores",
        "memory",
        "cache",
    } <= words


def test_the_doctor_exits_with_1_and_a_remedy_where_nothing_draws(
    manifest: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VK_ICD_FILENAMES", str(manifest))
    done = subprocess.run([sys.executable, "-m", "tracesim.doctor"], capture_output=True, text=True)
    assert done.returncode == 1
    assert "Missing: renderer. To fix it: unset VK_ICD_FILENAMES" in done.stdout


def test_the_doctor_tells_what_a_variable_names_in_vain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VK_ICD_FILENAMES", "/nowhere.json")
    done = subprocess.run([sys.executable, "-m", "tracesim.doctor"], capture_output=True, text=True)
    assert done.returncode == 0
    assert "Optional: VK_ICD_FILENAMES. To fix it: unset VK_ICD_FILENAMES" in done.stdout


def test_a_run_that_cannot_draw_names_the_variables_in_its_way(manifest: Path, tmp_path: Path) -> None:
    words = [
        "task=click_bell",
        "episodes=1",
        "video=false",
        "contact_depth=measured",
        f"hydra.run.dir={tmp_path / 'run'}",
    ]
    done = subprocess.run(
        [sys.executable, "-m", "tracesim.run", *words],
        env={**os.environ, "VK_DRIVER_FILES": f"/nowhere.json:{manifest}"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    error = done.stderr.splitlines()[-1]
    assert error.startswith("error: No Vulkan device can draw")
    assert "VK_DRIVER_FILES names /nowhere.json, which does not exist." in error
    assert f"VK_DRIVER_FILES={manifest}" in error
    assert "Traceback" not in done.stderr


def test_what_apt_printed_last_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, body in {"apt-get": "echo gone >&2; echo; exit 7", "dpkg-deb": "exit 0", "ldd": "kill -SEGV $$"}.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{body}\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with pytest.raises(TraceSimError, match=r"apt-get failed \(exit status 7: gone\)"):
        configured_archives()
    with pytest.raises(TraceSimError, match=r"ldd failed \(ended by SIGSEGV\)"):
        dependencies(tmp_path / "any.so", [])


def test_a_damaged_private_driver_is_named(private: Lavapipe) -> None:
    private.load_order.write_text("{")
    with pytest.raises(RendererError, match=r"is damaged .*python -m tracesim\.driver install"):
        driver.activate(private)
