"""Task: stack an object on another one."""

from __future__ import annotations

from typing import ClassVar, Self

from tracesim.families.placing import Placing
from tracesim.geometry.camera import Camera
from tracesim.language.referents import draw_props, kinds_for
from tracesim.layout.layout import WORKSPACE, Layout
from tracesim.layout.randomness import Draw
from tracesim.negative_control import NegativeControl

UPPER = ("block", "can", "stamp")
"""Kinds of the object that is stacked."""

LOWER = ("block", "card_box")
"""Kinds of the object on which it is stacked."""


class Stack(Placing):
    """Two objects, one of which has a level top; the other goes onto it.

    Randomised: kinds, colours, places and headings of both, clutter.
    Success: the upper object stands upright, at rest, on the lower one within 2 cm of its centre; nothing else is
    touched.
    """

    instruction: ClassVar[str] = "Stack the {upper} on the {lower}."
    paraphrases: ClassVar[tuple[str, ...]] = (
        "Put the {upper} on top of the {lower}.",
        "Set the {upper} onto the {lower}, so that it stays there.",
    )
    unseen: ClassVar[tuple[str, ...]] = (
        "Let the {lower} carry the {upper}.",
        "Pile the {upper} onto the {lower}.",
    )
    vague: ClassVar[str] = "The {upper} goes on top of the {lower}."
    carried: ClassVar[str] = "upper"
    target: ClassVar[str] = "lower"
    radius_m: ClassVar[float] = 0.02

    @classmethod
    def sample(cls, camera: Camera, layout: Layout, draw: Draw) -> Self:
        kinds = kinds_for("stacked", draw, UPPER), kinds_for("supports", draw, LOWER)
        for name, prop in zip(("upper", "lower"), draw_props(draw, *kinds), strict=True):
            layout.scatter(name, prop, draw.places, WORKSPACE, gap_m=0.05)
        return cls(camera, layout).undone()

    def wrong_order(self) -> NegativeControl:
        return self.stacked_wrongly()
