"""Constraints on the whole way: regions passed at a known distance, known speeds, known heights."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.motions import Standing, cube
from tracesim.constraints import Box, Clearance, Cylinder, Grounded, KeepOut, Region, Speed
from tracesim.geometry.curve import BEYOND_M, Curve, PointOn
from tracesim.geometry.rigid import FloatArray, apply, rotation_about, transform, yaw

ORIGIN = (0.0, 0.0, 0.0)
TIP = PointOn("tip", ORIGIN)
LENGTHS = st.floats(0.01, 0.2)
COORDINATES = st.floats(-0.3, 0.3)
SEEDS = st.integers(0, 2**32 - 1)


def moving(path: FloatArray, **others: FloatArray) -> Curve:
    """Return a curve on which a tip takes a path (T, 3) among bodies that stand at poses (4, 4)."""
    standing = {name: np.repeat(pose[None], len(path), axis=0) for name, pose in others.items()}
    return Curve(np.arange(float(len(path))), {"tip": np.array([transform(None, at) for at in path]), **standing})


def test_clearance_is_the_least_less_the_demand() -> None:
    curve = Curve(np.array([0.0, 1.0, 2.0]), {}, np.array([0.05, 0.012, 0.03]))
    assert Clearance().margin(curve) == pytest.approx(0.012)
    assert Clearance(demand_m=0.02).margin(curve) == pytest.approx(-0.008)


@st.composite
def regions(draw: st.DrawFn) -> Region:
    at, low = PointOn("pot", (0.02, -0.03, 0.05)), draw(COORDINATES)
    high = low + draw(LENGTHS)
    return (
        Cylinder(at, low, high, draw(LENGTHS))
        if draw(st.booleans())
        else Box(at, low, high, draw(LENGTHS), draw(LENGTHS))
    )


def inside_of(region: Region, points: FloatArray) -> FloatArray:
    """Return the nearest points (..., 3) of a region's inside and boundary to points (..., 3), its frame."""
    nearest = points.copy()
    nearest[..., 2] = np.clip(points[..., 2], region.low_m, region.high_m)
    if isinstance(region, Box):
        half = (region.half_x_m, region.half_y_m)
        nearest[..., :2] = np.clip(points[..., :2], np.negative(half), half)
    elif isinstance(region, Cylinder):
        across = np.linalg.norm(points[..., :2], axis=-1, keepdims=True)
        nearest[..., :2] *= np.minimum(1.0, region.radius_m / np.maximum(across, 1e-12))
    return nearest


def depth_in(region: Region, point: FloatArray) -> float:
    """Return how far a point inside a region is from its nearest face."""
    ends = [point[2] - region.low_m, region.high_m - point[2]]
    if isinstance(region, Box):
        sides = [region.half_x_m - abs(point[0]), region.half_y_m - abs(point[1])]
    else:
        assert isinstance(region, Cylinder)
        sides = [region.radius_m - float(np.hypot(*point[:2]))]
    return float(min(ends + sides))


@given(regions(), SEEDS)
def test_a_point_keeps_out_by_its_distance_from_the_nearest_point_of_the_region(region: Region, seed: int) -> None:
    rng = np.random.default_rng(seed)
    heading, lean = rng.uniform(-3.0, 3.0), rng.uniform(-1.0, 1.0)
    # The region stays upright however its body leans: about its own x axis, which leaves the heading.
    pot = transform(yaw(heading) @ rotation_about((1.0, 0.0, 0.0), lean), rng.uniform(-0.3, 0.3, 3))
    frame = transform(yaw(heading), apply(pot, region.at.position))
    ends = rng.uniform(-0.4, 0.4, (2, 3))
    margin = KeepOut(TIP, region).margin(moving(apply(frame, ends), pot=pot))
    # Two samples alone; what lies between them is tried in many steps.
    way = ends[0] + np.linspace(0.0, 1.0, 4001)[:, None] * (ends[1] - ends[0])
    apart = np.linalg.norm(way - inside_of(region, way), axis=1)
    least = float(apart.min())
    expected = least if least > 0.0 else -max(depth_in(region, point) for point in way[apart == 0.0])
    assert margin == pytest.approx(expected, abs=2e-4)
    assert margin is not None
    assert margin <= expected + 1e-9


