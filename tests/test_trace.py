"""Tests of traces: resampling and simplifying keep their shape."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracesim.geometry.rigid import FloatArray
from tracesim.geometry.trace import Polyline, Trace, distance_to_segment

SEEDS = st.integers(0, 2**32 - 1)


def wandering(seed: int) -> Trace:
    """Return a random trace that sometimes stays at the same place."""
    rng = np.random.default_rng(seed)
    steps = rng.normal(0.0, 0.05, (rng.integers(1, 40), 3)) * (rng.random((1, 1)) < 0.9)
    steps[rng.random(len(steps)) < 0.2] = 0.0
    return Trace(np.concatenate([np.zeros((1, 3)), np.cumsum(steps, axis=0)]))


def distance_from(points: FloatArray, trace: Trace) -> FloatArray:
    segments = zip(trace.keypoints[:-1], trace.keypoints[1:], strict=True)
    return np.asarray(np.min([distance_to_segment(points, start, end) for start, end in segments], axis=0))


@given(SEEDS, st.floats(0.002, 0.05))
def test_resampling_fills_in_without_leaving_the_path(seed: int, step: float) -> None:
    trace = wandering(seed)
    points = trace.resampled(step)
    assert np.linalg.norm(np.diff(points, axis=0), axis=1).max() <= step + 1e-9
    assert distance_from(points, trace).max() <= 1e-9
    assert Trace(points).length_m == pytest.approx(trace.length_m)
    for keypoint in trace.keypoints:
        assert (points == keypoint).all(axis=1).any() or np.abs(points - keypoint).sum(axis=1).min() < 1e-12


@given(SEEDS)
def test_duplicates_go_and_all_else_stays(seed: int) -> None:
    trace = wandering(seed)
    kept = trace.deduplicated()
    assert kept.length_m == pytest.approx(trace.length_m, abs=1e-4)
    assert len(kept.keypoints) == 2 or (np.linalg.norm(np.diff(kept.keypoints, axis=0), axis=1) > 1e-6).all()
    assert distance_from(trace.keypoints, Trace(np.concatenate([kept.keypoints, kept.keypoints[-1:]]))).max() <= 1e-6


@given(SEEDS, st.floats(0.0001, 0.02))
def test_a_simpler_trace_stays_within_the_tolerance(seed: int, tolerance: float) -> None:
    trace = wandering(seed)
    simpler = trace.simplified(tolerance)
    assert len(simpler.keypoints) <= len(trace.keypoints)
    assert distance_from(trace.resampled(0.01), simpler).max() <= tolerance + 1e-12
    np.testing.assert_array_equal(simpler.keypoints[[0, -1]], trace.keypoints[[0, -1]])


def test_points_on_a_line_need_only_its_ends() -> None:
    line = Trace(np.linspace((0.0, 0.0, 0.0), (0.3, 0.1, 0.2), 1000))
    assert len(line.simplified().keypoints) == 2
    assert line.length_m == pytest.approx(np.sqrt(0.14))


def test_a_segment_is_as_far_as_its_line_or_its_ends() -> None:
    start, end = np.zeros(3), np.array([1.0, 0.0, 0.0])
    points = np.array([[0.5, 0.3, 0.0], [-3.0, 4.0, 0.0], [1.0, 0.0, 2.0]])
    np.testing.assert_allclose(distance_to_segment(points, start, end), [0.3, 5.0, 2.0])
    np.testing.assert_allclose(distance_to_segment(points, start, start), np.linalg.norm(points, axis=1))


@given(seed=SEEDS)
def test_a_polyline_is_as_far_as_the_nearest_segment(seed: int) -> None:
    trace = wandering(seed)
    out_and_back = Trace(np.concatenate([trace.keypoints, trace.keypoints[::-1]]))
    points = np.random.default_rng(seed).uniform(-0.3, 0.3, (20, 3))
    path = Polyline(out_and_back.resampled(0.01))
    found = [path.distance_m(point) for point in np.concatenate([points, trace.keypoints])]
    assert found == pytest.approx(distance_from(np.concatenate([points, trace.keypoints]), trace), abs=1e-8)
