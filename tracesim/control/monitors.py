"""The interface of what is watched while a trace is followed, and ends an episode on the way."""

from __future__ import annotations

from typing import Final, Literal, Protocol

import numpy as np

from tracesim.failure import EpisodeEnded, Failure
from tracesim.geometry.contacts import DisallowedContact
from tracesim.geometry.rigid import FloatArray, angle_between, inverse
from tracesim.simulation.scene import Scene

SLIP_M: Final = 0.01
SLIP_RAD: Final = float(np.radians(10.0))
"""A body that moves or turns by more in the hand has slipped."""

DEVIATION_M: Final = 0.01
"""A body that is farther from its path has strayed."""


class Collision(EpisodeEnded):
    """Ends an episode at a contact that is not allowed."""

    def __init__(self, contact: DisallowedContact) -> None:
        """End an episode at `contact`."""
        moving, other = contact.moving, contact.other
        super().__init__(Failure("collision", f"{moving}-{other}", f"{moving} touched {other}"))
        self.contact = contact


Meaning = Literal["allowed", "landed", "disallowed"]
"""What a contact means; "landed" is one that ends the motion in success."""


class Monitor(Protocol):
    """What is watched while something is led along a trace."""

    deviation_m: float
    """How far the functional point is from its path, metres."""

    def look(self, scene: Scene, tcp_in_world: FloatArray) -> None:
        """Take in where things are now."""

    def contact(self, first: str, second: str) -> Meaning | None:
        """Return what a contact of two bodies or links means, `None` where the monitor has no say in it."""

    def check(self, landed: bool) -> None:
        """Check what was taken in.

        Raises:
            EpisodeEnded: the trace must not be followed any further.
        """


def displacement_in_hand(held_in_tcp: FloatArray, before: FloatArray) -> tuple[float, float]:
    """Return by how much a held body was displaced and turned in the hand, metres and radians.

    The displacement is that of the point between the fingers: a turn, which is judged by its angle, also displaces
    points that are far from them.

    Args:
        held_in_tcp: Pose (4, 4) of the body in the tool's frame.
        before: The same pose earlier.
    """
    between_fingers = inverse(before)[:, 3]
    return float(np.linalg.norm((held_in_tcp @ between_fingers)[:3])), angle_between(held_in_tcp, before)