@settings(max_examples=40, deadline=None)
@given(st.floats(-0.25, 0.25), st.floats(0.03, 0.15), st.floats(-3.0, 3.0), st.booleans())
def test_a_body_keeps_out_by_what_its_nearest_side_leaves(aside: float, size: float, heading: float, box: bool) -> None:
    at = PointOn("pot", ORIGIN)
    region = Box(at, 0.0, 1.0, size, size) if box else Cylinder(at, 0.0, 1.0, size)
    pot = transform(yaw(heading), (0.1, -0.2, 0.3))
    path = np.array([pot @ transform(None, (along, aside, 0.2)) for along in np.arange(-0.3, 0.3001, 0.005)])
    curve = Curve(np.arange(float(len(path))), {"block": path, "pot": np.repeat(pot[None], len(path), axis=0)})
    margin = KeepOut.of(Standing("block", cube()), region).margin(curve)
    # A cube of 4 cm that passes a round or square column, one side along its way.
    assert margin == pytest.approx(min(abs(aside) - 0.02 - size, BEYOND_M), abs=5e-5)


def test_keeping_out_needs_both() -> None:
    region = Cylinder(PointOn("pot", ORIGIN), 0.0, 1.0, 0.1)
    curve = moving(np.zeros((2, 3)))
    assert KeepOut(TIP, region).margin(curve) is None
    assert KeepOut.of(Standing("block", cube()), region).margin(moving(np.zeros((2, 3)), pot=np.eye(4))) is None


@given(SEEDS, st.floats(0.02, 0.6))
def test_speed_is_that_of_a_steady_motion_however_it_is_sampled(seed: int, speed: float) -> None:
    rng = np.random.default_rng(seed)
    times = np.cumsum(np.concatenate([[0.0], rng.uniform(0.001, 0.3, 12)]))
    direction = rng.normal(size=3)
    path = np.outer(speed * times, direction / np.linalg.norm(direction))
    curve = Curve(times, {"tip": np.array([transform(yaw(0.4), at) for at in path])})
    limit = Speed(TIP, 0.15)
    if times[-1] < limit.window_s:
        assert limit.margin(curve) is None
    else:
        assert limit.margin(curve) == pytest.approx(0.15 - speed, abs=1e-9)


@given(SEEDS, st.floats(0.0, 0.001))
def test_noise_changes_a_speed_by_no_more_than_twice_itself_over_the_window(seed: int, noise: float) -> None:
    rng = np.random.default_rng(seed)
    times = np.arange(0.0, 2.0, 0.02)
    path = np.column_stack([0.1 * times, np.zeros((len(times), 2))])
    off = rng.normal(size=path.shape)
    off *= noise / np.linalg.norm(off, axis=1, keepdims=True)
    margin = Speed(TIP, 0.15).margin(Curve(times, {"tip": np.array([transform(None, at) for at in path + off])}))
    assert margin == pytest.approx(0.05, abs=2.0 * noise / 0.1 + 1e-9)


def test_a_short_drop_is_not_fast_and_a_lasting_haste_is() -> None:
    times = np.arange(0.0, 2.0, 0.02)

    def margin(heights: FloatArray) -> float | None:
        path = [transform(None, (0.0, 0.0, height)) for height in heights]
        return Speed(TIP, 0.15).margin(Curve(times, {"tip": np.array(path)}))

    assert margin(np.where(times < 1.0, 0.002, 0.0)) == pytest.approx(0.15 - 0.02, abs=1e-9)
    assert margin(np.clip(0.3 * (1.2 - times), 0.0, 0.06)) == pytest.approx(0.15 - 0.3, abs=1e-9)
    # A speed that comes and goes within a window: half the window at 0.3 m/s.
    assert margin(np.clip(0.3 * (1.0 - times), 0.0, 0.015)) == pytest.approx(0.15 - 0.15, abs=1e-9)


@given(st.lists(st.floats(-0.05, 0.05), min_size=1, max_size=5))
def test_what_is_dragged_rises_by_its_greatest_height(heights: list[float]) -> None:
    path = np.array([(0.1 * at, 0.0, height) for at, height in enumerate(heights)])
    curve = moving(path, table=np.eye(4))
    grounded = Grounded(TIP, PointOn("table", ORIGIN), 0.01)
    assert grounded.margin(curve) == pytest.approx(0.01 - max(heights), abs=1e-12)
