"""Tests of the controller: what it records, and how it moves the arm."""

from __future__ import annotations

from itertools import groupby

import numpy as np
import pytest

from tests.control.bench import HAND, OPEN_M, Bench, cuboid, down, on_table, prop
from tests.control.driven import ARM, LEFT, SAMPLE_S, Driven, Watching, joints_along
from tracesim.control.controller import Controller
from tracesim.failure import Failure

# --- time


def test_the_scene_is_recorded_fifty_times_a_second() -> None:
    driven = Driven()
    driven.controller.settle()
    assert driven.recording.times_s == pytest.approx(SAMPLE_S * np.arange(1, 31))
    assert driven.phases == [("settle", 30)]
    driven.controller.stand()
    assert len(driven.recording) == 31
    driven.controller.wait(0.1)
    assert len(driven.recording) == 36
    assert driven.scene.time_s == pytest.approx(0.72)


def test_samples_say_which_keypoint_is_headed_for() -> None:
    driven = Driven()
    driven.controller.stand()
    driven.controller.keypoint = 3
    driven.controller.stand()
    assert driven.recording.keypoints.tolist() == [-1, 3]


def test_a_monitor_sees_every_sample_and_its_deviations_are_kept() -> None:
    driven, watching = Driven(), Watching()
    driven.controller.wait(0.1, watching)
    assert len(watching.looked) == 5
    assert watching.looked[-1] == pytest.approx(driven.scene.robot.tcp_in_world)
    assert watching.times_s == pytest.approx(driven.recording.times_s)
    assert driven.controller.deviations_m == pytest.approx([0.001, 0.002, 0.003, 0.004, 0.005])
    assert watching.landed == [False] * 5
    driven.controller.wait(0.1)
    assert len(driven.controller.deviations_m) == 5


def test_detours_are_taken_only_if_asked_for() -> None:
    driven = Driven()
    assert driven.controller.repair is False
    asked = Controller(driven.scene, driven.bench.planner, driven.recorder, repair=True)
    assert asked.repair is True


# --- the arm


def assert_parked(driven: Driven) -> None:
    assert driven.scene.robot.arm_qpos == pytest.approx(np.array(ARM.parked), abs=1e-3)
    assert driven.scene.robot.articulation.qvel == pytest.approx(0.0, abs=1e-3)


def test_an_arm_comes_to_the_start_of_a_path_and_moves_along_it() -> None:
    driven = Driven()
    path = joints_along(driven, *LEFT)
    assert driven.controller.approach(path) is None
    assert driven.scene.robot.arm_qpos == pytest.approx(path[-1], abs=2e-3)
    tool = driven.recording.poses(HAND.tcp_link)[:, :3, 3]
    for point in LEFT:
        assert np.linalg.norm(tool - point, axis=1).min() < 0.01
    assert {phase for phase, _ in driven.phases} == {"approach"}


@pytest.mark.parametrize("speed_m_s", [0.05, 0.15])
def test_an_arm_moves_along_a_path_at_its_speed_and_then_stands_still(speed_m_s: float) -> None:
    driven, watching = Driven(), Watching()
    path = joints_along(driven, *LEFT)
    driven.controller.approach(path[:1])
    driven.controller.follow(None)
    before = len(driven.recording)
    assert driven.controller.move_along(path[1:], watching, speed_m_s)
    moving = driven.recording.since(before)
    assert set(moving.phases) == {"follow"}
    assert len(watching.looked) == len(moving)
    tool = moving.poses(HAND.tcp_link)[:, :3, 3]
    assert np.linalg.norm(np.diff(tool, axis=0), axis=1).max() / SAMPLE_S == pytest.approx(speed_m_s, rel=0.1)
    assert len(moving) * SAMPLE_S > 0.2 / speed_m_s
    driven.controller.wait(0.3)
    assert driven.scene.robot.tcp_in_world[:3, 3] == pytest.approx(np.array(LEFT[-1]), abs=1e-3)
    assert driven.scene.robot.articulation.qvel == pytest.approx(0.0, abs=1e-3)


def test_a_path_of_the_tool_continues_from_where_the_arm_is_headed() -> None:
    driven = Driven()
    path = joints_along(driven, *LEFT)
    driven.controller.approach(path[:1])
    joints, blocked = driven.controller.trace(down(*LEFT[1:]))
    assert blocked == ""
    assert joints == pytest.approx(path[1:], abs=1e-3)
    _, blocked = driven.controller.trace(down((3.0, 0.0, 0.2)))
    assert blocked == "unreachable"


def test_an_arm_follows_to_its_joint_limits() -> None:
    driven = Driven()
    arm = driven.bench.planner.arm
    at_limit = np.array(ARM.parked)
    at_limit[5] = arm.limits[5, 1] - 0.03
    driven.controller.approach(at_limit[None])
    _, blocked = driven.controller.trace(driven.bench.tool(at_limit)[None])
    assert blocked == ""


def test_there_is_no_approach_for_an_arm_that_is_enclosed() -> None:
    bench = Bench()
    tool = bench.scene.robot.tcp_in_world[:3, 3]
    driven = Driven(block=(prop(cuboid(0.3, 0.3, 0.3)), on_table(*(tool - (0.0, 0.0, 0.15)))))
    failure = driven.controller.approach(joints_along(driven, (0.0, -0.2, 0.1)))
    detail = "no way to where the trace begins is free of contact"
    assert failure == Failure("grasp", "no_free_approach", detail)
    assert driven.scene.time_s == 0.0
    # Nor is there a way home, so that the arm stays where it is.
    driven.controller.allow("block", *driven.scene.robot.links)
    driven.controller.go_home()
    assert {phase for phase, _ in driven.phases} == {"settle"}


def test_an_arm_goes_home_and_lets_the_scene_settle() -> None:
    driven = Driven()
    driven.controller.approach(joints_along(driven, *LEFT))
    driven.controller.close_hand()
    samples = len(driven.recording)
    back, _ = driven.controller.trace(down((-0.05, 0.1, 0.22), (-0.05, 0.1, 0.26)))
    driven.controller.retreat(back)
    assert_parked(driven)
    assert driven.scene.robot.opening_m == pytest.approx(2.0 * OPEN_M, abs=1e-3)
    assert driven.bench.planner.arm.full(np.zeros(7))[-1] == pytest.approx(OPEN_M)
    phases = [str(phase) for phase, _ in groupby(driven.recording.since(samples).phases)]
    assert phases == ["retreat", "home", "settle"]
    assert driven.phases[-1] == ("settle", 30)
