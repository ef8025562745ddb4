"""Negative controls, as far as a robot can follow them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from tracesim.arrangement.feasibility import followable, follows
from tracesim.configuration import ROBOT
from tracesim.geometry.trace import Trace
from tracesim.motion.prediction import end
from tracesim.negative_control import DoesNotApply, NegativeControl, Violates
from tracesim.task import Task

NOT_FOLLOWED: Final = DoesNotApply("the robot would touch something on the way that is not to stop it", here=True)


def controls(task: Task, robot: str = ROBOT) -> Mapping[str, NegativeControl]:
    """Return the negative controls of a task, by name.

    A control has to fail for its own reason: it does not apply where the robot would touch anything on its way but what
    is to stop it. Straight lines are not checked, as they run into whatever stands in the way of the body or the hand.

    Args:
        task: The task, arranged.
        robot: Name of the robot.
    """
    found = task.controls()
    return {
        name: NOT_FOLLOWED if name != "straight_line" and not _is_followed(task, control, robot) else control
        for name, control in found.items()
    }


def _is_followed(task: Task, control: NegativeControl, robot: str) -> bool:
    if isinstance(control, DoesNotApply) or any(stop.stage != "collision" for stop in control.stopped_by):
        return True  # nothing moves
    if not isinstance(control.trace, Trace):
        return bool(control.stopped_by) or follows(task, control.trace, robot=robot)
    body = task.subtask.motion.touched(task.layout, control.trace.keypoints[0])
    if body is None:
        return True
    others = task.layout.without(*{stop.reason for stop in control.stopped_by} - {body.name})
    if not followable(others, body, control.trace, task.subtask, robot=robot):
        return False
    if task.is_last or control.stopped_by:
        return True
    # Nothing is moved in further subtasks, but their bodies are grasped: a body in a wrong place may be in the way.
    later = task.after(task.layout.moved({body.name: end(body, control.trace, task.subtask)}))
    return _is_followed(later, Violates(control.constraint, later.stay()), robot)
