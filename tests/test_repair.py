"""Tests of repair: a body passes over obstacles, is put down from above, and keeps the task's motion."""

from __future__ import annotations

import numpy as np
import pytest

from tracesim.configuration import ControllerOptions, EpisodeConfiguration, Variation
from tracesim.episode.outcome import Outcome
from tracesim.episode.simulated import SimulatedEpisode
from tracesim.failure import EpisodeEnded
from tracesim.geometry.curve import Curve
from tracesim.geometry.rigid import FloatArray, angle_between, apply
from tracesim.geometry.trace import ImageTrace, Trace
from tracesim.lifting import lift


def episode(task: str, seed: int, clutter: int = 4, pixels: bool = False) -> SimulatedEpisode:
    variation, controller = Variation("cluttered", clutter), ControllerOptions(repair=True)
    return SimulatedEpisode(EpisodeConfiguration(task, variation=variation, controller=controller), seed, pixels)


def played(task: str, seed: int) -> tuple[SimulatedEpisode, Outcome]:
    """Return the outcome of the straight lines between a task's decisive keypoints, some through obstacles."""
    made = episode(task, seed)
    return made, made.execute(made.task.straight_line())


def carried(made: SimulatedEpisode, curve: Curve | None) -> FloatArray:
    assert curve is not None
    poses = curve.bodies[made.task.carried]
    return np.asarray(poses[made.recorder.recording().phases == "follow"])


@pytest.mark.parametrize("task", ["place_empty_cup", "stack_blocks_two"])
def test_a_pair_of_points_becomes_a_way_over_what_is_between(task: str) -> None:
    made, outcome = played(task, 0)
    assert outcome.success, outcome.failure
    # The predicted curve is that of the answer, which passes through an obstacle.
    assert (outcome.predicted_margins["clearance"] or 0.0) < 0.0
    poses = carried(made, outcome.executed)
    height, last = poses[:, 2, 3], poses[-1, 2, 3]
    assert height.max() > max(height[0], last) + 0.03
    # The body comes down from above: the last two centimetres are straight.
    assert np.ptp(poses[height < last + 0.02][-5:, :2, 3], axis=0).max() < 0.003
    assert max(angle_between(pose, poses[0]) for pose in poses) < np.radians(5.0)
    assert outcome.deviation_m is not None
    assert outcome.deviation_m[1] < 0.005


@pytest.mark.parametrize("task", ["place_empty_cup", "stack_blocks_two"])
def test_a_pixel_on_the_object_and_one_on_its_target_are_enough(renderer: None, task: str) -> None:
    made = episode(task, 2, pixels=True)
    body, target = made.task.layout[made.task.carried], made.task.layout[made.task.target]
    middle = apply(body.body_in_world, (0.0, 0.0, body.prop.height_m / 2))
    pair = made.camera.see(Trace(np.array([middle, target.position("top")]))).keypoints[:, :2]
    depth = made.observe(pixels=True).depth
    lifted = lift(ImageTrace(pair), made.camera, depth, "measured", place_depth="measured")
    assert isinstance(lifted, Trace)
    outcome = made.execute(lifted)
    assert outcome.success, outcome.failure
    # The second pixel is where its foot ends, not the point at which it was touched.
    assert outcome.executed is not None
    at = outcome.executed.bodies[body.name][-1, :3, 3]
    assert np.linalg.norm(at - target.position("top")) < 0.005


def test_keypoints_and_tilt_are_kept() -> None:
    made, outcome = played("water_flowers", 4)
    assert outcome.success, outcome.failure
    poses, keypoints = carried(made, outcome.executed), made.task.straight_line().keypoints
    spout = made.task.layout[made.task.carried].pivot("spout")
    path = poses[:, :3, :3] @ spout + poses[:, :3, 3]
    for keypoint in keypoints[1:-1]:
        assert np.linalg.norm(path - path[0] - keypoint + keypoints[0], axis=1).min() < 0.01
    headed_for = outcome.recording.keypoints[outcome.recording.phases == "follow"]
    tilted = (headed_for >= 2) & (headed_for <= len(keypoints) - 3)
    tilts = np.array([angle_between(pose, poses[0]) for pose in poses[tilted]])
    assert np.abs(tilts - made.task.motion.turning.tilt).max() < np.radians(5.0)


def test_a_body_is_put_down_on_what_is_there_and_not_where_the_last_keypoint_hangs() -> None:
    for off_m in (-0.03, 0.03):
        made = episode("stack_blocks_two", 4, clutter=0)
        keypoints = made.task.keypoints() + np.array([(0.0, 0.0, 0.0), (0.0, 0.0, off_m)])
        outcome = made.execute(Trace(keypoints))
        assert outcome.success, outcome.failure


def test_a_keypoint_inside_something_is_passed_by() -> None:
    made = episode("stack_blocks_two", 4, clutter=0)
    start, goal = made.task.keypoints()
    above, inside = start + np.array([0.0, 0.0, 0.1]), goal - np.array([0.0, 0.0, 0.02])
    outcome = made.execute(Trace(np.array([start, above, inside, goal])))
    assert outcome.success, outcome.failure
    assert set(outcome.recording.keypoints.tolist()) == {-1, 1, 3}


def test_where_no_way_leads_the_episode_ends_before_anything_is_touched() -> None:
    made = episode("stack_blocks_two", 4, clutter=0)
    start, goal = made.task.keypoints()
    below = goal - np.array([0.0, 0.0, 0.2])
    body = made.task.layout["green_block"]
    with pytest.raises(EpisodeEnded) as ended:
        made.task.motion.follow(made.controller, body, Trace(np.array([start, below])), made.task.subtask)
    assert (ended.value.failure.stage, ended.value.failure.reason) == ("reach", "no_detour")


def test_two_trials_of_a_seed_take_the_same_detour() -> None:
    bits = [played("stack_blocks_two", 0)[1].recording.positions.tobytes() for _ in range(2)]
    assert bits[0] == bits[1]


def test_a_way_that_leads_nowhere_is_played() -> None:
    made = episode("stack_blocks_two", 4, clutter=0)
    start = made.task.keypoints()[0]
    outcome = made.execute(Trace(np.array([start, start + np.array([0.0, 0.004, 0.0])])))
    assert outcome.failure is not None
    assert (outcome.failure.stage, outcome.failure.reason) == ("goal", "rests_on")
