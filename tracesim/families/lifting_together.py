"""Base class of tasks in which both hands lift one body, level."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import radians
from typing import ClassVar, Self

import numpy as np

from tracesim.constraints import Clearance, Constraint, Cylinder, Dwell, Tilt, Undisturbed
from tracesim.families.bimanual import SIDES, BimanualTask
from tracesim.geometry.curve import PointOn
from tracesim.geometry.rigid import FloatArray
from tracesim.geometry.trace import Trace
from tracesim.language.capability import Capability
from tracesim.layout.layout import TABLE
from tracesim.layout.prop import Prop
from tracesim.motion.hold import Hold
from tracesim.motion.subtask import Subtask
from tracesim.negative_control import DoesNotApply, NegativeControl, Stop, Violates

RISEN_M, LATE_M = 0.02, 0.03
"""How high both hands rise first, and how far the left one of the control that lifts unevenly is ahead then."""


class LiftingTogether(BimanualTask):
    """A task in which each hand takes `carried` at the point named after its side, and both lift it straight up."""

    capabilities: ClassVar[tuple[Capability, ...]] = ("measure", "tilt")
    destination: ClassVar[str] = "{height} cm above the table"
    straight: ClassVar[bool] = True
    tolerance_cm: ClassVar[float] = 1.5
    lean: ClassVar[float] = radians(5.0)
    """How far the body may lean."""

    height_cm: int

    @staticmethod
    def held_at(made: Prop, turn: float) -> Prop:
        """Return a prop with points "left" and "right", at its front and its back, for the hands on these sides.

        Args:
            made: The prop, with points "front" and "back".
            turn: Its heading, a quarter turn to either side, radians.
        """
        left, right = ("front", "back") if turn > 0.0 else ("back", "front")
        return replace(made, points={**made.points, "left": made.points[left], "right": made.points[right]})

    def subtasks(self) -> Sequence[Subtask]:
        """Return that this arm holds the body at its own side."""
        return (Subtask(self.carried, motion=Hold(pivot=self.side, dwell_s=1.2)),)

    def words(self) -> Mapping[str, str]:
        """Return the height asked beside the referring expressions."""
        return {**super().words(), "height": str(self.height_cm)}

    def counterfactuals(self) -> Mapping[str, Self]:
        """Return the twin that asks for another height."""
        return {"height": replace(self, height_cm=self.height_cm + (5 if self.height_cm < 9 else -5))}

    def constraints(self) -> Sequence[Constraint]:
        """Return that the body stays at the height asked, never leans, and nothing else is touched."""
        made, (x, y, _) = self.layout[self.carried], self.layout[self.carried].position("base").tolist()
        low_m, high_m = ((self.height_cm + sign * self.tolerance_cm) / 100 for sign in (-1, 1))
        where = Cylinder(PointOn(TABLE, (x, y, 0.0)), low_m, high_m, 0.03)
        return [
            Dwell(made.point("base"), where, least_s=1.0, name="raised"),
            Tilt(self.carried, self.lean),
            Clearance(),
            Undisturbed.of(body for body in self.layout if body.name != self.carried),
        ]

    def keypoints(self) -> FloatArray:
        """Return where this hand takes the body, a point a little above, and one at the height asked."""
        return self.lifting(self.side, RISEN_M, self.height_cm / 100)

    def lifting(self, side: str, *heights_m: float) -> FloatArray:
        """Return keypoints from where a hand takes the body to some heights above it."""
        grip = self.layout[self.carried].position(side)
        return np.array([grip + np.array([0.0, 0.0, height_m]) for height_m in (0.0, *heights_m)])

    def expert(self) -> Trace:
        """Return the trace straight up."""
        return Trace(self.keypoints())

    def controls(self) -> Mapping[str, NegativeControl]:
        """Return controls that stay, reach for each other's side, or lift unevenly."""
        height_m = self.height_cm / 100
        left, right = (Trace(self.lifting(side, RISEN_M, height_m)) for side in SIDES)
        late = {
            "left": Trace(self.lifting("left", RISEN_M, RISEN_M + LATE_M, height_m)),
            "right": Trace(self.lifting("right", RISEN_M, RISEN_M, height_m)),
        }
        return {
            "noop": Violates("raised", self.staying()),
            "straight_line": DoesNotApply("the task itself asks for a straight line"),
            "wrong_order": Violates("raised", {"left": right, "right": left}, (Stop("grasp", "no_free_approach"),)),
            "out_of_band": Violates("tilt", late),
        }
