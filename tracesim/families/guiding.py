"""Base class of tasks in which a part of an articulated object is moved on its joint."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from math import radians
from typing import ClassVar, Final

import numpy as np

from tracesim.constraints import AtRest, Clearance, Constraint, Undisturbed
from tracesim.control.kinematics import PLANNING_CLEARANCE_M
from tracesim.geometry.rigid import FloatArray, apply
from tracesim.geometry.trace import Trace
from tracesim.language.capability import Capability
from tracesim.layout.body import Body, Joining
from tracesim.motion.guide import Guide
from tracesim.motion.motion import Motion
from tracesim.motion.prediction import unobstructed
from tracesim.motion.subtask import Subtask
from tracesim.negative_control import DoesNotApply, NegativeControl, Violates
from tracesim.task import Task

STEP_RAD: Final = radians(10.0)
"""Greatest angle of a hinge between two keypoints of the expert's trace, along whose arc straight legs lead."""


def along_joint(body: Body, point: str, position: float) -> FloatArray:
    """Return the keypoints (K, 3), metres, world, by which a named point of a body brings its joint to a position.

    Args:
        body: The body, which is joined to another one.
        point: Name of the point.
        position: Where the joint ends, metres or radians.
    """
    joining = body.joining
    assert joining is not None
    begun = joining.position(body.body_in_world)
    legs = 1 if joining.joint.kind == "slide" else max(1, int(np.ceil(abs(position - begun) / STEP_RAD)))
    at = body.prop.points[point]
    return np.array([apply(joining.body_in_world(one), at) for one in np.linspace(begun, position, legs + 1)])


class Guiding(Task):
    """A task in which a hand moves one part of `support` on its joint; subclasses say which and how far."""

    details: ClassVar[str] = "Let it come to rest there, touch nothing else, and leave everything else where it is."
    capabilities: ClassVar[tuple[Capability, ...]] = ("articulate",)
    motion: ClassVar[Motion] = Guide(pivot="handle", speed_m_s=0.1)
    straight: ClassVar[bool] = True

    part: str
    """Name of the part that moves, as the articulated object calls it."""

    goal: float
    """Where the joint has to be at the end, metres or radians."""

    @property
    def moving(self) -> Body:
        """The part that moves."""
        return self.layout[f"{self.support}_{self.part}"]

    @property
    def joining(self) -> Joining:
        """How it is joined to the rest."""
        joining = self.moving.joining
        assert joining is not None
        return joining

    @property
    def position(self) -> float:
        """Where the joint is when the subtask begins, metres or radians."""
        return self.joining.position(self.moving.body_in_world)

    def subtasks(self) -> Sequence[Subtask]:
        """Return the one subtask."""
        moving = f"{self.role(self.support)}_{self.part}"
        return (Subtask(moving, self.support, self.support, self.motion),)

    @abstractmethod
    def positions(self) -> Sequence[Constraint]:
        """Return the constraints on the position of the joint; that on its end comes first."""

    def constraints(self) -> Sequence[Constraint]:
        """Return the constraints on the joint, and that nothing else is moved or touched."""
        return [
            *self.positions(),
            Clearance(),
            Undisturbed.of(body for body in self.layout if body.name != self.moving.name),
            AtRest(self.moving.name),
        ]

    def keypoints(self) -> FloatArray:
        """Return where the functional point is as the joint goes to where it has to be."""
        return self.leading_to(self.goal)

    def leading_to(self, position: float) -> FloatArray:
        """Return the keypoints (K, 3), metres, world, that bring the joint to a position, metres or radians."""
        return along_joint(self.moving, self.motion.pivot, position)

    def expert(self) -> Trace:
        """Return the trace along the joint, which allows no detours.

        Raises:
            PlacementError: something stands in the way.
        """
        return unobstructed(self.layout, self.moving, self.straight_line(), self.subtask, PLANNING_CLEARANCE_M)

    def controls(self) -> Mapping[str, NegativeControl]:
        """Return controls that stay in place, or move the joint too far or not far enough."""
        first = self.positions()[0].name
        return {
            "noop": Violates(first, self.stay()),
            "straight_line": DoesNotApply("the joint leaves one way"),
            "wrong_order": DoesNotApply("one thing is moved: there is no order to get wrong"),
            "out_of_band": Violates(first, Trace(self.leading_to(self.astray()))),
        }

    @abstractmethod
    def astray(self) -> float:
        """Return a wrong position of the joint, metres or radians, for the control that goes there."""
