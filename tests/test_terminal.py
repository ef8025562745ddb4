"""Tests of commands whose reader closes the pipe or whose terminal cannot show some characters."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

LINES = 10_000
WORK = r"""
import sys, warnings
from pathlib import Path
from tracesim.arguments import status
from tracesim.errors import ConfigurationError, TraceSimWarning
from tracesim.machine.terminal import console

def work():
    for number in range({lines}):
        print(f"line {{number}}")
    console().print("a table's \u2500 and \u6c49\u5b57 \u00e4 \udcff")
    warnings.warn("\u8b66\u544a", TraceSimWarning)
    Path("finished").touch()
    {ending}

sys.exit(status(work))
"""


def start(
    folder: Path, shell: str, ending: str = "", lines: int = LINES, **environment: str
) -> subprocess.Popen[bytes]:
    """Start a command that prints a lot and then writes a file, by a line of shell in which "$@" is the command."""
    script = WORK.format(lines=lines, ending=ending)
    return subprocess.Popen(
        ["bash", "-c", shell, "bash", sys.executable, "-c", script],
        cwd=folder,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


@pytest.mark.parametrize(
    ("shell", "code"),
    [
        ('"$@" | head -n 1 ; exit ${PIPESTATUS[0]}', 0),
        ('"$@" 2>&1 | head -n 1 ; exit ${PIPESTATUS[0]}', 0),
        ('"$@" >&- 2>&- <&-', 0),
        ('"$@" 2>&-', 0),
        ('"$@" 2>/dev/full', 0),
        ('"$@" >/dev/full', 3),
    ],
)
def test_the_work_is_done_whoever_reads(shell: str, code: int, tmp_path: Path) -> None:
    process = start(tmp_path, shell)
    _, err = process.communicate()
    assert process.returncode == code, err
    assert (tmp_path / "finished").exists()
    assert b"Traceback" not in err
    assert b"Exception" not in err
    said = [line for line in err.decode().splitlines() if line.startswith("error:")]
    assert said == (["error: standard output cannot be written: No space left on device."] if code else [])


@pytest.mark.parametrize(
    ("ending", "code"),
    [
        (r"raise ConfigurationError('no \u6c49')", 2),
        ("open('nowhere/file')", 2),
        ("open('/dev/full', 'wb', 0).write(b'x')", 3),
        ("raise KeyboardInterrupt", 130),
    ],
)
def test_the_exit_status_does_not_depend_on_the_reader(ending: str, code: int, tmp_path: Path) -> None:
    for shell in ('"$@" 2>&1 | head -n 1 ; exit ${PIPESTATUS[0]}', '"$@" >&- 2>&-'):
        process = start(tmp_path, shell, ending=ending, PYTHONIOENCODING="ascii")
        _, err = process.communicate()
        assert process.returncode == code, err
        assert b"Traceback" not in err


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp437", "utf-8"])
def test_characters_that_a_terminal_lacks_are_escaped(encoding: str, tmp_path: Path) -> None:
    process = start(tmp_path, 'exec "$@"', lines=0, PYTHONIOENCODING=encoding)
    out, err = process.communicate()
    assert process.returncode == 0, err
    shown = "a table's \u2500 and \u6c49\u5b57 \u00e4 \udcff\n"
    assert out == shown.encode(encoding, "backslashreplace")
    assert err == "warning: \u8b66\u544a\n".encode(encoding, "backslashreplace")


def test_a_terminal_that_is_closed_ends_nothing(tmp_path: Path) -> None:
    ours, theirs = os.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", WORK.format(lines=LINES, ending="")], cwd=tmp_path, stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    assert os.read(ours, 4) == b"line"
    os.close(ours)
    assert process.wait() == 0
    assert (tmp_path / "finished").exists()


def test_a_pipe_that_does_not_block_loses_nothing(tmp_path: Path) -> None:
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    process = subprocess.Popen(
        [sys.executable, "-c", WORK.format(lines=LINES, ending="")],
        cwd=tmp_path,
        stdout=writer,
        stderr=subprocess.DEVNULL,
    )
    os.close(writer)
    time.sleep(0.3)  # the pipe holds 64 kB, which is less than the output
    with open(reader, "rb") as pipe:
        said = pipe.read()
    assert process.wait() == 0
    assert said.count(b"line ") == LINES


def test_a_file_opened_first_is_not_taken_for_a_closed_stream(tmp_path: Path) -> None:
    ending = "import os; file = open('records', 'w'); os.system('echo from a child'); file.write('mine')"
    process = start(tmp_path, '"$@" >&-', ending=ending, lines=0)
    process.communicate()
    assert (tmp_path / "records").read_text() == "mine"
