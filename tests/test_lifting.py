"""Tests of lifting: points seen by a camera are recovered, or there is a reason why they cannot be."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracesim.answers.contact_depth import NEIGHBOURHOOD, measure_contact
from tracesim.answers.footprint import footprint_center
from tracesim.failure import Failure
from tracesim.geometry.camera import Camera
from tracesim.geometry.rigid import FloatArray, apply, inverse, transform, yaw
from tracesim.geometry.trace import ImageTrace, Trace
from tracesim.lifting import WORKSPACE, ContactDepth, Workspace, lift, read_depth_m

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
    assert result.detail
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
    assert read_depth_m(depth, np.array(at)).tolist() == [0, 0, 1, 11, 11, 4]


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


def boxes_seen(*boxes: tuple[FloatArray, FloatArray]) -> npt.NDArray[np.float32]:
    """Return the depth image of a table with boxes, each given by box_in_world (4, 4) and size (3,)."""
    rows, columns = np.indices((CAMERA.height, CAMERA.width))
    pixels = np.stack([columns + 0.5, rows + 0.5, np.ones_like(rows)], axis=-1).reshape(-1, 3)
    eye = CAMERA.camera_in_world[:3, 3]
    rays = CAMERA.lift(pixels) - eye  # the length along a ray is the depth
    depth = -eye[2] / rays[:, 2]
    for box_in_world, size in boxes:
        start, along = apply(inverse(box_in_world), eye), rays @ box_in_world[:3, :3]
        low, high = np.array([-size[0] / 2, -size[1] / 2, 0.0]), np.array([size[0] / 2, size[1] / 2, size[2]])
        ways = np.sort(np.stack([(low - start) / along, (high - start) / along]), axis=0)
        enter, leave = ways[0].max(axis=1), ways[1].min(axis=1)
        depth = np.where((enter < leave) & (enter > 0.0), np.minimum(depth, enter), depth)
    return np.asarray(depth.reshape(rows.shape), np.float32)


@given(SEEDS)
@settings(max_examples=12, deadline=None)
def test_the_last_of_a_pair_of_points_is_where_the_object_is_to_stand(seed: int) -> None:
    rng = np.random.default_rng(seed)
    size, goal_size = rng.uniform(0.04, 0.1, 3), np.array([0.1, 0.1, rng.uniform(0.006, 0.08)])
    box = transform(yaw(rng.uniform(-3, 3)), [rng.uniform(-0.2, 0.1), rng.uniform(-0.25, -0.1), 0.0])
    goal = transform(yaw(rng.uniform(-3, 3)), [rng.uniform(-0.2, 0.1), rng.uniform(0.1, 0.25), 0.0])
    depth = boxes_seen((box, size), (goal, goal_size))
    touched = np.array([rng.uniform(-0.3, 0.3) * size[0], rng.uniform(-0.3, 0.3) * size[1], size[2]])
    on_goal = np.array([rng.uniform(-0.04, 0.04), rng.uniform(-0.04, 0.04), goal_size[2]])
    pair = np.array([apply(box, touched), apply(goal, on_goal)])
    image_trace = ImageTrace(CAMERA.project(pair)[:, :2] * 1000.0 / (CAMERA.width, CAMERA.height))
    assert footprint_center(CAMERA, depth, CAMERA.pixels(image_trace)[0]) == pytest.approx(
        [*box[:2, 3], 0.0], abs=0.004
    )
    lifted = lift(image_trace, CAMERA, depth, "measured", place_depth="measured")
    assert isinstance(lifted, Trace)
    stands = box[:3, 3] + lifted.keypoints[-1] - lifted.keypoints[0]
    # A pixel covers up to 3 mm of a horizontal face.
    assert stands == pytest.approx(pair[1], abs=0.006)
    # The predicted depths of the first and last keypoint are then not used.
    predicted = ImageTrace(np.column_stack([image_trace.keypoints, [0.3, 0.4]]))
    again = lift(predicted, CAMERA, depth, "measured", place_depth="measured")
    assert isinstance(again, Trace)
    np.testing.assert_array_equal(again.keypoints, lifted.keypoints)


def test_what_stands_beside_or_behind_an_object_is_no_part_of_it() -> None:
    size, tall = np.array([0.05, 0.05, 0.05]), np.array([0.05, 0.05, 0.2])
    box, behind, beside = (transform(translation=at) for at in ((-0.1, 0.0, 0.0), (-0.01, 0.0, 0.0), (-0.1, 0.08, 0.0)))
    depth = boxes_seen((box, size), (behind, tall), (beside, tall))
    top = CAMERA.project([(-0.1, 0.0, 0.05)])[0, :2]
    assert footprint_center(CAMERA, depth, top) == pytest.approx([-0.1, 0.0, 0.0], abs=0.004)


def test_a_point_of_the_table_is_its_own_foot() -> None:
    point = np.array([-0.1, 0.2, 0.0])
    assert footprint_center(CAMERA, boxes_seen(), CAMERA.project([point])[0, :2]) == pytest.approx(point, abs=0.003)


def test_a_place_needs_a_measured_depth_and_one_point_is_no_place() -> None:
    def placed(keypoints: list[tuple[float, ...]], depth: npt.NDArray[np.float32] | None) -> Trace | Failure:
        return lift(ImageTrace(np.array(keypoints)), CAMERA, depth, "predicted", place_depth="measured")

    pair: list[tuple[float, ...]] = [(500, 500, 0.95), (520, 480, 0.95)]
    hole = boxes_seen()
    hole[230:250, 310:330] = 0.0
    for depth in (None, np.zeros((480, 640), np.float32), hole):
        failure = placed(pair, depth)
        assert isinstance(failure, Failure)
        assert failure.reason == "no_depth"
    alone = placed(pair[:1], None)
    assert isinstance(alone, Trace)
    assert CAMERA.project(alone.keypoints)[0, 2] == pytest.approx(0.95)


WALL = np.array([0.06, 0.003, 0.08])
"""The size of a wall as thin as a cup's, (3,), metres."""

