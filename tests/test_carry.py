"""Tests of body paths: the pivot follows the trace at any tilt, and the body is tilted only at rest."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracesim.geometry.body_path import STEP_M, STEP_RAD, BodyPath, Pace, Turning
from tracesim.geometry.rigid import FloatArray, angle_between, transform, yaw
from tracesim.geometry.trace import Trace

TILTED = Turning(tilt=0.5)
UPRIGHT = Turning()


def drawn(seed: int) -> tuple[Trace, FloatArray, FloatArray]:
    """Return a trace of 4 to 8 keypoints, a start pose and a pivot in the body."""
    rng = np.random.default_rng(seed)
    keypoints = rng.uniform(-0.3, 0.3, (int(rng.integers(4, 9)), 3))
    return Trace(keypoints), transform(yaw(rng.uniform(-3, 3)), rng.uniform(-0.2, 0.2, 3)), rng.uniform(-0.2, 0.2, 3)


def pivots(path: BodyPath, pivot_in_body: FloatArray) -> FloatArray:
    poses = path.body_in_world
    return np.asarray(poses[:, :3, :3] @ pivot_in_body + poses[:, :3, 3])


@given(st.integers(0, 2**32 - 1), st.sampled_from([UPRIGHT, TILTED]))
@settings(max_examples=50)
def test_the_pivot_goes_where_the_trace_goes(seed: int, turning: Turning) -> None:
    trace, start, pivot = drawn(seed)
    carry = BodyPath.along(trace, start, pivot, turning)
    path = pivots(carry, pivot)
    wanted = path[0] + trace.keypoints - trace.keypoints[0]
    for index, keypoint in enumerate(wanted):
        reached = path[carry.keypoints == index]
        assert np.linalg.norm(reached - keypoint, axis=1).min() < 1e-9
    assert np.linalg.norm(np.diff(path, axis=0), axis=1).max() <= STEP_M + 1e-9
    angles = [angle_between(a, b) for a, b in zip(carry.body_in_world[:-1], carry.body_in_world[1:], strict=True)]
    assert max(angles) <= STEP_RAD + 1e-6


@given(st.integers(0, 2**32 - 1), st.sampled_from([UPRIGHT, TILTED]))
@settings(max_examples=30)
def test_on_its_way_to_a_keypoint_the_pivot_may_be_led_over_others(seed: int, turning: Turning) -> None:
    trace, start, pivot = drawn(seed)
    over = np.random.default_rng(seed).uniform(-0.3, 0.3, (2, 3))
    straight, carry = (BodyPath.along(trace, start, pivot, turning, via_points=points) for points in (None, {2: over}))
    shift = pivots(carry, pivot)[0] - trace.keypoints[0]
    stops = pivots(carry, pivot)[list(carry.stops)]
    at = [int(np.argmin(np.linalg.norm(stops - shift - point, axis=1))) for point in [trace.keypoints[1], *over]]
    assert np.linalg.norm(stops[at] - shift - [trace.keypoints[1], *over], axis=1).max() < 1e-9
    assert at[1:] == [at[2] - 1, at[2]]
    # All other legs are unchanged, and the body has the same tilt on all of them.
    np.testing.assert_allclose(
        carry.body_in_world[carry.keypoints != 2], straight.body_in_world[straight.keypoints != 2], atol=1e-12
    )
    led = carry.body_in_world[carry.keypoints == 2]
    if len(trace.keypoints) > 4:
        assert [angle_between(start, pose) for pose in led] == pytest.approx([turning.tilt] * len(led), abs=1e-6)


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=50)
def test_a_body_is_tilted_from_its_second_keypoint_to_its_last_but_one(seed: int) -> None:
    trace, start, pivot = drawn(seed)
    carry = BodyPath.along(trace, start, pivot, TILTED)
    tilts = np.array([angle_between(start, pose) for pose in carry.body_in_world])
    last = len(trace.keypoints) - 1
    inner = np.flatnonzero((carry.keypoints >= 2) & (carry.keypoints <= last - 2))
    assert tilts[inner] == pytest.approx(TILTED.tilt, abs=1e-6)
    assert tilts[carry.keypoints == last] == pytest.approx(0.0, abs=1e-6)
    turning = np.abs(np.diff(tilts)) > 1e-9
    moving = np.linalg.norm(np.diff(pivots(carry, pivot), axis=0), axis=1) > 1e-9
    assert not (turning & moving).any()


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=30)
def test_it_is_timed_at_the_pace_asked_for(seed: int) -> None:
    trace, start, pivot = drawn(seed)
    times, poses = BodyPath.along(trace, start, pivot).timed(Pace(), rest_s=0.5)
    assert (np.diff(times) > 0.0).all()
    assert times[-1] == pytest.approx(trace.length_m / Pace().speed_m_s + 0.5, rel=0.01, abs=0.02)
    assert len(times) == len(poses)
    dwelling, _ = BodyPath.along(trace, start, pivot).timed(Pace(dwell_s=0.6), rest_s=0.5)
    assert dwelling[-1] - times[-1] == pytest.approx(0.6 * (len(trace.keypoints) - 2), abs=1e-6)
