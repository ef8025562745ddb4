"""Tests of the cache: entries are reused, repaired when damaged, and stored elsewhere if the folder is not writable."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tracesim.errors import TraceSimWarning
from tracesim.machine import cache
from tracesim.machine.cache import INDEX_FILE, cached

FILES = {"robot.urdf": b"<robot/>", "mesh.glb": bytes(range(256)) * 40}


class Made:
    """Function that returns the files and counts its calls."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> Mapping[str, bytes]:
        self.times += 1
        return FILES


@pytest.fixture(autouse=True)
def _folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "tmp").mkdir()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    monkeypatch.setattr(tempfile, "tempdir", None)
    cache._warn.cache_clear()


def holds(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name != INDEX_FILE}


def test_an_entry_is_made_once(tmp_path: Path) -> None:
    made = Made()
    for _ in range(2):
        folder = cached("robots/one", made)
        assert folder == tmp_path / "cache" / "tracesim" / "robots" / "one"
        assert holds(folder) == FILES
    assert made.times == 1
    assert cache.problem() == ""


def remove(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.touch()


@pytest.mark.parametrize(
    "damage",
    [
        lambda folder: os.truncate(folder / "mesh.glb", 100),
        lambda folder: os.truncate(folder / "robot.urdf", 0),
        lambda folder: (folder / "mesh.glb").write_bytes(bytes(len(FILES["mesh.glb"]))),
        lambda folder: (folder / "mesh.glb").unlink(),
        lambda folder: (folder / INDEX_FILE).unlink(),
        lambda folder: os.truncate(folder / INDEX_FILE, 20),
        lambda folder: (folder / INDEX_FILE).write_text("[]"),
        lambda folder: (folder / INDEX_FILE).write_bytes(b"\xff\xfe"),
        lambda folder: [path.unlink() for path in folder.iterdir()],
        remove,
    ],
)
def test_what_is_damaged_is_made_again(damage: Callable[[Path], object]) -> None:
    made = Made()
    damage(cached("one", made))
    assert holds(cached("one", made)) == FILES
    assert holds(cached("one", made)) == FILES
    assert made.times == 2


@pytest.mark.parametrize("variable", ["XDG_CACHE_HOME", "HOME"])
@pytest.mark.parametrize("place", ["/dev/null/x", "/proc", "file"])
def test_a_folder_that_cannot_be_written_is_replaced_by_a_private_one(
    variable: str, place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv(variable, str(tmp_path / place))
    instead = tmp_path / "tmp" / f"tracesim-{os.geteuid()}"
    made = Made()
    with pytest.warns(TraceSimWarning, match=f"{instead} is used instead; set XDG_CACHE_HOME") as said:
        folders = [cached(name, made) for name in ("one", "one", "other")]
    assert folders == [instead / "one", instead / "one", instead / "other"]
    assert all(holds(folder) == FILES for folder in folders)
    assert len(said) == 1
    assert made.times == 2
    assert instead.stat().st_mode & 0o777 == 0o700
    assert str(tmp_path / place) in cache.problem()
    assert f"{instead} is used instead" in cache.problem()


@pytest.mark.parametrize("trap", ["link", "open to all", "file"])
def test_a_temporary_folder_that_may_be_somebody_elses_is_not_used(
    trap: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/dev/null/x")
    (tmp_path / "theirs").mkdir()
    place = tmp_path / "tmp" / f"tracesim-{os.geteuid()}"
    if trap == "link":
        place.symlink_to(tmp_path / "theirs")
    elif trap == "file":
        place.touch()
    else:
        place.mkdir()
        place.chmod(0o777)
    with pytest.warns(TraceSimWarning, match="belongs to another user"):
        folder = cached(f"test-{tmp_path.parent.name}-{tmp_path.name}", Made())
    assert not folder.is_relative_to(tmp_path)
    assert not list((tmp_path / "theirs").iterdir())
    shutil.rmtree(folder)


def test_a_kill_leaves_nothing_that_is_taken_for_whole() -> None:
    code = """
import os, signal
from tracesim.machine.cache import cached
class Files(dict):
    def items(self):
        yield "robot.urdf", b"<robot/>"
        os.kill(os.getpid(), signal.SIGKILL)
cached("one", Files)
"""
    done = subprocess.run([sys.executable, "-c", code])
    assert done.returncode == -signal.SIGKILL
    made = Made()
    assert holds(cached("one", made)) == FILES
    assert made.times == 1


def test_processes_that_make_entries_at_once_all_get_them_whole(tmp_path: Path) -> None:
    names = [f"entry {number}" for number in range(60)]
    for name in names[::2]:
        os.truncate(cached(name, lambda: {"a": b"1" * 100_000, "b": b"2"}) / "a", 5)
    code = f"""
import time, sys
from tracesim.machine.cache import cached
time.sleep(max(float(sys.argv[1]) - time.time(), 0.0))
for name in {names}:
    folder = cached(name, lambda: {{"a": b"1" * 100_000, "b": b"2"}})
    assert ((folder / "a").read_bytes(), (folder / "b").read_bytes()) == (b"1" * 100_000, b"2")
"""
    at = str(time.time() + 1.0)
    running = [subprocess.Popen([sys.executable, "-c", code, at], stderr=subprocess.PIPE) for _ in range(3)]
    said = [process.communicate()[1].decode() for process in running]
    assert [process.returncode for process in running] == [0, 0, 0], said
    assert not list((tmp_path / "cache").rglob(".*"))
