"""Lifting what a camera has seen gives back where it was, or the reason why it cannot."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracesim.camera import Camera
from tracesim.failure import Failure
from tracesim.lifting import WORKSPACE, ContactDepth, Workspace, lift, measured_m
from tracesim.trace import ImageTrace, Trace

CAMERA = Camera.looking_at((-0.72, 0.0, 0.78), (0.0, 0.0, 0.06))
SEEDS = st.integers(0, 2**32 - 1)


def lifted(
    keypoints: Sequence[tuple[float, ...]], depth: float | None = None, contact: ContactDepth = "predicted"
) -> Trace:
    image = None if depth is None else np.full((480, 640), depth, np.float32)
    result = lift(ImageTrace(np.array(keypoints)), CAMERA, image, contact)
    assert isinstance(result, Trace), result
    return result


def reason(
    keypoints: Sequence[tuple[float, ...]], depth: float | None = None, contact: ContactDepth = "predicted"
) -> str:
    image = None if depth is None else np.full((480, 640), depth, np.float32)
    result = lift(ImageTrace(np.array(keypoints)), CAMERA, image, contact)
    assert isinstance(result, Failure)
    assert result.stage == "lift"
    return result.reason


@given(SEEDS)
def test_what_a_camera_sees_is_lifted_to_within_its_rounding(seed: int) -> None:
    points = np.random.default_rng(seed).uniform((-0.2, -0.3, 0.0), (0.2, 0.3, 0.3), (8, 3))
    result = lift(CAMERA.see(Trace(points)), CAMERA, None, "predicted")
    assert isinstance(result, Trace)
    # Half a thousandth of the image on each axis, half a millimetre of depth.
    depths = CAMERA.project(points)[:, 2]
    half = np.array([0.32, 0.24]) / CAMERA.intrinsics[0, 0]
    bound = depths * np.linalg.norm(half) + 0.0005 * 1.3 + 1e-6
    assert (np.linalg.norm(result.keypoints - points, axis=1) <= bound).all()


def test_measured_depth_is_for_the_touched_point_alone() -> None:
    keypoints = [(500, 500, 0.9), (520, 480, 0.95)]
    predicted, measured = lifted(keypoints), lifted(keypoints, depth=1.0, contact="measured")
    assert CAMERA.project(predicted.keypoints)[:, 2] == pytest.approx([0.9, 0.95], abs=1e-9)
    assert CAMERA.project(measured.keypoints)[:, 2] == pytest.approx([1.0, 0.95], abs=1e-6)
    assert CAMERA.project(lifted(keypoints, depth=1.0).keypoints)[:, 2] == pytest.approx([0.9, 0.95], abs=1e-9)


def test_points_without_a_depth_take_the_measured_one() -> None:
    flat = lifted([(500, 500), (520, 480)], depth=1.0)
    assert CAMERA.project(flat.keypoints)[:, 2] == pytest.approx([1.0, 1.0], abs=1e-6)
    assert reason([(500, 500), (520, 480)]) == "no_depth"


def test_depth_is_read_in_the_pixel_a_point_lies_in() -> None:
    depth = np.arange(12, dtype=np.float32).reshape(3, 4)
    at = [(0.0, 0.0), (0.999, 0.0), (1.0, 0.0), (3.5, 2.999), (4.0, 3.0), (-0.5, 1.0)]
    assert measured_m(depth, np.array(at)).tolist() == [0, 0, 1, 11, 11, 4]


def test_what_cannot_be_lifted_gets_its_reason() -> None:
    good = (500, 500, 0.95)
    assert reason([good, (500, 500, 0.0)]) == "behind_camera"
    assert reason([good, (500, 500, -1.0)]) == "behind_camera"
    assert reason([good, good], contact="measured") == "no_depth"
    assert reason([good, good], depth=0.0, contact="measured") == "no_depth"
    assert reason([good, good], depth=float("nan"), contact="measured") == "no_depth"
    assert reason([good, (500, 500, 5.0)]) == "out_of_workspace"


@given(SEEDS)
def test_a_workspace_is_a_closed_box(seed: int) -> None:
    rng = np.random.default_rng(seed)
    low, high = np.sort(rng.normal(size=(2, 3)), axis=0)
    box = Workspace((low[0], low[1], low[2]), (high[0], high[1], high[2]))
    inside = rng.uniform(low, high, (5, 3))
    assert box.contains(np.concatenate([inside, [low], [high]])).all()
    for axis in range(3):
        outside = inside.copy()
        outside[:, axis] = high[axis] + 1e-9
        assert not box.contains(outside).any()


def test_the_workspace_reaches_into_the_table_but_not_through_it() -> None:
    assert WORKSPACE.contains(np.array([[0.0, 0.0, -0.05], [0.0, 0.0, -0.2]])).tolist() == [True, False]
