"""What a hand has closed on."""

from __future__ import annotations

from typing import NamedTuple

from tracesim.geometry.rigid import FloatArray
from tracesim.layout.hand import Grasp


class Held(NamedTuple):
    """What a hand has closed on."""

    body: str
    """Name of the body."""

    grasp: Grasp
    """How it is grasped."""

    taken_in_world: FloatArray
    """Pose (4, 4) of the body when the hand closed on it."""
