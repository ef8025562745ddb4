"""What tasks share in which one body is put somewhere: constraints, keypoints and negative controls."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar, Final, Self

import numpy as np

from tracesim.constraints import AtRest, Clearance, Constraint, Undisturbed, Upright
from tracesim.errors import PlacementError
from tracesim.geometry.curve import Curve
from tracesim.geometry.rigid import FloatArray
from tracesim.geometry.trace import Trace
from tracesim.layout.layout import WORKSPACE
from tracesim.motion.route import EXPERT_CLEARANCE_M
from tracesim.task import Control, DoesNotApply, Stop, Task, Violates

UNDONE_M: Final = 0.05
"""How far what a counterfactual asks is from what is already so, at least."""


class Placing(Task):
    """A task in which `carried` is put down at a goal, upright and at rest, and nothing else is touched.

    Subclasses give `goal()`, the constraint that says where, and `put_down()`, where the expert puts it. `touched` is
    the named point of the carried body that a trace begins at.
    """

    touched: ClassVar[str] = "top"

    @abstractmethod
    def goal(self) -> Constraint:
        """Return the constraint that decides where the carried body has to end."""

    @abstractmethod
    def put_down(self) -> FloatArray:
        """Return where the carried body's base ends in the middle of the goal, (3,), metres, world."""

    def constraints(self) -> Sequence[Constraint]:
        """Return the goal, and that nothing else is touched and the body stands upright and at rest."""
        carried = self.subtask.carried
        return [
            self.goal(),
            Clearance(),
            Undisturbed.of(body for body in self.layout if body.name != carried),
            Upright(carried),
            AtRest(carried),
        ]

    def keypoints(self) -> FloatArray:
        """Return where the touched point is and where it ends."""
        return self.placing(self.put_down())

    def routed(self, keypoints: FloatArray, carried: str | None = None) -> Trace:
        """Return a trace through decisive keypoints, free of contact, too, where it puts the body down.

        Raises `PlacementError` if there is none.
        """
        subtask = self.subtask
        body = self.layout[carried or subtask.carried]
        end = subtask.motion.path(Trace(keypoints), body).body_in_world[-1]
        # The way down is short, and free where both its ends are.
        if not self.layout.fits(
            body.prop, end, EXPERT_CLEARANCE_M, ignored=(body.name, subtask.carried, subtask.target)
        ):
            raise PlacementError(f"Something stands where {body.name} is to go.")
        return super().routed(keypoints, carried)

    def placing(self, base_in_world: FloatArray, carried: str | None = None) -> FloatArray:
        """Return the decisive keypoints that put a body's base down at a point."""
        body = self.layout[carried or self.subtask.carried]
        touched = body.position(self.touched)
        return np.array([touched, touched + base_in_world - body.position("base")])

    def elsewhere(self, base_in_world: FloatArray, carried: str | None = None) -> Trace:
        """Return a trace that puts a body's base down at a point, free of contact."""
        return self.routed(self.placing(base_in_world, carried), carried)

    def controls(self) -> Mapping[str, Control]:
        """Return the controls that every placing has, and what the subclass says of the others."""
        return {
            "noop": Violates(self.goal().name, self.stay()),
            "straight_line": self.straight_line_control(),
            "wrong_order": self.wrong_order(),
            "out_of_band": self.out_of_band(),
        }

    def misplaced(
        self, spots_in_world: Iterable[FloatArray], carried: str | None = None, stopped_by: tuple[Stop, ...] = ()
    ) -> Control:
        """Return the control that puts a body down, free of contact, at the first of some wrong spots that allows it.

        spots_in_world: (3,) each, metres; those that are not in reach are left out. stopped_by: what ends the episode
        as it arrives there.
        """
        body = self.layout[carried or self.subtask.carried]
        for spot in spots_in_world:
            if not WORKSPACE.contains(spot):
                continue
            try:
                trace = self.elsewhere(spot, carried)
            except PlacementError:
                continue
            if self.subtask.motion.has_hand_room(self.layout, body, trace):
                return Violates(self.goal().name, trace, stopped_by)
        return DoesNotApply("no free way leads to a wrong place", here=True)

    def undone(self, least_m: float = 0.12) -> Self:
        """Return the task.

        Raises:
            PlacementError: the carried body stands less than `least_m` from where it is to go.
        """
        carried = self.layout[self.subtask.carried]
        if np.linalg.norm(carried.position("base") - self.put_down()) < least_m:
            raise PlacementError(f"{carried.name} stands too near to where it is to go.")
        return self

    def twins(self, **choices: Iterable[Self]) -> Mapping[str, Self]:
        """Return of each choice of twins the first one that asks for something within reach that is not yet done."""
        found = {name: next(filter(Placing._asks_for_something, twins), None) for name, twins in choices.items()}
        return {name: twin for name, twin in found.items() if twin is not None}

    def _asks_for_something(self) -> bool:
        try:
            self.undone(UNDONE_M)
        except PlacementError:
            return False
        return WORKSPACE.contains(self.put_down())

    def wrong_order(self) -> Control:
        """Return what does the right things in the wrong order."""
        return DoesNotApply("one object goes to one place: there is no order to get wrong")

    def out_of_band(self) -> Control:
        """Return what misses a measure that the instruction names."""
        return DoesNotApply("the instruction names no measure")

    def holds(self, curve: Curve, *constraints: Constraint) -> bool:
        """Tell whether constraints that apply to a curve hold on it."""
        margins = [constraint.margin(curve) for constraint in constraints]
        return all(margin is not None and margin >= 0.0 for margin in margins)
