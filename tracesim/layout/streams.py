"""Streams of randomness: one seeded generator for each purpose of an episode."""

from __future__ import annotations

import zlib
from typing import Final

import numpy as np

STREAMS: Final = (
    "task",
    "clutter",
    "camera",
    "light",
    "room",
    "policy",
    "shapes",
    "sizes",
    "colors",
    "materials",
    "table_height",
    "intrinsics",
    "near_misses",
    "language",
)

NOMINAL_SEED: Final = 0
"""The seed whose draws stand for what does not vary."""


def stream(task: str, seed: int, name: str, varies: bool = True) -> np.random.Generator:
    """Return the seeded generator of one purpose, so that drawing more for one leaves the others as they were.

    varies: whether it depends on the seed; else every seed has that of `NOMINAL_SEED`.
    """
    number = STREAMS.index(name) if name in STREAMS else zlib.crc32(name.encode())
    return np.random.default_rng([seed if varies else NOMINAL_SEED, zlib.crc32(task.encode()), number])
