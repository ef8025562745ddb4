"""Tests of work shared by processes: all results come back, and an error in one of them is reported."""

from __future__ import annotations

import os
import signal

import pytest

from tracesim.certify.workers import in_parallel
from tracesim.errors import ConfigurationError, InfrastructureError


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


def test_a_process_that_dies_is_told_of() -> None:
    with pytest.raises(
        InfrastructureError, match=r"A worker process died \(ended by SIGKILL: is there enough memory\?\)"
    ):
        list(in_parallel(squared, [1, 99, 2], 2))
    assert list(in_parallel(squared, [], 2)) == []
