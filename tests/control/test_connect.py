"""Tests of collision-free joint paths between two postures."""

from __future__ import annotations

import numpy as np
import pytest

from tests.control.bench import PANDA, Bench, cuboid, down, on_table, prop
from tracesim.control.kinematics import PLANNING_CLEARANCE_M
from tracesim.geometry.rigid import FloatArray

PARKED = np.array(PANDA.arms[0].parked)
STEP_RAD = 0.05


def posture(bench: Bench, x: float, y: float, z: float) -> FloatArray:
    """Return joint positions at which the tool points down at a point."""
    return next(bench.planner.arm.postures(down((x, y, z))[0]))


def assert_connects(bench: Bench, path: FloatArray | None, start: FloatArray, goal: FloatArray) -> FloatArray:
    """Check that a path leads from start to goal in small steps, with room, and return it."""
    assert path is not None
    assert path[0] == pytest.approx(start, abs=1e-6)
    assert path[-1] == pytest.approx(goal, abs=1e-6)
    assert np.abs(np.diff(path, axis=0)).max() < STEP_RAD + 1e-9
    assert bench.planner.arm.keeps(PLANNING_CLEARANCE_M, path[1:-1])
    low, high = bench.planner.arm.limits.T
    assert ((path >= low) & (path <= high)).all()
    return path


def test_a_way_is_straight_where_nothing_stands_in_it() -> None:
    bench = Bench()
    goal = posture(bench, 0.0, 0.2, 0.1)
    path = assert_connects(bench, bench.planner.connect(PARKED, goal), PARKED, goal)
    assert len(path) == 1 + np.ceil(np.abs(goal - PARKED).max() / STEP_RAD)
    shares = np.linspace(0.0, 1.0, len(path))[:, None]
    assert path == pytest.approx(PARKED + shares * (goal - PARKED))


def test_there_is_no_way_into_a_body_and_none_is_searched_for() -> None:
    bench = Bench({"block": (prop(cuboid(0.2, 0.2, 0.3)), on_table(0.0, 0.2))})
    assert bench.planner.connect(PARKED, posture(bench, 0.0, 0.2, 0.1)) is None
    assert bench.planner.reproducible  # no search has reached its time limit


def walled(seed: int = 0, *, raised_m: float = 0.0) -> Bench:
    """Return a bench with a wall ahead of the robot, between its left and its right."""
    return Bench({"wall": (prop(cuboid(0.4, 0.02, 0.35)), on_table(0.0, 0.0))}, seed=seed, raised_m=raised_m)


@pytest.mark.parametrize("seed", [0, 2**31 - 2])
def test_a_way_leads_around_a_wall_and_is_the_same_for_a_seed(seed: int) -> None:
    bench = walled(seed, raised_m=0.02)
    start, goal = (posture(bench, 0.0, y, 0.12) for y in (-0.2, 0.2))
    path = assert_connects(bench, bench.planner.connect(start, goal), start, goal)
    straight = np.linspace(start, goal, 50)
    assert not bench.planner.arm.keeps(PLANNING_CLEARANCE_M, straight)
    # It is not the first one that random sampling finds.
    assert np.abs(np.diff(path, axis=0)).sum() < 2.5 * np.abs(goal - start).sum()
    again = walled(seed, raised_m=0.02).planner
    for _ in range(2):
        found = again.connect(start, goal)
        assert found is not None
        assert np.array_equal(found, path)
    assert again.reproducible


def test_different_seeds_find_different_ways() -> None:
    ways = []
    for seed in (0, 1):
        bench = walled(seed)
        start, goal = (posture(bench, 0.0, y, 0.12) for y in (-0.2, 0.2))
        ways.append(bench.planner.connect(start, goal))
    first, second = ways
    assert first is not None
    assert second is not None
    assert not np.array_equal(first, second)


def test_seeds_start_again_from_the_first_after_the_last() -> None:
    ways = []
    for seed in (0, 2**31 - 1):
        bench = walled(seed)
        start, goal = (posture(bench, 0.0, y, 0.12) for y in (-0.2, 0.2))
        ways.append(bench.planner.connect(start, goal))
    first, again = ways
    assert first is not None
    assert again is not None
    assert np.array_equal(first, again)


