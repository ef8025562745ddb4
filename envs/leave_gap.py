"""Task: place an object beside another one and leave a gap."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import ClassVar, Self

from tracesim.constraints import Constraint, Gap
from tracesim.families.gap import apart
from tracesim.families.placing import Placing
from tracesim.geometry.camera import Camera
from tracesim.geometry.rigid import FloatArray
from tracesim.language.referents import BESIDE, GRASPABLE, draw_props, kinds_for
from tracesim.layout.layout import WORKSPACE, Layout
from tracesim.layout.randomness import Draw
from tracesim.negative_control import NegativeControl


class LeaveGap(Placing):
    """Two small objects; one goes beside the other, on any side, with a gap between them.

    Randomised: kinds, colours, places and headings of both, the gap (whole centimetres), clutter.
    Success: the gap between the two, where it is narrowest, is as wide as asked; nothing else is touched.
    """

    instruction: ClassVar[str] = "Place the {object} beside the {anchor}, leaving a gap of {low} to {high} cm."
    paraphrases: ClassVar[tuple[str, ...]] = (
        "Put the {object} next to the {anchor} with {low} to {high} cm between them.",
        "Set the {object} down near the {anchor}; leave {low} to {high} cm of free table between the two.",
    )
    unseen: ClassVar[tuple[str, ...]] = (
        "Bring the {object} up to the {anchor}, and stop when {low} to {high} cm are left.",
        "The {object} is wanted close to the {anchor}, {low} to {high} cm from it where they are nearest.",
    )
    vague: ClassVar[str] = "The {object} goes beside the {anchor}, {low} to {high} cm away."
    specific: ClassVar[str] = (
        "Pick up the {object} and put it down upright on the table beside the {anchor}, so that the gap between the "
        "nearest sides of the two is {low} to {high} cm wide, touching nothing else."
    )
    capabilities = ("measure",)
    destination: ClassVar[str] = "{low} to {high} cm away from the {anchor}"
    carried: ClassVar[str] = "object"

    low_cm: int

    @classmethod
    def sample(cls, camera: Camera, layout: Layout, draw: Draw) -> Self:
        thing, anchor = draw_props(draw, kinds_for("carried", draw, GRASPABLE), kinds_for("beside", draw, BESIDE))
        low_cm = int(draw.places.integers(2, 6))
        layout.scatter("anchor", anchor, draw.places, WORKSPACE)
        layout.scatter("object", thing, draw.places, WORKSPACE, gap_m=0.05)
        return cls(camera, layout, low_cm).undone()

    def words(self) -> Mapping[str, str]:
        return {**super().words(), "low": str(self.low_cm), "high": str(self.low_cm + 2)}

    def counterfactuals(self) -> Mapping[str, Self]:
        return self.twins(gap=[replace(self, low_cm=self.low_cm + 4)])

    def goal(self) -> Constraint:
        return Gap.between(self.layout["object"], self.layout["anchor"], self.low_cm / 100, (self.low_cm + 2) / 100)

    def put_down(self) -> FloatArray:
        return apart(self.layout["object"], self.layout["anchor"], (self.low_cm + 1) / 100)

    def out_of_band(self) -> NegativeControl:
        others = [replace(self, low_cm=self.low_cm + wrong_cm) for wrong_cm in (4, -3, 7)]
        return self.misplaced(other.put_down() for other in others)
