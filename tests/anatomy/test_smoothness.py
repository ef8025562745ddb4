"""Smoothness: the analytic values of a stroke of minimum jerk, and what must not change them."""

from __future__ import annotations

from math import log

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from tracesim.anatomy import Smoothness

Array = npt.NDArray[np.float64]


def strokes(count: int = 1, time_s: float = 1.0, length_m: float = 0.3, samples: int = 400) -> tuple[Array, Array]:
    """Return the times and the points of strokes of minimum jerk along x, one after the other."""
    share = np.linspace(0.0, 1.0, samples)
    stroke = length_m * (10 * share**3 - 15 * share**4 + 6 * share**5)
    along = np.concatenate([stroke + length_m * number for number in range(count)])
    times = np.linspace(0.0, count * time_s, len(along))
    return times, np.stack([along, np.zeros_like(along), np.zeros_like(along)], axis=1)


def measured(times: Array, points: Array) -> Smoothness:
    found = Smoothness.of(times, points)
    assert found is not None
    return found


def test_a_stroke_of_minimum_jerk_has_its_analytic_values() -> None:
    found = measured(*strokes(time_s=1.3, length_m=0.4))
    assert found.time_s == pytest.approx(1.3)
    assert found.path_m == pytest.approx(0.4)
    # The integral of the squared jerk is 720 L^2 / T^5 and the greatest speed 1.875 L / T.
    assert found.log_jerk == pytest.approx(-log(720.0 / 1.875**2), abs=0.05)
    assert found.sparc == pytest.approx(-1.41, abs=0.03)  # Balasubramanian et al. 2015, figure 4


def test_more_strokes_are_less_smooth() -> None:
    one, two, four = (measured(*strokes(count)) for count in (1, 2, 4))
    assert one.sparc > two.sparc > four.sparc
    assert one.log_jerk > two.log_jerk > four.log_jerk


@settings(max_examples=20, deadline=None)
@given(st.floats(0.5, 3.0), st.floats(0.1, 2.0), st.integers(0, 2**32 - 1))
def test_neither_size_nor_attitude_nor_place_matter(time_s: float, length_m: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    times, points = strokes(2)
    usual = measured(times, points)
    moved = measured(
        times, (points * length_m / 0.3) @ Rotation.random(random_state=rng).as_matrix().T + rng.normal(size=3)
    )
    assert moved.sparc == pytest.approx(usual.sparc, abs=1e-6)
    assert moved.log_jerk == pytest.approx(usual.log_jerk, abs=1e-6)
    assert measured(times * time_s, points).log_jerk == pytest.approx(usual.log_jerk, abs=1e-6)


def test_what_does_not_move_has_no_smoothness() -> None:
    times, points = strokes()
    assert Smoothness.of(times, points * 0.0) is None
    assert Smoothness.of(times[:3], points[:3]) is None
