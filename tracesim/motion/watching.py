"""Monitors of the body or gripper that follows a trace: its deviation from the path, and its contacts."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

import numpy as np

from tracesim.control.monitors import Meaning
from tracesim.geometry.body_path import NEAR_M, BodyPath
from tracesim.geometry.rigid import FloatArray
from tracesim.geometry.trace import Polyline, Trace
from tracesim.layout.layout import Body
from tracesim.simulation.robot import Robot
from tracesim.simulation.scene import Scene

if TYPE_CHECKING:
    from tracesim.motion.subtask import Subtask


class BodyMonitor:
    """Watches that a body stays on its path and touches only what its motion allows.

    Attributes:
        deviation_m: Distance of the functional point from its path, metres.
        last_leg: Whether the body is on the last leg of its path.
    """

    def __init__(self, body: Body, path: BodyPath, subtask: Subtask, hand_links: Collection[str]) -> None:
        """Watch a body.

        Args:
            body: The body that moves.
            path: The path of the body.
            subtask: The subtask that the path is for.
            hand_links: Links of the hand that moves it, which may touch it.
        """
        self.deviation_m = 0.0
        self.last_leg = False
        self._name = body.name
        self._subtask = subtask
        self._hand_links = hand_links
        self._pivot = np.append(body.pivot(subtask.motion.pivot), 1.0)
        self._path = Polyline(path.positions(self._pivot[:3]))
        self._poses = path.body_in_world
        self._start, self._rest = path.body_in_world[0, :3, 3], path.body_in_world[-1, :3, 3]
        self._body_in_world = path.body_in_world[0]
        self._risen = self._near_rest = False

    def look(self, scene: Scene, tcp_in_world: FloatArray) -> None:
        """Update from the current pose of the body."""
        self._body_in_world = now = scene.body_in_world(self._name)
        self._risen = self._risen or bool(now[2, 3] - self._start[2] > NEAR_M)
        self._near_rest = bool(np.linalg.norm(now[:3, 3] - self._rest) < NEAR_M)
        self.deviation_m = self._path.distance_m((now @ self._pivot)[:3])

    def behind_m(self, pose: int, body: Body) -> FloatArray:
        """Return how far the functional point of a body is from where it should be at a pose of its path, (3,), metres.

        Args:
            pose: Index of the pose.
            body: The body, where it is now.
        """
        return np.asarray(((self._poses[pose] - body.body_in_world) @ self._pivot)[:3])

    def contact(self, first: str, second: str) -> Meaning | None:
        """Return what a contact of the body means; None for contacts that the controller judges, as of the hand."""
        if self._name not in (first, second):
            return None
        other = second if first == self._name else first
        if other in self._hand_links:
            return None
        landing, motion = self.last_leg and self._near_rest, self._subtask.motion
        if other not in motion.may_touch(self._subtask, risen=self._risen, landing=landing):
            return "disallowed"
        return "landed" if landing and motion.stops_at_contact else "allowed"

    def check(self, landed: bool) -> None:
        """Do nothing: the path of a body that is not held is judged by the constraints alone."""


class TipMonitor:
    """Watches the tip of the closed gripper, which may land on a target near the end of the trace.

    Attributes:
        deviation_m: Distance of the tip from its path, metres.
    """

    def __init__(self, robot: Robot, trace: Trace, target: str | None = None) -> None:
        """Watch a gripper.

        Args:
            robot: The robot whose gripper follows the trace.
            trace: The trace.
            target: Name of the body that the gripper may touch at the end, None if it may touch nothing.
        """
        self.deviation_m = 0.0
        self._robot = robot
        self._target = target
        self._path, self._end = Polyline(trace.keypoints), trace.keypoints[-1]
        self._near = False

    def look(self, scene: Scene, tcp_in_world: FloatArray) -> None:
        """Update from the current position of the tip."""
        tip = self._robot.tip_in_world[:3, 3]
        self._near = bool(np.linalg.norm(tip - self._end) < NEAR_M)
        self.deviation_m = self._path.distance_m(tip)

    def contact(self, first: str, second: str) -> Meaning | None:
        """Return "landed" if the gripper touches the target near the end of the trace, else None."""
        pair = {first, second}
        landed = self._near and self._target in pair and pair & set(self._robot.arm.hand.links)
        return "landed" if landed else None

    def check(self, landed: bool) -> None:
        """Do nothing: the gripper cannot stray from a path along which the arm itself is driven."""
