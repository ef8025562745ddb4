"""Tests of an arm's kinematics against the simulated robot, and of its clearance against single distances."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from tests.control.bench import DOWN, HAND, OPEN_M, PANDA, Bench, cuboid, down, on_table, prop
from tracesim.control.kinematics import Arm
from tracesim.control.planner import ArmPlanner
from tracesim.geometry.clearance import bodies_distance
from tracesim.geometry.rigid import FloatArray, angle_between, inverse, transform, yaw

PARKED = np.array(PANDA.arms[0].parked)
REACHING = np.array([0.1, 0.3, -0.1, -2.1, 0.05, 2.4, 0.8])
"""Joint positions at which the hand points down in front of the robot."""
CLOSE_M, CLOSE_RAD = 2e-4, 2e-3
"""How near the inverse kinematics come to a pose."""


def near(arm: Arm, around: FloatArray, count: int, spread_rad: float = 0.4, seed: int = 0) -> FloatArray:
    """Return random joint positions (count, 7) near others, well within the limits."""
    low, high = arm.limits.T
    rng = np.random.default_rng(seed)
    return np.clip(around + rng.uniform(-spread_rad, spread_rad, (count, 7)), low + 0.1, high - 0.1)


def assert_at(bench: Bench, qpos: FloatArray, pose: FloatArray) -> None:
    tool = bench.tool(qpos)
    assert np.linalg.norm(tool[:3, 3] - pose[:3, 3]) < CLOSE_M
    assert angle_between(tool, pose) < CLOSE_RAD


@pytest.mark.parametrize("opening_m", [0.0, 0.013, OPEN_M])
def test_links_are_where_the_simulated_robot_has_them(opening_m: float) -> None:
    bench = Bench(raised_m=0.03)
    bench.planner.arm.open_to(np.full(2, opening_m))
    path = near(bench.planner.arm, REACHING, 3)
    found = bench.planner.arm.links_in_world(path)
    assert set(bench.scene.robot.shapes) - set(PANDA.mount_links) | {HAND.tcp_link} == set(found)
    for index, qpos in enumerate(path):
        for name, pose in bench.links(qpos, opening_m).items():
            if name in found:
                assert found[name][index] == pytest.approx(pose, abs=1e-5)


def test_fingers_are_taken_for_open_at_first_and_joints_of_the_arm_are_as_asked() -> None:
    bench = Bench()
    robot = bench.scene.robot
    full = bench.planner.arm.full(REACHING)
    assert full[robot.arm_indices] == pytest.approx(REACHING)
    assert full[robot.finger_indices] == pytest.approx(OPEN_M)
    bench.planner.arm.open_to(np.full(2, 0.01))
    assert bench.planner.arm.full(REACHING)[robot.finger_indices] == pytest.approx(0.01)
    assert robot.qpos[robot.finger_indices] == pytest.approx(OPEN_M)  # the robot itself has not moved


def test_tips_of_the_fingers_are_beyond_the_tool_as_far_as_those_of_the_robot() -> None:
    bench = Bench()
    assert bench.planner.arm.tip_m == bench.scene.robot.tip_m > 0.0


def test_inverse_kinematics_bring_the_tool_to_the_pose_near_where_it_was() -> None:
    bench = Bench(raised_m=-0.02)
    arm = bench.planner.arm
    for qpos in near(arm, REACHING, 20):
        start = qpos + np.random.default_rng(1).uniform(-0.05, 0.05, 7)
        found = arm.tool(bench.tool(qpos), start)
        assert found is not None
        assert_at(bench, found, bench.tool(qpos))
        assert np.abs(found - start).max() < 0.5
    assert arm.tool(transform(DOWN, (2.0, 0.0, 0.3)), REACHING) is None


def test_plans_keep_away_from_joint_limits_unless_told_otherwise() -> None:
    bench = Bench()
    arm = bench.planner.arm
    for joint in (3, 5):
        for side, inwards in ((0, 1.0), (1, -1.0)):
            at_limit = REACHING.copy()
            at_limit[joint] = arm.limits[joint, side] + inwards * 0.03
            pose = bench.tool(at_limit)[None]
            assert arm.trace(pose, at_limit).blocked == "unreachable"
            assert arm.trace(pose, at_limit, margin_rad=0.0).blocked == ""
            assert arm.tool(pose[0], at_limit) is None
            assert arm.tool(pose[0], at_limit, 0.0) is not None
            beyond = at_limit.copy()
            beyond[joint] = arm.limits[joint, side] - inwards * 0.02
            assert arm.trace(bench.tool(beyond)[None], beyond, margin_rad=0.0).blocked == "unreachable"


@pytest.mark.parametrize("joint", [0, 2, 4, 6])
@pytest.mark.parametrize("turns", [-2, -1, 1, 2])
def test_joints_that_have_turned_beyond_their_limits_are_turned_back(joint: int, turns: int) -> None:
    bench = Bench()
    wound = REACHING.copy()
    wound[joint] += 2.0 * np.pi * turns
    found = bench.planner.arm.trace(bench.tool(REACHING)[None], wound, jump_rad=np.inf)
    assert found.blocked == ""
    assert found.qpos[0] == pytest.approx(REACHING, abs=1e-3)


def test_a_path_is_followed_pose_by_pose_as_far_as_it_can_be() -> None:
    bench = Bench()
    arm = bench.planner.arm
    points = [(x, 0.1, 0.2) for x in np.arange(-0.1, 1.0, 0.02)]
    start = next(arm.postures(down(points[0])[0]))
    path = arm.trace(down(*points), start)
    assert path.blocked == "unreachable"
    assert 10 < len(path.qpos) < len(points)
    for qpos, pose in zip(path.qpos, down(*points), strict=False):
        assert_at(bench, qpos, pose)
    steps = np.abs(np.diff(path.qpos, axis=0, prepend=start[None])).max(axis=1)
    assert steps.max() < 0.4
    # A step that is just greater than allowed ends the path before it.
    middle = float(np.sort(steps)[-1] - 1e-6)
    jumped = arm.trace(down(*points), start, jump_rad=middle)
    assert (jumped.blocked, len(jumped.qpos)) == ("joint_jump", int(np.argmax(steps > middle)))


def test_neighbouring_poses_are_met_to_a_micrometre() -> None:
    bench = Bench()
    arm = bench.planner.arm
    poses = arm.tool_in_world(np.linspace(REACHING, REACHING + 0.2, 11))
    found = arm.tool_in_world(arm.trace(poses, REACHING).qpos)
    assert np.median(np.linalg.norm((found - poses)[:, :3, 3], axis=1)) < 1e-6


def test_a_pose_that_full_steps_do_not_find_is_found_in_short_ones() -> None:
    bench = Bench()
    arm = bench.planner.arm
    here = np.array([0.59, 0.98, 0.25, -1.14, -0.95, 2.26, 0.35])
    there = np.array([0.32, 0.75, -0.22, -0.79, -1.39, 2.28, 0.73])
    path = arm.trace(arm.tool_in_world(there[None]), here, jump_rad=np.inf)
    assert path.blocked == ""
    assert path.qpos[0] == pytest.approx(there, abs=0.2)


def test_a_jump_to_another_branch_ends_a_path_by_default() -> None:
    bench = Bench()
    arm = bench.planner.arm
    here, there = (bench.tool(REACHING + np.eye(7)[0] * turn) for turn in (0.0, 0.9))
    path = arm.trace(np.array([here, there]), REACHING)
    assert (path.blocked, len(path.qpos)) == ("joint_jump", 1)
    assert arm.trace(np.array([here, there]), REACHING, jump_rad=0.9).blocked == ""


@pytest.mark.parametrize("heading", np.linspace(-np.pi, np.pi, 9)[1:])
@pytest.mark.parametrize("point", [(0.0, 0.0, 0.02), (-0.2, 0.25, 0.15), (0.05, -0.3, 0.25)])
def test_postures_reach_a_point_of_the_workspace_at_every_heading(
    heading: float, point: tuple[float, float, float]
) -> None:
    bench = Bench()
    arm = bench.planner.arm
    pose = transform(yaw(heading) @ DOWN, point)
    found = list(arm.postures(pose))
    assert len(found) >= 3
    elbows = [qpos[2] for qpos in found]
    assert min(elbows) < -0.1
    assert max(elbows) > 0.1
    for index, qpos in enumerate(found):
        assert_at(bench, qpos, pose)
        assert (qpos > arm.limits[:, 0] + 0.05).all()
        assert (qpos < arm.limits[:, 1] - 0.05).all()
        assert all(np.abs(qpos - other).max() > 0.05 for other in found[:index])
    low, high = arm.limits.T
    shares = [np.minimum(qpos - low, high - qpos) / (high - low) for qpos in found]
    assert [share.min() for share in shares] == sorted((share.min() for share in shares), reverse=True)


def test_postures_turn_the_wrist_either_way() -> None:
    bench = Bench()
    pose = transform(yaw(-3.0 * np.pi / 4.0) @ DOWN, (0.0, 0.0, 0.1))
    assert np.ptp([qpos[-1] for qpos in bench.planner.arm.postures(pose)]) > 4.0


@pytest.mark.parametrize(("heading", "point"), [(2.25, (-0.28, 0.18, 0.09)), (1.17, (0.09, 0.15, 0.17))])
def test_postures_are_searched_for_with_the_elbow_in_line_or_out_and_the_wrist_turned_by_quarters(
    heading: float, point: tuple[float, float, float]
) -> None:
    bench = Bench()
    arm = bench.planner.arm
    pose = transform(yaw(heading) @ DOWN, point)
    x, y = (inverse(PANDA.base_in_world) @ pose)[:2, 3]
    reached = []
    for elbow, quarters in itertools.product((0.0, 0.5, -0.5), range(-2, 3)):
        start = PARKED + np.array([np.arctan2(y, x) - elbow, 0.0, elbow, 0.0, 0.0, 0.0, quarters * np.pi / 2.0])
        if (np.abs(start) < arm.limits[:, 1] - 0.06)[[0, 2, 6]].all():
            reached.append(arm.tool(pose, start))
    found = list(arm.postures(pose))
    for several, others in ((found, reached), (reached, found)):
        for qpos in several:
            assert qpos is None or min(np.abs(qpos - other).max() for other in others if other is not None) < 0.051


def test_dexterity_is_the_least_gain_from_joints_to_tool() -> None:
    bench = Bench()
    arm = bench.planner.arm
    path = near(arm, REACHING, 4)
    each = [np.linalg.svd(differences(bench, qpos), compute_uv=False).min() for qpos in path]
    assert [arm.dexterity(qpos[None]) for qpos in path] == pytest.approx(each, rel=1e-3)
    assert arm.dexterity(path) == min(arm.dexterity(qpos[None]) for qpos in path)


def differences(bench: Bench, qpos: FloatArray, step_rad: float = 1e-3) -> FloatArray:
    """Return the Jacobian (6, 7) of the simulated tool by central differences, metres and radians per radian."""
    columns = []
    for joint in np.eye(7) * step_rad:
        before, after = bench.tool(qpos - joint), bench.tool(qpos + joint)
        turned = after[:3, :3] @ before[:3, :3].T
        axis = np.array([turned[2, 1] - turned[1, 2], turned[0, 2] - turned[2, 0], turned[1, 0] - turned[0, 1]]) / 2.0
        columns.append(np.concatenate([after[:3, 3] - before[:3, 3], axis]) / (2.0 * step_rad))
    return np.array(columns).T


# --- clearance


def crowded() -> Bench:
    """Return a bench with a wall beside the arm, a bar above it, and a box below the hand."""
    return Bench(
        {
            "box": (prop(cuboid(0.03, 0.03, 0.03)), on_table(0.0, 0.0)),
            "wall": (prop(cuboid(0.3, 0.02, 0.5)), on_table(-0.1, 0.3)),
            "bar": (prop(cuboid(0.02, 0.6, 0.02)), on_table(0.1, 0.0, 0.3)),
        }
    )


def links_of(bench: Bench, qpos: FloatArray, *names: str) -> dict[str, FloatArray]:
    """Return the poses of some links, or of all that move and have a shape."""
    moving = set(names) or set(bench.scene.robot.shapes) - set(PANDA.mount_links)
    return {name: pose for name, pose in bench.links(qpos).items() if name in moving}


def postures(bench: Bench) -> FloatArray:
    return near(bench.planner.arm, REACHING, 12, spread_rad=0.3, seed=3)


def test_an_arm_keeps_just_the_clearance_that_it_has() -> None:
    bench = crowded()
    arm, others = bench.planner.arm, bench.layout.poses
    path = postures(bench)
    each = [bench.least_m(links_of(bench, qpos), others) for qpos in path]
    assert min(each) < 0.04
    for qpos, distance_m in zip(path, each, strict=True):
        assert arm.keeps(distance_m - 1e-4, qpos[None])
        assert not arm.keeps(distance_m + 1e-4, qpos[None])
    assert not arm.keeps(min(each) + 1e-4, path)
    assert arm.keeps(min(each) - 1e-4, path)
    assert arm.keeps(9.0, path[:0])


def test_an_arm_that_is_told_of_no_bodies_has_room() -> None:
    bench = crowded()
    alone = ArmPlanner(bench.scene, 0).arm
    assert alone.keeps(0.05, postures(bench))


def test_a_hand_may_touch_what_it_is_about_to_hold_but_the_arm_may_not() -> None:
    bench = Bench({"post": (prop(cuboid(0.02, 0.02, 0.6)), on_table(-0.02, 0.04))})
    arm, others = bench.planner.arm, bench.layout.poses
    excepted = [(link, "post") for link in HAND.links]
    through = 0
    for qpos in near(arm, REACHING, 12, seed=5):
        distance_m = bench.least_m(links_of(bench, qpos), others, *excepted)
        through += bench.least_m(links_of(bench, qpos, *HAND.links), others) < distance_m - 1e-3
        assert arm.keeps(distance_m - 1e-4, qpos[None], "post")
        assert not arm.keeps(distance_m + 1e-4, qpos[None], "post")
    assert through


@pytest.mark.parametrize("over", [None, "table"])
def test_what_is_carried_is_kept_clear_as_well_but_not_of_what_it_is_dragged_over(over: str | None) -> None:
    bench = crowded()
    arm, others = bench.planner.arm, {**bench.layout.poses}
    del others["box"]
    held_in_tcp = transform(translation=(0.01, 0.0, 0.03))
    excepted = [] if over is None else [("box", over)]
    decided = 0
    for qpos in postures(bench):
        arms = links_of(bench, qpos)
        carried = {"box": bench.tool(qpos) @ held_in_tcp}
        distance_m = bench.least_m({**arms, **carried}, others, *excepted)
        decided += bench.least_m(arms, others) > distance_m + 1e-3
        assert arm.keeps(distance_m - 1e-4, qpos[None], "box", held_in_tcp, over)
        assert not arm.keeps(distance_m + 1e-4, qpos[None], "box", held_in_tcp, over)
    assert over or decided


def test_clearance_of_a_body_is_its_distance_from_the_others_with_its_hand_or_without() -> None:
    bench = crowded()
    arm, others = bench.planner.arm, {**bench.layout.poses}
    del others["box"]
    held_in_tcp = transform(yaw(0.4), (0.0, 0.01, 0.02))
    path = postures(bench)
    poses = np.array([bench.tool(qpos) @ held_in_tcp for qpos in path])
    alone = [bench.least_m({"box": pose}, others, beyond_m=0.05) for pose in poses]
    with_hand = [
        bench.least_m({"box": pose, **links_of(bench, qpos, *HAND.links)}, others, beyond_m=0.05)
        for pose, qpos in zip(poses, path, strict=True)
    ]
    assert min(alone) < 0.05
    assert arm.body_clearance("box", poses) == pytest.approx(alone, abs=1e-4)
    assert arm.body_clearance("box", poses, held_in_tcp) == pytest.approx(with_hand, abs=1e-4)
    assert np.abs(np.subtract(alone, with_hand)).max() > 0.003
    assert arm.body_clearance("box", poses, beyond_m=0.01).max() == 0.01
    assert arm.body_clearance("box", poses[:0]).shape == (0,)


def test_a_body_keeps_just_the_clearance_that_it_has() -> None:
    bench = crowded()
    arm = bench.planner.arm
    high = np.array([on_table(x, 0.0, 0.2) for x in (0.0, 0.02)])
    # The bar begins at x = 0.09 and z = 0.3, the box ends at x = 0.035 and z = 0.23.
    distance_m = float(np.hypot(0.055, 0.07))
    assert arm.body_keeps(distance_m - 1e-4, "box", high)
    assert not arm.body_keeps(distance_m + 1e-4, "box", high)
    assert arm.body_keeps(distance_m + 1e-4, "box", high[:1])
    assert arm.body_keeps(9.0, "box", high[:0])
    low = high - transform(translation=(0.0, 0.0, 0.19)) + np.eye(4)
    assert arm.body_keeps(0.0099, "box", low)
    assert not arm.body_keeps(0.0101, "box", low)
    assert arm.body_keeps(0.0101, "box", low, "table")
    assert not arm.body_keeps(0.3, "box", low, "table")


def test_the_open_hand_keeps_clear_of_a_body_by_its_fingers_opening() -> None:
    bench = Bench({"post": (prop(cuboid(0.02, 0.02, 0.3)), on_table(0.4, 0.4))})
    arm = bench.planner.arm
    pose = transform(DOWN, (0.0, 0.0, 0.25))[None]  # the post stands up between the fingers
    for opening_m in (OPEN_M, 0.02):
        arm.open_to(np.full(2, opening_m))
        links = bench.links(REACHING, opening_m)
        tool_in_world = links[HAND.tcp_link]
        post_in_world = tool_in_world @ inverse(pose[0])
        shapes = bench.scene.robot.shapes
        distance_m = min(
            bodies_distance(shapes[name], links[name], bench.layout.shapes["post"], post_in_world)
            for name in HAND.links
        )
        assert arm.hand_keeps(distance_m - 1e-4, "post", pose)
        assert not arm.hand_keeps(distance_m + 1e-4, "post", pose)
        # Alone in the world: the hand is not measured against the table below it.
        assert arm.hand_keeps(0.05, "post", transform(DOWN, (0.0, 0.0, -0.5))[None])
