"""A draw: the generators that a scene is drawn with, one for each axis along which scenes differ."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Self

import numpy as np

ShapeSplit = Literal["all", "seen", "unseen"]
"""Which shapes may be drawn: all of a kind's, those to train on, or those held out."""


@dataclass(frozen=True)
class Draw:
    """Where a scene's randomness comes from; with separate generators each axis varies alone.

    places: decides positions, headings and the numbers that an instruction asks. shapes: which kind where there is a
    choice, which variant of it, and its form. sizes: measures. colors: colours, prints and tints. shape_split: which
    shapes are drawn at all.
    """

    places: np.random.Generator
    shapes: np.random.Generator
    sizes: np.random.Generator
    colors: np.random.Generator
    shape_split: ShapeSplit = "all"

    @classmethod
    def of(cls, rng: np.random.Generator, shape_split: ShapeSplit = "all") -> Self:
        """Return a draw whose axes share one generator: for scripts and tests that ask for nothing in particular."""
        return cls(rng, rng, rng, rng, shape_split)
