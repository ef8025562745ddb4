"""Whether an arm can do what is asked on a layout, proved with the arm itself."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from tracesim.assets.embodiments import embodiment
from tracesim.control.planner import ArmPlanner
from tracesim.geometry.trace import Trace
from tracesim.layout.layout import Body, Layout
from tracesim.motion.prediction import keeps
from tracesim.motion.subtask import Subtask
from tracesim.simulation.scene import Scene

REFERENCE: Final = "panda"
"""The robot that has to be able to do it, so that a scene is the same whatever robot plays it."""


def followable(layout: Layout, body: Body, trace: Trace, subtask: Subtask, raised_m: float = 0.0) -> bool:
    """Tell whether the reference robot can lead `body` along `trace`, free of contact.

    Args:
        layout: The bodies on the table.
        body: The body that moves.
        trace: The trace to follow.
        subtask: What is asked for.
        raised_m: By how much the table is higher than usual.
    """
    # Where a body leaves its support and where it comes down the arm's room is no measure: there it has to be free.
    if not keeps(layout, body, trace, subtask, 0.0):
        return False
    arm = _reference(raised_m).arm
    arm.surround(layout.shapes, layout.poses)
    return subtask.motion.is_feasible(arm, body, trace, subtask)


@lru_cache(maxsize=1)
def _reference(raised_m: float) -> ArmPlanner:
    """Return the planner of a reference robot that stands alone."""
    return ArmPlanner(Scene(Layout(), embodiment(REFERENCE), raised_m=raised_m), seed=0)
