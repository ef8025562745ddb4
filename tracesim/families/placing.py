"""Base class of tasks in which one body is put down at a goal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar, Final, Self

import numpy as np

from tracesim.constraints import AtRest, Clearance, Constraint, RestsOn, Undisturbed, Upright
from tracesim.control.kinematics import PLANNING_CLEARANCE_M
from tracesim.errors import PlacementError
from tracesim.geometry.rigid import FloatArray, transform
from tracesim.geometry.trace import Trace
from tracesim.language.capability import Capability
from tracesim.layout.layout import WORKSPACE
from tracesim.motion.prediction import keeps
from tracesim.motion.route import EXPERT_CLEARANCE_M
from tracesim.negative_control import DoesNotApply, NegativeControl, Stop, Violates
from tracesim.task import Task

UNDONE_M: Final = 0.05
"""Least distance between a body and where a counterfactual asks to put it."""

LEVEL_M: Final = 0.005
"""Greatest vertical distance of the carried body's base from where it has to stand."""

PRESSED_M: Final = 0.001
"""How far a control leads a body into another one that it has to touch."""


WALLS_M: Final = 0.005
"""Least space between the carried body and the walls of a vessel into which it has to fit."""


class Placing(Task):
    """A task in which `carried` is put down at a goal, upright and at rest, and nothing else is touched.

    By default it has to stand on `target`, within `radius_m` of its point `onto`. Other subclasses define `goal()`, the
    constraint on where the body ends, and `put_down()`, where the expert puts it.
    """

    details: ClassVar[str] = (
        "Put it down upright, touch nothing else on the way, and leave everything else where it is."
    )
    capabilities: ClassVar[tuple[Capability, ...]] = ("refer",)
    touched: ClassVar[str] = "top"
    """The named point of the carried body at which a trace begins."""

    onto: ClassVar[str] = "top"
    """The named point of the target about which the carried body has to stand."""
    radius_m: ClassVar[float] = 0.03
    """Greatest horizontal distance of the carried body's base from that point."""

    def goal(self) -> Constraint:
        """Return the constraint on where the carried body ends: by default on the target, about its point `onto`."""
        base, onto = self.layout[self.subtask.carried].point("base"), self.layout[self.subtask.target].point(self.onto)
        return RestsOn(base, onto, self.radius_m, LEVEL_M)

    def put_down(self) -> FloatArray:
        """Return where the expert puts the carried body's base, the middle of the goal, (3,), metres, world."""
        return self.layout[self.subtask.target].position(self.onto)

    def constraints(self) -> Sequence[Constraint]:
        """Return that the goal is met, nothing else is touched, and the body ends upright and at rest."""
        carried = self.subtask.carried
        return [
            self.goal(),
            Clearance(),
            Undisturbed.of(body for body in self.layout if body.name != carried),
            Upright(carried),
            AtRest(carried),
        ]

    def keypoints(self) -> FloatArray:
        """Return where the touched point is at first and where it ends."""
        return self.placing(self.put_down())

    def routed(self, keypoints: FloatArray, carried: str | None = None) -> Trace:
        """Return a collision-free trace through decisive keypoints that puts the body down where nothing stands.

        Args:
            keypoints: The decisive keypoints, (K, 3), metres, world.
            carried: The body that is carried, by default the subtask's own.

        Raises:
            PlacementError: there is no such trace.
        """
        subtask = self.subtask
        body = self.layout[carried or subtask.carried]
        end = subtask.motion.path(Trace(keypoints), body, step_m=np.inf).body_in_world[-1]
        # The last leg is short: checking both its ends suffices.
        if not self.layout.fits(
            body.prop, end, EXPERT_CLEARANCE_M, ignored=(body.name, subtask.carried, subtask.target)
        ):
            raise PlacementError(f"Another object is where {body.name} has to go.")
        return super().routed(keypoints, carried)

    def placing(self, base_in_world: FloatArray, carried: str | None = None) -> FloatArray:
        """Return the decisive keypoints that put a body's base down at a point.

        Args:
            base_in_world: Where the base ends, (3,), metres.
            carried: The body that is carried, by default the subtask's own.
        """
        body = self.layout[carried or self.subtask.carried]
        touched = body.position(self.touched)
        return np.array([touched, touched + base_in_world - body.position("base")])

    def elsewhere(self, base_in_world: FloatArray, carried: str | None = None) -> Trace:
        """Return a collision-free trace that puts a body's base down at a point; see `placing`.

        Raises:
            PlacementError: there is no such trace.
        """
        return self.routed(self.placing(base_in_world, carried), carried)

    def controls(self) -> Mapping[str, NegativeControl]:
        """Return the negative controls; subclasses override `wrong_order` and `out_of_band`."""
        return {
            "noop": Violates(self.goal().name, self.stay()),
            "straight_line": self.straight_line_control(),
            "wrong_order": self.wrong_order(),
            "out_of_band": self.out_of_band(),
        }

    def misplaced(
        self, spots_in_world: Iterable[FloatArray], carried: str | None = None, stopped_by: tuple[Stop, ...] = ()
    ) -> NegativeControl:
        """Return a control that puts a body down at a wrong spot, the first that a collision-free trace leads to.

        Args:
            spots_in_world: Candidates, (3,) each, metres; those out of reach are skipped.
            carried: The body that is carried, by default the subtask's own.
            stopped_by: How the episode may end as the body arrives there.
        """
        body = self.layout[carried or self.subtask.carried]
        for spot in spots_in_world:
            if not WORKSPACE.contains(spot):
                continue
            try:
                trace = self.elsewhere(spot, carried)
            except PlacementError:
                continue
            if not self.subtask.motion.has_hand_room(self.layout, body, trace):
                continue
            # The search for a trace checks the ends of the last leg only, and something may overhang in between.
            if stopped_by or keeps(self.layout, body, trace, self.subtask, PLANNING_CLEARANCE_M):
                return Violates(self.goal().name, trace, stopped_by)
        return DoesNotApply("no free way leads to a wrong place", here=True)

    def stacked_wrongly(self) -> NegativeControl:
        """Return a control that stacks the target on the carried body, and runs into it as it arrives there."""
        upper, lower = self.subtask.carried, self.subtask.target
        inside = self.layout[upper].position(self.onto) - np.array([0.0, 0.0, PRESSED_M])
        return self.misplaced([inside], lower, (Stop("collision", upper),))

    def undone(self, least_m: float = 0.12) -> Self:
        """Return the task itself, after a check that it is not done already.

        Args:
            least_m: Least distance of the carried body from where it is to go.

        Raises:
            PlacementError: the carried body is nearer.
        """
        carried = self.layout[self.subtask.carried]
        if np.linalg.norm(carried.position("base") - self.put_down()) < least_m:
            raise PlacementError(f"{carried.name} is too close to its goal.")
        return self

    def fitting(self) -> Self:
        """Return the task itself, after a check that the carried body fits into its target with the heading it has.

        Raises:
            PlacementError: it does not.
        """
        carried, vessel = self.layout[self.subtask.carried], self.layout[self.subtask.target]
        inside = self.put_down() + np.array([0.0, 0.0, 1.2 * WALLS_M])
        pose = transform(carried.body_in_world[:3, :3], inside)
        if not self.layout.fits(carried.prop, pose, WALLS_M, ignored=(carried.name,)):
            raise PlacementError(f"{carried.name} does not fit into the {vessel.prop.noun} with its heading.")
        return self

    def twins(self, **choices: Iterable[Self]) -> Mapping[str, Self]:
        """Return, for each list of candidate twins, the first one whose goal is within reach and not yet met."""
        found = {name: next(filter(Placing._asks_for_something, twins), None) for name, twins in choices.items()}
        return {name: twin for name, twin in found.items() if twin is not None}

    def _asks_for_something(self) -> bool:
        try:
            self.undone(UNDONE_M)
        except PlacementError:
            return False
        return WORKSPACE.contains(self.put_down())

    def wrong_order(self) -> NegativeControl:
        """Return the control that does the right things in the wrong order, or moves the wrong body."""
        return DoesNotApply("one object goes to one place: there is no order to get wrong")

    def out_of_band(self) -> NegativeControl:
        """Return the control that violates a measure named by the instruction."""
        return DoesNotApply("the instruction names no measure")
