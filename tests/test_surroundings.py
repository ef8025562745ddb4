"""Tests of runs on faulty machines: full disks, folders that are not writable, users without a home folder."""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tracesim.results.store import RecordStore, read_records

WORDS = ("task=click_bell", "episodes=2", "video=false", "policy=noop", "variation=clean")
DRAWN = ("task=click_bell", "episodes=1", "video=false", "variation=clean", "contact_depth=measured")
NOBODY = 54321
"""A user that no machine has: without a name and a home."""


def run(
    words: Sequence[str], *, folder: Path, before: Sequence[str] = (), **environment: str | None
) -> subprocess.CompletedProcess[str]:
    """Run `python -m tracesim.run` in `folder`; `before` is a command that runs commands, None unsets a variable."""
    variables = {**os.environ, **environment}
    return subprocess.run(
        [*before, sys.executable, "-m", "tracesim.run", *words],
        cwd=folder,
        env={name: value for name, value in variables.items() if value is not None},
        capture_output=True,
        text=True,
        errors="replace",
    )


def assert_played(done: subprocess.CompletedProcess[str], folder: Path, episodes: int) -> None:
    assert done.returncode == 0, done.stdout + done.stderr
    records = read_records(folder / RecordStore.FILE)
    assert [one.seed for one in records if one.is_judged] == list(range(episodes))
    assert "Traceback" not in done.stderr


@functools.cache
def as_nobody() -> tuple[str, ...]:
    """Return a command that runs another one as a user who can only write to folders that are open to everyone."""
    if os.geteuid() != 0:
        return ()
    if not shutil.which("setpriv"):
        pytest.skip("root can write everywhere, and there is no setpriv to become somebody else")
    # Python itself may be in the home folder of root, so everything is readable but nothing is writable.
    reads = ("--inh-caps", "+dac_read_search", "--ambient-caps", "+dac_read_search")
    command = ("setpriv", "--reuid", str(NOBODY), "--regid", str(NOBODY), "--clear-groups", *reads)
    if subprocess.run([*command, sys.executable, "-c", ""], capture_output=True).returncode != 0:
        pytest.skip("root can write everywhere, and cannot become somebody else here")
    return command


@functools.cache
def with_mounts() -> tuple[str, ...]:
    """Return a command that runs a shell script with its own mounts, which other processes do not see."""
    for command in (("unshare", "-m"), ("unshare", "-rm")):
        mounting = [*command, "sh", "-c", "mount -t tmpfs -o size=64k none /mnt"]
        if shutil.which("unshare") and subprocess.run(mounting, capture_output=True).returncode == 0:
            return (*command, "sh", "-euc")
    pytest.skip("nothing can be mounted here")


@pytest.fixture
def open_folder(tmp_path: Path) -> Path:
    """Folder that everyone can write to."""
    folder = tmp_path / "open"
    folder.mkdir()
    folder.chmod(0o777)
    return folder


@pytest.fixture
def closed_folder(tmp_path: Path) -> Path:
    """Folder in which its owner, unless root, cannot write."""
    folder = tmp_path / "closed"
    folder.mkdir()
    folder.chmod(0o555)
    return folder


def test_a_user_without_a_home_and_without_a_folder_to_write_to_plays(
    open_folder: Path, closed_folder: Path, renderer: None
) -> None:
    run_folder = open_folder / "run"
    done = run(
        [*DRAWN, f"hydra.run.dir={run_folder}"],
        folder=closed_folder,
        before=as_nobody(),
        HOME=None,
        XDG_CACHE_HOME=None,
        TMPDIR=str(open_folder),
        PYTHONDONTWRITEBYTECODE=None,
    )
    assert_played(done, run_folder, 1)
    if as_nobody():
        assert done.stderr.count("warning: The cache folder cannot be written") == 1
        assert f"{open_folder}/tracesim-{NOBODY} is used instead" in done.stderr
    assert not list(closed_folder.iterdir())


@pytest.mark.parametrize("flag", [(), ("--multirun",)])
def test_a_current_folder_that_cannot_be_written_is_named_with_the_way_out(
    flag: tuple[str, ...], closed_folder: Path
) -> None:
    done = run([*flag, *WORDS], folder=closed_folder, before=as_nobody())
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    key = "hydra.sweep.dir" if flag else "hydra.run.dir"
    assert f"error: {key}=" in done.stderr
    assert "cannot be made (Permission denied). Valid: the path of a folder that can be written." in done.stderr


