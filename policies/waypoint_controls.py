"""Negative controls that say something wrong about a keypoint, and have to fail for that reason."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass, replace
from math import pi
from typing import Final

import numpy as np

from tracesim.arrangement.explicit import explicit, turned_by
from tracesim.arrangement.feasibility import followable
from tracesim.constraints import Aligned, Dwell, Speed
from tracesim.errors import DoesNotApplyError, NeverAppliesError
from tracesim.geometry.cue import Cue
from tracesim.geometry.trace import Trace
from tracesim.negative_control import Stop
from tracesim.policies.waypoint_expert import WaypointExpert
from tracesim.task import Task

STEP_M: Final = 0.03
"""Step by which a control looks for a place in the air with nothing around it."""

LEAVES_M: Final = 0.1
"""How far a hand rises that has let go on the way."""

EARLY: Final = 0.25
"""Share of a leg after which a control opens: far from where the object has to go."""

QUARTER_RAD: Final = pi / 2.0

HURRY: Final = 3.0
"""How much faster a control moves than the expert."""


class WaypointControl(WaypointExpert):
    """Answers as `WaypointExpert` does, but for one thing."""

    @abstractmethod
    def fails(self, task: Task) -> Stop:
        """Return the failure that the answer has to lead to.

        Raises:
            NeverAppliesError: The task has nothing that the control could violate.
        """


@dataclass(kw_only=True)
class OfGripper(WaypointControl):
    """A control that is wrong about the gripper."""

    path: str = "gripper"  # type: ignore[assignment]
    """Whose path is answered: the gripper's."""


@dataclass(kw_only=True)
class ClosesEarly(OfGripper):
    """Closes the gripper in the air above the object, where there is nothing to hold."""

    def fails(self, task: Task) -> Stop:
        """Return that there is no object where the gripper closes."""
        return Stop("grasp", "no_object")

    def spoken(self, task: Task) -> Trace:
        """Return the expert's path, on which the gripper closes at the first keypoint, in the air."""
        trace = super().spoken(task)
        keypoints = trace.keypoints.copy()
        while task.layout.touched(keypoints[0]) is not None:
            keypoints[0, 2] += STEP_M
        cues = [replace(cue, gripper=None) if cue.gripper == "close" else cue for cue in trace.cues]
        return Trace(keypoints, (replace(cues[0], gripper="close"), *cues[1:]))


@dataclass(kw_only=True)
class OpensEarly(OfGripper):
    """Opens the gripper a quarter of the way along the first leg to the side, where the object falls."""

    def fails(self, task: Task) -> Stop:
        """Return that the object does not end where it has to."""
        first = task.constraints()[0]
        return Stop("goal" if first.final else "constraint", first.name)

    def spoken(self, task: Task) -> Trace:
        """Return the expert's path up to a quarter of the leg, where the gripper opens and goes up.

        On a later leg, a tool that only has to be put down again in the end would have done its work.
        """
        trace = super().spoken(task)
        held = range(trace.taken_at, trace.released_at)
        steps = np.diff(trace.keypoints, axis=0)
        leg = next((i for i in held if np.linalg.norm(steps[i, :2]) > STEP_M), held[-1])
        there = trace.keypoints[leg] + EARLY * steps[leg]
        before, after = trace.cue(leg), trace.cue(leg + 1)
        opens = replace(before, gripper="open", speed_m_s=after.speed_m_s, dwell_s=None)
        keypoints = [*trace.keypoints[: leg + 1], there, there + np.array([0.0, 0.0, LEAVES_M])]
        leaves = Cue(quaternion=opens.quaternion, yaw_rad=opens.yaw_rad)
        return Trace(np.array(keypoints), (*trace.cues[: leg + 1], opens, leaves))


@dataclass(kw_only=True)
class Turned(WaypointControl):
    """Turns the object by a quarter turn too much."""

    def fails(self, task: Task) -> Stop:
        """Return that the object ends with a wrong heading."""
        for constraint in task.constraints():
            if isinstance(constraint, Aligned):
                return Stop("goal", constraint.name)
        raise NeverAppliesError(f"policy turned does not apply to {type(task).__name__}, which asks for no heading.")

    def spoken(self, task: Task) -> Trace:
        """Return the expert's path, turned by a quarter turn more, to the side to which the robot can turn it."""
        self.fails(task)
        trace = explicit(task, task.expert(), paced=self.paced)
        body = task.body(trace.keypoints[0])
        for angle in (QUARTER_RAD, -QUARTER_RAD):
            turned = turned_by(trace, angle)
            if followable(task.layout, body, turned, task.subtask, robot=self._robot):
                return self.said_of(task, turned)
        raise DoesNotApplyError("policy turned does not apply: the robot cannot turn the object so far in this scene.")


@dataclass(kw_only=True)
class Hurried(WaypointControl):
    """Goes three times as fast, and rests nowhere."""

    def fails(self, task: Task) -> Stop:
        """Return that the object goes too fast or does not rest for long enough.

        A visit of half a second is not sure to fail: the arm may be as slow where its path turns.
        """
        for kind in (Speed, Dwell):
            for constraint in task.constraints():
                if isinstance(constraint, kind):
                    return Stop("constraint", constraint.name)
        raise NeverAppliesError(f"policy hurried does not apply to {type(task).__name__}, which asks for no time.")

    def spoken(self, task: Task) -> Trace:
        """Return the expert's path at another pace."""
        self.fails(task)
        trace = explicit(task, task.expert(), self.orientation)
        faster = [
            replace(cue, speed_m_s=None if cue.speed_m_s is None else min(1.0, HURRY * cue.speed_m_s), dwell_s=0.0)
            for cue in trace.cues
        ]
        return self.said_of(task, Trace(trace.keypoints, tuple(faster)))
