"""Inverse kinematics of arms with fewer than six joints: position and uprightness of what is held, its heading free."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from tracesim.geometry.rigid import FloatArray

POSITION_M: Final = 1e-4
UPRIGHT_RAD: Final = 1e-3
"""Errors at which the search ends."""

SLACK_RAD: Final = 0.09
"""Greatest tilt of a solution."""

STIFF: Final = 0.12
"""A tilt that a radian of all joints together changes by less, in radians, is left as it is.

Where the approach is nearly vertical, an inclination of a degree across the plane of the arm could only be taken away
by turning the tool about the approach by a right angle.
"""

HEADING_SHARE: Final = 0.1
"""Weight of the heading while the search begins; where it is free it is then as asked, else it hardly matters."""

DAMPING: Final = 0.01
STILL_RAD: Final = 3e-4
STEP_RAD: Final = 0.2
"""Damping of a step, the change of joints at which the search stands still, and the greatest change of a joint."""

LEADING, SETTLING = 12, 24
"""Steps that heed the heading, and steps that do not any longer."""


@dataclass(frozen=True)
class UprightSolver:
    """A damped least-squares search over five rows of the Jacobian.

    The rows are the position of a point of the tool and the two rotations that tilt the tool against the vertical. The
    remaining one, the rotation about the vertical, follows from the joints. Source: Chiaverini, Siciliano and Egeland,
    "Review of the Damped Least-Squares Inverse Kinematics", IEEE T-CST 1994.
    """

    tool: Callable[[FloatArray], FloatArray]
    """Returns the tool's pose (4, 4) in the base's frame at joint positions (J,)."""

    jacobian: Callable[[FloatArray], FloatArray]
    """Returns the tool's Jacobian (6, J), of its own velocity in the base's axes, at the positions `tool` had last."""

    limits: FloatArray
    """Limits of the joints, (J, 2), radians."""

    def solve(
        self, target: FloatArray, start: FloatArray, margin_rad: float, point_in_tool: FloatArray
    ) -> FloatArray | None:
        """Return joint positions (J,) near `start` with which the tool is as in a pose but for its heading, or None.

        Args:
            target: Pose of the tool in the base's frame, (4, 4).
            start: Joint positions from which the search starts, (J,), radians.
            margin_rad: Least distance from the joint limits.
            point_in_tool: The point of the tool that has to be where it is in the pose, (3,), metres.
        """
        low, high = self.limits[:, 0] + margin_rad, self.limits[:, 1] - margin_rad
        qpos, change = np.clip(start, low, high), np.full(len(start), np.inf)
        for step in range(LEADING + SETTLING):
            error, rows = self._residual(target, qpos, point_in_tool)
            whole = float(np.linalg.norm(error[3:5]))
            directions, changes, _ = np.linalg.svd(rows[3:5], full_matrices=False)
            kept = directions[:, changes > STIFF] @ directions[:, changes > STIFF].T
            error[3:5], rows[3:5] = kept @ error[3:5], kept @ rows[3:5]
            tilt = float(np.linalg.norm(error[3:5]))
            near = np.linalg.norm(error[:3]) < POSITION_M
            weight = HEADING_SHARE if step < LEADING else 0.0
            if near and tilt < UPRIGHT_RAD and (weight == 0.0 or abs(error[5]) < UPRIGHT_RAD):
                return qpos if whole < SLACK_RAD else None
            if near and weight == 0.0 and np.abs(change).max() < STILL_RAD:
                return qpos if whole < SLACK_RAD else None
            error[5] *= weight
            rows[5] *= weight
            change = rows.T @ np.linalg.solve(rows @ rows.T + DAMPING**2 * np.eye(6), error)
            change *= min(1.0, STEP_RAD / max(float(np.abs(change).max()), 1e-9))
            qpos = np.clip(qpos + change, low, high)
        return None

    def heading_error(self, target: FloatArray, qpos: FloatArray) -> float:
        """Return the angle about the vertical from the tool's heading to that of a pose, radians."""
        return float(self._residual(target, qpos, np.zeros(3))[0][5])

    def _residual(
        self, target: FloatArray, qpos: FloatArray, point_in_tool: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """Return the errors (6,) of the point, of the tilt about x and y, and of the heading; and their Jacobian."""
        pose, jacobian = self.tool(qpos), self.jacobian(qpos)
        arm = pose[:3, :3] @ point_in_tool
        at = target[:3, :3] @ point_in_tool + target[:3, 3]
        turned = target[:3, :3] @ pose[:3, :3].T
        # Where the direction that is to be vertical points now; turning it upright leaves the heading as it is.
        up = turned.T[:, 2]
        tilt = np.cross(up, (0.0, 0.0, 1.0))
        heading = np.arctan2(turned[1, 0] - turned[0, 1], turned[0, 0] + turned[1, 1])
        linear = jacobian[:3] + np.cross(jacobian[3:].T, arm).T
        error = np.concatenate([at - pose[:3, 3] - arm, tilt[:2], [heading]])
        return error, np.concatenate([linear, jacobian[3:]])
