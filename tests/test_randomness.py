from __future__ import annotations

import os
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracesim.layout.randomness import NOMINAL_SEED, stream

SEEDS, NAMES = st.integers(0, 2**63 - 1), st.text("abcdefghijklmnopqrstuvwxyz_", min_size=1, max_size=20)


def bits(task: str, seed: int, name: str, varies: bool = True) -> bytes:
    return stream(task, seed, name, varies).bytes(16)


@settings(deadline=None, derandomize=True, max_examples=50)
@given(one=st.tuples(NAMES, SEEDS, NAMES), other=st.tuples(NAMES, SEEDS, NAMES))
def test_streams_are_the_same_exactly_when_task_seed_and_name_are(
    one: tuple[str, int, str], other: tuple[str, int, str]
) -> None:
    assert (bits(*one) == bits(*other)) == (one == other)
    assert bits(*one, varies=False) == bits(one[0], NOMINAL_SEED, one[2])


@pytest.mark.parametrize("hash_seed", ["0", "1"])
def test_streams_do_not_depend_on_the_process(hash_seed: str) -> None:
    """Python hashes strings with a salt that each process draws."""
    script = "from tracesim.layout.randomness import stream; print(stream('water_flowers', 3, 'light').bytes(16).hex())"
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True, env=environment)
    assert done.stdout.strip() == bits("water_flowers", 3, "light").hex()
