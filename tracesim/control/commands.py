"""Commands below the trace: where an arm is sent at a fixed rate, and how far its hand opens."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Literal, Protocol

import numpy as np

from tracesim.control.kinematics import Arm
from tracesim.geometry.rigid import FloatArray, from_quaternion, rotation_about
from tracesim.layout.embodiment import Embodiment

Control = Literal["ee_pose", "ee_delta", "joint_position"]

RATE_HZ: Final = 20.0
"""Number of commands a second."""

LOW_M: Final = (-0.7, -0.6, -0.02)
HIGH_M: Final = (0.45, 0.6, 1.2)
"""Corners of the box, metres, world, to which the tool may be sent."""

STEP_M: Final = 0.05
"""Greatest change of the tool's position by a command, along each axis."""

STEP_RAD: Final = 0.3
"""Greatest change of the tool's attitude by a command, about each axis."""


class Command(Protocol):
    """A kind of command: an array of numbers that says where an arm is sent; the hand's opening follows."""

    @property
    def bounds(self) -> FloatArray:
        """Least and greatest numbers, (2, N)."""

    def goal(self, values: FloatArray, arm: Arm, commanded: FloatArray) -> FloatArray | None:
        """Return the joint positions (J,) of a command, or None if the arm cannot reach it.

        Args:
            values: The command, (N,).
            arm: The arm.
            commanded: Joint positions that it is driven to so far, (J,), radians.
        """


@dataclass(frozen=True)
class ToolPose:
    """The pose of the tool: x, y and z, metres, world; and a quaternion wxyz, which need not be normalised."""

    @property
    def bounds(self) -> FloatArray:
        """See `Command.bounds`."""
        return np.array([(*LOW_M, *4 * [-1.0]), (*HIGH_M, *4 * [1.0])])

    def goal(self, values: FloatArray, arm: Arm, commanded: FloatArray) -> FloatArray | None:
        """See `Command.goal`."""
        length = float(np.linalg.norm(values[3:]))
        return _reached(from_quaternion(values[:3], values[3:] / length), arm, commanded) if length > 0.0 else None


@dataclass(frozen=True)
class ToolStep:
    """A change of the commanded pose of the tool: along x, y, z, metres, and as a rotation vector, radians; world."""

    @property
    def bounds(self) -> FloatArray:
        """See `Command.bounds`."""
        most = np.array([*3 * [STEP_M], *3 * [STEP_RAD]])
        return np.array([-most, most])

    def goal(self, values: FloatArray, arm: Arm, commanded: FloatArray) -> FloatArray | None:
        """See `Command.goal`."""
        pose = arm.tool_in_world(commanded[None])[0]
        pose[:3, 3] += values[:3]
        angle = float(np.linalg.norm(values[3:]))
        if angle > 0.0:
            pose[:3, :3] = rotation_about(values[3:] / angle, angle) @ pose[:3, :3]
        return _reached(pose, arm, commanded)


@dataclass(frozen=True)
class JointPositions:
    """The position of every joint of the arm, from base to wrist, radians."""

    limits: FloatArray
    """Limits of the joints, (J, 2), radians."""

    @property
    def bounds(self) -> FloatArray:
        """See `Command.bounds`."""
        return self.limits.T

    def goal(self, values: FloatArray, arm: Arm, commanded: FloatArray) -> FloatArray | None:
        """See `Command.goal`."""
        return values


COMMANDS: Final[Mapping[Control, Callable[[Embodiment], Command]]] = {
    "ee_pose": lambda robot: ToolPose(),
    "ee_delta": lambda robot: ToolStep(),
    "joint_position": lambda robot: JointPositions(robot.limits),
}
"""Makes a kind of command for a robot, by name."""


def _reached(tool_in_world: FloatArray, arm: Arm, commanded: FloatArray) -> FloatArray | None:
    path = arm.trace(tool_in_world[None], commanded, margin_rad=0.0, jump_rad=np.inf)
    return None if path.blocked else path.qpos[0]
