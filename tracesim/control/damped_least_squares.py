"""Inverse kinematics of redundant arms by damped least squares."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from tracesim.geometry.rigid import FloatArray

TOLERANCE_M: Final = 1e-4
TOLERANCE_RAD: Final = 1e-3
"""Greatest errors of a solution; the next step, which is not taken, would reduce them quadratically."""

STEP_M: Final = 0.08
STEP_RAD: Final = 0.4
JOINT_STEP_RAD: Final = 0.35
"""Greatest parts of the error that one iteration corrects, and by which it moves a joint."""

DAMPING: Final = 1e-5

PULL: Final = 0.05
"""Share of the way to the posture of rest by which an iteration moves what the pose of the tool leaves free."""


@dataclass(frozen=True)
class DampedLeastSquares:
    """A solver that keeps the joints within their limits and draws what is redundant towards a posture of rest.

    Source: Nakamura and Hanafusa, "Inverse Kinematic Solutions with Singularity Robustness for Robot Manipulator
    Control", 1986; Wampler, "Manipulator Inverse Kinematic Solutions Based on Vector Formulations and Damped
    Least-Squares Methods", 1986.
    """

    tool: Callable[[FloatArray], FloatArray]
    """Returns the tool's pose (4, 4) in the base's frame at joint positions (J,)."""

    jacobian: Callable[[FloatArray], FloatArray]
    """Returns the tool's Jacobian (6, J), of its own velocity in the base's axes, at the positions `tool` had last."""

    mobility: FloatArray
    """How much each joint takes part in a motion, (J,)."""

    def solve(
        self,
        goal: FloatArray,
        start: FloatArray,
        limits: tuple[FloatArray, FloatArray],
        iterations: int,
        rest: FloatArray | None = None,
    ) -> FloatArray | None:
        """Return joint positions (J,) that bring the tool to a pose, or None if none are found.

        Args:
            goal: Pose of the tool, (4, 4), in the base's frame.
            start: Joint positions from which the search starts, (J,), radians.
            limits: Least and greatest positions of the joints, (J,) each.
            iterations: Greatest number of iterations.
            rest: Joint positions, (J,), towards which the joints are drawn; None for no such pull.
        """
        qpos = np.clip(start, *limits)
        for _ in range(iterations):
            error = _error(self.tool(qpos), goal)
            if np.abs(error[:3]).max() < TOLERANCE_M and np.linalg.norm(error[3:]) < TOLERANCE_RAD:
                return qpos
            wanted = np.concatenate([np.clip(error[:3], -STEP_M, STEP_M), np.clip(error[3:], -STEP_RAD, STEP_RAD)])
            jacobian = self.jacobian(qpos)
            pulled = np.zeros_like(qpos) if rest is None else PULL * (rest - qpos)
            weighted = jacobian * self.mobility
            square = weighted @ jacobian.T + DAMPING * np.eye(6)
            step = pulled + weighted.T @ np.linalg.solve(square, wanted - jacobian @ pulled)
            qpos = np.clip(qpos + np.clip(step, -JOINT_STEP_RAD, JOINT_STEP_RAD), *limits)
        return None


def _error(pose: FloatArray, goal: FloatArray) -> FloatArray:
    """Return the displacement and the rotation vector, (6,), from one pose (4, 4) to another."""
    turned = goal[:3, :3] @ pose[:3, :3].T
    angle = float(np.arccos(np.clip((np.trace(turned) - 1.0) / 2.0, -1.0, 1.0)))
    axis = np.array([turned[2, 1] - turned[1, 2], turned[0, 2] - turned[2, 0], turned[1, 0] - turned[0, 1]])
    scale = 0.5 if angle < 1e-3 else angle / (2.0 * np.sin(angle))
    return np.concatenate([goal[:3, 3] - pose[:3, 3], scale * axis])
