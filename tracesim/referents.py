"""Things that an instruction speaks of: drawn so that its words fit one of them only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from tracesim.assets.props import PROPS
from tracesim.draw import Draw
from tracesim.layout import Body
from tracesim.prop import Prop

GRASPABLE: Final = ("block", "can", "toy_car", "card_box", "stamp", "bell", "peach", "rubber_duck")
"""Kinds of small things with a closed top, which one hand picks up wherever they stand."""


def called(prop: Prop) -> str:
    """Return what an instruction calls a prop: colour and noun."""
    return f"{prop.color} {prop.noun}"


def drawn(draw: Draw, *kinds: Sequence[str], besides: Iterable[Body] = ()) -> list[Prop]:
    """Return a prop of one of each sequence of kinds; no words fit two of them, or one and one of the bodies `besides`.

    "red box" fits a red box of playing cards, too.
    """
    taken, props = [called(body.prop) for body in besides], []
    for names in kinds:
        while True:
            prop = PROPS[names[int(draw.shapes.integers(len(names)))]](draw)
            name = called(prop)
            if not any(name in other or other in name for other in taken):
                break
        taken.append(name)
        props.append(prop)
    return props
