"""What tasks share in which the closed gripper presses something."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

import numpy as np

from tracesim.constraints import Clearance, Constraint, Touches, Undisturbed
from tracesim.geometry.curve import Curve, PointOn
from tracesim.geometry.rigid import FloatArray
from tracesim.geometry.trace import Trace
from tracesim.layout.gripper import GRIPPER
from tracesim.layout.layout import WORKSPACE, Region
from tracesim.motion.motion import Motion
from tracesim.motion.press import Press
from tracesim.task import Control, DoesNotApply, Task, Violates

TIP: PointOn = PointOn(GRIPPER, (0.0, 0.0, 0.0))


class Pressing(Task):
    """A task in which the tip of the closed gripper touches a point of `target`, and nothing is moved.

    `pressed` is the named point, `radius_m` how far from it the tip may touch.
    """

    carried: ClassVar[str] = GRIPPER
    straight: ClassVar[bool] = True
    motion: ClassVar[Motion] = Press()
    pressed: ClassVar[str]
    radius_m: ClassVar[float]
    region: ClassVar[Region] = WORKSPACE

    above_m: ClassVar[float] = 0.12
    """How far above the target the expert's trace begins."""

    def touches(self, height_tolerance_m: float) -> Constraint:
        """Return that the tip comes to the point, at most so far above or below it."""
        return Touches(TIP, self.layout[self.target].point(self.pressed), self.radius_m, height_tolerance_m)

    def constraints(self) -> Sequence[Constraint]:
        """Return that the point is touched, nothing else is, and nothing is moved."""
        return [self.touches(0.005), Clearance(), Undisturbed.of(self.layout)]

    def keypoints(self) -> FloatArray:
        """Return a point above the target, and the point that is pressed."""
        return self.pressing(self.layout[self.target].position(self.pressed))

    def pressing(self, point: FloatArray) -> FloatArray:
        """Return the decisive keypoints that press a point (3,), metres, world."""
        return np.array([point + np.array([0.0, 0.0, self.above_m]), point])

    def stay(self) -> Trace:
        """Return the trace that waits above."""
        return Trace(self.keypoints()[[0, 0]])

    def controls(self) -> Mapping[str, Control]:
        """Return the controls of one press."""
        beside = self.keypoints() + 2.0 * self.radius_m * np.array([0.0, 1.0, 0.0]) + (0.0, 0.0, 0.03)
        return {
            "noop": Violates("touches", self.stay()),
            "straight_line": DoesNotApply("a press comes straight down: there is no shorter way to get wrong"),
            "wrong_order": DoesNotApply("one thing is pressed: there is no order to get wrong"),
            "out_of_band": Violates("touches", Trace(beside)),
        }

    def robotwin_success(self, curve: Curve) -> bool:
        """Return whether the tip came within the radius and 3 cm of height, as RoboTwin asks."""
        margin = self.touches(0.03).margin(curve)
        return margin is not None and margin >= 0.0
