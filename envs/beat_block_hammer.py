"""Task: beat a block with a hammer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import ClassVar, Self

import numpy as np

from tracesim.assets.props.block import block
from tracesim.assets.props.hammer import hammer
from tracesim.constraints import Beside, Clearance, Constraint, Contact, Cylinder, Dwell, RestsOn, Speed, Undisturbed
from tracesim.families.guided import Guided
from tracesim.geometry.camera import Camera
from tracesim.geometry.curve import Curve
from tracesim.geometry.rigid import FloatArray
from tracesim.layout.layout import WORKSPACE, Layout
from tracesim.layout.randomness import Draw
from tracesim.motion.motion import Motion
from tracesim.motion.strike import Strike
from tracesim.negative_control import NegativeControl

PRESSED_M = 0.002
"""How far below the top of the block the expert's trace ends, so that the hammer touches it."""


class BeatBlockHammer(Guided):
    """A hammer and a block; the hammer is raised above the block, and its face comes down on that.

    Randomised: places, sizes, colours of both, heading of the hammer, the height asked, clutter.
    Success: for 0.3 seconds the face is within 1.5 cm of the height asked and 2 cm of the middle of the block; then it
    ends on the block, touching it, within 1.5 cm of its middle; it never moves faster than 25 cm/s; the block is not
    moved, and nothing else is touched.
    """

    instruction: ClassVar[str] = (
        "Raise the {hammer} {height} cm above the top of the {block}, and bring it down on that, below {speed} cm/s."
    )
    paraphrases: ClassVar[tuple[str, ...]] = (
        "Lift the {hammer} to {height} cm above the top of the {block} and beat it from there, at no more than {speed} "
        "cm per second.",
        "With the {hammer}, beat the {block}: swing back to {height} cm above its top first, and stay below {speed} cm "
        "per second.",
    )
    unseen: ClassVar[tuple[str, ...]] = (
        "Hit the {block} with the face of the {hammer}, from {height} cm over it, slower than {speed} cm/s.",
        "Let the face of the {hammer} come down on the {block} from {height} cm above, never faster than {speed} cm/s.",
    )
    vague: ClassVar[str] = "Beat the {block} with the {hammer}."
    details: ClassVar[str] = (
        "Leave it there, in contact with the middle of the top, touch nothing else on the way, and move nothing else."
    )
    capabilities = ("measure", "contact")
    carried: ClassVar[str] = "hammer"
    target: ClassVar[str] = "block"
    touched: ClassVar[str] = "handle"
    radius_m: ClassVar[float] = 0.015
    motion: ClassVar[Motion] = Strike(dwell_s=0.5, speed_m_s=0.18)
    tolerance_cm: ClassVar[float] = 1.5
    speed_cm_s: ClassVar[int] = 25

    height_cm: int

    @classmethod
    def sample(cls, camera: Camera, layout: Layout, draw: Draw) -> Self:
        height_cm = int(draw.places.integers(7, 13))
        layout.scatter("block", block(draw), draw.places, WORKSPACE)
        layout.scatter("hammer", hammer(draw), draw.places, WORKSPACE, gap_m=0.05)
        return cls(camera, layout, height_cm).undone()

    def words(self) -> Mapping[str, str]:
        return {**super().words(), "height": str(self.height_cm), "speed": str(self.speed_cm_s)}

    def counterfactuals(self) -> Mapping[str, Self]:
        return self.twins(height=[replace(self, height_cm=self.height_cm + (4 if self.height_cm < 10 else -4))])

    def rules(self) -> Sequence[Constraint]:
        face, top = self.layout["hammer"].point("base"), self.layout["block"].point("top")
        low_m, high_m = ((self.height_cm + sign * self.tolerance_cm) / 100 for sign in (-1, 1))
        raised = Dwell(face, Cylinder(top, low_m, high_m, 0.02), least_s=0.3, name="raised")
        return [raised, Speed(face, self.speed_cm_s / 100)]

    def goal(self) -> Constraint:
        return RestsOn(self.layout["hammer"].point("base"), self.layout["block"].point("top"), self.radius_m, 0.005)

    def constraints(self) -> Sequence[Constraint]:
        others = Undisturbed.of(body for body in self.layout if body.name != "hammer")
        contact = Contact.of(self.layout["hammer"], self.layout["block"])
        return [*self.rules(), self.goal(), contact, Clearance(), others]

    def put_down(self) -> FloatArray:
        return np.asarray(super().put_down() - np.array([0.0, 0.0, PRESSED_M]))

    def way(self) -> FloatArray:
        return self.raised(self.height_cm / 100)

    def raised(self, height_m: float) -> FloatArray:
        """Return the point (1, 3) at a height above the block, metres."""
        return np.asarray(self.layout["block"].position("top")[None] + np.array([0.0, 0.0, height_m]))

    def out_of_band(self) -> NegativeControl:
        return self.against_the_rules(self.raised((self.height_cm + self.tolerance_cm) / 100 + 0.03))

    def robotwin_success(self, curve: Curve) -> bool:
        hammer, block = self.layout["hammer"], self.layout["block"]
        above = Beside(hammer.point("base"), block.point("top"), (0.0, 1.0, 0.0), -0.02, 0.02, 0.02)
        return self.holds(curve, above, Contact.of(hammer, block))
