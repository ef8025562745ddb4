"""Goals of bodies that end at a known place."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.motions import Standing, cube, still
from tracesim.constraints import Beside, Contact, Gap, RestsOn, Touches
from tracesim.geometry.curve import Curve, PointOn
from tracesim.geometry.rigid import FloatArray, transform, yaw

A, B = Standing("a", cube()), Standing("b", cube())
OFFSETS = st.floats(-0.15, 0.15)


def ending(a_in_world: FloatArray, b_in_world: FloatArray) -> Curve:
    """Return a curve on which two cubes of 4 cm end at these poses."""
    far = transform(None, (9.0, 9.0, 9.0))
    return Curve(np.arange(2.0), {"a": np.stack([far, a_in_world]), "b": np.stack([far, b_in_world])})


@given(st.floats(-0.05, 0.05), st.floats(-0.05, 0.05), st.floats(-0.01, 0.01))
def test_a_body_rests_on_another_at_the_end(dx: float, dy: float, dz: float) -> None:
    cup = np.stack([transform(None, (9.0, 9.0, 9.0)), transform(yaw(1.0), (0.1 + dx, 0.2 + dy, 0.01 + dz))])
    curve = Curve(np.arange(2.0), {"cup": cup, "coaster": still(np.array([0.1, 0.2, 0.0]), 2)})
    rests = RestsOn(PointOn("cup", (0.0, 0.0, 0.0)), PointOn("coaster", (0.0, 0.0, 0.01)), 0.035, 0.005)
    assert rests.margin(curve) == pytest.approx(min(0.035 - np.hypot(dx, dy), 0.005 - abs(dz)), abs=1e-9)


@given(st.floats(-0.3, 0.3), st.floats(-0.3, 0.3), st.floats(0.0, 6.0), st.floats(-0.1, 0.2))
def test_beside_is_the_distance_along_and_across_a_direction(
    along_m: float, across_m: float, angle: float, height_m: float
) -> None:
    ahead, aside = np.array([np.cos(angle), np.sin(angle), 0.0]), np.array([-np.sin(angle), np.cos(angle), 0.0])
    place = along_m * ahead + across_m * aside + (0.0, 0.0, height_m)
    curve = Curve(
        np.array([0.0, 1.0]),
        {"a": np.array([np.eye(4), transform(translation=place)]), "b": np.eye(4)[None].repeat(2, 0)},
    )
    beside = Beside(PointOn("a", (0.0, 0.0, 0.0)), PointOn("b", (0.0, 0.0, 0.0)), tuple(ahead), 0.08, 0.2, 0.05)
    assert beside.margin(curve) == pytest.approx(min(along_m - 0.08, 0.2 - along_m, 0.05 - abs(across_m)), abs=1e-9)
    assert beside.margin(Curve(np.array([0.0]), {"a": np.eye(4)[None]})) is None


@given(OFFSETS, OFFSETS, OFFSETS)
def test_a_tool_touches_at_the_best_moment(dx: float, dy: float, dz: float) -> None:
    path = [transform(None, (0.5, 0.0, 0.5)), transform(None, (dx, dy, dz)), transform(None, (-0.5, 0.0, 0.5))]
    curve = Curve(np.arange(3.0), {"tip": np.array(path), "bell": still(np.zeros(3), 3)})
    touches = Touches(PointOn("tip", (0.0, 0.0, 0.0)), PointOn("bell", (0.0, 0.0, 0.0)), 0.02, 0.01)
    assert touches.margin(curve) == pytest.approx(min(0.02 - np.hypot(dx, dy), 0.01 - abs(dz)), abs=1e-9)


@given(OFFSETS, OFFSETS, OFFSETS, st.floats(-3.0, 3.0))
def test_a_gap_is_the_distance_of_the_hulls(dx: float, dy: float, dz: float, heading: float) -> None:
    # Cubes of 4 cm, both turned by the same angle: their distance is that of their boxes.
    apart = np.abs([dx, dy, dz]) - 0.04
    distance = np.linalg.norm(np.maximum(apart, 0.0)) if apart.max() > 0.0 else apart.max()
    start = transform(yaw(heading), (0.1, 0.2, 0.0))
    curve = ending(start @ transform(None, (dx, dy, dz)), start)
    expected = min(distance - 0.03, 0.05 - distance)
    assert Gap.between(A, B, 0.03, 0.05).margin(curve) == pytest.approx(expected, abs=1e-5)
    assert Contact.of(A, B, 0.003).margin(curve) == pytest.approx(0.003 - abs(distance), abs=1e-5)


def test_a_gap_is_measured_however_wide_and_only_between_what_is_there() -> None:
    curve = ending(transform(None, (3.0, 0.0, 0.0)), np.eye(4))
    assert Gap.between(A, B, 0.03, 0.05).margin(curve) == pytest.approx(0.05 - 2.96, abs=1e-5)
    gone = Curve(curve.times_s, {"a": curve.bodies["a"]})
    assert Gap.between(A, B, 0.03, 0.05).margin(gone) is None
    assert Contact.of(A, B).margin(gone) is None


@given(st.floats(-0.03, 0.03), st.floats(-0.03, 0.03), st.floats(-0.0029, 0.02))
def test_what_lies_on_something_is_supported_by_as_much_as_is_missing(dx: float, dy: float, gap: float) -> None:
    curve = ending(transform(None, (dx, dy, 0.04 + gap)), np.eye(4))
    margin = Contact.of(A, B, 0.003, supported=True).margin(curve)
    if gap < 0.006:  # lowered by 6 mm it overlaps, and the least way out is up: at least 1 cm of it lies on the other
        assert margin == pytest.approx(0.003 - abs(gap), abs=1e-5)
    else:
        assert margin is not None
        assert margin < 0.0


def test_what_leans_on_something_touches_it_and_is_not_supported() -> None:
    touching = ending(transform(None, (0.04, 0.0, 0.01)), np.eye(4))
    assert Contact.of(A, B, 0.003).margin(touching) == pytest.approx(0.003, abs=1e-5)
    assert Contact.of(A, B, 0.003, supported=True).margin(touching) == pytest.approx(-0.003, abs=1e-5)
    on_the_rim = ending(transform(None, (0.039, 0.0, 0.04)), np.eye(4))
    assert Contact.of(A, B, 0.003, supported=True).margin(on_the_rim) == pytest.approx(0.003 - 0.005, abs=1e-5)
