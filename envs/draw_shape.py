"""Task: draw a figure in the air."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import ClassVar, Final, Self

import numpy as np

from tracesim.assets.sheets import line_names
from tracesim.constraints import Constraint, Draws, RestsOn
from tracesim.families.guided import Guided
from tracesim.geometry.camera import Camera
from tracesim.geometry.curve import PointOn
from tracesim.geometry.rigid import FloatArray
from tracesim.language.referents import draw_props
from tracesim.layout.layout import TABLE, WORKSPACE, Area, Layout
from tracesim.layout.randomness import Draw
from tracesim.negative_control import DoesNotApply, NegativeControl, Violates

TOO_HIGH_M: Final = 0.015
"""By how much a control draws too high."""


class DrawShape(Guided):
    """A sheet with a triangle, a square or a hexagon, and a small object; the object draws the figure in the air.

    Randomised: figure, kind of object, places, headings and colours, height above the sheet, clutter.
    Success: on some part of its way, the middle of the object's underside follows the figure, at the height asked above
    the sheet, within 1 cm in any direction, from one corner on and all the way round; it ends within 2 cm of where it
    stood, upright and at rest; nothing else is touched.
    """

    instruction: ClassVar[str] = (
        "Draw the figure of the {drawing} in the air with the {object}, {height} cm above it and within "
        "{tolerance} cm, then put it back in its place."
    )
    paraphrases: ClassVar[tuple[str, ...]] = (
        "With the {object}, trace the figure on the {drawing}, {height} cm higher up and {tolerance} cm off at most, "
        "and then set it down where it stood.",
        "Lead the {object} around the figure of the {drawing} once, always {height} cm above it, within {tolerance} "
        "cm; then return it to its place.",
    )
    unseen: ClassVar[tuple[str, ...]] = (
        "Copy the figure of the {drawing} in mid-air: {height} cm above the sheet, {tolerance} cm of error at most, "
        "the {object} being the pencil; afterwards it goes back.",
        "The {object} should go once around the outline on the {drawing} at a height of {height} cm, to within "
        "{tolerance} cm, and come to rest where it was.",
    )
    vague: ClassVar[str] = "Draw the figure of the {drawing} in the air with the {object}, {height} cm above it."
    capabilities = ("measure",)
    destination: ClassVar[str] = "the figure of the {drawing}"
    carried: ClassVar[str] = "object"
    tolerance_cm: ClassVar[int] = 1

    height_cm: int

    from_m: tuple[float, float, float]
    """Where the base of the object stood at first, metres, world."""

    @classmethod
    def sample(cls, camera: Camera, layout: Layout, draw: Draw) -> Self:
        sheet, thing = draw_props(draw, ("drawing",), ("block", "can", "stamp", "peach"))
        layout.scatter("drawing", sheet, draw.places, Area((-0.13, 0.0), (-0.2, 0.2)))
        x, y, _ = layout.scatter("object", thing, draw.places, WORKSPACE, gap_m=0.04).position("base").tolist()
        return cls(camera, layout, int(draw.places.integers(5, 10)), (x, y, 0.0))

    def words(self) -> Mapping[str, str]:
        return {**super().words(), "height": str(self.height_cm), "tolerance": str(self.tolerance_cm)}

    def counterfactuals(self) -> Mapping[str, Self]:
        return {"height": replace(self, height_cm=self.height_cm + 3)}

    def rules(self) -> Sequence[Constraint]:
        sheet = self.layout["drawing"]
        corners = tuple(sheet.point(name) for name in line_names(sheet.prop))
        above_m, most_m = self.height_cm / 100, self.tolerance_cm / 100
        return [Draws(self.layout["object"].point("base"), corners, above_m, most_m)]

    def way(self) -> FloatArray:
        return self.around(line_names(self.layout["drawing"].prop))

    def around(self, corners: Sequence[str], higher_m: float = 0.0) -> FloatArray:
        """Return the points (K, 3), metres, world, above some corners of the figure, and the first of them again."""
        above = np.array([0.0, 0.0, self.height_cm / 100 + higher_m])
        return np.array([self.layout["drawing"].position(name) + above for name in (*corners, corners[0])])

    def goal(self) -> Constraint:
        return RestsOn(self.layout["object"].point("base"), PointOn(TABLE, self.from_m), 0.02, 0.005)

    def put_down(self) -> FloatArray:
        return np.array(self.from_m)

    def controls(self) -> Mapping[str, NegativeControl]:
        return {**super().controls(), "noop": Violates("draws", self.stay())}

    def wrong_order(self) -> NegativeControl:
        first, second, *others = line_names(self.layout["drawing"].prop)
        if len(others) == 1:
            return DoesNotApply("three corners make the same triangle in any order", here=True)
        return self.against_the_rules(self.around([second, first, *others]))

    def out_of_band(self) -> NegativeControl:
        corners = line_names(self.layout["drawing"].prop)
        return self.against_the_rules(self.around(corners, self.tolerance_cm / 100 + TOO_HIGH_M))
