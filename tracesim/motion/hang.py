"""The motion in which a body is hung on a hook, from which it swings once it is released."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from tracesim.control.controller import Controller
from tracesim.geometry.contacts import BoolArray, Pair
from tracesim.geometry.rigid import FloatArray, leans
from tracesim.geometry.trace import Trace
from tracesim.layout.layout import Body
from tracesim.motion.carry import Carry

if TYPE_CHECKING:
    from tracesim.motion.subtask import Subtask

SWINGS_RAD: Final = 0.1
"""A body that leans further than this has been let go, and swings."""

LONGEST_S: Final = 15.0
"""Longest time for which the robot waits until a released body swings no more."""

LOOK_S: Final = 0.05
"""Time between two looks at whether it still swings, a small part of the period of a swing, which is about 0.45 s."""

LOOKS: Final = 10
"""Number of looks over which it has to be still: those of more than a whole swing."""

STILL: Final = 0.001
"""Greatest range of any entry of its pose over these looks, in metres or without a unit."""


@dataclass(frozen=True)
class Hang(Carry):
    """Grasp a body, carry it upright along the trace, and release it on its target, where it may swing.

    It may touch its target where it is released, as with `Carry`, and at all times after that.
    """

    def follow(self, controller: Controller, body: Body, trace: Trace, subtask: Subtask) -> None:
        """Carry the body along a trace, and wait until it swings no more; see `Motion.follow`."""
        super().follow(controller, body, trace, subtask)
        seen: list[FloatArray] = []
        for _ in range(round(LONGEST_S / LOOK_S)):
            seen = [*seen[1 - LOOKS :], controller.body(body).body_in_world]
            if len(seen) == LOOKS and not swings(seen):
                break
            controller.wait(LOOK_S)

    def allowed_contacts(self, subtask: Subtask, body: str, body_in_world: FloatArray) -> dict[Pair, BoolArray]:
        """Return when the body may touch other bodies: that it has been released is told by its lean."""
        swinging = np.cumsum(leans(body_in_world) > SWINGS_RAD) > 0
        carried = max(1, int(len(swinging) - swinging.sum()))
        allowed = super().allowed_contacts(subtask, body, body_in_world[:carried])
        after = len(swinging) - carried
        return {
            pair: np.concatenate([mask, np.full(after, pair[1] in (subtask.target, subtask.support))])
            for pair, mask in allowed.items()
        }


def swings(poses: Sequence[FloatArray]) -> bool:
    """Return whether a body swings, of which equally long arrays with its pose are given over more than one swing."""
    return bool(np.ptp(poses, axis=0).max() >= STILL)
