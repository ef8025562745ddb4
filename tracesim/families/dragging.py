"""Base class of tasks in which an object is moved along the table by a distance in a direction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import ClassVar, Final, Self

import numpy as np

from tracesim.assets.props import PROPS
from tracesim.constraints import AtRest, Beside, Clearance, Constraint, Grounded, Undisturbed, Upright
from tracesim.errors import PlacementError
from tracesim.geometry.camera import Camera
from tracesim.geometry.curve import PointOn
from tracesim.geometry.rigid import FloatArray
from tracesim.geometry.trace import Trace
from tracesim.language.capability import Capability
from tracesim.language.direction import DIRECTIONS, MOTIONS, OPPOSITE, direction
from tracesim.layout.layout import SURROUNDINGS, TABLE, WORKSPACE, Layout
from tracesim.layout.randomness import Draw
from tracesim.motion.prediction import unobstructed
from tracesim.motion.route import EXPERT_CLEARANCE_M
from tracesim.negative_control import DoesNotApply, NegativeControl, Stop, Violates
from tracesim.task import Task

KINDS: Final = ("block", "toy_car", "card_box")
"""Kinds of objects to drag: stable, with flat sides to push against, and low enough for a palm above them."""

HEADING_RAD: Final = 0.1
"""Greatest angle between an object's front and its direction of motion: pushed at a corner, it would turn."""

NO_DIRECTION: Final = Stop("reach", "no_direction")
"""How an episode ends if the trace of a push stays in place: it does not say from which side to push."""

MIDDLE_CM: Final = 13
"""Shorter distances are lengthened in a counterfactual, all others shortened."""

FARTHER_CM: Final = 5
"""By how much a counterfactual's distance differs."""


class Dragging(Task):
    """A task in which one object is moved straight along the table; subclasses state the motion."""

    details: ClassVar[str] = (
        "Directions are as you see them. Keep it on the table all the way, touch nothing else, and leave everything "
        "else where it is."
    )
    capabilities: ClassVar[tuple[Capability, ...]] = ("measure", "contact")
    carried: ClassVar[str] = "object"
    straight: ClassVar[bool] = True
    tolerance_m: ClassVar[float] = 0.02
    """Greatest deviation of the object's end, along the direction and across it."""
    stops_when_still: ClassVar[tuple[Stop, ...]] = ()
    """How an episode may end if the trace stays in place."""

    word: str
    """The direction to move in, one of `tracesim.language.direction.DIRECTIONS`."""

    distance_cm: int
    """The distance to move."""

    from_m: tuple[float, float, float]
    """Where the object's base stood at first, metres, world."""

    @classmethod
    def sample(cls, camera: Camera, layout: Layout, draw: Draw) -> Self:
        """Draw the object, the direction and the distance."""
        prop = PROPS[KINDS[int(draw.shapes.integers(len(KINDS)))]](draw)
        word = DIRECTIONS[int(draw.places.integers(len(DIRECTIONS)))]
        distance_cm = int(draw.places.integers(8, 19))
        ahead = direction(camera, word)
        heading = float(np.arctan2(ahead[1], ahead[0]))
        turn = (heading - HEADING_RAD, heading + HEADING_RAD)
        body = layout.scatter("object", prop, draw.places, WORKSPACE, turn=turn)
        x, y, z = body.position("base").tolist()
        task = cls(camera, layout, word, distance_cm, (x, y, z))
        if not task._in_reach():
            raise PlacementError("The path leaves the part of the table that is visible and within reach.")
        return task

    def words(self) -> Mapping[str, str]:
        """Return the values of the template's fields, including the distance and the motion."""
        return {**super().words(), "distance": str(self.distance_cm), "motion": MOTIONS[self.word]}

    def counterfactuals(self) -> Mapping[str, Self]:
        """Return the twins with the opposite direction and with another distance, where these are in reach."""
        twins = {
            "direction": replace(self, word=OPPOSITE[self.word]),
            "distance": replace(self, distance_cm=self._other_cm()),
        }
        return {name: twin for name, twin in twins.items() if twin._in_reach()}

    def _other_cm(self) -> int:
        return self.distance_cm + (FARTHER_CM if self.distance_cm < MIDDLE_CM else -FARTHER_CM)

    def _in_reach(self) -> bool:
        end = self.ending(self.distance_cm / 100)
        return bool(SURROUNDINGS.x[0] < end[0] < WORKSPACE.x[1] and SURROUNDINGS.y[0] < end[1] < SURROUNDINGS.y[1])

    def ending(self, distance_m: float, word: str | None = None) -> FloatArray:
        """Return the position of the object's base after a distance, (3,), metres, world.

        Args:
            distance_m: The distance from where the object stood at first.
            word: The direction, by default that of the instruction.
        """
        end: FloatArray = np.array(self.from_m) + distance_m * self.toward(word or self.word)
        return end

    def constraints(self) -> Sequence[Constraint]:
        """Return that the object ends where asked and stays on the table, and the constraints of a placed body."""
        base, ahead = self.layout["object"].point("base"), self.toward(self.word)
        low_m, high_m = (self.distance_cm / 100 + sign * self.tolerance_m for sign in (-1, 1))
        return [
            Beside(base, PointOn(TABLE, self.from_m), tuple(ahead.tolist()), low_m, high_m, self.tolerance_m),
            Grounded(base, PointOn(TABLE, (0.0, 0.0, 0.0)), 0.01),
            Clearance(),
            Undisturbed.of(body for body in self.layout if body.name != "object"),
            Upright("object"),
            AtRest("object"),
        ]

    def keypoints(self) -> FloatArray:
        """Return where the touched point is at first and where it ends."""
        return self.dragging(self.ending(self.distance_cm / 100))

    def dragging(self, base_in_world: FloatArray) -> FloatArray:
        """Return the decisive keypoints that bring the object's base to a point (3,), metres, world."""
        body = self.layout["object"]
        return np.array([body.position("top"), body.position("top") + base_in_world - body.position("base")])

    def expert(self) -> Trace:
        """Return the straight line, as a dragged object makes no detours.

        Raises:
            PlacementError: something stands in the way.
        """
        trace = self.straight_line()
        return unobstructed(self.layout, self.layout[self.carried], trace, self.subtask, EXPERT_CLEARANCE_M)

    def controls(self) -> Mapping[str, NegativeControl]:
        """Return controls that stay in place, move in the opposite direction, or stop too early."""
        return {
            "noop": Violates("beside", self.stay(), self.stops_when_still),
            "straight_line": DoesNotApply("what is asked is a straight line"),
            "wrong_order": Violates("beside", Trace(self.dragging(self.ending(0.05, OPPOSITE[self.word])))),
            "out_of_band": Violates("beside", Trace(self.dragging(self.ending(self.distance_cm / 100 - 0.05)))),
        }
