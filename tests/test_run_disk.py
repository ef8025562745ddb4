"""Runs whose files cannot be written, or that a signal ends."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import resource
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.playing import PlayedEpisode, Playing
from tests.test_film import needs_pixels
from tracesim.configuration import EpisodeConfiguration, Variation
from tracesim.episode import episode
from tracesim.errors import ConfigurationError, InfrastructureError, RendererError, TraceSimError
from tracesim.files.json_lines import LineFile, read_lines
from tracesim.files.whole_file import write_text
from tracesim.film.video import writer
from tracesim.results.record import Record
from tracesim.results.store import RecordStore, read_records
from tracesim.run import main

pytestmark = pytest.mark.usefixtures("somewhere_else")

RUN = ["task=click_bell", "variation=clean", "episodes=3", "video=true", "hydra.run.dir=run"]


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """Make every write that enlarges a file fail, as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def records() -> list[Record]:
    return read_records(Path("run") / RecordStore.FILE)


@pytest.mark.parametrize(
    ("blocked", "film", "curves"),
    [
        ("videos", False, True),
        ("curves", True, False),
        ("videos/1_success.mp4/in the way", True, True),
        ("curves/1.npz/in the way", True, True),
        ("run.log/in the way", True, True),
    ],
)
def test_episode_counts_if_its_video_or_curves_cannot_be_written(
    blocked: str, film: bool, curves: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    path = Path("run") / blocked
    path.parent.mkdir(parents=True)
    path.touch()
    assert main(RUN, Playing()) == 0
    assert [one.success for one in records()] == [True] * 3
    named = "/" in blocked and not blocked.startswith("run.log")
    assert [one.video is not None for one in records()] == [film, film and "videos" not in blocked, film]
    assert [one.curves_file is not None for one in records()] == [curves, curves and "curves" not in blocked, curves]
    said = capsys.readouterr()
    assert said.err == ""
    warned = [line for line in said.out.splitlines() if line.startswith("Warning: ")]
    assert len(warned) == (named or not (film and curves))
    assert all("could not be written, its record stands" in line for line in warned)
    assert path.exists()


FFMPEGS = {
    "dies half way": "head -c 300000 > /dev/null; echo half > \"$last\"; echo 'no space left' >&2; exit 1",
    "writes nothing": "cat > /dev/null",
    "is no ffmpeg": "exit 1",
    "complains at length": 'yes complaint | head -c 300000 >&2; cat > /dev/null; echo half > "$last"; exit 3',
    "talks": "yes | head -c 300000; cat > /dev/null; exit 3",
    "is killed": 'echo half > "$last"; kill -9 $$',
}


@pytest.mark.parametrize("kind", FFMPEGS)
def test_broken_ffmpeg_leaves_no_file(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "ffmpeg"
    program.write_text(f"#!/bin/sh\nfor last; do :; done\n{FFMPEGS[kind]}\n")
    program.chmod(0o755)
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", str(program))
    path = tmp_path / "films" / "film.mp4"

    def film() -> None:
        with writer(path, (64, 48)) as write:
            for _ in range(60):
                write(np.zeros((48, 64, 3), np.uint8))

    with pytest.raises(TraceSimError, match=r"ffmpeg could not write .*film\.mp4: [^\n]"):
        film()
    assert list(path.parent.iterdir()) == []


CLICK = EpisodeConfiguration("click_bell", variation=Variation("clean", clutter=0))


@needs_pixels
@pytest.mark.parametrize("fault", ["ffmpeg", "renderer", "disk"])
def test_episode_counts_if_it_cannot_be_filmed(
    fault: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def failing(*_: Any, **__: Any) -> None:
        raise RendererError("the device was lost")

    film, curves = tmp_path / "film.mp4", tmp_path / "curves.npz"
    # The memory of a software renderer is a file, too, and grows with the first pictures.
    whole = episode.play(CLICK, 0, film=film if fault == "disk" else None, curves=tmp_path / "whole.npz")
    film.unlink(missing_ok=True)
    if fault == "renderer":
        monkeypatch.setattr(episode, "shoot", failing)
    elif fault == "ffmpeg":
        monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", "/bin/false")
    with files_of_at_most(20_000 if fault == "disk" else resource.RLIM_INFINITY):
        record = episode.play(CLICK, 0, film=film, curves=curves)
    assert record.record_hash == whole.record_hash
    left = [] if fault == "disk" else ["curves.npz"]
    assert sorted(path.name for path in tmp_path.iterdir()) == [*left, "whole.npz"]
    assert [message.split(" of seed")[0] for message in caplog.messages] == [
        *(["The curves"] if fault == "disk" else []),
        "The film",
    ]


def test_run_can_be_resumed_after_the_disk_refused_a_record(capsys: pytest.CaptureFixture[str]) -> None:
    words = [*RUN, "episodes=9"]  # seven records are larger than any other file of the run
    assert main(words, Playing(raises={7: KeyboardInterrupt()})) == 130
    size = (Path("run") / RecordStore.FILE).stat().st_size
    capsys.readouterr()
    with files_of_at_most(size + 100):
        assert main(["resume=run"], Playing()) == 3
    said = capsys.readouterr()
    assert said.err == "error: run/episodes.jsonl: cannot be written (File too large).\n"
    assert "2 of 9 episodes are left. To resume: python -m tracesim.run resume=run" in said.out
    assert (Path("run") / RecordStore.FILE).stat().st_size == size
    assert main(["resume=run"], Playing()) == 0
    assert [one.seed for one in records()] == list(range(9))
    assert [path.name for path in Path("run").rglob(".*")] == []


class Signalled(Playing):
    """Receives a signal while the policy is asked about seed 1."""

    def __init__(self, number: signal.Signals) -> None:
        super().__init__()
        self.number = number

    def begin(self, seed: int, *, film: Path | None, curves: Path | None) -> PlayedEpisode:
        if seed == 1:
            signal.raise_signal(self.number)
        return super().begin(seed, film=film, curves=curves)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGINT, 130)])