TABLE = boxes_seen()
"""The depth image of the empty table."""


@given(SEEDS)
@settings(max_examples=15, deadline=None)
def test_a_contact_on_a_thin_wall_is_measured_on_the_wall(seed: int) -> None:
    rng = np.random.default_rng(seed)
    wall = transform(yaw(rng.uniform(-3, 3)), [rng.uniform(-0.2, 0.1), rng.uniform(-0.25, 0.25), 0.0])
    depth = boxes_seen((wall, WALL))
    on_edge = np.array([rng.uniform(-0.028, 0.028), rng.uniform(-0.0015, 0.0015), WALL[2]])
    touched = apply(wall, on_edge)
    seen = CAMERA.see(Trace(np.array([touched, touched]))).keypoints
    true_m = CAMERA.project([touched])[0, 2]
    # A good prediction, none (2D), and predictions so wrong that they are ignored.
    for error_m in (rng.uniform(-0.012, 0.012), None, -0.1, -0.3):
        keypoints = seen[:, :2] if error_m is None else seen + np.array([0.0, 0.0, error_m])
        lifted = lift(ImageTrace(keypoints), CAMERA, depth, "measured")
        assert isinstance(lifted, Trace)
        assert CAMERA.project(lifted.keypoints)[0, 2] == pytest.approx(true_m, abs=0.004)