def test_a_reader_that_leaves_does_not_end_a_run(tmp_path: Path) -> None:
    head = ("bash", "-c", '"$@" | head -n 1; exit ${PIPESTATUS[0]}', "bash")
    done = run([*WORDS, "hydra.run.dir=run"], folder=tmp_path, before=head)
    assert_played(done, tmp_path / "run", 2)
    assert done.stdout.count("\n") == 1
    assert (tmp_path / "run" / "summary.json").exists()


def test_a_run_without_streams_is_complete(tmp_path: Path) -> None:
    closed = ("bash", "-c", '"$@" <&- >&- 2>&-', "bash")
    done = run([*WORDS, "hydra.run.dir=run"], folder=tmp_path, before=closed, LC_ALL="C", PYTHONIOENCODING="ascii")
    assert_played(done, tmp_path / "run", 2)


def test_a_message_that_a_terminal_lacks_the_characters_for_ends_nothing(tmp_path: Path) -> None:
    folder = "漢字 ä"
    done = run([*WORDS, f"hydra.run.dir='{folder}'"], folder=tmp_path, LC_ALL="C", PYTHONIOENCODING="ascii")
    assert_played(done, tmp_path / folder, 2)
    assert "\n  \\u6f22\\u5b57 \\xe4/episodes.jsonl" in done.stdout


def test_what_is_not_there_any_more_is_named(tmp_path: Path) -> None:
    gone = ("sh", "-c", 'rmdir "$PWD"; exec "$@"', "sh")
    (tmp_path / "gone").mkdir()
    done = run(WORDS, folder=tmp_path / "gone", before=gone)
    assert done.returncode == 2
    assert "error: The current folder does not exist any more.\n" in done.stderr
    done = run(["resume=~nobody-of-this-name/run"], folder=tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith("error: ~nobody-of-this-name/run/configuration.yaml: no such file;")


def test_full_disks_for_caches_and_temporary_files_do_not_matter(tmp_path: Path, renderer: None) -> None:
    (tmp_path / "full").mkdir()
    script = f'mount -t tmpfs -o size=16k none "{tmp_path}/full"; mkdir "{tmp_path}/full/tmp"; exec "$@"'
    done = run(
        [*DRAWN, "hydra.run.dir=run"],
        folder=tmp_path,
        before=[*with_mounts(), script, "sh"],
        XDG_CACHE_HOME=str(tmp_path / "full"),
        TMPDIR=str(tmp_path / "full" / "tmp"),
    )
    assert_played(done, tmp_path / "run", 1)
    assert done.stderr.count("warning: The cache folder cannot be written") == 1
    assert "No space left on device" in done.stderr


def test_a_disk_that_fills_up_during_a_run_is_told_of_and_keeps_whole_records(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    script = (
        f'mount -t tmpfs -o size=16k none "{tmp_path}/disk"; cd "{tmp_path}/disk"; code=0; "$@" || code=$?;'
        f' mkdir "{tmp_path}/kept"; cp run/*.jsonl run/*.yaml "{tmp_path}/kept"; exit $code'
    )
    words = [word for word in WORDS if not word.startswith("episodes=")]
    done = run([*words, "episodes=12", "hydra.run.dir=run"], folder=tmp_path, before=[*with_mounts(), script, "sh"])
    assert done.returncode == 3, done.stdout + done.stderr
    assert done.stderr.splitlines()[-1] == "error: run/episodes.jsonl: cannot be written (No space left on device)."
    for line in (tmp_path / "kept" / RecordStore.FILE).read_bytes().splitlines(keepends=True)[:-1]:
        assert line.endswith(b"}\n")


def test_where_nothing_at_all_can_be_written_the_doctor_and_the_environment_say_what_to_set(
    tmp_path: Path, renderer: None
) -> None:
    script = (
        'for folder in /tmp /var/tmp /dev/shm "$HOME"; do test -d "$folder" && mount --bind "$folder" "$folder" &&'
        ' mount -o remount,bind,ro "$folder"; done; cd /proc; exec "$@"'
    )
    code = (
        "import gymnasium, tracesim; from tracesim.errors import RendererError\n"
        "try: gymnasium.make('TraceSim-ClickBell-v1').reset(seed=0)\n"
        "except RendererError as error: print(error)"
    )
    for words in (["-c", code], ["-m", "tracesim.doctor"]):
        done = subprocess.run(
            [*with_mounts(), script, "sh", sys.executable, *words],
            env={**os.environ, "HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache")},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        assert "set XDG_CACHE_HOME to a folder that can be written" in done.stdout
        assert "Read-only file system" in done.stdout