def test_run_can_be_resumed_after_a_signal(
    number: signal.Signals, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    usual = signal.default_int_handler if number is signal.SIGINT else signal.SIG_DFL
    before = signal.signal(number, usual)  # the signal may have been ignored from the start, as by nohup and &
    try:
        assert main(RUN, Signalled(number)) == code
        assert signal.getsignal(number) is usual
    finally:
        signal.signal(number, before)
    assert "Interrupted: 2 of 3 episodes are left. To resume: python -m tracesim.run resume=" in capsys.readouterr().out


def test_ignored_signal_does_not_end_a_run() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as nohup does
    try:
        assert main(RUN, Signalled(signal.SIGHUP)) == 0
    finally:
        signal.signal(signal.SIGHUP, before)


def test_deleted_folder_is_reported(
    capsys: pytest.CaptureFixture[str],
) -> None:
    class Deleting(Playing):
        def begin(self, seed: int, *, film: Path | None, curves: Path | None) -> PlayedEpisode:
            if seed == 1:
                shutil.rmtree("run")
            return super().begin(seed, film=film, curves=curves)

    assert main(RUN, Deleting()) == 3
    said = capsys.readouterr()
    assert "deleted, moved or replaced" in said.err
    assert "resume=" not in said.out
    assert not Path("run/summary.json").exists()


def test_resume_writes_a_summary_that_could_not_be_written(capsys: pytest.CaptureFixture[str]) -> None:
    (Path("run") / "summary.json").mkdir(parents=True)
    assert main(RUN, Playing()) == 3
    said = capsys.readouterr()
    assert "3 of 3" in said.out
    assert "summary.json: cannot be written" in said.err
    (Path("run") / "summary.json").rmdir()
    assert main(["resume=run"], Playing()) == 0
    assert json.loads((Path("run") / "summary.json").read_text())["success"]["count"] == 3


def test_run_is_refused_if_its_configuration_cannot_be_written(capsys: pytest.CaptureFixture[str]) -> None:
    with files_of_at_most(10):
        assert main(RUN, Playing()) == 2
    assert "configuration.yaml: cannot be written" in capsys.readouterr().err
    assert main(RUN, Playing()) == 0


def test_line_is_written_completely_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "lines"
    with LineFile(path, json.loads) as file:
        file.append('"a"')
        with files_of_at_most(50), pytest.raises(InfrastructureError, match="cannot be written"):
            file.append(json.dumps("b" * 100))
        assert read_lines(path, json.loads) == ["a"]
        file.append('"c"')
    assert path.read_text() == '"a"\n"c"\n'
    with files_of_at_most(5), pytest.raises(OSError, match="large"):
        write_text("something longer", path)
    assert path.read_text() == '"a"\n"c"\n'
    assert [one.name for one in tmp_path.iterdir()] == ["lines"]


@pytest.mark.parametrize("code", [errno.ENOSYS, errno.ENOLCK, errno.EOPNOTSUPP, errno.EINVAL, errno.EIO])
def test_file_system_without_locks_gives_a_warning(
    code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(*_: Any) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(fcntl, "flock", refuse)
    assert main(RUN, Playing(raises={1: KeyboardInterrupt()})) == 130
    assert main(["resume=run"], Playing()) == 0
    warned = [line for line in capsys.readouterr().out.splitlines() if line.startswith("Warning: ")]
    assert len(warned) == 2
    assert all("cannot be locked here" in line for line in warned)
    assert main(["-m", "task=click_bell", "video=false", "seed=0", "hydra.sweep.dir=sweep"], Playing()) == 0


@pytest.mark.parametrize("code", [errno.EWOULDBLOCK, errno.EAGAIN])
def test_lock_of_another_process_is_reported(code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(fcntl, "flock", refuse)
    with pytest.raises(ConfigurationError, match="another process is writing to it"):
        LineFile(tmp_path / "lines", json.loads).__enter__()


def test_repeated_warning_is_printed_once_and_always_logged(capsys: pytest.CaptureFixture[str]) -> None:
    Path("run").mkdir()
    (Path("run") / "videos").touch()
    (Path("run") / "curves").touch()
    assert main(RUN, Playing()) == 0
    assert capsys.readouterr().out.count("Warning: ") == 2
    assert (Path("run") / "run.log").read_text().count("WARNING: ") == 6
