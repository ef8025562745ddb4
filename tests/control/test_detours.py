"""Tests of detours among boxes: how high they go, where they end, and which keypoints they pass by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest

from tests.control.bench import Bench, cube, cuboid, on_table, prop, with_grasps, with_width
from tests.control.test_grasp_planner import ACROSS, ALONG, EDGE_M, box, held
from tracesim.control.detours import Detours
from tracesim.control.grasp_planner import GraspPlanner
from tracesim.control.kinematics import PLANNING_CLEARANCE_M
from tracesim.failure import EpisodeEnded, Failure
from tracesim.geometry.body_path import NEAR_M, BodyPath
from tracesim.geometry.rigid import FloatArray, inverse
from tracesim.geometry.trace import Trace
from tracesim.layout.layout import Body
from tracesim.layout.prop import Prop
from tracesim.motion.carry import Carry

ROOM_M = 0.02
START = (-0.05, -0.15)


def bench(**others: tuple[Prop, FloatArray]) -> Bench:
    return Bench({"held": held(ACROSS, ALONG, x=START[0], y=START[1]), **others})


def detours(made: Bench, *offsets: tuple[float, float, float]) -> Detours:
    """Return the search for a block that is to be carried through points at offsets from where it stands."""
    body = made.layout["held"]
    trace = Trace(np.array([(0.0, 0.0, 0.0), *offsets]) + body.position("top"))
    return Detours(made.planner.arm, body, trace, path)


def path(trace: Trace, body: Body, *, via_points: Mapping[int, FloatArray] | None = None) -> BodyPath:
    return Carry().path(trace, body, via_points=via_points)


def found(made: Bench, *offsets: tuple[float, float, float], clearance_m: float = ROOM_M) -> BodyPath:
    result = detours(made, *offsets).path(ACROSS, clearance_m)
    assert result is not None
    return result


def under_way(result: BodyPath, clearance_m: float) -> FloatArray:
    """Return the poses that are farther from both ends than the clearance, and by a centimetre."""
    at = result.body_in_world[:, :3, 3]
    apart = np.minimum(np.linalg.norm(at - at[0], axis=1), np.linalg.norm(at - at[-1], axis=1))
    return np.asarray(result.body_in_world[apart > clearance_m + NEAR_M])


def rises(result: BodyPath) -> float:
    """Return by how much a path rises above the higher one of its ends."""
    heights = result.body_in_world[:, 2, 3]
    return float(heights.max() - max(heights[0], heights[-1]))


ACROSS_TABLE = (0.0, 0.3, 0.0)


@pytest.mark.parametrize("clearance_m", [ROOM_M, PLANNING_CLEARANCE_M])
@pytest.mark.parametrize("height_m", [0.02, 0.06, 0.125])
def test_a_detour_rises_over_a_wall_in_steps_and_no_higher_than_it_has_to(height_m: float, clearance_m: float) -> None:
    made = bench(wall=box(0.3, 0.02, height_m, -0.05, 0.0))
    result = found(made, ACROSS_TABLE, clearance_m=clearance_m)
    # Its underside passes over the wall; the open hand beside the block is higher still.
    steps = int(np.ceil((height_m + clearance_m) / 0.03 - 1e-9))
    assert rises(result) == pytest.approx(0.03 * steps)
    poses = under_way(result, clearance_m)
    clearance = made.planner.arm.body_clearance("held", poses, inverse(ACROSS.tcp_in_prop))
    assert clearance.min() >= clearance_m
    at = result.body_in_world[:, :3, 3]
    assert at[-1] - at[0] == pytest.approx(np.array(ACROSS_TABLE), abs=1e-3)
    # It goes straight up, across, and straight down.
    ends = np.minimum(np.abs(at[:, 1] - at[0, 1]), np.abs(at[:, 1] - at[-1, 1])) < 1e-9
    assert at[~ends, 2] == pytest.approx(0.03 * steps)
    assert set(result.keypoints.tolist()) == {0, 1}


def test_a_leg_above_the_table_stays_straight_and_one_along_it_is_raised() -> None:
    made = bench()
    high = ((0.0, 0.0, 0.1), (0.0, 0.3, 0.12), (0.0, 0.3, 0.0))
    straight = path(Trace(np.array([(0.0, 0.0, 0.0), *high])), made.layout["held"])
    assert found(made, *high).body_in_world == pytest.approx(straight.body_in_world, abs=1e-3)
    assert rises(found(made, ACROSS_TABLE)) == pytest.approx(0.03)


def test_only_the_legs_that_are_blocked_are_raised() -> None:
    made = bench(wall=box(0.3, 0.02, 0.125, -0.05, 0.0))
    result = found(made, (0.0, 0.0, 0.08), (0.0, 0.3, 0.08), (0.1, 0.3, 0.08), (0.1, 0.3, 0.0))
    highest = [float(result.body_in_world[result.keypoints == keypoint, 2, 3].max()) for keypoint in range(1, 5)]
    assert highest == pytest.approx([0.08, 0.17, 0.08, 0.07])
    beside = result.body_in_world[result.keypoints == 2, 0, 3] - START[0]
    assert beside == pytest.approx(np.zeros_like(beside), abs=1e-9)


def test_what_is_too_high_has_no_detour() -> None:
    lower = bench(wall=box(0.3, 0.02, 0.215, -0.05, 0.0))
    assert rises(found(lower, ACROSS_TABLE)) == pytest.approx(0.24)
    higher = bench(wall=box(0.3, 0.02, 0.225, -0.05, 0.0))
    assert detours(higher, ACROSS_TABLE).path(ACROSS, ROOM_M) is None
    assert detours(higher, ACROSS_TABLE).path(ACROSS, PLANNING_CLEARANCE_M) is not None


def test_the_hand_needs_room_as_well_as_the_body() -> None:
    # The block passes between two posts, a hand across its way does not.
    posts = [cuboid(0.02, 0.02, 0.2, (sign * 0.06, 0.0, 0.0)) for sign in (-1, 1)]
    made = bench(posts=(prop(*posts), on_table(-0.05, 0.0)))
    through = detours(made, (0.0, 0.0, 0.03), (0.0, 0.3, 0.03), (0.0, 0.3, 0.0))
    slim, broad = through.path(ACROSS, PLANNING_CLEARANCE_M), through.path(ALONG, PLANNING_CLEARANCE_M)
    assert slim is not None
    assert broad is not None
    assert slim.body_in_world[:, 2, 3].max() == pytest.approx(0.03)
    assert broad.body_in_world[:, 2, 3].max() > 0.1
    assert through.path(ACROSS, PLANNING_CLEARANCE_M) is slim


@pytest.mark.parametrize("at_end", [False, True])
def test_room_is_needed_from_the_first_pose_under_way_to_the_last(at_end: bool) -> None:
    # Poses are 10 mm apart. That at 40 mm is the lowest that is farther from the end than 20 mm and a centimetre.
    # Beside that end is a kerb, 20.5 mm lower or 19.5 mm.
    y = START[1] + 0.3 * at_end
    for kerb_m, is_free in ((0.0195, True), (0.0205, False)):
        made = bench(kerb=box(0.1, 0.04, kerb_m, START[0] + EDGE_M / 2 + 0.051, y))
        search = detours(made, (0.0, 0.0, 0.1), (0.0, 0.3, 0.1), (0.0, 0.3, 0.0))
        assert (search.path(ACROSS, ROOM_M) is not None) == is_free


# --- where it ends


@pytest.mark.parametrize("off_m", [-0.045, -0.02, -0.0013, 0.0, 0.0007, 0.03, 0.045])
@pytest.mark.parametrize("top_m", [0.0, 0.06])
def test_a_body_is_put_down_on_what_is_there(off_m: float, top_m: float) -> None:
    made = bench(**({"shelf": box(0.1, 0.1, top_m, -0.05, 0.15)} if top_m else {}))
    result = found(made, (0.0, 0.15, 0.15), (0.0, 0.3, top_m + off_m))
    assert np.abs(result.body_in_world[:, :3, 3] - (START[0], 0.0, 0.15)).max(axis=1).min() < 1e-9
    last = result.body_in_world[-1, :3, 3]
    assert last == pytest.approx((START[0], START[1] + 0.3, top_m), abs=2e-4)


def test_a_body_ends_where_the_trace_does_where_there_is_nothing_to_stand_on() -> None:
    for height_m in (0.06, 0.2):
        at = found(bench(), (0.0, 0.3, height_m)).body_in_world[-1, :3, 3]
        assert at == pytest.approx((START[0], START[1] + 0.3, height_m))


def test_a_body_that_ends_under_something_is_not_moved_away_from_it() -> None:
    long = replace(held(ACROSS)[0], hulls=(cuboid(0.2, EDGE_M, EDGE_M),))
    canopy = prop(cuboid(0.04, 0.1, 0.02, (0.08, 0.0, 0.16)), cuboid(0.02, 0.02, 0.18, (0.15, 0.0, 0.0)))
    made = Bench({"held": (long, on_table(*START)), "canopy": (canopy, on_table(START[0], START[1] + 0.3))})
    result = found(made, (0.0, 0.0, 0.1), (0.0, 0.3, 0.1), clearance_m=PLANNING_CLEARANCE_M)
    assert result.body_in_world[-1, :3, 3] == pytest.approx((START[0], START[1] + 0.3, 0.1))


def test_a_body_has_no_detour_to_deep_inside_another() -> None:
    made = bench(shelf=box(0.1, 0.1, 0.12, -0.05, 0.15))
    assert detours(made, (0.0, 0.3, 0.02)).path(ACROSS, ROOM_M) is None


# --- keypoints


def test_a_keypoint_at_which_the_body_would_touch_something_is_passed_by() -> None:
    made = bench(post=box(0.03, 0.03, 0.08, -0.05, 0.0))
    inside, beside, above = (0.0, 0.15, 0.03), (0.12, 0.15, 0.05), (0.0, 0.15, 0.12)
    result = found(made, (0.0, 0.0, 0.05), inside, beside, (0.0, 0.3, 0.05), (0.0, 0.3, 0.0))
    assert set(result.keypoints.tolist()) == {0, 1, 3, 4, 5}
    assert set(result.keypoints[list(result.stops)].tolist()) == {0, 1, 3, 4, 5}
    at = result.body_in_world[:, :3, 3] - made.layout["held"].body_in_world[:3, 3]
    for index, keypoint in ((1, (0.0, 0.0, 0.05)), (3, beside)):
        assert np.abs(at[result.keypoints == index] - keypoint).max(axis=1).min() < 1e-9
    kept = found(made, (0.0, 0.0, 0.05), above, (0.0, 0.3, 0.05), (0.0, 0.3, 0.0))
    assert set(kept.keypoints.tolist()) == {0, 1, 2, 3, 4}


def test_a_keypoint_is_kept_where_the_body_has_just_the_room_of_a_plan() -> None:
    for gap_m, kept in ((PLANNING_CLEARANCE_M + 2e-4, True), (PLANNING_CLEARANCE_M - 2e-4, False)):
        made = bench(post=box(0.03, 0.03, 0.08, -0.05, 0.0))
        result = detours(made, (0.0, 0.0, 0.1), (0.0, 0.15, 0.08 + gap_m), (0.0, 0.3, 0.1)).path(ALONG, 0.003)
        assert result is not None
        assert (2 in result.keypoints) == kept


# --- with the grasp planner


def test_a_plan_around_takes_the_detour_with_the_most_room_and_follows_it() -> None:
    made = bench(wall=box(0.3, 0.02, 0.125, -0.05, 0.0))
    body = made.layout["held"]
    plan = GraspPlanner(made.planner.arm).plan_around(body, detours(made, ACROSS_TABLE))
    assert plan.grasp is ACROSS
    assert rises(plan.body_path) == pytest.approx(0.15)
    tools = made.tools(plan.path)
    assert tools == pytest.approx(plan.body_path.body_in_world @ ACROSS.tcp_in_prop, abs=3e-3)


def test_without_a_detour_fingers_beside_a_wide_body_are_not_said_to_be_in_the_way() -> None:
    wide = with_width(ACROSS, 0.074)
    body = with_grasps(replace(cube(EDGE_M), hulls=(cuboid(0.04, 0.074, 0.04),)), wide)
    made = Bench({"held": (body, on_table(*START)), "wall": box(0.3, 0.02, 0.6, -0.05, 0.0)})
    with pytest.raises(EpisodeEnded) as ended:
        GraspPlanner(made.planner.arm).plan_around(made.layout["held"], detours(made, ACROSS_TABLE))
    assert (ended.value.failure.stage, ended.value.failure.reason) == ("reach", "no_detour")


def test_a_plan_around_makes_do_with_little_room_where_there_is_no_more() -> None:
    lintel = [cuboid(0.3, 0.02, 0.3, (0.0, 0.0, 0.12)), cuboid(0.02, 0.02, 0.42, (0.2, 0.0, 0.0))]
    made = bench(lintel=(prop(*lintel), on_table(-0.05, 0.0)), low=box(0.3, 0.02, 0.01, -0.05, 0.0))
    high = bench(wall=box(0.3, 0.02, 0.225, -0.05, 0.0))
    plan = GraspPlanner(high.planner.arm).plan_around(high.layout["held"], detours(high, ACROSS_TABLE))
    assert rises(plan.body_path) == pytest.approx(0.24)
    with pytest.raises(EpisodeEnded) as ended:
        GraspPlanner(made.planner.arm).plan_around(made.layout["held"], detours(made, ACROSS_TABLE))
    no_way = "no path was found that carries {held} free of contact"
    assert ended.value.failure == Failure("reach", "no_detour", no_way)


def test_a_plan_around_is_found_for_a_body_that_nearly_fills_the_hand() -> None:
    wide = with_width(ACROSS, 0.074)
    block = with_grasps(replace(prop(cuboid(0.04, 0.074, 0.04)), points=cube().points), wide)
    made = Bench({"held": (block, on_table(*START))})
    plan = GraspPlanner(made.planner.arm).plan_around(made.layout["held"], detours(made, ACROSS_TABLE))
    assert plan.grasp is wide
    assert rises(plan.body_path) == pytest.approx(0.03)


def test_a_plan_around_says_when_the_body_cannot_be_grasped() -> None:
    block, pose = held(ACROSS, x=0.6, y=0.5)
    made = Bench({"held": (block, pose)})
    with pytest.raises(EpisodeEnded) as ended:
        GraspPlanner(made.planner.arm).plan_around(made.layout["held"], detours(made, (0.0, 0.1, 0.0)))
    assert ended.value.failure == Failure("grasp", "no_reachable_grasp", "no grasp of {held} can be approached")
    walls = [cuboid(0.02, 0.02, 0.05, (0.0, sign * (EDGE_M / 2 + 0.022), 0.0)) for sign in (-1, 1)]
    tight = Bench({"held": held(ACROSS), "walls": (prop(*walls), on_table(-0.05, 0.0))})
    with pytest.raises(EpisodeEnded) as ended:
        GraspPlanner(tight.planner.arm).plan_around(tight.layout["held"], detours(tight, (0.0, 0.3, 0.0)))
    assert ended.value.failure == Failure("grasp", "no_free_approach", "no grasp of {held} can be approached")
