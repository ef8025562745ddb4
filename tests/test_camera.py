"""Tests of the camera: projecting and lifting are inverse to each other, with the documented conventions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracesim.geometry.camera import Camera
from tracesim.geometry.trace import ImageTrace, Trace

SEEDS = st.integers(0, 2**32 - 1)


def somewhere(rng: np.random.Generator) -> Camera:
    eye = rng.uniform((-1.0, -1.0, 0.5), (1.0, 1.0, 2.5))
    return Camera.looking_at(eye, rng.uniform(-0.2, 0.2, 3), rng.uniform(0.3, 1.5), 640, 480)


@given(SEEDS)
def test_lifting_undoes_projecting(seed: int) -> None:
    rng = np.random.default_rng(seed)
    camera, points = somewhere(rng), rng.uniform(-0.3, 0.3, (20, 3))
    np.testing.assert_allclose(camera.lift(camera.project(points)), points, atol=1e-9)


@given(SEEDS)
def test_depth_is_along_the_axis_and_not_along_the_ray(seed: int) -> None:
    rng = np.random.default_rng(seed)
    camera, points = somewhere(rng), rng.uniform(-0.3, 0.3, (20, 3))
    axis, eye = camera.camera_in_world[:3, 2], camera.camera_in_world[:3, 3]
    np.testing.assert_allclose(camera.project(points)[:, 2], (points - eye) @ axis, atol=1e-9)


def test_the_picture_has_the_worlds_left_on_its_left() -> None:
    camera = Camera.looking_at((-1.0, 0.0, 1.0), (0.0, 0.0, 0.0))
    middle, left, up, far = camera.project([(0, 0, 0), (0, 0.1, 0), (0, 0, 0.1), (0.1, 0, 0)])
    assert middle[:2] == pytest.approx([320.0, 240.0])
    assert left[0] < 320.0
    assert up[1] < 240.0
    assert far[1] < 240.0
    assert far[2] > middle[2]


@given(st.floats(0.2, 2.5))
def test_the_field_of_view_is_the_pictures_height(fovy: float) -> None:
    camera = Camera.looking_at((0.0, 0.0, 2.0), (0.1, 0.0, 0.0), fovy)
    assert camera.fovy == pytest.approx(fovy)
    top, bottom = camera.lift([(320.0, 0.0, 1.0), (320.0, 480.0, 1.0)]) - camera.camera_in_world[:3, 3]
    angle = np.arccos(top @ bottom / np.linalg.norm(top) / np.linalg.norm(bottom))
    assert angle == pytest.approx(fovy)


@given(SEEDS)
def test_a_trace_is_seen_in_thousandths_and_millimetres(seed: int) -> None:
    rng = np.random.default_rng(seed)
    camera, trace = somewhere(rng), Trace(rng.uniform(-0.1, 0.1, (6, 3)))
    seen = camera.see(trace)
    u, v, depth = seen.keypoints.T
    np.testing.assert_array_equal([u, v], np.round([u, v]))
    np.testing.assert_allclose(depth * 1000, np.round(depth * 1000), atol=1e-6)
    error = np.abs(camera.pixels(seen) - camera.project(trace.keypoints))
    assert (error <= [0.32 + 1e-9, 0.24 + 1e-9, 0.0005 + 1e-9]).all()


def test_pixels_of_an_answer_without_depth_have_none() -> None:
    camera = Camera.looking_at((0.0, 0.0, 2.0), (0.1, 0.0, 0.0))
    assert camera.pixels(ImageTrace(np.array([[500.0, 500.0], [1000.0, 0.0]]))).tolist() == [[320, 240], [640, 0]]


@given(SEEDS)
def test_a_picture_contains_what_projects_into_it_from_ahead(seed: int) -> None:
    rng = np.random.default_rng(seed)
    camera = somewhere(rng)
    columns, rows = rng.uniform(-100, 740, 20), rng.uniform(-100, 580, 20)
    depths = rng.uniform(0.5, 2.0, 20)
    inside = (columns >= 10) & (columns < 630) & (rows >= 10) & (rows < 470)
    ahead = camera.lift(np.column_stack([columns, rows, depths]))
    assert camera.contains(ahead, border_px=10).tolist() == inside.tolist()
    assert not camera.contains(camera.lift(np.column_stack([columns, rows, -depths]))).any()
