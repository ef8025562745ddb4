"""Gaps between bodies that end at a known place."""

from __future__ import annotations

from itertools import product
from typing import Final

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.judge import Asked, Judge
from tests.motions import ASIDE, A, B, ending, turned_cubes
from tests.test_clearance import minkowski_distance
from tracesim.constraints import Gap
from tracesim.geometry.curve import Curve
from tracesim.geometry.rigid import FloatArray, transform

AGREES: Final = 1e-5
OFFSETS = st.floats(-0.15, 0.15)

EXAMPLES: Final = [(Gap.between(A, B, 0.03, 0.05), ASIDE)]


def judge_margin(judge: Judge, asked: Asked) -> float:
    """Return what the distance of the nearest pair of hulls leaves to the limits."""
    pairs = sorted(product(*judge.placed(asked["one"], asked["other"])), key=lambda pair: boxes_distance(*pair))
    apart = np.inf
    for one, other in pairs:
        if boxes_distance(one, other) >= apart:
            break
        apart = min(apart, minkowski_distance(one, other))
    return float(min(apart - asked["low_m"], asked["high_m"] - apart))


def boxes_distance(one: FloatArray, other: FloatArray) -> float:
    """Return the distance of the bounding boxes of two hulls, a lower bound of their distance."""
    beyond = np.maximum(one.min(axis=0) - other.max(axis=0), other.min(axis=0) - one.max(axis=0))
    return float(np.linalg.norm(np.maximum(beyond, 0.0)))


def test_gap_is_measured_at_any_width_and_needs_both_bodies() -> None:
    curve = ending(transform(None, (3.0, 0.0, 0.0)), np.eye(4))
    assert Gap.between(A, B, 0.03, 0.05).margin(curve) == pytest.approx(0.05 - 2.96, abs=1e-5)
    gone = Curve(curve.times_s, {"a": curve.bodies["a"]})
    assert Gap.between(A, B, 0.03, 0.05).margin(gone) is None


@given(OFFSETS, OFFSETS, OFFSETS, st.floats(-3.0, 3.0))
def test_gap_margin_is_what_the_distance_of_the_hulls_leaves_to_its_limits(
    dx: float, dy: float, dz: float, heading: float
) -> None:
    curve, distance = turned_cubes(np.array([dx, dy, dz]), heading)
    expected = min(distance - 0.03, 0.05 - distance)
    assert Gap.between(A, B, 0.03, 0.05).margin(curve) == pytest.approx(expected, abs=1e-5)
