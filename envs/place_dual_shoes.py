"""Task: put two shoes down side by side at the same time, one with each hand."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from math import asin, pi, radians
from typing import ClassVar, NamedTuple, Self

import numpy as np

from tracesim.assets.props.mat import mat
from tracesim.assets.props.shoe import shoe
from tracesim.constraints import (
    Aligned,
    AtRest,
    Beside,
    Clearance,
    Constraint,
    Gap,
    RestsOn,
    Undisturbed,
    Upright,
)
from tracesim.errors import PlacementError
from tracesim.families.bimanual import SIDES, BimanualTask, with_keypoints
from tracesim.geometry.camera import Camera
from tracesim.geometry.curve import Curve, PointOn
from tracesim.geometry.rigid import FloatArray, yaw
from tracesim.geometry.trace import Trace
from tracesim.layout.layout import TABLE, Area, Layout
from tracesim.layout.randomness import Draw
from tracesim.motion.carry import Carry
from tracesim.motion.subtask import Subtask
from tracesim.negative_control import DoesNotApply, NegativeControl, Violates

ROBOTWIN_RAD = 2.0 * asin(0.07)
"""RoboTwin's tolerance, from its own check: quaternion components differ by at most 0.07."""


class Way(NamedTuple):
    """A direction in which toes can point."""

    heading: float
    """Heading of the shoes, radians."""

    first: tuple[float, float, float]
    """Direction in which the left hand's shoe lies from the middle of the mat."""

    where: str
    """That direction in words."""


LEFT, BACK = (0.0, 1.0, 0.0), (1.0, 0.0, 0.0)
WAYS = {
    "away from you": Way(0.0, LEFT, "on the left"),
    "towards you": Way(pi, LEFT, "on the left"),
    "to the left": Way(pi / 2.0, BACK, "at the back"),
    "to the right": Way(-pi / 2.0, BACK, "at the back"),
}
"""Directions in which toes can point, by the words for them, with the places in which the arms have room."""


