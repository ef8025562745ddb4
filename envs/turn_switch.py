"""Task: turn a rocker switch over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import pi
from typing import ClassVar, Final, Self

import numpy as np

from tracesim.assets.props.rocker_switch import TURN_RAD, rocker_switch
from tracesim.constraints import AtRest, Clearance, Constraint, TurnedTo, Undisturbed
from tracesim.families.pressing import Pressing
from tracesim.geometry.camera import Camera
from tracesim.geometry.curve import Curve
from tracesim.geometry.rigid import FloatArray, apply
from tracesim.geometry.trace import Trace
from tracesim.layout.layout import Layout
from tracesim.layout.randomness import Draw
from tracesim.motion.motion import Motion
from tracesim.motion.press_in import PressIn
from tracesim.negative_control import NegativeControl, Violates

OVER_RAD: Final = 0.05
"""The switch counts as turned over if its rocker is no further from its end than this, which is RoboTwin's measure."""


class TurnSwitch(Pressing):
    """A rocker switch, one end of whose rocker stands up; the closed gripper presses that end down, and it turns over.

    Randomised: size, colours, place and heading of the switch, clutter.
    Success: the rocker is turned over to within 0.05 rad of its end and stays there; the switch stays where it is, and
    nothing else is touched.
    """

    instruction: ClassVar[str] = "Turn the {switch} over: press the raised end of its rocker all the way down."
    paraphrases: ClassVar[tuple[str, ...]] = (
        "Flip the {switch} by pressing down the end of its rocker that stands up.",
        "With closed fingers, push the raised end of the rocker of the {switch} down until it is flush.",
    )
    unseen: ClassVar[tuple[str, ...]] = (
        "Toggle the {switch}: the end of its rocker that is up has to go down completely.",
        "The {switch} should be tipped over to its other position.",
    )
    vague: ClassVar[str] = "Turn the {switch}."
    capabilities = ("contact", "articulate")
    destination: ClassVar[str] = "the raised end of the rocker of the {switch}"
    target: ClassVar[str] = "switch_rocker"
    pressed: ClassVar[str] = "end"
    radius_m: ClassVar[float] = 0.02
    motion: ClassVar[Motion] = PressIn(speed_m_s=0.1, pressed="end")

    @classmethod
    def sample(cls, camera: Camera, layout: Layout, draw: Draw) -> Self:
        raised = {"rocker": -TURN_RAD}
        layout.scatter("switch", rocker_switch(draw), draw.places, cls.area, turn=(-pi, pi), positions=raised)
        return cls(camera, layout)

    def turned(self, least_rad: float = TURN_RAD - OVER_RAD) -> Constraint:
        """Return the constraint that the rocker ends at no less than a given angle."""
        return TurnedTo.of(self.layout[self.target], least_rad, TURN_RAD + OVER_RAD)

    def constraints(self) -> Sequence[Constraint]:
        """Return that the rocker is turned over, and that nothing else is moved or touched."""
        others = Undisturbed.of(body for body in self.layout if body.name != self.target)
        return [self.turned(), Clearance(), others, AtRest(self.target)]

    def keypoints(self) -> FloatArray:
        """Return a point above the raised end, that end, and where it is when the rocker is turned over."""
        return self._pressing_to(TURN_RAD - OVER_RAD / 2.0)

    def _pressing_to(self, angle_rad: float) -> FloatArray:
        """Return the keypoints that press the rocker to an angle, straight down from above."""
        rocker = self.layout[self.target]
        assert rocker.joining is not None
        end = apply(rocker.joining.body_in_world(angle_rad), rocker.prop.points[self.pressed])
        above = self.layout[self.target].position(self.pressed)[2] + self.above_m
        return np.array([[*end[:2], above], end])

    def controls(self) -> Mapping[str, NegativeControl]:
        """Return controls that stay above the rocker, or press it down halfway."""
        halfway = Trace(self._pressing_to(0.0))
        return {
            **super().controls(),
            "noop": Violates("turned_to", self.stay()),
            "out_of_band": Violates("turned_to", halfway),
        }

    def robotwin_success(self, curve: Curve) -> bool:
        return self.holds(curve, self.turned())