def test_a_search_that_was_cut_short_is_not_reproducible_ever_after(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = walled()
    start, goal = (posture(bench, 0.0, y, 0.12) for y in (-0.2, 0.2))
    with monkeypatch.context() as patch:
        patch.setattr("tracesim.control.planner.DETOUR_LIMIT_S", 1e-6)
        assert bench.planner.connect(start, goal) is None
    assert not bench.planner.reproducible
    assert bench.planner.connect(start, goal) is not None
    assert not bench.planner.reproducible


def test_there_is_no_way_out_of_a_block() -> None:
    bench = Bench({"block": (prop(cuboid(0.3, 0.3, 0.3)), on_table(0.0, 0.2))})
    assert bench.planner.connect(posture(bench, 0.0, 0.2, 0.1), PARKED) is None


def test_bodies_of_several_hulls_do_not_fill_what_is_between_them() -> None:
    posts = [cuboid(0.02, 0.02, 0.3, (0.0, y, 0.0)) for y in (-0.5, 0.5)]
    bench = Bench(
        {
            "gate": (prop(*posts), on_table(0.0, 0.0)),
            "wall": (prop(cuboid(0.4, 0.02, 0.35)), on_table(0.0, 0.0)),
        }
    )
    start, goal = (posture(bench, 0.0, y, 0.12) for y in (-0.2, 0.2))
    assert_connects(bench, bench.planner.connect(start, goal), start, goal)


def test_a_planner_knows_where_bodies_are_now() -> None:
    bench = walled()
    start, goal = (posture(bench, 0.0, y, 0.12) for y in (-0.2, 0.2))
    around = bench.planner.connect(start, goal)
    assert around is not None
    wall = bench.scene.entities["wall"]
    aside = wall.pose
    aside.p = [0.0, 5.0, 0.0]
    wall.set_pose(aside)
    bench.planner.mirror()
    straight = bench.planner.connect(start, goal)
    assert straight is not None
    assert straight == pytest.approx(np.linspace(start, goal, len(straight)))
    wall.set_pose(type(aside)([0.0, 0.1, 0.0]))
    bench.planner.mirror()
    start, goal = (posture(bench, 0.0, y, 0.12) for y in (-0.1, 0.28))
    assert_connects(bench, bench.planner.connect(start, goal), start, goal)


@pytest.mark.parametrize("backwards", [False, True])
def test_a_way_leads_out_from_amid_a_body_of_several_hulls_and_into_it(backwards: bool) -> None:
    # Four posts stand around one end of the way. Not turned about the vertical, the fifth would stand there.
    posts = [cuboid(0.02, 0.02, 0.4, (x, y, 0.0)) for x in (-0.225, 0.225) for y in (-0.25, 0.25)]
    posts.append(cuboid(0.02, 0.1, 0.1, (0.05, 0.0, 0.0)))
    bench = Bench(
        {
            "posts": (prop(*posts), on_table(0.05, -0.25, angle=np.pi)),
            "wall": (prop(cuboid(0.2, 0.02, 0.25)), on_table(0.1, 0.0)),
        }
    )
    ends = [posture(bench, 0.1, y, 0.03) for y in (-0.25, 0.2)]
    start, goal = reversed(ends) if backwards else ends
    assert_connects(bench, bench.planner.connect(start, goal), start, goal)


@pytest.mark.parametrize("backwards", [False, True])
def test_a_straight_way_is_checked_from_the_first_step_to_the_last(backwards: bool) -> None:
    bench = Bench({"wire": (prop(cuboid(0.002, 0.002, 0.2)), on_table(0.0, 0.182))})
    ends = [posture(bench, 0.0, 0.1, 0.18)]
    ends.append(ends[0] + 0.24 * np.eye(7)[0])
    kept = [bench.planner.arm.keeps(PLANNING_CLEARANCE_M, qpos[None]) for qpos in np.linspace(ends[0], ends[1], 6)]
    assert kept == [True, False, True, True, True, True]
    start, goal = reversed(ends) if backwards else ends
    assert_connects(bench, bench.planner.connect(start, goal), start, goal)
