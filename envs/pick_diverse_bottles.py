"""Task: pick up a bottle and a pill bottle, and bring them together in the middle, one in each hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import ClassVar, Self

import numpy as np

from tracesim.assets.props.bottle import bottle
from tracesim.assets.props.pill_bottle import pill_bottle
from tracesim.constraints import Constraint, Gap
from tracesim.families.bimanual import SIDES
from tracesim.families.one_each import OneEach
from tracesim.geometry.camera import Camera
from tracesim.geometry.curve import Curve
from tracesim.geometry.rigid import FloatArray
from tracesim.geometry.trace import Trace
from tracesim.layout.layout import Area, Layout
from tracesim.layout.randomness import Draw
from tracesim.negative_control import DoesNotApply, NegativeControl, Violates

MIDDLE_X_M = -0.08
"""Where the expert holds the two, as in RoboTwin: nearer to the robot than the middle."""


class PickDiverseBottles(OneEach):
    """A bottle and a pill bottle, one on either side; each hand picks up its own, and both meet in the middle.

    Randomised: which one is on which side, places, sizes, shapes and colours of both, height and gap asked, clutter.
    Success: for one second, each is within 1.5 cm of the height asked and 17 cm of the middle of the table; the gap
    between the two is as wide as asked; nothing else is touched, and the arms do not touch each other.
    """

    instruction: ClassVar[str] = (
        "Pick up the {left} with the left hand and the {right} with the right hand, and hold both {height} cm above "
        "the middle of the table, side by side with a gap of {low} to {high} cm."
    )
    paraphrases: ClassVar[tuple[str, ...]] = (
        "With the left hand lift the {left}, with the right hand the {right}, and bring them together {height} cm "
        "above the middle of the table, leaving a gap of {low} to {high} cm.",
        "Take the {left} in your left hand and the {right} in your right one, and let both meet {height} cm above the "
        "middle of the table with a gap of {low} to {high} cm.",
    )
    unseen: ClassVar[tuple[str, ...]] = (
        "Both hands at once: the {left} on the left and the {right} on the right come side by side {height} cm over "
        "the middle of the table, a gap of {low} to {high} cm between them.",
        "Bring the {left} and the {right} face to face, one in each hand, {height} cm above the middle of the table, "
        "with {low} to {high} cm of air in between.",
    )
    vague: ClassVar[str] = "Hold the {left} next to the {right}, {height} cm above the middle of the table."
    capabilities = ("refer", "measure")
    destination: ClassVar[str] = "{height} cm above the middle of the table"

    radius_m: ClassVar[float] = 0.17

    low_cm: int

    @classmethod
    def sample(cls, camera: Camera, layout: Layout, draw: Draw) -> Self:
        height_cm, low_cm = int(draw.places.integers(16, 19)), int(draw.places.integers(10, 14))
        kinds = [bottle, pill_bottle][:: int(draw.places.choice([-1, 1]))]
        for side, make, y in zip(SIDES, kinds, ((0.16, 0.28), (-0.28, -0.16)), strict=True):
            layout.scatter(side, make(draw), draw.places, Area((-0.2, 0.02), y), gap_m=0.06)
        return cls(camera, layout, height_cm, low_cm)

    @property
    def high_cm(self) -> int:
        """Widest gap between the two."""
        return self.low_cm + 4

    def place(self, side: str) -> tuple[float, float]:
        return 0.0, 0.0

    def spot(self, side: str) -> tuple[float, float]:
        """Return where the expert holds a body: on its own side, with half of the middle gap on the inner side."""
        away_m = (self.low_cm + self.high_cm) / 400 + self.layout[side].prop.footprint_radius_m
        return MIDDLE_X_M, away_m if side == SIDES[0] else -away_m

    def words(self) -> Mapping[str, str]:
        return {**super().words(), "low": str(self.low_cm), "high": str(self.high_cm)}

    def counterfactuals(self) -> Mapping[str, Self]:
        return {"gap": replace(self, low_cm=self.low_cm + 5)}

    def constraints(self) -> Sequence[Constraint]:
        gap = Gap.between(self.layout["left"], self.layout["right"], self.low_cm / 100, self.high_cm / 100)
        left, right, *others = super().constraints()
        return [left, right, gap, *others]

    def keypoints(self) -> FloatArray:
        top = self.layout[self.side].position("top")
        return np.array([top, (*self.spot(self.side), top[2] + self.height_cm / 100)])

    def expert(self) -> Trace:
        return self.in_step()

    def controls(self) -> Mapping[str, NegativeControl]:
        return {
            "noop": Violates("left_held", self.staying()),
            "straight_line": self.straight_line_control(),
            "wrong_order": DoesNotApply("each hand has a bottle of its own: there is no order to get wrong"),
            "out_of_band": self.as_another("right_held", replace(self, height_cm=self.height_cm + 4)),
        }

    def robotwin_success(self, curve: Curve) -> bool:
        end = curve[-1:]
        off = [
            end.position(self.layout[side].point("base"))[0] - (MIDDLE_X_M, y, 0.0)
            for side, y in zip(SIDES, (0.06, -0.06), strict=True)
        ]
        return all(bool((np.abs(one[:2]) < ROBOTWIN_M[0]).all() and one[2] > ROBOTWIN_M[1]) for one in off)


ROBOTWIN_M = (0.10, 0.15)
"""RoboTwin's tolerance in the plane, from places 6 cm beside the middle line, and least height, from its own check."""
