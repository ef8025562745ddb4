"""Base class of tasks in which a body is put down at a goal, and the way there is prescribed."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Final

import numpy as np

from tracesim.constraints import Constraint
from tracesim.errors import PlacementError
from tracesim.families.placing import Placing
from tracesim.geometry.clearance import ClearanceProbe
from tracesim.geometry.curve import Curve
from tracesim.geometry.rigid import FloatArray
from tracesim.geometry.trace import Trace
from tracesim.motion.route import EXPERT_CLEARANCE_M
from tracesim.negative_control import DoesNotApply, NegativeControl, Violates

CLEARLY: Final = 0.005
"""By how much a control violates a rule at least, in the unit of its margin."""


class Guided(Placing):
    """A task in which `carried` is put down at a goal, and its path has to keep to some rules.

    Subclasses define `rules()`, the constraints on the path, and `way()`, the points through which it leads.
    """

    @abstractmethod
    def rules(self) -> Sequence[Constraint]:
        """Return the constraints on the path."""

    @abstractmethod
    def way(self) -> FloatArray:
        """Return where the expert leads the carried body's base between start and goal, (K, 3), metres, world."""

    def constraints(self) -> Sequence[Constraint]:
        """Return the rules, and the constraints of `Placing`."""
        return [*self.rules(), *super().constraints()]

    def placing(self, base_in_world: FloatArray, carried: str | None = None) -> FloatArray:
        """Return the decisive keypoints that lead a body's base along the way to a point; see `Placing.placing`."""
        return self.led(self.way(), base_in_world)

    def led(self, way_in_world: FloatArray, base_in_world: FloatArray) -> FloatArray:
        """Return the decisive keypoints that lead the carried body's base along some way to a point.

        Args:
            way_in_world: Where the base passes, (K, 3), metres.
            base_in_world: Where the base ends, (3,), metres.
        """
        first, last = super().placing(base_in_world)
        return np.array([first, *(way_in_world + last - base_in_world), last])

    def expert(self) -> Trace:
        """Return a collision-free trace that keeps to the rules.

        Raises:
            PlacementError: none was found.
        """
        trace = super().expert()
        if self.broken(trace) is not None:
            raise PlacementError("The only way around the other objects is against the rules.")
        return trace

    def broken(self, trace: Trace, by: float = 0.0) -> str | None:
        """Return the name of the first rule that a trace breaks; None if it keeps to all of them.

        Args:
            trace: The trace, which is followed exactly.
            by: Least violation that counts, in the unit of the rule's margin.
        """
        motion, body = self.subtask.motion, self.body(trace.keypoints[0])
        times, poses = motion.path(trace, body).timed(motion.pace, motion.rest_s)
        still = {name: np.broadcast_to(pose, poses.shape) for name, pose in self.layout.poses.items()}
        curve = Curve(times, {**still, body.name: poses})
        margins = {rule.name: rule.margin(curve) for rule in self.rules()}
        return next((name for name, margin in margins.items() if margin is not None and margin < -by), None)

    def check_free(self, trace: Trace, *ignored: str) -> None:
        """Check that the carried body stays clear of the other bodies along a trace.

        Args:
            trace: The trace.
            ignored: Names of bodies that it may come near to.

        Raises:
            PlacementError: something is in the way.
        """
        body = self.body(trace.keypoints[0])
        others = {other.name: other for other in self.layout.without(body.name, *ignored)}
        probe = ClearanceProbe({body.name: body.shape}, {name: other.shape for name, other in others.items()})
        poses = {name: other.body_in_world for name, other in others.items()}
        path = self.subtask.motion.path(trace, body).body_in_world
        if not probe.keeps(EXPERT_CLEARANCE_M, {**poses, body.name: path}):
            raise PlacementError("Something is in the way.")

    def against_the_rules(self, way_in_world: FloatArray) -> NegativeControl:
        """Return a control that leads the carried body to its goal along some way; see `led`."""
        try:
            trace = self.routed(self.led(way_in_world, self.put_down()))
        except PlacementError:
            return DoesNotApply("no free way leads there", here=True)
        name = self.broken(trace, CLEARLY)
        return DoesNotApply("this way is within the rules", here=True) if name is None else Violates(name, trace)

    def straight_line_control(self) -> NegativeControl:
        """Return the shortest free way from start to goal as a control."""
        return self.against_the_rules(np.zeros((0, 3)))
