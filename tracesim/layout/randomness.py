"""Seeded random generators, one for each purpose of an episode."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import Final, Literal, Self

import numpy as np

NOMINAL_SEED: Final = 0
"""The seed whose draws are used for whatever does not vary."""

ShapeSplit = Literal["all", "seen", "unseen"]
"""Which shapes of a kind may be drawn: all, those for training, or those held out."""


def stream(task: str, seed: int, name: str, varies: bool = True) -> np.random.Generator:
    """Return the random generator for one purpose of an episode.

    Generators are seeded by a hash of their names, so that a new purpose, or more draws for one purpose, changes no
    other draw.

    Args:
        task: Name of the task.
        seed: Seed of the episode.
        name: What the generator is for, such as `"light"`.
        varies: Whether the draws depend on the seed; otherwise every seed uses those of `NOMINAL_SEED`.
    """
    names = (zlib.crc32(word.encode()) for word in (task, name))
    return np.random.default_rng([seed if varies else NOMINAL_SEED, *names])


@dataclass(frozen=True)
class Draw:
    """The random generators from which a scene is drawn; with separate generators, each axis varies alone."""

    places: np.random.Generator
    """Positions, headings, and the numbers in the instruction."""

    shapes: np.random.Generator
    """The kind of an object where a task offers several, its variant, and its form."""

    sizes: np.random.Generator
    """Dimensions of objects."""

    colors: np.random.Generator
    """Colours, prints and tints."""

    shape_split: ShapeSplit = "all"
    """Which shapes may be drawn."""

    @classmethod
    def of(cls, rng: np.random.Generator, shape_split: ShapeSplit = "all") -> Self:
        """Return a draw whose axes all share one generator, for scripts and tests."""
        return cls(rng, rng, rng, rng, shape_split)
