"""Variants: shapes of one kind of prop that differ by more than their sizes; the last ones are held out."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

from tracesim.errors import unknown_name
from tracesim.layout.randomness import Draw, ShapeSplit

UNSEEN_SHARE: Final = 0.3
"""Where shapes are told apart by a proportion alone, so much of its range is held out, at the upper end."""


def of_split(names: Sequence[str], split: ShapeSplit) -> Sequence[str]:
    """Return which of a kind's variants belong to a split: the last is held out, the last two of five and more."""
    seen = len(names) - (2 if len(names) >= 5 else 1)
    return {"all": names, "seen": names[:seen], "unseen": names[seen:]}[split]


def choose(
    draw: Draw, what: str, names: Collection[str], given: str | None, among: Collection[str] | None = None
) -> str:
    """Return the variant `given`, whatever the split, or one of `names` of the split where none is.

    what: the kind of prop, for the error's sentence. among: those of `names` that will do; where none of the split
    does, its others do. Raises `ConfigurationError` for an unknown name.
    """
    split = of_split(tuple(names), draw.shape_split)
    left = [name for name in split if among is None or name in among] or list(among or split)
    drawn = left[int(draw.shapes.integers(len(left)))]
    if given is None:
        return drawn
    if given not in names:
        raise unknown_name(f"variant of {what}", given, names)
    return given


def proportion(draw: Draw, low: float, high: float) -> float:
    """Return a proportion between two bounds; for kinds that have no variants its upper end is held out."""
    seen = 1.0 - UNSEEN_SHARE
    start, stop = {"all": (0.0, 1.0), "seen": (0.0, seen), "unseen": (seen, 1.0)}[draw.shape_split]
    return low + (high - low) * draw.shapes.uniform(start, stop)
