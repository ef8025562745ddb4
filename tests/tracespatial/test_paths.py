"""Tests of path errors, against cases computed by hand and against the definitions on random paths."""

from __future__ import annotations

import dataclasses
import functools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tracesim.geometry.path_errors import PathErrors, resample_path
from tracesim.geometry.rigid import FloatArray

PATHS = arrays(float, (7, 3), elements=st.floats(-2.0, 2.0))


def by_recursion(first: FloatArray, second: FloatArray) -> float:
    """Return the discrete Frechet distance by the recursive definition of Eiter and Mannila."""

    @functools.cache
    def reach(i: int, j: int) -> float:
        distance = float(np.linalg.norm(first[i] - second[j]))
        before = [reach(k, m) for k, m in ((i - 1, j), (i, j - 1), (i - 1, j - 1)) if k >= 0 and m >= 0]
        return max(distance, min(before)) if before else distance

    return reach(len(first) - 1, len(second) - 1)


def assert_errors(errors: PathErrors, frechet: float, hausdorff: float, rmse: float, mae: float) -> None:
    assert dataclasses.astuple(errors) == pytest.approx((frechet, hausdorff, rmse, mae))


def test_a_path_beside_the_true_one_is_as_far_off_as_it_lies() -> None:
    true = np.array([[0.0, 0.0], [1.0, 0.0], [2.0, 0.0]])
    assert_errors(PathErrors.of(true + np.array([0.0, 0.3]), true), 0.3, 0.3, 0.3, 0.15)


def test_the_way_back_has_no_hausdorff_distance_but_a_frechet_distance() -> None:
    true = np.array([[0.0, 0.0], [1.0, 0.0], [2.0, 0.0]])
    # Squared distances 4, 0, 4; absolute differences 2, 0, 2 over six coordinates.
    assert_errors(PathErrors.of(true[::-1], true), 2.0, 0.0, (8.0 / 3.0) ** 0.5, 4.0 / 6.0)


def test_one_point_is_compared_with_every_point() -> None:
    errors = PathErrors.of(np.array([[0.0, 0.0]]), np.array([[0.0, 0.0], [3.0, 4.0]]))
    assert_errors(errors, 5.0, 5.0, (25.0 / 2.0) ** 0.5, 7.0 / 4.0)


@given(PATHS, PATHS)
def test_errors_are_symmetric_and_in_order(first: FloatArray, second: FloatArray) -> None:
    errors = PathErrors.of(first, second)
    assert errors.frechet == pytest.approx(by_recursion(first, second))
    assert_errors(PathErrors.of(second, first), *dataclasses.astuple(errors))
    assert errors.hausdorff <= errors.frechet + 1e-12
    assert errors.mae <= errors.rmse + 1e-12
    assert PathErrors.of(first, first) == PathErrors(0.0, 0.0, 0.0, 0.0)


@given(PATHS, st.lists(st.tuples(st.integers(0, 5), st.floats(0.0, 1.0)), max_size=4))
def test_points_added_on_a_path_do_not_change_how_it_is_resampled(
    path: FloatArray, added: list[tuple[int, float]]
) -> None:
    longer = list(path)
    for index, share in added:
        longer.insert(index + 1, longer[index] + share * (longer[index + 1] - longer[index]))
    np.testing.assert_allclose(resample_path(np.array(longer)), resample_path(path), atol=1e-9)


def test_points_are_evenly_spaced_and_a_point_stays_one() -> None:
    corner = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 0.0], [1.0, 3.0]])
    np.testing.assert_allclose(resample_path(corner, 5), [[0, 0], [1, 0], [1, 1], [1, 2], [1, 3]])
    assert resample_path(corner[:1]).shape == (1, 2)
    np.testing.assert_array_equal(resample_path(corner[1:3], 4), np.tile([1.0, 0.0], (4, 1)))
