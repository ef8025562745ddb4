"""Things that an instruction speaks of: drawn so that its words fit one of them only."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from tracesim.assets.props import PROPS
from tracesim.layout.layout import Body
from tracesim.layout.prop import Prop
from tracesim.layout.randomness import Draw

GRASPABLE: Final = ("block", "can", "toy_car", "card_box", "stamp", "bell", "peach", "rubber_duck")
"""Kinds of small things with a closed top, which one hand picks up wherever they stand."""

COLOURINGS: Final = 30
"""How often a thing is given other colours before it is taken that its kind has none that will do."""


def called(prop: Prop) -> str:
    """Return what an instruction calls a prop: colour and noun."""
    return f"{prop.color} {prop.noun}"


def drawn(draw: Draw, *kinds: Sequence[str], besides: Iterable[Body] = ()) -> list[Prop]:
    """Return a prop of one of each sequence of kinds; no words fit two of them, or one and one of the bodies `besides`.

    "red box" fits a red box of playing cards, too. Where words would fit two things, colours are drawn anew and nothing
    else: other colours leave kinds, shapes and sizes as they were.
    """
    taken, props = [called(body.prop) for body in besides], []
    for names in kinds:
        prop = None
        while prop is None:
            prop = _apart(draw, names[int(draw.shapes.integers(len(names)))], taken)
        taken.append(called(prop))
        props.append(prop)
    return props


def _apart(draw: Draw, kind: str, taken: Sequence[str]) -> Prop | None:
    """Return a prop of a kind that no words taken fit; None where the kind's colours do not allow it."""
    shapes, sizes = copy.deepcopy((draw.shapes, draw.sizes))
    for attempt in range(COLOURINGS):
        same = replace(draw, shapes=copy.deepcopy(shapes), sizes=copy.deepcopy(sizes))
        prop = PROPS[kind](same if attempt else draw)
        name = called(prop)
        if not any(name in other or other in name for other in taken):
            return prop
    return None
