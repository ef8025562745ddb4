"""Task: open the drawer of a cabinet, and put an object into it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import pi
from typing import ClassVar, Final, Self

from tracesim.assets.props import PROPS
from tracesim.assets.props.cabinet import cabinet
from tracesim.constraints import (
    AtRest,
    Beside,
    Clearance,
    Constraint,
    OpenedTo,
    OpenedWithin,
    RestsOn,
    Undisturbed,
    Upright,
)
from tracesim.control.kinematics import PLANNING_CLEARANCE_M
from tracesim.envs.put_in_drawer import SMALL
from tracesim.families.guiding import along_joint
from tracesim.families.placing import Placing
from tracesim.geometry.camera import Camera
from tracesim.geometry.curve import Curve, PointOn
from tracesim.geometry.rigid import FloatArray
from tracesim.geometry.trace import Trace
from tracesim.language.phrasing import Phrasing
from tracesim.layout.layout import TABLE, WORKSPACE, Area, Layout
from tracesim.layout.randomness import Draw
from tracesim.motion.guide import Guide
from tracesim.motion.prediction import unobstructed
from tracesim.motion.subtask import Subtask
from tracesim.negative_control import DoesNotApply, NegativeControl, Violates

LOW_CM, HIGH_CM = 10, 12
"""Between which distances the drawer has to be open: a hand's breadth."""

GUIDE: Final = Guide(pivot="handle", speed_m_s=0.1)

OPENING: Final = Phrasing(
    "Pull the drawer of the {cabinet} open by {low} to {high} cm, and never further.",
    "the handle of the drawer of the {cabinet}",
    "{low} to {high} cm out of the cabinet",
    (
        "Open the drawer of the {cabinet} by at least {low} and at no time by more than {high} cm.",
        "Draw the drawer of the {cabinet} out until it stands {low} to {high} cm open; do not overshoot.",
    ),
    (
        "Slide the drawer out of the {cabinet}, {low} cm or a little more, but never beyond {high} cm.",
        "The drawer of the {cabinet} should be left open between {low} and {high} cm, without ever having been wider.",
    ),
    "Open the drawer of the {cabinet} {low} to {high} cm.",
)
"""The first of the two instructions."""


class PutObjectCabinet(Placing):
    """A small object and a cabinet; the drawer is opened by a hand's breadth, and then the object goes into it.

    Randomised: kind, size, colour and place of the object, size, colour, place and heading of the cabinet, clutter.
    Success: the drawer stands open by 10 to 12 cm and never stood open further; the object stands upright on its floor,
    within 3 cm of the middle of its open part; both are at rest, the cabinet stays where it is, and nothing else
    is touched.
    """

    instruction: ClassVar[str] = "Put the {object} into the open drawer of the {cabinet}."
    paraphrases: ClassVar[tuple[str, ...]] = (
        "Place the {object} in the drawer of the {cabinet}, which is open now.",
        "Set the {object} down inside the open drawer of the {cabinet}.",
    )
    unseen: ClassVar[tuple[str, ...]] = (
        "The {object} goes into the drawer of the {cabinet} that has just been opened.",
        "Store the {object} in the {cabinet}, in the drawer that stands open.",
    )
    vague: ClassVar[str] = "The {object} goes in the {cabinet}."
    capabilities = ("refer", "measure", "articulate", "long")
    destination: ClassVar[str] = "the floor of the open drawer of the {cabinet}"
    carried: ClassVar[str] = "object"
    target: ClassVar[str] = "cabinet_drawer"
    onto: ClassVar[str] = "inside"

    @classmethod
    def sample(cls, camera: Camera, layout: Layout, draw: Draw) -> Self:
        layout.scatter("cabinet", cabinet(draw), draw.places, Area((0.16, 0.2), (-0.2, 0.2)), turn=(pi - 0.3, pi + 0.3))
        prop = PROPS[SMALL[int(draw.shapes.integers(len(SMALL)))]](draw)
        layout.scatter("object", prop, draw.places, WORKSPACE, gap_m=0.05)
        return cls(camera, layout)

    def subtasks(self) -> Sequence[Subtask]:
        return Subtask(self.target, "cabinet", "cabinet", GUIDE), *super().subtasks()

    @classmethod
    def phrasings(cls) -> Sequence[Phrasing]:
        return OPENING.detailed(cls.details), *super().phrasings()

    def words(self) -> Mapping[str, str]:
        return {**super().words(), "low": str(LOW_CM), "high": str(HIGH_CM)}

    def constraints(self) -> Sequence[Constraint]:
        drawer, low, high = self.layout[self.target], LOW_CM / 100, HIGH_CM / 100
        return [
            OpenedTo.of(drawer, low, high),
            OpenedWithin.of(drawer, -low, high),
            self.goal(),
            Clearance(),
            Undisturbed.of(body for body in self.layout if body.name not in ("object", self.target)),
            Upright("object"),
            AtRest("object", others=(self.target,)),
        ]

    def goal(self) -> Constraint:
        return RestsOn(self.layout["object"].point("base"), self.layout[self.target].point(self.onto), 0.03, 0.005)

    def keypoints(self) -> FloatArray:
        return super().keypoints() if self.done else self._opening((LOW_CM + HIGH_CM) / 200)

    def _opening(self, open_m: float) -> FloatArray:
        """Return the keypoints that open the drawer by a distance."""
        return along_joint(self.layout[self.target], GUIDE.pivot, open_m)

    def expert(self) -> Trace:
        if self.done:
            return super().expert()
        drawer = self.layout[self.target]
        return unobstructed(self.layout, drawer, self.straight_line(), self.subtask, PLANNING_CLEARANCE_M)

    def controls(self) -> Mapping[str, NegativeControl]:
        """Return controls that leave the drawer closed or open it too little, and lead the object through its front."""
        if self.done:
            return super().controls()
        return {
            "noop": Violates("opened_to", self.stay()),
            "straight_line": self.straight_line_control(),
            "wrong_order": DoesNotApply("each instruction moves one thing: there is no order to get wrong"),
            "out_of_band": Violates("opened_to", Trace(self._opening(LOW_CM / 100 - 0.02))),
        }

    def robotwin_success(self, curve: Curve) -> bool:
        base, inside = self.layout["object"].point("base"), self.layout[self.target].point(self.onto)
        across = Beside(base, inside, (0.0, 1.0, 0.0), -0.05, 0.05, 0.05)
        return self.holds(curve, across, RestsOn(base, PointOn(TABLE, (0.0, 0.0, 0.0635)), 1.0, 0.0565))
