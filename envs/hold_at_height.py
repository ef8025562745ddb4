"""Task: lift an object straight up and hold it at a height."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import ClassVar, Final, Self

import numpy as np

from tracesim.constraints import Clearance, Constraint, Cylinder, Dwell, Undisturbed
from tracesim.control.kinematics import PLANNING_CLEARANCE_M
from tracesim.geometry.camera import Camera
from tracesim.geometry.curve import PointOn
from tracesim.geometry.rigid import FloatArray
from tracesim.geometry.trace import Trace
from tracesim.language.referents import GRASPABLE, draw_props
from tracesim.layout.layout import TABLE, WORKSPACE, Layout
from tracesim.layout.randomness import Draw
from tracesim.motion.hold import Hold
from tracesim.motion.motion import Motion
from tracesim.motion.prediction import unobstructed
from tracesim.negative_control import DoesNotApply, NegativeControl, Violates
from tracesim.task import Task

SECONDS: Final = 2
"""For how long the object is held."""

ASIDE_M: Final = 0.03
"""How far to the side of where it stood it may be held."""


class HoldAtHeight(Task):
    """A small object; it is lifted straight up and held at a height above the table.

    Randomised: kind, place, heading and colour of the object, the height (whole centimetres), clutter.
    Success: for two seconds, the underside of the object stays within 1 cm of the height asked, and within 3 cm of the
    place above which it stood; nothing else is touched.
    """

    instruction: ClassVar[str] = "Hold the {object} {height} cm above the table for {seconds} seconds."
    paraphrases: ClassVar[tuple[str, ...]] = (
        "Lift the {object} straight up until it is {height} cm above the table, and keep it there for {seconds} "
        "seconds.",
        "Raise the {object} to {height} cm over the table and stay at that height for {seconds} seconds.",
    )
    unseen: ClassVar[tuple[str, ...]] = (
        "For {seconds} seconds, there should be {height} cm of air between the {object} and the table.",
        "Suspend the {object} above its place: {height} cm high, {seconds} seconds long.",
    )
    vague: ClassVar[str] = "Hold up the {object}, {height} cm, {seconds} seconds."
    capabilities = ("measure",)
    destination: ClassVar[str] = "{height} cm above the table"
    carried: ClassVar[str] = "object"
    motion: ClassVar[Motion] = Hold(dwell_s=SECONDS + 0.2)
    straight: ClassVar[bool] = True
    tolerance_cm: ClassVar[float] = 1.0

    height_cm: int

    from_m: tuple[float, float, float]
    """Where the base of the object stood at first, metres, world."""

    @classmethod
    def sample(cls, camera: Camera, layout: Layout, draw: Draw) -> Self:
        (thing,) = draw_props(draw, GRASPABLE)
        x, y, _ = layout.scatter("object", thing, draw.places, WORKSPACE).position("base").tolist()
        return cls(camera, layout, int(draw.places.integers(6, 17)), (x, y, 0.0))

    def words(self) -> Mapping[str, str]:
        return {**super().words(), "height": str(self.height_cm), "seconds": str(SECONDS)}

    def counterfactuals(self) -> Mapping[str, Self]:
        return {"height": replace(self, height_cm=self.height_cm + (4 if self.height_cm < 12 else -4))}

    def constraints(self) -> Sequence[Constraint]:
        low_m, high_m = ((self.height_cm + sign * self.tolerance_cm) / 100 for sign in (-1, 1))
        place = Cylinder(PointOn(TABLE, self.from_m), low_m, high_m, ASIDE_M)
        others = Undisturbed.of(body for body in self.layout if body.name != "object")
        return [Dwell(self.layout["object"].point("base"), place, least_s=SECONDS), Clearance(), others]

    def keypoints(self) -> FloatArray:
        return self.holding(self.height_cm / 100)

    def holding(self, height_m: float) -> FloatArray:
        """Return the decisive keypoints for a height of the object's underside above the table, metres."""
        thing = self.layout["object"]
        rise = np.array(self.from_m) + np.array([0.0, 0.0, height_m]) - thing.position("base")
        return np.array([thing.position("top"), thing.position("top") + rise])

    def routed(self, keypoints: FloatArray, carried: str | None = None) -> Trace:
        trace = Trace(keypoints)
        return unobstructed(self.layout, self.body(keypoints[0]), trace, self.subtask, PLANNING_CLEARANCE_M)

    def controls(self) -> Mapping[str, NegativeControl]:
        too_high_m = (self.height_cm + self.tolerance_cm) / 100 + 0.03
        return {
            "noop": Violates("dwell", self.stay()),
            "straight_line": DoesNotApply("what is asked is a straight line"),
            "wrong_order": DoesNotApply("one object is held at one place: there is no order to get wrong"),
            "out_of_band": self.violating("dwell", self.holding(too_high_m)),
        }
