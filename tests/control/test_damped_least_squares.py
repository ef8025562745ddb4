"""Damped least squares, on a machine of which the inverse kinematics is known."""

from __future__ import annotations

import numpy as np
import pytest

from tracesim.control.damped_least_squares import DampedLeastSquares
from tracesim.geometry.rigid import FloatArray, transform
from tracesim.geometry.rigid import yaw as about_z

FREE = (np.full(8, -3.0), np.full(8, 3.0))


def tool(qpos: FloatArray) -> FloatArray:
    """Return the pose of a tool on slides along x, x again, y and z, then on three turns, the first of them twice."""
    x, again, y, z, turn, more, pitch, roll = qpos
    pitched = np.array([[np.cos(pitch), 0.0, np.sin(pitch)], [0.0, 1.0, 0.0], [-np.sin(pitch), 0.0, np.cos(pitch)]])
    rolled = np.array([[1.0, 0.0, 0.0], [0.0, np.cos(roll), -np.sin(roll)], [0.0, np.sin(roll), np.cos(roll)]])
    return transform(about_z(turn + more) @ pitched @ rolled, (x + again, y, z))


def jacobian(qpos: FloatArray) -> FloatArray:
    turned = about_z(qpos[4] + qpos[5])
    columns = np.zeros((6, 8))
    columns[:3, :4] = np.array([(1, 1, 0, 0), (0, 0, 1, 0), (0, 0, 0, 1)], float)
    columns[3:, 4:6] = np.array([[0.0], [0.0], [1.0]])
    columns[3:, 6] = turned[:, 1]
    columns[3:, 7] = tool(qpos)[:3, 0]
    return columns


def solver(mobility: FloatArray | None = None) -> DampedLeastSquares:
    return DampedLeastSquares(tool, jacobian, np.ones(8) if mobility is None else mobility)


@pytest.mark.parametrize("seed", range(10))
def test_a_pose_that_can_be_reached_is_reached(seed: int) -> None:
    rng = np.random.default_rng(seed)
    goal = tool(rng.uniform(-0.6, 0.6, 8))
    found = solver().solve(goal, np.zeros(8), FREE, 60)
    assert found is not None
    np.testing.assert_allclose(tool(found), goal, atol=2e-3)


def test_joints_stay_within_their_limits_where_others_can_take_over() -> None:
    goal = tool(np.array([0.5, 0.4, 0, 0, 0, 0, 0, 0]))
    low, high = FREE[0].copy(), FREE[1].copy()
    high[0] = 0.1
    found = solver().solve(goal, np.zeros(8), (low, high), 60)
    assert found is not None
    assert found[0] <= 0.1
    assert found[:2].sum() == pytest.approx(0.9, abs=1e-3)


def test_what_cannot_be_reached_within_the_limits_is_not_found() -> None:
    goal = tool(np.array([0.5, 0.4, 0, 0, 0, 0, 0, 0]))
    assert solver().solve(goal, np.zeros(8), (np.full(8, -0.3), np.full(8, 0.3)), 60) is None


def test_a_joint_of_less_mobility_moves_less() -> None:
    goal = tool(np.array([0.5, 0.5, 0, 0, 0, 0, 0, 0]))
    found = solver(np.array([0.25, 1, 1, 1, 1, 1, 1, 1])).solve(goal, np.zeros(8), FREE, 60)
    assert found is not None
    assert found[1] == pytest.approx(4.0 * found[0], rel=1e-2)


def test_what_the_pose_leaves_free_is_drawn_towards_the_posture_of_rest() -> None:
    rest = np.array([0.3, -0.3, 0, 0, 0.4, -0.4, 0, 0])
    goal = tool(np.array([0.9, 0.6, 0.3, 0.2, 0.2, 0.1, 0.3, -0.2]))
    start = np.zeros(8)
    drawn, free = (solver().solve(goal, start, FREE, 60, pull) for pull in (rest, None))
    assert drawn is not None
    assert free is not None
    assert np.linalg.norm(drawn - rest) < np.linalg.norm(free - rest)
    np.testing.assert_allclose(tool(drawn), goal, atol=2e-3)
