"""Task: press the button of a switch in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, Self

import numpy as np

from tracesim.assets.props.push_switch import TRAVEL_M, push_switch
from tracesim.constraints import AtRest, Clearance, Constraint, OpenedTo, Undisturbed
from tracesim.families.pressing import Pressing
from tracesim.geometry.camera import Camera
from tracesim.geometry.curve import Curve
from tracesim.geometry.rigid import FloatArray
from tracesim.geometry.trace import Trace
from tracesim.layout.layout import Layout
from tracesim.layout.randomness import Draw
from tracesim.motion.motion import Motion
from tracesim.motion.press_in import PressIn
from tracesim.negative_control import NegativeControl, Violates


class PressSwitch(Pressing):
    """A switch with a button that stays where it is pressed to; the closed gripper presses it in by so much.

    Randomised: size, colours, place and heading of the switch, depth, clutter.
    Success: the button is pressed in by the depth asked, and no deeper; the switch stays where it is, and nothing else
    is touched.
    """

    instruction: ClassVar[str] = "Press the button of the {switch} in by {low} to {high} mm."
    paraphrases: ClassVar[tuple[str, ...]] = (
        "Push the button of the {switch} down, {low} to {high} mm deep.",
        "With closed fingers, press the {switch}: its button has to go in by {low} to {high} mm.",
    )
    unseen: ClassVar[tuple[str, ...]] = (
        "The button of the {switch} should end {low} to {high} mm lower than it stands now.",
        "Depress the button on the {switch} by {low} to {high} mm.",
    )
    vague: ClassVar[str] = "Get the button of the {switch} {low} to {high} mm in."
    capabilities = ("measure", "contact", "articulate")
    destination: ClassVar[str] = "{low} to {high} mm below the top of the button of the {switch}"
    target: ClassVar[str] = "switch_button"
    pressed: ClassVar[str] = "top"
    radius_m: ClassVar[float] = 0.02
    motion: ClassVar[Motion] = PressIn(speed_m_s=0.1)

    low_mm: int
    """The least depth; the greatest is 4 mm more."""

    @classmethod
    def sample(cls, camera: Camera, layout: Layout, draw: Draw) -> Self:
        layout.scatter("switch", push_switch(draw), draw.places, cls.area)
        return cls(camera, layout, int(draw.places.integers(3, 9)))

    def words(self) -> Mapping[str, str]:
        return {**super().words(), "low": str(self.low_mm), "high": str(self.low_mm + 4)}

    def constraints(self) -> Sequence[Constraint]:
        """Return how far the button is pressed in, and that nothing else is moved or touched."""
        button = self.layout[self.target]
        return [
            OpenedTo.of(button, self.low_mm / 1000, min(self.low_mm / 1000 + 0.004, TRAVEL_M)),
            Clearance(),
            Undisturbed.of(body for body in self.layout if body.name != button.name),
            AtRest(button.name),
        ]

    def keypoints(self) -> FloatArray:
        """Return a point above the button, and where its top has to go."""
        return self._pressing_in((self.low_mm + 2) / 1000)

    def _pressing_in(self, depth_m: float) -> FloatArray:
        """Return the keypoints that press the button in by a depth, metres."""
        top = self.layout[self.target].position(self.pressed)
        keypoints: FloatArray = self.pressing(top) - np.array([np.zeros(3), (0.0, 0.0, depth_m)])
        return keypoints

    def controls(self) -> Mapping[str, NegativeControl]:
        """Return controls that stay above the button, or press it in too little."""
        shallow = Trace(self._pressing_in(-0.002))
        return {
            **super().controls(),
            "noop": Violates("opened_to", self.stay()),
            "out_of_band": Violates("opened_to", shallow),
        }

    def robotwin_success(self, curve: Curve) -> bool | None:
        """Return None: RoboTwin has no such task."""
        return None
