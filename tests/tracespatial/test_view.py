"""Tests of boxes, projection and lifting against hand measurements."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import small_benchmark
from tracesim.geometry.rigid import rotation_about
from tracesim.tracespatial.box import Box
from tracesim.tracespatial.view import Pixels, SampleView

VIEW = SampleView(small_benchmark.sample(0), (small_benchmark.WIDTH, small_benchmark.HEIGHT))


@pytest.mark.parametrize(
    ("local", "distance"),
    [
        ((0.0, 0.0, 0.0), 0.0),
        ((0.1, -0.2, 0.3), 0.0),
        ((0.15, 0.0, 0.0), 0.05),
        ((0.13, 0.24, 0.0), 0.05),
        ((-0.12, -0.23, -0.36), 0.07),
    ],
)
@pytest.mark.parametrize("angle", [0.0, 0.7])
def test_the_distance_from_a_box(local: tuple[float, float, float], distance: float, angle: float) -> None:
    rotation = rotation_about((1.0, -2.0, 0.5), angle)
    box = Box(np.array([0.4, -0.1, 2.0]), np.array([0.2, 0.4, 0.6]), rotation)
    place = box.center + rotation @ local
    assert box.distance(place[None]) == pytest.approx(distance, abs=1e-9)
    assert box.distance(box.corners) == pytest.approx(0.0, abs=1e-9)


@given(st.floats(0.0, 1000.0), st.floats(0.0, 1000.0), st.floats(0.1, 10.0))
def test_what_is_lifted_projects_where_it_was(u: float, v: float, depth: float) -> None:
    points = VIEW.lift(np.array([[u, v, depth]]))
    assert points[0, 2] == depth
    np.testing.assert_allclose(VIEW.project(points), [[u * 0.16, v * 0.12]], atol=1e-9)


def test_one_of_the_last_three_ends_counts_and_of_fewer_the_last() -> None:
    inside, outside = small_benchmark.END, np.array([0.0, 0.0, 1.0])
    for path, right in (
        ([inside, outside, outside], True),
        ([inside, outside, outside, outside], False),
        ([inside, outside], False),
        ([outside, inside], True),
    ):
        points = np.array(path)
        assert (VIEW.end_distance_m(points) == 0.0) is right
        assert VIEW.ends_in_box(VIEW.project(points)) is right


def test_a_mask_of_another_size_is_stretched_over_the_depth() -> None:
    mask = np.array([[0, 255]], np.uint8)
    np.testing.assert_array_equal(Pixels(np.ones((2, 4)), mask).fitted_mask, [[0, 0, 255, 255]] * 2)


def test_the_nominal_size_is_the_nearest_to_twice_the_principal_point() -> None:
    for (width, height), centre in (
        ((640, 480), (321.7, 238.0)),
        ((512, 384), (254.0, 192.1)),
        ((384, 512), (190, 260)),
    ):
        intrinsics = np.array([[420.0, 0.0, centre[0]], [0.0, 420.0, centre[1]], [0.0, 0.0, 1.0]])
        assert dataclasses.replace(VIEW.sample, intrinsics=intrinsics).nominal_size == (width, height)
