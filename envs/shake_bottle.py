"""Task: shake a bottle up and down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, Final, Self

import numpy as np

from tracesim.assets.props.bottle import bottle
from tracesim.constraints import Clearance, Constraint, Shakes, Undisturbed
from tracesim.geometry.camera import Camera
from tracesim.geometry.curve import Curve, PointOn
from tracesim.geometry.rigid import FloatArray
from tracesim.layout.layout import WORKSPACE, Layout
from tracesim.layout.randomness import Draw
from tracesim.motion.hold import Hold
from tracesim.motion.motion import Motion
from tracesim.negative_control import DoesNotApply, NegativeControl, Violates
from tracesim.task import Task

RAISED_M: Final = 0.08
"""Height of the bottle at the lowest points of its swings."""

MORE_M: Final = 0.015
"""By how much the expert's swings are longer than asked."""

ROBOTWIN_M: Final = 0.06
"""Height above the table at which RoboTwin's check is passed, from its own code."""


class ShakeBottle(Task):
    """A bottle; it is lifted, shaken up and down, and held.

    Randomised: place, size, shape and colour of the bottle, how often and how far it is shaken, clutter.
    Success: there are as many swings up and down of at least the length asked; nothing else is touched. In RoboTwin it
    is enough to lift the bottle.
    """

    instruction: ClassVar[str] = "Shake the {bottle} {ways} {times} times by at least {length} cm, and hold it."
    paraphrases: ClassVar[tuple[str, ...]] = (
        "Lift the {bottle} and move it {ways} {times} times, {length} cm or more each way; keep it in the hand.",
        "Give the {bottle} a shake: {times} times {ways}, each swing at least {length} cm long, without letting go.",
    )
    unseen: ClassVar[tuple[str, ...]] = (
        "The contents of the {bottle} have settled; swing it {ways} {times} times over {length} cm at least, in the "
        "air.",
        "Pick up the {bottle} and swing it {ways}, {times} times there and back, no less than {length} cm.",
    )
    vague: ClassVar[str] = "Shake the {bottle} {ways} {times} times, {length} cm."
    capabilities = ("measure",)
    destination: ClassVar[str] = "where it is held"
    carried: ClassVar[str] = "bottle"
    motion: ClassVar[Motion] = Hold()
    ways: ClassVar[str] = "up and down"

    times: int

    length_cm: int
    """Least length of a swing."""

    @classmethod
    def sample(cls, camera: Camera, layout: Layout, draw: Draw) -> Self:
        layout.scatter("bottle", bottle(draw), draw.places, WORKSPACE, turn=(-0.3, 0.3))
        return cls(camera, layout, int(draw.places.integers(2, 4)), int(draw.places.integers(4, 8)))

    def words(self) -> Mapping[str, str]:
        said = {"ways": self.ways, "times": str(self.times), "length": str(self.length_cm)}
        return {**super().words(), **said}

    def along(self) -> FloatArray:
        """Return the unit vector (3,) along which the bottle is shaken, world frame."""
        return np.array([0.0, 0.0, 1.0])

    def constraints(self) -> Sequence[Constraint]:
        x, y, z = self.along().tolist()
        others = Undisturbed.of(body for body in self.layout if body.name != "bottle")
        shakes = Shakes(self.layout["bottle"].point("base"), (x, y, z), self.times, self.length_cm / 100)
        return [shakes, Clearance(), others]

    def keypoints(self) -> FloatArray:
        return self.shaking(self.length_cm / 100 + MORE_M)

    def shaking(self, length_m: float) -> FloatArray:
        """Return the decisive keypoints of swings of a length, metres."""
        top, up = self.layout["bottle"].position("top"), np.array([0.0, 0.0, RAISED_M])
        swing = length_m * self.along()
        to_and_fro = [top + up + share * swing for share in (0.0, 1.0) * self.times]
        return np.array([top, *to_and_fro, top + up])

    def controls(self) -> Mapping[str, NegativeControl]:
        return {
            "noop": Violates("shakes", self.stay()),
            "straight_line": self.violating("shakes", self.keypoints()[[0, -1]]),
            "wrong_order": DoesNotApply("to and fro can begin either way: there is no order to get wrong"),
            "out_of_band": self.violating("shakes", self.shaking(self.length_cm / 100 - 0.02)),
        }

    def robotwin_success(self, curve: Curve) -> bool:
        height_m = curve[-1:].position(PointOn("bottle", (0.0, 0.0, 0.0)))[0, 2]
        return bool(height_m > ROBOTWIN_M)
