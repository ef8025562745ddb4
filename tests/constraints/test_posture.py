"""Postures of bodies that lean, are turned and move by a known amount."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracesim.constraints import Aligned, AtRest, Tilt, Upright
from tracesim.geometry.curve import Curve
from tracesim.geometry.rigid import FloatArray, rotation_about, transform, yaw


def leaning(angle: float, toward: float = 0.3, x: float = 0.0) -> FloatArray:
    return transform(rotation_about((np.cos(toward), np.sin(toward), 0.0), angle) @ yaw(1.2), (x, 0.0, 0.0))


@given(st.floats(0.0, 3.1), st.floats(-3.0, 3.0), st.floats(-3.0, 3.0))
def test_upright_reads_the_angle_whatever_the_heading(angle: float, heading: float, toward: float) -> None:
    lean = rotation_about((np.cos(toward), np.sin(toward), 0.0), angle) @ yaw(heading)
    curve = Curve(np.arange(2.0), {"cup": np.stack([np.eye(4), transform(lean)])})
    assert Upright("cup", 0.1).margin(curve) == pytest.approx(0.1 - angle, abs=1e-9)


def test_at_rest_looks_at_the_last_window_only() -> None:
    times = np.arange(0.0, 1.001, 0.02)
    path = np.where(times < 0.5, 0.3, 0.0) + np.where(times > 0.85, 0.0004, 0.0)
    curve = Curve(times, {"cup": np.array([transform(None, (x, 0.0, 0.0)) for x in path])})
    assert AtRest("cup").margin(curve) == pytest.approx(0.001 - 0.0004, abs=1e-9)
    assert AtRest("cup", window_s=0.6).margin(curve) == pytest.approx(0.001 - 0.2996, abs=1e-9)
    assert AtRest("cup", window_s=1.2).margin(curve) is None


@given(st.floats(-3.1, 3.1), st.floats(-3.1, 3.1), st.floats(-3.1, 3.1), st.integers(1, 4), st.floats(-3.1, 3.1))
def test_aligned_is_the_angle_to_the_nearest_of_the_turns_that_look_the_same(
    other: float, heading: float, off: float, fold: int, tilt: float
) -> None:
    missing = min(abs(off - turn * 2.0 * np.pi / fold) for turn in range(-fold, fold + 1))
    turned = transform(yaw(other + heading + off) @ rotation_about((1.0, 0.0, 0.0), tilt), (0.1, 0.2, 0.3))
    bodies = {"mouse": np.stack([np.eye(4), turned]), "mat": transform(yaw(other))[None].repeat(2, 0)}
    aligned = Aligned("mouse", "mat", 0.2, heading, fold)
    assert aligned.margin(Curve(np.arange(2.0), bodies)) == pytest.approx(0.2 - missing, abs=1e-9)
    assert aligned.margin(Curve(np.arange(2.0), {"mouse": bodies["mouse"]})) is None
    # What is missing, turned about the vertical, leaves nothing missing.
    mended = transform(yaw(aligned.missing(turned, bodies["mat"][0]))) @ turned
    assert aligned.missing(mended, bodies["mat"][0]) == pytest.approx(0.0, abs=1e-9)


@given(st.lists(st.floats(0.0, 3.1), min_size=2, max_size=6), st.floats(-3.0, 3.0))
def test_tilt_is_that_of_the_moment_at_which_a_body_leans_most(angles: list[float], toward: float) -> None:
    poses = np.array([leaning(angle, toward, 0.1 * at) for at, angle in enumerate(angles)])
    curve = Curve(np.arange(float(len(angles))), {"mug": poses})
    assert Tilt("mug", 0.2).margin(curve) == pytest.approx(0.2 - max(angles), abs=1e-9)
    under_way = Tilt("mug", 0.2, under_way=True).margin(curve)
    assert under_way == (pytest.approx(0.2 - max(angles[1:-1]), abs=1e-9) if len(angles) > 2 else None)


def test_tilt_does_not_apply_to_what_is_not_there() -> None:
    curve = Curve(np.arange(2.0), {"cup": np.stack([np.eye(4), np.eye(4)])})
    assert Tilt("mug", 0.2).margin(curve) is None
    assert Tilt("cup", 0.2, under_way=True).margin(curve) is None
