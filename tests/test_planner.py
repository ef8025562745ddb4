"""Tests of planning: joint paths along tool poses."""

from __future__ import annotations

import numpy as np
import pytest

from tracesim.assets.robots import embodiment
from tracesim.configuration import EpisodeConfiguration, Variation
from tracesim.control.planner import ArmPlanner
from tracesim.episode.simulated import SimulatedEpisode
from tracesim.geometry.rigid import transform
from tracesim.layout.layout import Layout
from tracesim.simulation.scene import TIMESTEP_S, Scene


def test_a_path_that_cannot_even_begin_is_as_wide_as_any_other() -> None:
    episode = SimulatedEpisode(
        EpisodeConfiguration("stack_blocks_two", variation=Variation("clean", 0)), 4, pixels=False
    )
    robot = episode.scene.robot
    start = robot.qpos[robot.arm_indices]
    poses = np.array([robot.tcp_in_world, transform(translation=(9.0, 9.0, 9.0))])
    whole, cut, none = (episode.planner.arm.trace(chosen, start) for chosen in (poses[:1], poses, poses[1:]))
    assert (whole.blocked, cut.blocked, none.blocked) == ("", "unreachable", "unreachable")
    assert [path.qpos.shape for path in (whole, cut, none)] == [(1, 7), (1, 7), (0, 7)]


@pytest.mark.parametrize("length_rad", [2e-5, 2e-4, 2e-3, 0.02, 0.2])
@pytest.mark.parametrize("seed", range(3))
def test_a_path_of_any_length_is_timed_within_the_arms_limits(length_rad: float, seed: int) -> None:
    scene = Scene(Layout(), embodiment("panda"))
    arm, rng = scene.robot.arm, np.random.default_rng(seed)
    steps = np.concatenate([np.zeros((1, 7)), np.cumsum(rng.uniform(0.1, 1.0, (4, 7)), axis=0)])
    path = np.array(arm.parked) + length_rad * steps
    positions, velocities = ArmPlanner(scene, seed=0).timed(path)
    assert np.allclose(positions[-1], path[-1], atol=1e-6)
    fastest, quickest = arm.per_joint(arm.velocity_limit), arm.per_joint(arm.acceleration_limit)
    assert (np.abs(velocities) < fastest + 1e-3).all()
    assert (np.abs(np.diff(velocities, axis=0, prepend=0.0)) < (quickest + 0.1) * TIMESTEP_S).all()
