"""Tests of plans for the tip of the closed gripper."""

from __future__ import annotations

import numpy as np
import pytest

from tests.control.bench import DOWN, HAND, Bench, cuboid, on_table, prop
from tracesim.control.closed_gripper import TipPath, TipPlan, plan_tip
from tracesim.control.kinematics import PLANNING_CLEARANCE_M
from tracesim.failure import EpisodeEnded, Failure
from tracesim.geometry.rigid import FloatArray, transform, yaw


def line(start: tuple[float, float, float], end: tuple[float, float, float], count: int = 5) -> FloatArray:
    return np.linspace(start, end, count)


def tip_path(x: float = -0.05, y: float = 0.0, *, low_m: float = 0.05, azimuth_rad: float = 0.0) -> TipPath:
    """Return a path that goes down, 10 cm to the left, and up again."""
    return TipPath(
        line((x, y, low_m + 0.1), (x, y, low_m)),
        line((x, y, low_m), (x, y + 0.1, low_m), 11),
        line((x, y + 0.1, low_m), (x, y + 0.1, low_m + 0.08), 3),
        azimuth_rad,
    )


def bench(**bodies: tuple[float, float, float, float, float]) -> Bench:
    """Return a bench with boxes of sizes (3,) at places (2,), its gripper closed."""
    made = Bench({name: (prop(cuboid(*one[:3])), on_table(*one[3:])) for name, one in bodies.items()})
    made.planner.arm.open_to(HAND.closed)
    return made


def tips(made: Bench, path: FloatArray) -> FloatArray:
    """Return where the tip of the gripper is along a joint path, (M, 3)."""
    tools = made.tools(path)
    return np.asarray(tools[:, :3, 3] + made.scene.robot.tip_m * tools[:, :3, 2])


def assert_follows(made: Bench, plan: TipPlan, path: TipPath) -> None:
    for joints, points in ((plan.approach, path.approach), (plan.path, path.along), (plan.retreat, path.retreat)):
        assert tips(made, joints) == pytest.approx(points, abs=5e-4)
        ahead = (np.cos(path.azimuth_rad), np.sin(path.azimuth_rad), 0.0)
        for tool in made.tools(joints):
            assert tool[:3, 2] == pytest.approx((0.0, 0.0, -1.0), abs=3e-3)
            assert tool[:3, 0] == pytest.approx(ahead, abs=3e-3)


@pytest.mark.parametrize("azimuth_rad", [0.0, 0.7, np.pi / 2, -2.0])
def test_the_tip_follows_its_path_and_the_tool_points_down(azimuth_rad: float) -> None:
    made = bench()
    path = tip_path(azimuth_rad=azimuth_rad)
    plan = plan_tip(made.planner.arm, [path], "nothing")
    assert plan.is_free
    assert_follows(made, plan, path)


def test_a_plan_for_one_path_is_one_motion() -> None:
    made = bench()
    plan = plan_tip(made.planner.arm, [tip_path()], "nothing")
    joints = np.concatenate([plan.approach, plan.path, plan.retreat])
    assert np.abs(np.diff(joints, axis=0)).max() < 0.4


def test_the_first_of_several_free_paths_is_taken() -> None:
    made = bench()
    first, second = tip_path(azimuth_rad=0.3), tip_path(azimuth_rad=1.0)
    assert_follows(made, plan_tip(made.planner.arm, [first, second], "nothing"), first)


def test_a_path_that_is_not_reached_or_not_free_gives_way_to_one_that_is() -> None:
    made = bench(post=(0.02, 0.02, 0.08, -0.05, 0.1))
    far, blocked, free = tip_path(x=2.0), tip_path(), tip_path(y=-0.3)
    plan = plan_tip(made.planner.arm, [far, blocked, free], "nothing")
    assert plan.is_free
    assert_follows(made, plan, free)


def test_a_path_through_something_is_followed_as_asked_where_there_is_no_other() -> None:
    made = bench(post=(0.02, 0.02, 0.08, -0.05, 0.1))
    first, second = tip_path(), tip_path(y=0.02)
    plan = plan_tip(made.planner.arm, [first, second], "nothing")
    assert not plan.is_free
    assert_follows(made, plan, first)


def test_what_is_to_be_touched_is_not_in_the_way() -> None:
    made = bench(post=(0.02, 0.02, 0.08, -0.05, 0.1))
    path = tip_path()
    assert plan_tip(made.planner.arm, [path], "post").is_free
    assert not plan_tip(made.planner.arm, [path], "nothing").is_free
    # Nor where the way down ends.
    assert plan_tip(made.planner.arm, [tip_path(y=0.08)], "post").is_free


