"""Constraints where a curve only just suffices, and the regions and shorthands from which they are made."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.constraints.test_judged_twice import wild
from tests.motions import BASE_A, REGION, SEEDS, TOP_B, A, B, hovering, leaning, still, stops
from tracesim.constraints import (
    AtRest,
    Box,
    Contact,
    Cylinder,
    Gap,
    KeepOut,
    Order,
    Solid,
    Stops,
    Tilt,
    Undisturbed,
    Visiting,
)
from tracesim.geometry.curve import Curve
from tracesim.geometry.rigid import apply, inverse


@given(st.floats(-5.0, 5.0))
def test_a_curve_as_long_as_the_window_is_long_enough(begins_s: float) -> None:
    poses = {"a": still(np.zeros(3), 3)}
    rest = AtRest("a", 0.001, 0.3)
    assert rest.margin(Curve(begins_s + np.array([0.0, 0.1, 0.3]), poses)) == 0.001
    assert rest.margin(Curve(begins_s + np.array([0.0, 0.1, 0.299]), poses)) is None


def test_a_body_is_under_way_only_where_it_is_more_than_a_centimetre_from_both_ends() -> None:
    poses = [leaning(angle, x=x) for angle, x in ((1.0, 0.0), (0.9, 0.01), (0.5, 0.02), (1.0, 1.0))]
    assert Tilt("a", 0.7, under_way=True).margin(Curve(np.arange(4.0), {"a": np.array(poses)})) == pytest.approx(0.2)


def test_a_visit_may_begin_when_its_predecessor_is_over() -> None:
    """In steps of 0.1 s the sum of two dwells is not exact."""
    twice = Stops(BASE_A, (TOP_B, TOP_B), radius_m=0.03, dwell_s=0.3)
    times = 0.7 + np.arange(7) / 10
    stay = Curve(times, {"a": still(np.array([0.0, 0.0, 0.1]), 7), "b": still(np.zeros(3), 7)})
    assert Order(twice).margin(stay) == pytest.approx(0.03)
    assert Order(twice).margin(stay[:6]) == pytest.approx(-0.03)


def test_a_target_visited_again_is_one_visit_too_many() -> None:
    visiting = Visiting.of(stops(2), hovering([(flower, 0.0, 0.03, 0.6) for flower in (0, 1, 0)]))
    assert visiting is not None
    assert visiting.extra == ("flower_0",)


def test_constraints_made_of_bodies_have_the_defaults_of_their_classes() -> None:
    a, b = Solid.of(A), Solid.of(B)
    assert Contact.of(A, B) == Contact(a, b)
    assert Gap.between(A, B, 0.01, 0.02) == Gap(a, b, 0.01, 0.02)
    assert KeepOut.of(A, REGION) == KeepOut(a, REGION)
    assert Undisturbed.of([A]) == Undisturbed(Undisturbed.of([A]).corners)
    assert [one.name for one in (Gap.between(A, B, 0.01, 0.02, "x"), KeepOut.of(A, REGION, "x"))] == ["x", "x"]


@given(SEEDS)
def test_the_path_of_a_point_in_a_region_is_that_in_its_upright_frame(seed: int) -> None:
    curve = wild(seed)
    path, ahead = REGION.path(curve, BASE_A), curve.bodies[REGION.at.body][:, :2, 0]
    assert path.shape == (len(ahead), 3)
    for pose, point, x_axis, found in zip(REGION.in_world(curve), curve.position(BASE_A), ahead, path, strict=True):
        assert pose[2, 2] == pytest.approx(1.0)
        np.testing.assert_allclose(pose[:2, 0], x_axis / np.linalg.norm(x_axis))
        np.testing.assert_allclose(found, apply(inverse(pose), point), atol=1e-12)


@given(SEEDS)
def test_the_distance_from_a_box_is_that_from_its_nearest_point_or_side(seed: int) -> None:
    points = np.random.default_rng(seed).uniform(-0.2, 0.2, (4, 5, 3))
    low, high = np.array([-0.05, -0.08, -0.02]), np.array([0.05, 0.08, 0.1])
    outside = np.linalg.norm(points - np.clip(points, low, high), axis=-1)
    inside = np.minimum(points - low, high - points).min(axis=-1)
    found = Box(TOP_B, low[2], high[2], high[0], high[1]).distance_m(points)
    np.testing.assert_allclose(found, np.where(outside > 0.0, outside, -inside), atol=1e-12)


def test_the_outline_of_a_cylinder_is_a_regular_polygon_halfway_out_of_the_circle() -> None:
    corners = Cylinder(TOP_B, 0.0, 0.1, 0.05).outline()
    following = np.roll(corners, -1, axis=0)
    np.testing.assert_allclose(
        np.cross(corners, following), (corners[0] @ corners[0]) * np.sin(2 * np.pi / len(corners))
    )
    out = np.linalg.norm(corners, axis=1) - 0.05
    np.testing.assert_allclose(out, 0.05 - np.linalg.norm((corners + following) / 2.0, axis=1))
    assert 0.0 < out[0] < 2e-5
