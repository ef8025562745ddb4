"""What tasks share in which something is moved over the table a distance in a direction."""

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
from tracesim.language.direction import DIRECTIONS, MOTIONS, OPPOSITE, direction
from tracesim.layout.layout import SURROUNDINGS, TABLE, WORKSPACE, Layout
from tracesim.layout.randomness import Draw
from tracesim.motion.prediction import keeps
from tracesim.motion.route import EXPERT_CLEARANCE_M
from tracesim.task import Control, DoesNotApply, Stop, Task, Violates

KINDS: Final = ("block", "toy_car", "card_box")
"""What is dragged: it stands firmly, has flat sides to be pushed at, and leaves room for a palm above."""

HEADING_RAD: Final = 0.1
"""By how much its front may differ from the way that it goes: what is pushed at a corner turns away."""

NO_DIRECTION: Final = Stop("reach", "no_direction")
"""What ends the trace of a push that goes nowhere: nothing says where to push from."""

MIDDLE_CM: Final = 13
FARTHER_CM: Final = 5
"""A counterfactual's distance is so much longer where it is short, and shorter where it is long."""


class Dragging(Task):
    """A task in which one object is moved straight over the table; subclasses say how."""

    carried: ClassVar[str] = "object"
    straight: ClassVar[bool] = True
    tolerance_m: ClassVar[float] = 0.02
    stops_when_still: ClassVar[tuple[Stop, ...]] = ()
    """What ends the episode of a trace that goes nowhere."""

    word: str
    """The direction that it goes in, one of `tracesim.language.direction.DIRECTIONS`."""

    distance_cm: int
    """How far it goes."""

    from_m: tuple[float, float, float]
    """Where its base stood, metres, world."""

    @classmethod
    def sample(cls, camera: Camera, layout: Layout, draw: Draw) -> Self:
        """Draw the object, and how far it goes where."""
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
            raise PlacementError("The way leads off the part of the table that is seen and reached.")
        return task

    def words(self) -> Mapping[str, str]:
        """Return what fills the instruction."""
        return {**super().words(), "distance": str(self.distance_cm), "motion": MOTIONS[self.word]}

    def counterfactuals(self) -> Mapping[str, Self]:
        """Return the twins with the opposite direction, and with another distance."""
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
        """Return where the object's base is after so much of its way, (3,), metres, world."""
        end: FloatArray = np.array(self.from_m) + distance_m * self.toward(word or self.word)
        return end

    def constraints(self) -> Sequence[Constraint]:
        """Return where it ends and that it stays down; else as for what is placed."""
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
        """Return where the touched point is and where it ends."""
        return self.dragging(self.ending(self.distance_cm / 100))

    def dragging(self, base_in_world: FloatArray) -> FloatArray:
        """Return the decisive keypoints that bring the object's base to a point."""
        body = self.layout["object"]
        return np.array([body.position("top"), body.position("top") + base_in_world - body.position("base")])

    def expert(self) -> Trace:
        """Return the straight line: things that are dragged go round nothing."""
        trace = self.straight_line()
        if not keeps(self.layout, self.layout[self.carried], trace, self.subtask, EXPERT_CLEARANCE_M):
            raise PlacementError("Something stands in the way.")
        return trace

    def controls(self) -> Mapping[str, Control]:
        """Return the controls that go another way, or not so far."""
        return {
            "noop": Violates("beside", self.stay(), self.stops_when_still),
            "straight_line": DoesNotApply("what is asked is a straight line"),
            "wrong_order": Violates("beside", Trace(self.dragging(self.ending(0.05, OPPOSITE[self.word])))),
            "out_of_band": Violates("beside", Trace(self.dragging(self.ending(self.distance_cm / 100 - 0.05)))),
        }