class PlaceDualShoes(BimanualTask):
    """A pair of shoes, one on either side of a mat; each hand takes its own by the heel, and both put them on the mat.

    Randomised: which way the toes have to point, places, headings, sizes, shape and colour of the shoes, mat, clutter.
    Success: each shoe stands upright, at rest, within 2 cm of its place on the mat, its toes within 8 degrees of the
    direction asked, with 2 to 5 cm between the shoes; nothing else is touched, and the arms do not touch each other.
    """

    instruction: ClassVar[str] = (
        "Put both shoes on the {mat}, side by side with a gap of {low} to {high} cm between them, toes pointing {way}, "
        "that of the left hand {where}."
    )
    paraphrases: ClassVar[tuple[str, ...]] = (
        "Set the two shoes down next to each other on the {mat}, toes pointing {way}, that of the left hand {where}, "
        "with a gap of {low} to {high} cm.",
        "Take a shoe with each hand and stand them side by side on the {mat}, that of the left hand {where}, toes "
        "pointing {way}, with a gap of {low} to {high} cm.",
    )
    unseen: ClassVar[tuple[str, ...]] = (
        "Line both shoes up on the {mat}, toes pointing {way}, and leave a gap of {low} to {high} cm between them; "
        "that of the left hand {where}.",
        "The pair of shoes belongs on the {mat}: toes pointing {way}, a gap of {low} to {high} cm between the two, "
        "that of the left hand {where}.",
    )
    vague: ClassVar[str] = (
        "The shoes go on the {mat} as a pair, {low} to {high} cm apart, toes pointing {way}, that of the left hand "
        "{where}."
    )
    capabilities = ("measure", "tilt", "long")
    object_name: ClassVar[str] = "both shoes"
    carried: ClassVar[str] = "left"
    target: ClassVar[str] = "mat"
    low_cm: ClassVar[int] = 2
    high_cm: ClassVar[int] = 5

    way: str

    @classmethod
    def sample(cls, camera: Camera, layout: Layout, draw: Draw) -> Self:
        way = str(draw.places.choice(list(WAYS)))
        heading, first, _ = WAYS[way]
        made = mat(draw, size=(0.20, 0.20))
        layout.scatter("mat", made, draw.places, Area((-0.1, 0.0), (-0.04, 0.04)), turn=(0.0, 0.0))
        # They stand as they are worn: the left one is on the left as seen from the heels.
        feet = SIDES if yaw(heading)[:, 1] @ first > 0.0 else SIDES[::-1]
        shoes = [shoe(copy.deepcopy(draw), foot=feet[0]), shoe(draw, foot=feet[1])]
        for side, one, y in zip(SIDES, shoes, ((0.17, 0.28), (-0.28, -0.17)), strict=True):
            turn = (heading - 1.2, heading + 1.2)
            layout.scatter(side, one, draw.places, Area((-0.2, 0.02), y), turn=turn, gap_m=0.04)
        return cls(camera, layout, way)

    def subtasks(self) -> Sequence[Subtask]:
        turn = self.aligned(self.side).missing(self.layout[self.side].body_in_world, np.eye(4))
        return (Subtask(self.side, target="mat", motion=Carry(pivot="heel", turn=turn)),)

    def words(self) -> Mapping[str, str]:
        said = {"low": str(self.low_cm), "high": str(self.high_cm), "way": self.way, "where": WAYS[self.way].where}
        return {**super().words(), **said}

    def aligned(self, side: str, tolerance_rad: float = radians(8.0)) -> Aligned:
        """Return the constraint that the toes of a shoe point in the direction asked."""
        return Aligned(side, TABLE, tolerance_rad, WAYS[self.way].heading, name=f"{side}_aligned")

    def outward(self, side: str) -> FloatArray:
        """Return the unit vector (3,) from the middle of the mat to where a shoe has to stand."""
        first = np.array(WAYS[self.way].first)
        return first if side == SIDES[0] else -first

    def spot(self, side: str) -> PointOn:
        """Return the point of the mat on which a shoe has to stand, with half of the middle gap on its inner side."""
        points = self.layout[side].shape.points @ yaw(WAYS[self.way].heading).T
        away_m = (self.low_cm + self.high_cm) / 400 - float((points @ self.outward(side)).min())
        x, y, _ = (away_m * self.outward(side)).tolist()
        return PointOn("mat", (x, y, float(self.layout["mat"].prop.points["top"][2])))

    def constraints(self) -> Sequence[Constraint]:
        left, right = (self.layout[side] for side in SIDES)
        return [
            RestsOn(left.point("base"), self.spot("left"), 0.02, 0.005, "left_placed"),
            RestsOn(right.point("base"), self.spot("right"), 0.02, 0.005, "right_placed"),
            Gap.between(left, right, self.low_cm / 100, self.high_cm / 100),
            Clearance(),
            Undisturbed.of(body for body in self.layout if body.name not in SIDES),
            Upright("left", others=("right",)),
            *(self.aligned(side) for side in SIDES),
            AtRest("left", others=("right",)),
        ]

    def keypoints(self) -> FloatArray:
        return self.putting_down(self.layout.position(self.spot(self.side)))

    def putting_down(self, spot_in_world: FloatArray) -> FloatArray:
        """Return the decisive keypoints that put this arm's shoe down at a spot (3,), metres, held by the heel."""
        shoe = self.layout[self.side]
        return np.array([shoe.position("heel"), spot_in_world + yaw(WAYS[self.way].heading) @ shoe.prop.points["heel"]])

    def expert(self) -> Trace:
        # With as many keypoints each, both are put down at the same time.
        routes = {one.side: one.routed(one.keypoints()) for one in self.shares()}
        return with_keypoints(routes[self.side], max(len(route.keypoints) for route in routes.values()))

    def controls(self) -> Mapping[str, NegativeControl]:
        return {
            "noop": Violates("left_placed", self.staying()),
            "straight_line": self.straight_line_control(),
            "wrong_order": DoesNotApply("each hand has a shoe of its own: there is no order to get wrong"),
            "out_of_band": self.too_far_apart(),
        }

    def too_far_apart(self) -> NegativeControl:
        """Return the control that puts the left shoe down farther from the right one than asked."""
        left, _ = self.shares()
        farther = self.outward("left") * ((self.high_cm - self.low_cm) / 200 + 0.015)
        try:
            route = left.routed(left.putting_down(self.layout.position(self.spot("left")) + farther))
        except PlacementError:
            return DoesNotApply("no free way leads farther apart", here=True)
        right = self.traces()["right"]
        return Violates("gap", {"left": with_keypoints(route, len(right.keypoints)), "right": right})

    def robotwin_success(self, curve: Curve) -> bool:
        asked: list[Constraint] = []
        for side in SIDES:
            base, spot = self.layout[side].point("base"), self.spot(side)
            asked += [Beside(base, spot, (0.0, 1.0, 0.0), -0.05, 0.05, 0.05), RestsOn(base, spot, 1.0, 0.03)]
            asked.append(self.aligned(side, ROBOTWIN_RAD))
        return self.holds(curve, *asked)
