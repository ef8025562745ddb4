"""Task: pick up two bottles at the same time, one with each hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import ClassVar, Self

import numpy as np

from tracesim.assets.props.bottle import BOTTLE_COLORS, bottle
from tracesim.families.bimanual import SIDES
from tracesim.families.one_each import OneEach
from tracesim.geometry.camera import Camera
from tracesim.geometry.rigid import FloatArray
from tracesim.geometry.trace import Trace
from tracesim.layout.layout import Area, Layout
from tracesim.layout.randomness import Draw
from tracesim.negative_control import DoesNotApply, NegativeControl, Stop, Violates


class PickDualBottles(OneEach):
    """Two bottles of different colours, one on either side; each hand picks up its own and holds it.

    Randomised: places, sizes, shapes and colours of both, the height asked, clutter.
    Success: for one second, each bottle is within 1.5 cm of the height asked and 3 cm of where it stood; nothing else
    is touched, and the arms do not touch each other.
    """

    instruction: ClassVar[str] = (
        "Pick up the {left} with the left hand and the {right} with the right hand, and hold both {height} cm above "
        "the table."
    )
    paraphrases: ClassVar[tuple[str, ...]] = (
        "With the left hand lift the {left}, with the right hand the {right}, and keep both {height} cm high.",
        "Take the {left} in your left hand and the {right} in your right one, and raise both by {height} cm.",
    )
    unseen: ClassVar[tuple[str, ...]] = (
        "Lift two bottles at once, the {left} on the left and the {right} on the right, {height} cm over the table.",
        "One hand each: hold the {left} and the {right} up in the air, {height} cm above the table.",
    )
    vague: ClassVar[str] = "Hold up the {left} and the {right}, {height} cm above the table."
    capabilities = ("refer", "measure")
    destination: ClassVar[str] = "{height} cm above the table"
    straight: ClassVar[bool] = True

    @classmethod
    def sample(cls, camera: Camera, layout: Layout, draw: Draw) -> Self:
        height_cm = int(draw.places.integers(6, 13))
        first, second = draw.colors.permutation(list(BOTTLE_COLORS))[:2]
        for side, color, y in ((SIDES[0], first, (0.12, 0.26)), (SIDES[1], second, (-0.26, -0.12))):
            layout.scatter(side, bottle(draw, color=str(color)), draw.places, Area((-0.2, 0.02), y), gap_m=0.06)
        return cls(camera, layout, height_cm)

    def counterfactuals(self) -> Mapping[str, Self]:
        return {"height": replace(self, height_cm=self.height_cm + (4 if self.height_cm < 8 else -4))}

    def keypoints(self) -> FloatArray:
        return self.lifting(self.height_cm / 100)

    def lifting(self, height_m: float) -> FloatArray:
        """Return keypoints from the cap of an arm's bottle to a height above it, metres."""
        grip = self.layout[self.side].position("top")
        return np.array([grip, grip + np.array([0.0, 0.0, height_m])])

    def expert(self) -> Trace:
        return Trace(self.keypoints())

    def controls(self) -> Mapping[str, NegativeControl]:
        traces = self.traces()
        high = {one.side: Trace(one.lifting(self.height_cm / 100 + 0.04)) for one in self.shares()}
        return {
            "noop": Violates("left_held", self.staying()),
            "straight_line": DoesNotApply("the task itself asks for straight lines"),
            "wrong_order": Violates("left_held", {"left": traces["right"], "right": traces["left"]}, CROSSED),
            "out_of_band": Violates("left_held", high),
        }


CROSSED = (Stop("reach", "unreachable"), Stop("grasp", "no_reachable_grasp"), Stop("grasp", "no_free_approach"))
"""Contacts and failures that may stop hands reaching for each other's bottle."""