@given(SEEDS)
@settings(max_examples=15, deadline=None)
def test_a_few_pixels_beside_a_thin_wall_the_predicted_depth_tells_that_the_wall_is_meant(seed: int) -> None:
    rng = np.random.default_rng(seed)
    # Seen from its broad side; along a wall seen edge-on, depth changes by several millimetres per pixel.
    wall = transform(yaw(np.pi / 2 + rng.uniform(-0.5, 0.5)), [rng.uniform(-0.2, 0.1), rng.uniform(-0.1, 0.1), 0.0])
    depth = boxes_seen((wall, WALL))
    touched = CAMERA.project([apply(wall, [rng.uniform(-0.02, 0.02), 0.0, WALL[2]])])[0]
    shifted = touched[:2] + rng.uniform(-4.0, 4.0, 2)
    contact = measure_contact(depth, shifted, float(touched[2] + rng.uniform(-0.01, 0.01)))
    assert contact is not None
    assert contact.depth_m == pytest.approx(touched[2], abs=0.012)
    assert np.abs(np.array(contact.pixel) + 0.5 - shifted).max() <= NEIGHBOURHOOD * CAMERA.width
    # If the prediction is the table's depth, the table is measured, however near the wall is.
    table = CAMERA.project([wall[:3, 3] - np.array([0.06, 0.0, 0.0])])[0]
    contact = measure_contact(depth, table[:2], float(table[2]))
    assert contact is not None
    assert contact.depth_m == pytest.approx(table[2], abs=0.003)


@given(SEEDS, st.floats(-0.1, 0.1))
def test_on_an_unbroken_surface_a_contact_is_measured_at_its_own_pixel(seed: int, error_m: float) -> None:
    keypoint = np.random.default_rng(seed).uniform((0, 150), (CAMERA.width, CAMERA.height))
    own_m = float(read_depth_m(TABLE, keypoint[None])[0])
    for predicted_m in (None, own_m + error_m):
        contact = measure_contact(TABLE, keypoint, predicted_m)
        assert contact is not None
        assert contact.depth_m == own_m


def test_of_two_surfaces_side_by_side_the_predicted_depth_names_one() -> None:
    depth = np.full((480, 640), 0.9, np.float32)
    depth[:, 320:] = 1.0
    for column in (318.5, 321.5):
        for predicted_m, expected_m in ((0.905, 0.9), (0.99, 1.0), (1.019, 1.0)):
            contact = measure_contact(depth, np.array([column, 240.5]), predicted_m)
            assert contact is not None
            assert contact.depth_m == pytest.approx(expected_m)
    # No surface is near this prediction, so the keypoint's own pixel is measured.
    for column, expected_m in ((318.5, 0.9), (321.5, 1.0)):
        contact = measure_contact(depth, np.array([column, 240.5]), 0.95)
        assert contact is not None
        assert contact.depth_m == pytest.approx(expected_m)


@pytest.mark.parametrize("column", [299, 301])
@pytest.mark.parametrize("row", [199, 201])
def test_of_a_surface_beside_a_contact_the_pixel_whose_middle_is_nearest_is_read(column: int, row: int) -> None:
    depth = np.full((480, 640), 2.0, np.float32)
    depth[[[199], [201]], [299, 301]] = 1.0
    toward = np.array([column, row]) - (300, 200)
    contact = measure_contact(depth, (300.5, 200.5) + 0.1 * toward, 1.0)
    assert contact is not None
    assert contact.pixel == (column, row)


def test_a_hole_in_the_depth_image_is_read_from_its_rim_and_a_large_one_has_no_depth() -> None:
    depth = np.full((480, 640), 1.0, np.float32)
    depth[236:245, 316:325] = 0.0
    contact = measure_contact(depth, np.array([320.5, 240.5]), 1.1)
    assert contact is not None
    assert contact.depth_m == 1.0
    depth[220:260, 300:340] = np.nan
    assert measure_contact(depth, np.array([320.5, 240.5]), 1.0) is None


@pytest.mark.parametrize(("v", "found"), [(-0.4, True), (-6.0, True), (-8.0, False), (485.0, True), (500.0, False)])
def test_a_contact_a_hair_outside_the_image_is_measured_at_its_border(v: float, found: bool) -> None:
    contact = measure_contact(np.full((480, 640), 1.0, np.float32), np.array([320.0, v]), 1.0)
    assert (contact is not None) == found
