"""Inverse kinematics of an arm: the joint positions that bring its tool to a pose."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from tracesim.control.damped_least_squares import DampedLeastSquares
from tracesim.control.upright import UprightSolver
from tracesim.geometry._mplib import SapienPlanner, mplib
from tracesim.geometry.rigid import FloatArray
from tracesim.simulation.robot import Robot


class Step(NamedTuple):
    """How the inverse kinematics is iterated."""

    most: int
    """Greatest number of iterations."""

    share: float
    """Share of a Newton step that each iteration takes."""


AXES: Final = 7
"""Number of joints of which an arm may have more only if it is redundant in more than the turn of its elbow."""

NEAR_ITERATIONS: Final = 12
FAR_ITERATIONS: Final = 20
"""Greatest numbers of iterations of damped least squares from a neighbouring pose, and from afar, where 99 of 100
searches that converge do so within 17."""

FULL_STEP: Final = Step(30, 1.0)
SHORT_STEP: Final = Step(1000, 0.1)


class InverseKinematics:
    """Searches for joint positions of an arm, by the method that suits its number of joints.

    Attributes:
        limits: Limits of the joints, (J, 2), radians.
        upright: The search for an arm with fewer than six joints, which cannot choose the heading of what it carries
            upright; None for other arms.
        redundant: The search for an arm with more than `AXES` joints; None for other arms.
    """

    def __init__(self, robot: Robot, planner: SapienPlanner) -> None:
        """Set up the search.

        Args:
            robot: The robot, working with the arm.
            planner: A planner for the robot, which provides the kinematic model.
        """
        self._robot = robot
        self._model = planner.pinocchio_model
        self._tcp_index = planner.move_group_link_id
        self._searched = robot.qpos
        self._fixed = [index not in robot.arm_indices for index in range(robot.articulation.dof)]
        self.limits = planner.joint_limits[robot.arm_indices]
        self._middle, self._half_range = self.limits.mean(axis=1), np.ptp(self.limits, axis=1) / 2.0
        count = len(robot.arm.joints)
        self.upright = UprightSolver(self._tool_in_base, self._jacobian, self.limits) if count < 6 else None
        self.redundant = (
            DampedLeastSquares(self._tool_in_base, self._jacobian, robot.arm.per_joint(robot.arm.mobility))
            if count > AXES
            else None
        )

    def reach(
        self,
        target: mplib.Pose,
        start: FloatArray,
        margin_rad: float,
        near: bool,
        point_in_tool: FloatArray | None = None,
    ) -> FloatArray | None:
        """Return joint positions (J,) that bring the tool to a pose in the base's frame, or None if none are found.

        Args:
            target: The pose.
            start: Joint positions from which the search starts, (J,).
            margin_rad: Least distance from the joint limits.
            near: Whether `start` brings the tool to a neighbouring pose. Full steps then nearly always converge; from
                afar, short ones find more postures.
            point_in_tool: The point of the tool that has to be where it is in the pose, (3,), metres, if the heading is
                free; None for its origin.
        """
        if self.upright is not None:
            point = np.zeros(3) if point_in_tool is None else point_in_tool
            return self.upright.solve(matrix(target), start, margin_rad, point)
        full, arm = self._robot.qpos, self._robot.arm_indices
        full[arm] = start
        if self.redundant is not None:
            if near:
                found, converged, _ = self._model.compute_IK_CLIK(
                    self._tcp_index, target, full, self._fixed, max_iter=5, dt=1.0
                )
                if converged and self.within_limits(qpos := np.asarray(found)[arm], margin_rad):
                    return qpos
            return self.redundant.solve(
                matrix(target),
                start,
                (self.limits[:, 0] + margin_rad, self.limits[:, 1] - margin_rad),
                NEAR_ITERATIONS if near else FAR_ITERATIONS,
                None if near else start,
            )
        for step in (FULL_STEP, SHORT_STEP) if near else (SHORT_STEP,):
            found, converged, _ = self._model.compute_IK_CLIK(
                self._tcp_index, target, full, self._fixed, max_iter=step.most, dt=step.share
            )
            if converged:
                qpos = np.asarray(found)[arm]
                if self.within_limits(qpos, margin_rad):
                    return qpos
                qpos = self._unwound(qpos)
                return qpos if self.within_limits(qpos, margin_rad) else None
        return None

    def _tool_in_base(self, qpos: FloatArray) -> FloatArray:
        """Return the pose (4, 4) of the tool in the base's frame at joint positions (J,)."""
        self._searched[self._robot.arm_indices] = qpos
        self._model.compute_forward_kinematics(self._searched)
        return matrix(self._model.get_link_pose(self._tcp_index))

    def _jacobian(self, qpos: FloatArray) -> FloatArray:
        """Return the Jacobian (6, J) of the tool's own velocity in the base's axes at joint positions (J,)."""
        self._searched[self._robot.arm_indices] = qpos
        whole: FloatArray = self._model.compute_single_link_jacobian(self._searched, self._tcp_index, False)
        jacobian = whole[:, self._robot.arm_indices]
        # mplib's is the velocity of the point of the tool that is at the base's origin.
        x, y, z = self._model.get_link_pose(self._tcp_index).p
        jacobian[:3] += np.array([[0.0, z, -y], [-z, 0.0, x], [y, -x, 0.0]]) @ jacobian[3:]
        return jacobian

    def _unwound(self, qpos: FloatArray) -> FloatArray:
        """Return joint positions shifted by full turns into their limits, which the inverse kinematics ignore."""
        low, high = self.limits.T
        qpos = np.where(qpos > high, qpos - 2 * np.pi * np.ceil((qpos - high) / (2 * np.pi)), qpos)
        return np.where(qpos < low, qpos + 2 * np.pi * np.ceil((low - qpos) / (2 * np.pi)), qpos)

    def off_middle(self, qpos: FloatArray) -> float:
        """Return how far the joint nearest to a limit is from the middle of its range: 1 at the limit."""
        return float((np.abs(qpos - self._middle) / self._half_range).max())

    def within_limits(self, qpos: FloatArray, margin_rad: float) -> bool:
        """Return whether joint positions (J,) keep a distance from the limits."""
        return bool((np.abs(qpos - self._middle) <= self._half_range - margin_rad).all())


def matrix(pose: mplib.Pose) -> FloatArray:
    """Return one of mplib's poses as a transform (4, 4)."""
    return np.asarray(pose.to_transformation_matrix(), float)
