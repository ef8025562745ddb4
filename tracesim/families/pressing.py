"""Base class of tasks in which the closed gripper presses something."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

import numpy as np

from tracesim.constraints import Clearance, Constraint, Touches, Undisturbed
from tracesim.control.kinematics import PLANNING_CLEARANCE_M
from tracesim.geometry.curve import Curve, PointOn
from tracesim.geometry.rigid import FloatArray
from tracesim.geometry.trace import Trace
from tracesim.language.capability import Capability
from tracesim.layout.gripper import GRIPPER
from tracesim.layout.layout import WORKSPACE, Area
from tracesim.motion.motion import Motion
from tracesim.motion.prediction import unobstructed
from tracesim.motion.press import Press
from tracesim.negative_control import DoesNotApply, NegativeControl, Violates
from tracesim.task import Task

TIP: PointOn = PointOn(GRIPPER, (0.0, 0.0, 0.0))
"""The tip of the closed gripper."""


class Pressing(Task):
    """A task in which the tip of the closed gripper touches a point of `target`, and nothing is moved."""

    details: ClassVar[str] = (
        "Close the gripper, come straight down with it, touch nothing else, and leave everything else where it is."
    )
    capabilities: ClassVar[tuple[Capability, ...]] = ("contact",)
    carried: ClassVar[str] = GRIPPER
    straight: ClassVar[bool] = True
    motion: ClassVar[Motion] = Press()
    pressed: ClassVar[str]
    """The named point of the target that is pressed."""
    radius_m: ClassVar[float]
    """Greatest horizontal distance of the tip from that point."""
    area: ClassVar[Area] = WORKSPACE
    """Where the target may stand."""

    above_m: ClassVar[float] = 0.12
    """Height above the target at which the expert's trace begins, metres."""

    def touches(self, height_tolerance_m: float) -> Constraint:
        """Return that the tip comes to the pressed point, at most `height_tolerance_m` above or below it."""
        return Touches(TIP, self.layout[self.target].point(self.pressed), self.radius_m, height_tolerance_m)

    def constraints(self) -> Sequence[Constraint]:
        """Return that only the pressed point is touched, and nothing is moved."""
        return [self.touches(0.005), Clearance(), Undisturbed.of(self.layout)]

    def keypoints(self) -> FloatArray:
        """Return a point above the target, and the pressed point."""
        return self.pressing(self.layout[self.target].position(self.pressed))

    def pressing(self, point: FloatArray) -> FloatArray:
        """Return the decisive keypoints that press a point (3,), metres, world."""
        return np.array([point + np.array([0.0, 0.0, self.above_m]), point])

    def expert(self) -> Trace:
        """Return a trace that comes down on the point, if nothing stands so near to it that rounding might matter.

        Raises:
            PlacementError: something does, or there is no free path.
        """
        trace = super().expert()
        gripper = self.body(trace.keypoints[0])
        return unobstructed(self.layout, gripper, trace, self.subtask, PLANNING_CLEARANCE_M)

    def stay(self) -> Trace:
        """Return a trace that stays above the target."""
        return Trace(self.keypoints()[[0, 0]])

    def controls(self) -> Mapping[str, NegativeControl]:
        """Return controls that stay above the target or press beside the point."""
        beside = self.keypoints() + 2.0 * self.radius_m * np.array([0.0, 1.0, 0.0]) + (0.0, 0.0, 0.03)
        return {
            "noop": Violates("touches", self.stay()),
            "straight_line": DoesNotApply("a press comes straight down: there is no shorter way to get wrong"),
            "wrong_order": DoesNotApply("one thing is pressed: there is no order to get wrong"),
            "out_of_band": Violates("touches", Trace(beside)),
        }

    def robotwin_success(self, curve: Curve) -> bool | None:
        """Return RoboTwin's verdict: whether the tip came within the radius and within 3 cm of the point's height."""
        margin = self.touches(0.03).margin(curve)
        return margin is not None and margin >= 0.0
