"""Tests of rigid transforms."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracesim.geometry.rigid import (
    FloatArray,
    angle_between,
    apply,
    from_quaternion,
    inverse,
    look_at,
    rotation_about,
    to_quaternion,
    transform,
    yaw,
)

SEEDS = st.integers(0, 2**32 - 1)


def anywhere(seed: int) -> FloatArray:
    rng = np.random.default_rng(seed)
    return from_quaternion(rng.normal(size=3), rng.normal(size=4))


@given(SEEDS)
def test_a_transform_keeps_distances_and_handedness(seed: int) -> None:
    pose, points = anywhere(seed), np.random.default_rng(seed + 1).normal(size=(4, 3))
    moved = apply(pose, points)
    np.testing.assert_allclose(np.linalg.norm(np.diff(moved, axis=0)), np.linalg.norm(np.diff(points, axis=0)))
    assert np.linalg.det(np.diff(moved, axis=0)) == pytest.approx(np.linalg.det(np.diff(points, axis=0)))
    np.testing.assert_allclose(moved[0], (pose @ np.append(points[0], 1.0))[:3], atol=1e-12)


@given(SEEDS, SEEDS)
def test_the_inverse_undoes_one_transform_and_many(first: int, second: int) -> None:
    poses = np.stack([anywhere(first), anywhere(second)])
    np.testing.assert_allclose(inverse(poses) @ poses, np.stack([np.eye(4)] * 2), atol=1e-12)
    np.testing.assert_allclose(inverse(poses[0]), np.linalg.inv(poses[0]), atol=1e-12)


@given(SEEDS)
def test_a_quaternion_survives_the_way_there_and_back(seed: int) -> None:
    quaternion = np.random.default_rng(seed).normal(size=4)
    quaternion /= np.linalg.norm(quaternion) * np.sign(quaternion[0])
    np.testing.assert_allclose(to_quaternion(from_quaternion(np.zeros(3), quaternion)), quaternion, atol=1e-9)


@given(SEEDS, st.floats(0.0, np.pi))
def test_a_turn_by_an_angle_is_that_angle_apart(seed: int, angle: float) -> None:
    pose, axis = anywhere(seed), np.random.default_rng(seed).normal(size=3)
    turned = pose @ transform(rotation_about(axis, angle), (1.0, 2.0, 3.0))
    assert angle_between(pose, turned) == pytest.approx(angle, abs=1e-7)
    np.testing.assert_allclose(rotation_about(axis, angle) @ axis, axis, atol=1e-9)


def test_yaw_turns_x_towards_y() -> None:
    np.testing.assert_allclose(yaw(np.pi / 2) @ [1.0, 0.0, 0.0], [0.0, 1.0, 0.0], atol=1e-12)


@given(SEEDS)
def test_a_camera_that_looks_at_a_point_has_it_ahead_and_up_above(seed: int) -> None:
    eye, target = np.random.default_rng(seed).normal(size=(2, 3))
    camera_in_world = look_at(eye, target)
    ahead = apply(inverse(camera_in_world), target)
    np.testing.assert_allclose(ahead, (0.0, 0.0, float(np.linalg.norm(target - eye))), atol=1e-9)
    above = apply(inverse(camera_in_world), np.add(target, (0.0, 0.0, 0.1)))
    assert above[0] == pytest.approx(0.0, abs=1e-9)
    assert above[1] < 0.0
    assert np.linalg.det(camera_in_world[:3, :3]) == pytest.approx(1.0)
