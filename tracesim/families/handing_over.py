"""Base class of tasks in which one hand gives a long body to the other in the middle of the table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import ClassVar, Final, Self

from tracesim.constraints import Constraint, Cylinder, Dwell
from tracesim.families.bimanual import SIDES, BimanualTask
from tracesim.geometry.curve import PointOn
from tracesim.geometry.rigid import FloatArray
from tracesim.geometry.trace import Trace
from tracesim.layout.layout import TABLE
from tracesim.motion.hold import Hold
from tracesim.motion.subtask import Subtask
from tracesim.motion.take_over import TakeOver
from tracesim.negative_control import NegativeControl, Stop, Violates

ON_THE_TABLE: Final = (
    Stop("collision", "table"),
    Stop("reach", "unreachable"),
    Stop("grasp", "no_reachable_grasp"),
    Stop("grasp", "no_free_approach"),
)
"""Contacts and failures that may stop a hand that takes the body where it lies instead of in the air."""


class HandingOver(BimanualTask):
    """A task in which one hand holds `carried` above the middle of the table, and the other one takes it there.

    Each takes it at its point "front" or "back", whichever is on its own side.
    """

    tolerance_cm: ClassVar[float] = 1.5
    ends: ClassVar[str]
    """Name of the constraint on where the body ends."""

    height_cm: int
    """Height of the body above the table where it is handed over."""

    giver: str
    """The hand that takes the body first."""

    @property
    def taker(self) -> str:
        """The other hand."""
        return SIDES[1 - SIDES.index(self.giver)]

    @property
    def act(self) -> int:
        """0 for the hand that gives, 1 for the one that takes."""
        return 0 if self.side == self.giver else 1

    @property
    def middle(self) -> FloatArray:
        """Pose (4, 4) at which the body is handed over."""
        pose = self.layout[self.carried].body_in_world.copy()
        pose[:3, 3] = 0.0, 0.0, self.height_cm / 100
        return pose

    @property
    def end(self) -> str:
        """Name of the point at which this arm takes the body: the end on its own side."""
        by_y = sorted(("front", "back"), key=lambda end: float(self.layout[self.carried].position(end)[1]))
        return by_y[1 if self.side == "left" else 0]

    def shares(self) -> Sequence[Self]:
        """Return the share of each arm; the second one finds the body where it is handed over."""
        handed_over = self.layout.moved({self.carried: self.middle})
        return tuple(
            replace(self, side=side, layout=self.layout if side == self.giver else handed_over) for side in SIDES
        )

    def subtasks(self) -> Sequence[Subtask]:
        """Return that this arm holds the body at its end, or goes on with it as `taking` says."""
        if self.side == self.giver:
            return (Subtask(self.carried, motion=Hold(pivot=self.end, dwell_s=1.2)),)
        return (self.taking(),)

    def taking(self) -> Subtask:
        """Return what the second hand does: by default it holds the body at the end."""
        return Subtask(self.carried, "", motion=TakeOver(pivot=self.end, dwell_s=1.2))

    def words(self) -> Mapping[str, str]:
        """Return the height and the hands beside the referring expressions."""
        return {**super().words(), "height": str(self.height_cm), "giver": self.giver, "taker": self.taker}

    def counterfactuals(self) -> Mapping[str, Self]:
        """Return the twin that asks for another height."""
        return {"height": replace(self, height_cm=self.height_cm + (4 if self.height_cm < 15 else -4))}

    def stays_at(self, x_m: float, y_m: float, radius_m: float, name: str) -> Constraint:
        """Return that the body stays above a place on the table for a second, at the height asked."""
        low_m, high_m = ((self.height_cm + sign * self.tolerance_cm) / 100 for sign in (-1, 1))
        where = Cylinder(PointOn(TABLE, (x_m, y_m, 0.0)), low_m, high_m, radius_m)
        return Dwell(self.layout[self.carried].point("base"), where, least_s=1.0, name=name)

    def handed_over(self) -> Constraint:
        """Return that the body stays above the middle of the table for a second."""
        return self.stays_at(0.0, 0.0, 0.05, "handed_over")

    def staying(self) -> Mapping[str, Trace]:
        """Return traces that begin where each arm holds the body, and stay there."""
        return {side: replace(self, side=side).stay() for side in SIDES}

    def swapped(self, constraint: str) -> NegativeControl:
        """Return the control in which each hand follows the other one's trace: one of them finds nothing."""
        traces = self.traces()
        nothing_there = (Stop("grasp", "no_object"),)
        return Violates(constraint, {"left": traces["right"], "right": traces["left"]}, nothing_there)

    def controls(self) -> Mapping[str, NegativeControl]:
        """Return controls that stay, go straight, swap the hands, or hand over too high."""
        return {
            "noop": Violates("handed_over", self.staying(), ON_THE_TABLE),
            "straight_line": self.straight_line_control(),
            "wrong_order": self.swapped(self.ends),
            "out_of_band": self.as_another("handed_over", replace(self, height_cm=self.height_cm + 4)),
        }
