"""Tests of control below the trace: commands at a fixed rate, judged by the same constraints."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env

import tracesim  # noqa: F401 - registers the environments
from tracesim.bench.scenes import arranged, solve
from tracesim.cli.levels import level
from tracesim.configuration import EpisodeConfiguration
from tracesim.control.commands import RATE_HZ, STEP_M
from tracesim.episode import stepped
from tracesim.episode.outcome import Outcome
from tracesim.episode.simulated import SimulatedEpisode
from tracesim.episode.stepped import SteppedEpisode
from tracesim.errors import ConfigurationError, ResetNeededError
from tracesim.geometry.rigid import FloatArray, angle_between, rotation_about, to_quaternion
from tracesim.simulation.recorder import Phase
from tracesim.simulation.scene import TIMESTEP_S

MOTIONS = ("click_bell", "push_object", "pull_object", "hover_above_bowl", "blocks_ranking_rgb", "water_flowers")
EXAMPLE = runpy.run_path(str(Path(__file__).parents[1] / "examples" / "09_ee_pose.py"))


def make(task: str = "PlaceEmptyCup", control: str = "ee_pose", **options: Any) -> gym.Env[Any, Any]:
    """Return an environment without images."""
    return gym.make(f"TraceSim-{task}-v1", control=control, observation=(), variation="clean", **options)


def episode_of(env: gym.Env[Any, Any]) -> SteppedEpisode:
    """Return the episode of an environment."""
    episode = env.unwrapped.episode  # type: ignore[attr-defined]
    assert isinstance(episode, SteppedEpisode)
    return episode


def pose_command(tool_in_world: FloatArray, hand: float = 1.0) -> FloatArray:
    """Return the command that sends the tool to a pose."""
    return np.array([*tool_in_world[:3, 3], *to_quaternion(tool_in_world), hand])


@pytest.mark.filterwarnings("ignore:.*symmetric and normalized space")  # metres and radians are meant
@pytest.mark.parametrize("control", ["ee_pose", "ee_delta", "joint_position"])
def test_environment_is_one_of_gymnasium(control: str) -> None:
    env = make(control=control)
    check_env(env.unwrapped, skip_render_check=True)
    env.close()


@pytest.mark.parametrize("robot", ["panda", "ur5"])
@pytest.mark.parametrize("task", ["PlaceEmptyCup", "StackBlocksTwo"])
def test_script_of_the_example_succeeds(task: str, robot: str) -> None:
    env = make(task, robot=robot)
    for seed in range(5):
        env.reset(seed=seed)
        for action in EXAMPLE["script"](episode_of(env)):
            _, reward, over, truncated, info = env.step(action)
            if over:
                break
        assert over, seed
        assert not truncated
        assert (reward, info["success"]) == (1.0, True), (seed, info["failure"])
        assert min(info["margins"].values()) >= 0.0
        with pytest.raises(ResetNeededError):
            env.step(action)


def commands(outcome: Outcome, episode: SimulatedEpisode) -> FloatArray:
    """Return the motion of an episode as joint positions and openings of the hand, at the rate of commands."""
    recording, robot = outcome.recording, episode.scene.robot
    times = np.arange(0.6, recording.times_s[-1], 1.0 / RATE_HZ) + 1.0 / RATE_HZ
    arm = recording.qpos[:, robot.arm_indices]
    joints = np.stack([np.interp(times, recording.times_s, arm[:, joint]) for joint in range(arm.shape[1])], axis=1)
    at = np.minimum(np.searchsorted(recording.times_s, times), len(recording) - 1)
    opening = recording.qpos[at][:, robot.finger_indices].mean(axis=1) / robot.arm.hand.open.mean()
    closed = recording.during(Phase.CLOSE, Phase.FOLLOW)[at]
    return np.column_stack([joints, np.where(closed, 0.0, np.clip(opening, 0.0, 1.0))])


@pytest.mark.parametrize("task", MOTIONS)
def test_what_the_expert_does_passes_as_commands_whatever_the_motion(task: str) -> None:
    configuration = EpisodeConfiguration(task, variation=level("clean"))
    made = arranged(configuration, 1)
    solved = SimulatedEpisode(configuration, 1, task=made)
    outcome = solve(solved)
    assert outcome.success
    found = commands(outcome, solved)
    episode, ended = SteppedEpisode(configuration, 1, "joint_position", task=made), []
    for values in [*found, *[found[-1]] * 40]:  # what is held has to be held still for a while
        if (one := episode.step(values)) is not None:
            ended.append(one)
        if episode.over:
            break
    assert len(ended) == len(made.subtasks())
    assert ended[-1].success, ended[-1].failure
    for name, margin in outcome.margins.items():
        assert (margin is None) == (ended[-1].margins[name] is None), name


def test_tool_goes_where_it_is_sent() -> None:
    env = make()
    env.reset(seed=0)
    episode = episode_of(env)
    arm, start = episode.planner.arm, episode.scene.robot.tcp_in_world
    goal = arm.tool_in_world(episode.controller.goal_qpos[None] + 0.1)[0]
    for _ in range(20):
        observation = env.step(pose_command(goal))[0]
    assert np.linalg.norm(goal[:3, 3] - start[:3, 3]) > 0.05
    assert observation["tcp_in_world"][:3, 3] == pytest.approx(goal[:3, 3], abs=1e-3)
    assert angle_between(observation["tcp_in_world"], goal) < 2e-3
    # A pose that the arm cannot reach leaves it where it is.
    beyond = goal.copy()
    beyond[0, 3] = 5.0
    after = env.step(pose_command(beyond))[0]
    assert after["tcp_in_world"][:3, 3] == pytest.approx(goal[:3, 3], abs=1e-3)


def test_steps_of_the_tool_add_up() -> None:
    env = make(control="ee_delta")
    env.reset(seed=0)
    start = episode_of(env).scene.robot.tcp_in_world
    by, turn = np.array([0.004, -0.006, 0.003]), np.array([0.0, 0.0, 0.02])
    for _ in range(10):
        env.step(np.array([*by, *turn, 1.0]))
    for _ in range(10):
        observation = env.step(np.array([*6 * [0.0], 1.0]))[0]
    moved = observation["tcp_in_world"]
    assert moved[:3, 3] == pytest.approx(start[:3, 3] + 10 * by, abs=1e-3)
    assert angle_between(moved[:3, :3], rotation_about((0.0, 0.0, 1.0), 0.2) @ start[:3, :3]) < 2e-3
    assert env.action_space.high[0] == pytest.approx(STEP_M)  # type: ignore[attr-defined]


def test_commands_keep_their_rate_and_joints_their_speed() -> None:
    env = make(control="joint_position")
    env.reset(seed=0)
    episode = episode_of(env)
    began_s, start = episode.scene.time_s, episode.scene.robot.arm_qpos
    far = np.append(start + np.array([2.0, *6 * [0.0]]), 1.0)
    for step in range(1, 8):
        env.step(far)
        assert episode.scene.time_s - began_s == pytest.approx(step / RATE_HZ, abs=0.6 * TIMESTEP_S)
    moved = episode.scene.robot.arm_qpos - start
    fastest = episode.scene.robot.arm.per_joint(episode.scene.robot.arm.velocity_limit)[0]
    assert 0.8 < moved[0] / (fastest * 7 / RATE_HZ) < 1.01
    assert np.abs(moved[1:]).max() < 0.02


def test_contact_that_is_not_allowed_ends_the_episode() -> None:
    env = make("StackBlocksTwo")
    env.reset(seed=0)
    reaching = [action for action in EXAMPLE["script"](episode_of(env)) if action[-1] == 1.0]
    lowest = int(np.argmin([action[2] for action in reaching[:-30]]))
    for action in reaching[: lowest + 1]:
        assert not env.step(action)[2]
    for _ in range(20):
        action[2] -= 0.005  # between the fingers is the block, below them the table
        _, reward, over, truncated, info = env.step(action)
        if over:
            break
    assert (reward, over, truncated) == (0.0, True, False)
    assert info["failure"]["stage"] == "collision"
    assert info["failure"]["reason"].endswith("finger-table")


def test_time_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stepped, "LIMIT_S", 0.5)
    for task, reason in (("PlaceEmptyCup", "rests_on"), ("BlocksRankingRgb", "time")):
        env = make(task)
        env.reset(seed=0)
        rest = pose_command(episode_of(env).scene.robot.tcp_in_world)
        ends = [env.step(rest)[2:] for _ in range(10)]
        assert [(over, truncated) for over, truncated, _ in ends] == [(False, False)] * 9 + [(False, True)]
        assert (ends[-1][2]["failure"]["stage"], ends[-1][2]["failure"]["reason"]) == ("goal", reason)


def test_same_commands_give_the_same_bits() -> None:
    found = []
    for _ in range(2):
        env = make("StackBlocksTwo")
        env.reset(seed=3)
        for action in EXAMPLE["script"](episode_of(env)):
            observation, _, over, _, info = env.step(action)
            if over:
                break
        found.append((info["margins"], observation["tcp_in_world"].tobytes()))
    assert found[0] == found[1]


@pytest.mark.parametrize("action", [np.zeros(7), np.full(8, np.nan), "up", np.zeros((2, 8))])
def test_other_arrays_are_no_commands(action: Any) -> None:
    env = make()
    env.reset(seed=0)
    with pytest.raises(ConfigurationError, match=r"Valid: .*8"):
        env.unwrapped.step(action)
