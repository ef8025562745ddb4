"""The body in a hand, and its grasp."""

from __future__ import annotations

from typing import NamedTuple

from tracesim.geometry.rigid import FloatArray
from tracesim.layout.hand import Grasp


class Held(NamedTuple):
    """A body in a hand, and how it was grasped."""

    body: str
    """Name of the body."""

    grasp: Grasp
    """How it is grasped."""

    taken_in_world: FloatArray
    """Pose (4, 4) of the body when the hand closed on it."""
