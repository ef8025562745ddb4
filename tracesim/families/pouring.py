"""Base class of tasks in which the beads in a vessel are poured into another one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import radians
from typing import ClassVar, Final

import numpy as np

from tracesim.constraints import Clearance, Constraint, Filled, Spilled, Undisturbed
from tracesim.errors import PlacementError
from tracesim.families.beads import BEADS, RADIUS_M, around, filled
from tracesim.geometry.rigid import FloatArray, rotation_about
from tracesim.layout.beads import Beads
from tracesim.motion.motion import Motion
from tracesim.motion.pour import Pour
from tracesim.negative_control import DoesNotApply, NegativeControl, Stop, Violates
from tracesim.task import Task

OVER_M: Final = 0.07
"""Height of the tilted lip over the rim of the receiving vessel."""

BACK_M: Final = 0.02
"""How far the tilted lip stays behind the middle of that vessel: beads leave the lip with some speed."""

ASIDE_M: Final = 0.14
"""How far beside the middle of that vessel a control pours."""

TILTED_IN_PLACE: Final = (
    Stop("collision", "table"),
    Stop("slip", "slipped"),
    Stop("track", "deviation"),
    Stop("reach", "unreachable"),
)
"""How an episode may end when a vessel is tilted where it stands: the vessel hits the table, which may push it out of
the grasp, or the hand would hit the table."""


class Pouring(Task):
    """A task in which `carried` is tilted beside `receiver`, so that its lip comes over it.

    At the end at least all beads but `spare` are in the receiver, none lies beside the two vessels, and nothing else is
    touched.
    """

    capabilities = ("measure", "tilt")
    motion: ClassVar[Motion] = Pour(tilt=radians(108.0), tilt_axis=(0.0, -1.0, 0.0), dwell_s=0.3)
    receiver: ClassVar[str]
    """Name of the vessel that the beads go into."""

    spare: ClassVar[int] = 0
    """Greatest number of beads that may stay behind."""

    bead_m: ClassVar[float] = RADIUS_M
    """Radius of a bead."""

    count: int
    """Number of beads."""

    def beads(self) -> Sequence[Beads]:
        """Return the beads in the carried vessel."""
        return (filled(self.layout[self.carried], self.count, self.bead_m),)

    def words(self) -> Mapping[str, str]:
        """Return the words of `Task`, and how many beads there are and have to arrive."""
        return {**super().words(), "count": str(self.count), "least": str(self.count - self.spare)}

    def constraints(self) -> Sequence[Constraint]:
        """Return that enough beads arrive, none is lost, and nothing else is touched."""
        vessel, receiver = around(self.layout[self.carried]), around(self.layout[self.receiver])
        others = Undisturbed.of(body for body in self.layout if body.name != self.carried)
        arrived = Filled(BEADS, receiver, self.count - self.spare)
        return [arrived, Spilled(BEADS, (receiver, vessel)), Clearance(), others]

    def keypoints(self) -> FloatArray:
        """Return where the lip is at first, and where the upright vessel's lip is before it is tilted."""
        return self.pouring(self.layout[self.receiver].position("top"))

    def pouring(self, over_in_world: FloatArray) -> FloatArray:
        """Return the decisive keypoints that pour over a point (3,), metres, world."""
        vessel, turning = self.layout[self.carried], self.motion.turning
        rotation = vessel.body_in_world[:3, :3]
        lip = rotation @ rotation_about(turning.tilt_axis, turning.tilt) @ vessel.prop.points["rim"]
        ahead = rotation @ np.array([-BACK_M, 0.0, 0.0])
        moved = over_in_world + np.array([0.0, 0.0, OVER_M]) - ahead - lip - vessel.position("base")
        return np.array([vessel.position("rim"), vessel.position("rim") + moved])

    def controls(self) -> Mapping[str, NegativeControl]:
        """Return the negative controls."""
        stay = self.stay()
        return {
            "noop": Violates("filled", stay, (*TILTED_IN_PLACE, *self.collisions(stay))),
            "straight_line": self.straight_line_control(),
            "wrong_order": DoesNotApply("one vessel is poured into one other: there is no order to get wrong"),
            "out_of_band": self.beside(),
        }

    def beside(self) -> NegativeControl:
        """Return the control that pours beside the receiver."""
        vessel, receiver = self.layout[self.carried], self.layout[self.receiver]
        across = vessel.body_in_world[:3, 1]
        for away_m in (ASIDE_M, -ASIDE_M):
            try:
                trace = self.routed(self.pouring(receiver.position("top") + away_m * across))
            except PlacementError:
                continue
            if self.motion.has_hand_room(self.layout, vessel, trace):
                return Violates("spilled", trace)
        return DoesNotApply(f"there is no room beside the {receiver.prop.noun}", here=True)
