"""The choice of the arm that follows a trace."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tracesim.control.planner import ArmPlanner
from tracesim.geometry.trace import Trace
from tracesim.layout.layout import Body
from tracesim.motion.subtask import Subtask


def by_distance(planners: Sequence[ArmPlanner], trace: Trace) -> list[ArmPlanner]:
    """Return the planners of a robot's arms, that whose shoulder is nearest to the beginning of a trace first."""

    def distance_m(planner: ArmPlanner) -> float:
        away = planner.robot.shoulder_in_world[:2, 3] - trace.keypoints[0, :2]
        return float(np.linalg.norm(away))

    return sorted(planners, key=distance_m)


def able(planners: Sequence[ArmPlanner], body: Body, trace: Trace, subtask: Subtask) -> ArmPlanner | None:
    """Return the planner of the nearest arm that can follow a whole trace without disallowed contact, or None.

    Args:
        planners: The planners of the robot's arms, with the bodies around them.
        body: The body that moves.
        trace: The trace to follow.
        subtask: The subtask that the trace is for.
    """
    for planner in by_distance(planners, trace):
        if subtask.motion.is_feasible(planner.arm, body, trace, subtask):
            return planner
    return None
