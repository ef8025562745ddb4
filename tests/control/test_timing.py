"""Tests of timed joint paths against the limits that they have to keep."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.interpolate import CubicSpline

from tests.control.bench import PANDA, Bench, down
from tracesim.control.planner import ArmPlanner
from tracesim.geometry.rigid import FloatArray
from tracesim.layout.layout import Layout
from tracesim.simulation.scene import TIMESTEP_S, Scene

ARM = PANDA.arms[0]
[VELOCITY], [ACCELERATION] = ({*ARM.per_joint(limit)} for limit in (ARM.velocity_limit, ARM.acceleration_limit))
PARKED = np.array(ARM.parked)
OFFSETS = np.array([[0, 0, 0, 0, 0, 0, 0], [1, 2, -1, 1, 0, 1, -2], [2, 2, 0, 3, 1, 1, -3], [1, 3, 1, 2, 2, 0, 0]])
PATH = PARKED + 0.1 * OFFSETS


def speeds(bench: Bench, positions: FloatArray, steps: int = 10) -> FloatArray:
    """Return the mean speeds of the tool over some steps."""
    tool = bench.tools(positions[::steps])[:, :3, 3]
    return np.asarray(np.linalg.norm(np.diff(tool, axis=0), axis=1) / (steps * TIMESTEP_S))


def test_timing_is_at_rest_at_both_ends_and_passes_through_the_path() -> None:
    positions, velocities = Bench().planner.timed(PATH)
    assert positions.shape == velocities.shape
    assert positions[-1] == pytest.approx(PATH[-1], abs=1e-6)
    assert velocities[-1] == pytest.approx(0.0, abs=1e-6)
    # The first sample is one step after the start, from rest.
    assert np.abs(positions[0] - PATH[0]).max() < ACCELERATION * TIMESTEP_S**2
    assert np.abs(velocities[0]).max() < (ACCELERATION + 0.1) * TIMESTEP_S
    for corner in PATH:
        assert np.abs(positions - corner).max(axis=1).min() < 0.5 * VELOCITY * TIMESTEP_S


def test_timing_is_as_fast_as_the_limits_allow() -> None:
    _, velocities = Bench().planner.timed(PATH)
    accelerations = np.diff(velocities[:-1], axis=0) / TIMESTEP_S
    share = np.maximum(
        np.abs(velocities[1:-1]).max(axis=1) / VELOCITY,
        np.abs(accelerations).max(axis=1) / ACCELERATION,
    )
    assert share.max() < 1.02
    assert np.median(share) > 0.95


def test_joints_that_have_far_to_go_reach_their_greatest_speed() -> None:
    _, velocities = Bench().planner.timed(np.array([PARKED, PARKED + 1.5 * np.eye(7)[0]]))
    assert np.abs(velocities).max() == pytest.approx(VELOCITY, rel=0.01)


def test_a_path_is_a_natural_spline_through_its_positions_over_its_length() -> None:
    positions, _ = Bench().planner.timed(PATH)
    length = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(PATH, axis=0), axis=1))])
    spline = CubicSpline(length, PATH, bc_type="natural")(np.linspace(0.0, length[-1], 2001))
    apart = np.linalg.norm(positions[:, None] - spline, axis=2).min(axis=1)
    assert apart.max() < 5e-4


def test_a_path_of_three_positions_passes_through_the_second_and_ends_at_the_third() -> None:
    positions, _ = Bench().planner.timed(PATH[1:4])
    assert np.abs(positions - PATH[2]).max(axis=1).min() < 0.5 * VELOCITY * TIMESTEP_S
    assert positions[-1] == pytest.approx(PATH[3], abs=1e-6)


@pytest.mark.parametrize("tool_speed_m_s", [None, 0.02, 0.1])
def test_velocities_are_those_of_the_positions(tool_speed_m_s: float | None) -> None:
    positions, velocities = Bench().planner.timed(PATH, tool_speed_m_s)
    between = np.diff(positions[:-1], axis=0) / TIMESTEP_S
    assert between == pytest.approx((velocities[:-2] + velocities[1:-1]) / 2.0, abs=3e-3)


@pytest.mark.parametrize("tool_speed_m_s", [0.02, 0.1])
def test_the_tool_is_slowed_down_to_just_its_speed(tool_speed_m_s: float) -> None:
    bench = Bench()
    positions, _ = bench.planner.timed(PATH, tool_speed_m_s)
    assert speeds(bench, positions).max() == pytest.approx(tool_speed_m_s, rel=0.05)
    free, _ = bench.planner.timed(PATH)
    assert speeds(bench, free).max() > 0.12


def test_a_brief_haste_of_the_tool_within_a_long_motion_is_slowed_down_as_well() -> None:
    bench = Bench()
    # The last joint turns to and fro for seconds and hardly moves the tool, then the first one swings it once.
    turns = [1.5, 0.0, -1.5, -3.0, -1.5, 0.0, 1.5, 0.0, -1.5, -3.0, -1.5, 0.0]
    path = PARKED + np.array([*(turn * np.eye(7)[6] for turn in turns), 0.1 * np.eye(7)[0]])
    positions, _ = bench.planner.timed(path, 0.05)
    assert len(positions) * TIMESTEP_S > 10.0
    assert speeds(bench, positions).max() == pytest.approx(0.05, rel=0.05)


def test_a_tool_that_is_slow_enough_is_not_slowed_down() -> None:
    planner = Bench().planner
    free, _ = planner.timed(PATH)
    limited, _ = planner.timed(PATH, 5.0)
    assert np.array_equal(free, limited)


def test_a_short_move_of_the_tool_keeps_its_speed_on_average() -> None:
    bench = Bench()
    arm = bench.planner.arm
    start = next(arm.postures(down((0.0, 0.0, 0.1))[0]))
    path = np.concatenate([start[None], arm.trace(down((0.0, 0.0, 0.105)), start).qpos])
    positions, _ = bench.planner.timed(path, 0.05)
    assert speeds(bench, positions, len(positions) // 2).max() < 0.051


def test_two_positions_are_joined_by_a_straight_line() -> None:
    ends = PATH[[0, 2]]
    positions, _ = Bench().planner.timed(ends)
    ahead = ends[1] - ends[0]
    shares = (positions - ends[0]) @ ahead / (ahead @ ahead)
    assert positions == pytest.approx(ends[0] + shares[:, None] * ahead, abs=1e-6)
    assert (np.diff(shares) > 0.0).all()


def test_positions_that_repeat_change_nothing_and_a_path_that_stands_still_is_over_at_once() -> None:
    planner = Bench().planner
    once, _ = planner.timed(PATH)
    twice, _ = planner.timed(np.repeat(PATH, 2, axis=0))
    assert twice == pytest.approx(once, abs=1e-9)
    for still in (PATH[:1], np.repeat(PATH[:1], 3, axis=0)):
        positions, velocities = planner.timed(still)
        assert np.array_equal(positions, PATH[:1])
        assert np.array_equal(velocities, np.zeros((1, 7)))
    nearly = np.array([PATH[0], PATH[0] + 5e-7])
    assert len(planner.timed(nearly)[0]) == 1
    little = np.array([PATH[0], PATH[0] + 2e-6])
    assert planner.timed(little)[0][-1] == pytest.approx(little[1], abs=1e-8)


def test_limits_that_allow_no_motion_are_reported() -> None:
    scene = Scene(Layout(), replace(PANDA, arms=(replace(ARM, acceleration_limit=-1.0),)))
    with pytest.raises(RuntimeError, match=r"^a joint path cannot be timed within the arm's limits$"):
        ArmPlanner(scene, seed=0).timed(PATH)
