"""Task: scan the bar code of a tea box, with the scanner in one hand and the box in the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import pi, radians
from typing import ClassVar, Self

import numpy as np

from tracesim.assets.props.scanner import scanner
from tracesim.assets.props.tea_box import tea_box
from tracesim.constraints import Aligned, Box, Constraint, Dwell, Gap
from tracesim.families.bimanual import SIDES
from tracesim.families.one_each import OneEach
from tracesim.geometry.camera import Camera
from tracesim.geometry.curve import Curve, PointOn
from tracesim.geometry.rigid import FloatArray, yaw
from tracesim.geometry.trace import Trace
from tracesim.layout.layout import TABLE, Area, Layout
from tracesim.layout.randomness import Draw
from tracesim.motion.hold import Hold
from tracesim.motion.subtask import Subtask
from tracesim.negative_control import DoesNotApply, NegativeControl, Violates

MIDDLE_X_M = -0.05
"""Where the expert brings the two together."""

ASIDE_M = 0.02
"""How far the code may be to the side of the line straight out of the window, or above or below it."""


class ScanObject(OneEach):
    """A bar code scanner and a tea box, one on either side; each hand picks up its own, and they are held face to face.

    Randomised: which hand has the scanner, places, headings, sizes and colours of both, height and distance asked,
    clutter.
    Success: for one second the box is within 1.5 cm of the height asked and 10 cm of the table's middle; for one second
    its code is as far from the scanner's window as asked, at most 2 cm off the line straight out of that; at the end
    the gap between the two is as wide, and they face each other within 10 degrees; nothing else is touched, and the
    arms do not touch each other.
    """

    instruction: ClassVar[str] = (
        "Take the {scanner} with the {hand} hand and the {box} with the other one, hold the latter {height} cm above "
        "the middle of the table, and scan its code, facing it, from {low} to {high} cm."
    )
    paraphrases: ClassVar[tuple[str, ...]] = (
        "Pick up the {scanner} with the {hand} hand, bring the {box} with the other to {height} cm above the middle of "
        "the table, and point the window straight at the code, {low} to {high} cm from it.",
        "With the {scanner} in the {hand} hand and the {box} in the other, {height} cm above the middle of the table, "
        "read the code from {low} to {high} cm, window and code face to face.",
    )
    unseen: ClassVar[tuple[str, ...]] = (
        "The {hand} hand holds the {scanner}, the other the {box}, {height} cm above the middle of the table: let the "
        "window face the code from a distance of {low} to {high} cm.",
        "Scan the {box}: lift it {height} cm above the middle of the table, and with the {hand} hand bring the "
        "{scanner} to {low} to {high} cm from its code, straight on.",
    )
    vague: ClassVar[str] = "Scan the {box} with the {scanner}, which the {hand} hand takes."
    capabilities = ("measure", "tilt", "long")
    object_name: ClassVar[str] = "the {scanner} and the {box}"
    destination: ClassVar[str] = "{height} cm above the middle of the table"
    carried: ClassVar[str] = "scanner"
    radius_m: ClassVar[float] = 0.10

    low_cm: int

    hand: str
    """The hand that takes the scanner."""

    @classmethod
    def sample(cls, camera: Camera, layout: Layout, draw: Draw) -> Self:
        height_cm, low_cm = int(draw.places.integers(13, 18)), int(draw.places.integers(2, 4))
        hand = SIDES[int(draw.places.integers(2))]
        task = cls(camera, layout, height_cm, low_cm, hand, side=hand)
        for name, made in (("scanner", scanner(draw)), ("box", tea_box(draw))):
            low, high = sorted((task.outward(name) * 0.14, task.outward(name) * 0.24))
            turn = task.heading(name)
            layout.scatter(name, made, draw.places, Area((-0.18, 0.02), (low, high)), turn=(turn - 0.6, turn + 0.6))
        return task

    @property
    def high_cm(self) -> int:
        """Greatest distance of the window from the code."""
        return self.low_cm + 2

    def of_hand(self, side: str) -> str:
        return "scanner" if side == self.hand else "box"

    def outward(self, name: str) -> float:
        """Return the sign of y on the side of the hand that holds a body."""
        return 1.0 if (self.hand == "left") == (name == "scanner") else -1.0

    def heading(self, name: str) -> float:
        """Return the heading at which a body faces the other one, radians."""
        return -self.outward(name) * pi / 2.0

    def place(self, name: str) -> tuple[float, float]:
        return 0.0, 0.0

    def words(self) -> Mapping[str, str]:
        return {**super().words(), "low": str(self.low_cm), "high": str(self.high_cm), "hand": self.hand}

    def counterfactuals(self) -> Mapping[str, Self]:
        return {"distance": replace(self, low_cm=self.low_cm + 3)}

    def subtasks(self) -> Sequence[Subtask]:
        name = self.of_hand(self.side)
        turn = Aligned(name, TABLE, 0.0, self.heading(name)).missing(self.layout[name].body_in_world, np.eye(4))
        return (Subtask(name, motion=Hold(pivot="top", turn=turn, dwell_s=1.2)),)

    def scanned(self) -> Constraint:
        """Return that the code is in front of the window for a second."""
        x, y, z = self.layout["scanner"].prop.points["window"].tolist()
        middle = PointOn("scanner", (x + (self.low_cm + self.high_cm) / 200, y, z))
        half_m = (self.high_cm - self.low_cm) / 200
        where = Box(middle, -ASIDE_M, ASIDE_M, half_m, ASIDE_M)
        return Dwell(self.layout["box"].point("code"), where, least_s=1.0, name="scanned")

    def constraints(self) -> Sequence[Constraint]:
        *_, clearance, others = super().constraints()
        gap = Gap.between(self.layout["scanner"], self.layout["box"], self.low_cm / 100, self.high_cm / 100)
        facing = Aligned("scanner", "box", radians(10.0), pi, name="facing")
        return [self.scanned(), self.held("box"), gap, facing, clearance, others]

    def keypoints(self) -> FloatArray:
        name, away_m = self.of_hand(self.side), (self.low_cm + self.high_cm) / 400
        body, facing = self.layout[name], {"scanner": "window", "box": "code"}[name]
        top, point = body.prop.points["top"], body.prop.points[facing]
        code_m = self.height_cm / 100 + float(self.layout["box"].prop.points["code"][2])
        met = np.array([MIDDLE_X_M, self.outward(name) * away_m, code_m])
        return np.array([body.position("top"), met + yaw(self.heading(name)) @ (top - point)])

    def expert(self) -> Trace:
        return self.in_step()

    def controls(self) -> Mapping[str, NegativeControl]:
        return {
            "noop": Violates("scanned", self.staying()),
            "straight_line": self.straight_line_control(),
            "wrong_order": DoesNotApply("each hand has a body of its own: there is no order to get wrong"),
            "out_of_band": self.as_another("scanned", replace(self, low_cm=self.low_cm + 4)),
        }

    def robotwin_success(self, curve: Curve) -> bool:
        end = curve[-1:]
        window, axis = end.position(self.layout["scanner"].point("window"))[0], end.bodies["scanner"][0, :3, 0]
        middle = np.array([0.0, 0.0, self.layout["box"].prop.height_m / 2.0])
        away = end.position(PointOn("box", tuple(middle.tolist())))[0] - window
        along_m = float(away @ axis)
        return 0.0 < along_m < 0.07 and bool((np.abs(away - along_m * axis) < 0.025).all())
