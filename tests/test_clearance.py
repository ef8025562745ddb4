"""Tests of clearance: distances of analytic solids, and motions against a search over all pairs of hulls."""

from __future__ import annotations

import gc
import weakref

import numpy as np
import pytest
import trimesh
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial import ConvexHull
from trimesh.triangles import closest_point

from tracesim.errors import ConfigurationError
from tracesim.geometry.clearance import ClearanceProbe, bodies_distance
from tracesim.geometry.curve import BEYOND_M
from tracesim.geometry.hulls import EXACT_M, HullShape
from tracesim.geometry.rigid import FloatArray, apply, from_quaternion, transform, yaw
from tracesim.layout.prop import Prop

SEEDS = st.integers(0, 2**32 - 1)


def box(half: FloatArray | list[float]) -> FloatArray:
    """Return the corners of a box around the origin."""
    corners: FloatArray = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)]) * np.asarray(half)
    return corners


def anywhere(rng: np.random.Generator, spread: float) -> FloatArray:
    """Return a random pose."""
    return from_quaternion(rng.normal(size=3) * spread, rng.normal(size=4))


def lump(rng: np.random.Generator) -> FloatArray:
    """Return the points of a random hull: a box, or points on an ellipsoid."""
    if rng.random() < 0.3:
        return box(rng.uniform(0.005, 0.1, 3))
    points = rng.normal(size=(rng.integers(5, 60), 3))
    points *= rng.uniform(0.01, 0.1, 3) / np.linalg.norm(points, axis=1, keepdims=True)
    return points


def minkowski_distance(a: FloatArray, b: FloatArray) -> float:
    """Return the signed distance of two hulls: that of the origin from the hull of all differences of their points."""
    differences = (a[:, None] - b[None]).reshape(-1, 3)
    hull = ConvexHull(differences)
    inside = -float(hull.equations[:, 3].max())
    if inside >= 0.0:
        return -inside
    mesh = trimesh.Trimesh(hull.points, hull.simplices, process=False)
    nearest = closest_point(mesh.triangles, np.zeros((len(mesh.faces), 3)))  # type: ignore[no-untyped-call]
    return float(np.linalg.norm(nearest, axis=1).min())


@given(st.floats(-0.12, 0.12), st.floats(-0.2, 0.2), st.floats(-1e-9, 1e-9))
@settings(max_examples=100)
def test_boxes_that_touch_are_no_distance_apart(along: float, at: float, rounding: float) -> None:
    cube, column = HullShape([box([0.02, 0.02, 0.02])]), HullShape([box([0.125, 0.125, 0.5])])
    poses = transform(translation=(at + 0.145 + rounding, along, 0.1)), transform(translation=(at, 0.0, 0.0))
    assert bodies_distance(cube, poses[0], column, poses[1]) == pytest.approx(0.0, abs=1e-8)


@given(SEEDS)
@settings(max_examples=100)
def test_boxes_side_by_side_are_as_far_apart_as_arithmetic_says(seed: int) -> None:
    rng = np.random.default_rng(seed)
    halves, offset, common = rng.uniform(0.005, 0.1, (2, 3)), rng.normal(size=3) * 0.1, anywhere(rng, 0.3)
    gaps = np.abs(offset) - halves.sum(axis=0)
    expected = np.linalg.norm(np.maximum(gaps, 0.0)) if (gaps > 0.0).any() else gaps.max()
    a, b = (HullShape([box(half)]) for half in halves)
    measured = bodies_distance(a, common, b, common @ transform(None, offset), np.inf)
    assert measured == pytest.approx(expected, abs=EXACT_M)


@given(SEEDS)
@settings(max_examples=100)
def test_any_two_hulls_are_as_far_apart_as_their_minkowski_difference_from_the_origin(seed: int) -> None:
    rng = np.random.default_rng(seed)
    a, b, at_a, at_b = lump(rng), lump(rng), anywhere(rng, 0.03), anywhere(rng, 0.06)
    measured = bodies_distance(HullShape([a]), at_a, HullShape([b]), at_b, np.inf)
    assert measured == pytest.approx(minkowski_distance(apply(at_a, a), apply(at_b, b)), abs=EXACT_M)


