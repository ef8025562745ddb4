"""Tests of curves: points move with their bodies, and windows and joined curves keep every sample."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracesim.geometry.contacts import ContactRules
from tracesim.geometry.curve import BEYOND_M, Curve, PointOn, join_curves
from tracesim.geometry.rigid import apply, from_quaternion

SEEDS = st.integers(0, 2**32 - 1)


def moving(seed: int, count: int = 9) -> Curve:
    rng = np.random.default_rng(seed)
    poses = np.array([from_quaternion(rng.normal(size=3), rng.normal(size=4)) for _ in range(count)])
    return Curve(np.arange(count) * 0.1, {"can": poses}, rng.normal(size=count), rng.normal(size=(count, 7)), "can")


@given(SEEDS)
def test_a_point_on_a_body_goes_where_the_body_takes_it(seed: int) -> None:
    curve = moving(seed)
    path = curve.position(PointOn("can", (0.1, -0.2, 0.3)))
    expected = [apply(pose, (0.1, -0.2, 0.3)) for pose in curve.bodies["can"]]
    np.testing.assert_allclose(path, expected, atol=1e-12)


@pytest.mark.parametrize(("time_s", "count"), [(-1.0, 1), (0.0, 1), (0.35, 4), (0.8, 9), (5.0, 9)])
def test_a_beginning_holds_the_samples_so_far_and_at_least_one(time_s: float, count: int) -> None:
    assert len(moving(0).up_to(time_s)) == count


def test_every_part_of_a_window_has_its_samples() -> None:
    curve = moving(1)
    mask = curve.times_s > 0.35
    for window in (curve[4:], curve[mask]):
        assert window.clearance_m is not None
        assert window.joints is not None
        assert curve.clearance_m is not None
        assert curve.joints is not None
        np.testing.assert_array_equal(window.times_s, curve.times_s[4:])
        np.testing.assert_array_equal(window.bodies["can"], curve.bodies["can"][4:])
        np.testing.assert_array_equal(window.clearance_m, curve.clearance_m[4:])
        np.testing.assert_array_equal(window.joints, curve.joints[4:])
        assert window.carried == "can"


def test_the_rules_of_contact_are_those_of_the_samples() -> None:
    moves, never = np.array([True, True, False]), np.array([False, False])
    first = ContactRules({"link": moves}, ("table", "cup"), {("link", "cup"): ~moves})
    second = ContactRules({"link": ~never, "cup": ~never}, ("table", "cup"), {("cup", "table"): ~never})
    whole = ContactRules.joined([first, second])
    assert whole.others == ("table", "cup")
    assert whole.moving["link"].tolist() == [True, True, False, True, True]
    assert whole.moving["cup"].tolist() == [False, False, False, True, True]
    assert whole.allowed["link", "cup"].tolist() == [False, False, True, False, False]
    assert whole[2:].allowed["cup", "table"].tolist() == [False, True, True]


def test_a_curve_knows_which_bodies_it_has_and_keeps_absent_parts_absent() -> None:
    curve = Curve(np.arange(3.0), {"can": np.repeat(np.eye(4)[None], 3, axis=0)})
    assert curve.has(PointOn("can", (0.0, 0.0, 0.0)))
    assert not curve.has(PointOn("can", (0.0, 0.0, 0.0)), PointOn("cup", (0.0, 0.0, 0.0)))
    assert curve[1:].clearance_m is None
    assert curve[1:].joints is None


def test_joined_curves_follow_each_other_and_keep_every_sample() -> None:
    first = Curve(np.array([0.0, 1.0]), {"a": np.eye(4)[None].repeat(2, 0), "b": np.eye(4)[None].repeat(2, 0)}, None)
    second = Curve(
        np.array([0.0, 0.5, 2.0]), {"a": 2 * np.eye(4)[None].repeat(3, 0)}, np.array([0.01, -0.02, 0.03]), carried="a"
    )
    whole = join_curves([first, second])
    assert np.diff(whole.times_s).min() > 0.0
    assert np.diff(whole.times_s[2:]) == pytest.approx(np.diff(second.times_s))
    assert set(whole.bodies) == {"a"}
    assert np.array_equal(whole.bodies["a"][2:], second.bodies["a"])
    assert whole.clearance_m is not None
    assert whole.clearance_m.tolist() == [BEYOND_M, BEYOND_M, 0.01, -0.02, 0.03]
    assert whole.carried == "a"
    later = Curve(np.array([7.0, 8.0]), first.bodies)
    assert join_curves([first, later]).times_s.tolist() == [0.0, 1.0, 7.0, 8.0]
