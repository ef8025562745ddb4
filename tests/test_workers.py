"""Tests of work shared by processes: all results come back, and an error in one of them is reported."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tracesim.errors import ConfigurationError, InfrastructureError
from tracesim.machine.workers import in_parallel


def squared(number: int) -> tuple[int, int]:
    if number == 13:
        raise ConfigurationError("13 is unlucky.")
    if number == 99:
        os.kill(os.getpid(), signal.SIGKILL)
    return number**2, os.getpid()


@pytest.mark.parametrize("workers", [1, 2])
def test_every_job_is_done(workers: int) -> None:
    results = dict(in_parallel(squared, range(6), workers))
    assert sorted(results) == [0, 1, 4, 9, 16, 25]
    assert (os.getpid() in results.values()) == (workers == 1)


@pytest.mark.parametrize("workers", [1, 2])
def test_what_a_job_raises_is_raised(workers: int) -> None:
    with pytest.raises(ConfigurationError, match="unlucky"):
        list(in_parallel(squared, [1, 13, 2], workers))


def test_job_of_which_processes_die_is_reported() -> None:
    with pytest.raises(
        InfrastructureError, match=r"died of the same job \(ended by SIGKILL: is there enough memory\?\)"
    ):
        list(in_parallel(squared, [1, 99, 2], 2))
    assert list(in_parallel(squared, [], 2)) == []


def killed_once(path: Path) -> int:
    """Kill this process unless that has happened before."""
    try:
        path.touch(exist_ok=False)
    except FileExistsError:
        return os.getpid()
    os.kill(os.getpid(), signal.SIGKILL)
    return 0


def test_job_of_a_process_that_dies_is_done_by_another(tmp_path: Path) -> None:
    jobs = [tmp_path / str(number) for number in range(6)]
    done = list(in_parallel(killed_once, jobs, 2))
    assert len(done) == 6
    assert 0 not in done


def by_threads(_: int) -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name.endswith("_NUM_THREADS")}


def test_processes_share_the_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    monkeypatch.delenv("LP_NUM_THREADS", raising=False)
    for found in in_parallel(by_threads, range(2), 2):
        assert found["OMP_NUM_THREADS"] == "7"
        assert int(found["LP_NUM_THREADS"]) == max(1, len(os.sched_getaffinity(0)) // 2)
    assert "LP_NUM_THREADS" not in os.environ


def sleep_until_killed(place: Path) -> None:
    place.write_text(str(os.getpid()))
    time.sleep(60.0)


def test_processes_end_with_the_one_that_is_killed(tmp_path: Path) -> None:
    code = (
        "from pathlib import Path; from tests.test_workers import sleep_until_killed; "
        "from tracesim.machine.workers import in_parallel; "
        f"list(in_parallel(sleep_until_killed, [Path({str(tmp_path)!r}) / one for one in 'ab'], 2))"
    )
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(map(str, sys.path))}
    parent = subprocess.Popen([sys.executable, "-c", code], env=environment)
    files = [tmp_path / "a", tmp_path / "b"]
    wait_until(lambda: all(file.exists() and file.read_text() for file in files))
    parent.kill()
    parent.wait()
    wait_until(lambda: not any(Path("/proc", file.read_text()).exists() for file in files))


def wait_until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60.0
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)