@pytest.mark.parametrize("dx", [0.05, 0.09, 0.099, 0.0999, 0.1001, 0.101, 0.13])
def test_a_ball_against_a_box_is_right_on_both_sides_of_touching(dx: float) -> None:
    ball = trimesh.creation.icosphere(subdivisions=2, radius=0.05)
    sag = 0.05 - np.abs(np.einsum("fi,fi->f", ball.face_normals, ball.triangles_center)).min()
    shapes = HullShape([box([0.05, 0.05, 0.05])]), HullShape([np.asarray(ball.vertices)])
    measured = bodies_distance(shapes[0], np.eye(4), shapes[1], transform(None, (dx, 0.0, 0.0)), np.inf)
    assert dx - 0.1 - EXACT_M <= measured <= dx - 0.1 + sag + EXACT_M


@given(SEEDS)
@settings(max_examples=10, deadline=None)
def test_clearance_along_a_motion_is_the_least_over_all_pairs_that_may_not_touch(seed: int) -> None:
    rng = np.random.default_rng(seed)
    count = 12
    moving = {name: HullShape([lump(rng) + rng.normal(size=3) * 0.05 for _ in range(3)]) for name in ("hand", "can")}
    others = {name: HullShape([lump(rng) + rng.normal(size=3) * 0.05 for _ in range(3)]) for name in ("cup", "pot")}
    poses = {"cup": anywhere(rng, 0.15)}
    for name in ("hand", "can", "pot"):
        start, end = rng.normal(size=(2, 3)) * 0.3
        turn = rng.uniform(-2.0, 2.0)
        poses[name] = np.array([transform(yaw(turn * s), start + s * (end - start)) for s in np.linspace(0, 1, count)])
    masks = {("can", "pot"): rng.random(count) < 0.5}
    probe = ClearanceProbe(moving, others, [("hand", "cup")])
    clearance = probe.over(poses, masks)
    least = clearance.distance_m.min()
    assert probe.keeps(least - 1e-4, poses, masks)
    if least < BEYOND_M:
        assert not probe.keeps(least + 1e-4, poses, masks)
    for time in range(count):
        distances = {}
        for mover, other in [("hand", "pot"), ("can", "cup"), ("can", "pot")]:
            if (mover, other) in masks and masks[mover, other][time]:
                continue
            at, at_other = poses[mover][time], poses[other] if poses[other].ndim == 2 else poses[other][time]
            distances[mover, other] = min(
                minkowski_distance(apply(at, a.points), apply(at_other, b.points))
                for a in moving[mover].hulls
                for b in others[other].hulls
            )
        closest = min(distances, key=lambda pair: distances[pair])
        assert clearance.distance_m[time] == pytest.approx(min(distances[closest], BEYOND_M), abs=EXACT_M)
        nearest = clearance.nearest[time]
        if nearest is None:
            assert distances[closest] >= BEYOND_M - EXACT_M
        else:
            assert distances[nearest] == pytest.approx(distances[closest], abs=EXACT_M)


def test_a_block_lowered_through_a_table_top_reads_its_height_and_then_its_depth() -> None:
    heights = np.linspace(0.08, -0.01, 91)
    poses = {"block": np.array([transform(yaw(0.4), (0.1, 0.0, height)) for height in heights]), "table": np.eye(4)}
    block = HullShape([apply(transform(None, (0.0, 0.0, 0.02)), box([0.02, 0.02, 0.02]))])
    table = HullShape([apply(transform(None, (0.0, 0.0, -0.2)), box([1.0, 1.0, 0.2]))])
    clearance = ClearanceProbe({"block": block}, {"table": table}).over(poses)
    assert clearance.distance_m == pytest.approx(np.minimum(heights, BEYOND_M), abs=EXACT_M)
    assert clearance.nearest[0] is None
    assert clearance.nearest[-1] == ("block", "table")


def test_a_hull_without_volume_is_refused() -> None:
    flat = HullShape([box([0.1, 0.1, 0.0])])
    with pytest.raises(ConfigurationError, match="no volume"):
        bodies_distance(flat, np.eye(4), flat, np.eye(4))


def test_a_props_hulls_are_made_once_and_go_with_it() -> None:
    prop = Prop("block", "block", "red", (), (box([0.02, 0.02, 0.02]),), {})
    shape = HullShape.of(prop)
    assert HullShape.of(prop) is shape
    gone = weakref.ref(shape)
    del shape, prop
    gc.collect()
    assert gone() is None