def test_a_retreat_through_something_is_not_free() -> None:
    made = bench(bar=(0.02, 0.02, 0.02, 0.3, 0.3))
    path = tip_path()
    sideways = TipPath(path.approach, path.along, line((-0.05, 0.1, 0.05), (-0.05, 0.1, 0.0), 6), 0.0)
    plan = plan_tip(made.planner.arm, [sideways], "nothing")
    assert not plan.is_free
    assert made.planner.arm.keeps(PLANNING_CLEARANCE_M, plan.path)


def ended(made: Bench, *paths: TipPath) -> Failure:
    with pytest.raises(EpisodeEnded) as found:
        plan_tip(made.planner.arm, paths, "nothing")
    return found.value.failure


def test_failures_say_whether_the_path_or_the_way_to_it_is_at_fault() -> None:
    made = bench(post=(0.1, 0.1, 0.3, -0.05, 0.0))
    blocked = Failure("grasp", "no_free_approach", "no way down to the trace's begin is free of contact")
    far = Failure("reach", "unreachable", "the gripper does not reach along the trace")
    assert ended(made, tip_path(x=2.0)) == far
    assert ended(made, tip_path(), tip_path(x=2.0)) == blocked
    reached = tip_path(y=-0.3)
    leaving = TipPath(reached.approach, line((-0.05, -0.3, 0.05), (-0.05, -1.5, 0.05), 41), reached.retreat, 0.0)
    assert ended(made, leaving) == far
    below = TipPath(line((-0.05, -0.3, 0.9), (-0.05, -0.3, 0.5)), reached.along, reached.retreat, 0.0)
    assert ended(made, below) == far


def test_a_retreat_that_is_not_reached_ends_where_it_has_to() -> None:
    made = bench()
    path = tip_path()
    away = TipPath(path.approach, path.along, line((-0.05, 0.1, 0.05), (-0.05, 0.1, 1.5), 31), 0.0)
    plan = plan_tip(made.planner.arm, [away], "nothing")
    assert not plan.is_free
    assert 0 < len(plan.retreat) < 31


def test_paths_of_single_points_are_followed_too() -> None:
    made = bench()
    down, along, back = (np.array([(-0.05, 0.0, height_m)]) for height_m in (0.06, 0.05, 0.07))
    path = TipPath(down, along, back, 0.0)
    assert_follows(made, plan_tip(made.planner.arm, [path], "nothing"), path)


def test_a_posture_that_gets_stuck_gives_way_to_another() -> None:
    made = bench()
    start, end, azimuth_rad = (-0.24, 0.28, 0.23), (0.08, -0.27, 0.21), -0.03
    there, here = line(start, end, 12), line(start, start, 1)
    along = TipPath(here, there, there[-1:], azimuth_rad)
    down = TipPath(there, there[-1:], there[-1:], azimuth_rad)
    for path in (along, down):
        assert_follows(made, plan_tip(made.planner.arm, [path], "nothing"), path)
    arm = made.planner.arm
    first = next(arm.postures(_pose(made, start, azimuth_rad)))
    assert arm.trace(np.array([_pose(made, tuple(point), azimuth_rad) for point in there]), first).blocked


def test_an_approach_that_touches_something_gives_way_to_another() -> None:
    made = bench(post=(0.04, 0.04, 0.3, -0.05, -0.1))
    blocked, free = tip_path(y=-0.1), tip_path(y=0.1)
    assert_follows(made, plan_tip(made.planner.arm, [blocked, free], "nothing"), free)


def test_an_elbow_that_touches_something_goes_to_another_side() -> None:
    alone, path = bench(), tip_path()
    free = plan_tip(alone.planner.arm, [path], "nothing")
    x, y, z = alone.links(free.approach[0])["panda_link4"][:3, 3]
    made = Bench({"lamp": (prop(cuboid(0.04, 0.04, 0.04)), on_table(x, y + 0.08, z - 0.02))})
    made.planner.arm.open_to(HAND.closed)
    assert not made.planner.arm.keeps(PLANNING_CLEARANCE_M, free.approach)
    plan = plan_tip(made.planner.arm, [path], "nothing")
    assert plan.is_free
    assert_follows(made, plan, path)


def test_a_retreat_goes_to_the_joint_limits() -> None:
    made = bench()
    start, end, azimuth_rad = (-0.13, 0.22, 0.16), (-0.05, -0.26, 0.44), -0.78
    back = line(end, (-0.05, -0.26, 0.64), 8)
    plan = plan_tip(
        made.planner.arm, [TipPath(line(start, start, 1), line(start, end, 12), back, azimuth_rad)], "nothing"
    )
    low, high = made.planner.arm.limits.T
    assert np.minimum(plan.path - low, high - plan.path).min() > 0.059
    assert np.minimum(plan.retreat - low, high - plan.retreat).min() < 0.059


def _pose(made: Bench, tip: tuple[float, ...], azimuth_rad: float) -> FloatArray:
    """Return the pose of the tool that points down with its tip at a point."""
    return transform(yaw(azimuth_rad) @ DOWN, np.add(tip, (0.0, 0.0, made.planner.arm.tip_m)))
