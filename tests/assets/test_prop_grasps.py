"""Tests of the grasps of props: the fingers close on the prop, and hit neither it nor the table on their way."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import linprog
from scipy.spatial import ConvexHull

from tests.prop_shapes import NOT_GRASPED, SHAPES, VARIANTS, Solid, make
from tracesim.assets.props import PROPS
from tracesim.geometry.rigid import FloatArray, apply, inverse
from tracesim.layout.hand import Grasp
from tracesim.layout.nominal_hand import NOMINAL_HAND

HELD_ON_A_BODY = ("bottle", "bread", "can", "computer_mouse", "hamburger", "hot_dog", "peach", "stapler")
"""Held on one convex body, not on a wall."""
FINGER_M = 0.009
"""How far a finger presses to each side of a grasp, at most."""


@pytest.mark.parametrize("kind", HELD_ON_A_BODY)
def test_a_finger_presses_on_one_hull_not_on_the_seam_between_two(kind: str) -> None:
    """A finger that presses on a seam is wedged between its hulls; only a croissant is bent where it is held."""
    variants = [name for name in VARIANTS[kind] or (None,) if name != "croissant"]
    for prop in (make(kind, 0, variant) for variant in variants):
        for grasp in NOMINAL_HAND.grasps(prop)[:2]:
            pose = inverse(grasp.tcp_in_prop)
            solids = [ConvexHull(hull @ pose[:3, :3].T + pose[:3, 3]) for hull in prop.hulls]
            for side in (-1.0, 1.0):
                pressed = {outermost(solids, side, x) for x in np.linspace(-FINGER_M, FINGER_M, 7)} - {None}
                assert len(pressed) == 1, (prop.noun, side)


def outermost(solids: list[ConvexHull], side: float, x: float) -> int | None:
    """Return which solid reaches farthest to one side of a finger, at `x` along the finger's width; None beside all."""
    reach = {}
    for index, solid in enumerate(solids):
        faces = solid.equations
        bounds = [(x, x), (None, None), (-FINGER_M, FINGER_M)]
        farthest = linprog([0.0, -side, 0.0], A_ub=faces[:, :3], b_ub=-faces[:, 3], bounds=bounds)
        if farthest.status == 0:
            reach[index] = -farthest.fun
    return max(reach, key=lambda index: reach[index]) if reach else None


def finger_boxes(tcp_in_prop: FloatArray, half_gap_m: float, widen_m: float = 0.0) -> list[FloatArray]:
    """Return the planes (6, 4) of two fingers, 2 x 1 x 5 cm, that extend 9 mm beyond the tool centre point."""
    boxes = []
    for side in (-1.0, 1.0):
        low = np.array([-0.01, half_gap_m, -0.041])
        high = np.array([0.01, half_gap_m + 0.01, 0.009])
        normals = np.concatenate([np.eye(3), -np.eye(3)]) * np.array([1.0, side, 1.0])
        planes = np.column_stack([normals, -np.concatenate([high, -low]) - widen_m])
        boxes.append(planes @ inverse(tcp_in_prop))
    return boxes


def overlap_m(solid: Solid, planes: FloatArray) -> float:
    """Return the radius of the largest ball that is inside both the planes (M, 4) and one of the solid's parts."""
    deepest = 0.0
    for part in solid.parts:
        if ((part.points @ planes[:, :3].T + planes[:, 3]).min(0) > 0.0).any():
            continue
        both = np.concatenate([planes, part.equations])
        rows = np.column_stack([both[:, :3], np.linalg.norm(both[:, :3], axis=1)])
        answer = linprog([0.0, 0.0, 0.0, -1.0], A_ub=rows, b_ub=-both[:, 3], bounds=[(None, None)] * 3 + [(0.0, None)])
        deepest = max(deepest, float(answer.x[3]) if answer.success else 0.0)
    return deepest


def hand_box(tcp_in_prop: FloatArray) -> FloatArray:
    """Return the planes (6, 4) of a palm, 20 x 3.6 cm, 3.75 cm above the midpoint between the fingers."""
    low, high = np.array([-0.018, -0.1, -0.1]), np.array([0.018, 0.1, -0.0375])
    planes = np.column_stack([np.concatenate([np.eye(3), -np.eye(3)]), -np.concatenate([high, -low])])
    return planes @ inverse(tcp_in_prop)


@pytest.mark.one_in(4)
@pytest.mark.parametrize(("kind", "variant", "seed"), [shape for shape in SHAPES if shape.values[0] not in NOT_GRASPED])
def test_fingers_reach_around_a_prop_close_on_it_and_hit_neither_it_nor_the_table(
    kind: str, variant: str | None, seed: int
) -> None:
    prop = make(kind, seed, variant)
    solid = Solid.of(prop)
    grasps = NOMINAL_HAND.grasps(prop)
    assert grasps
    assert grasps[0].tcp_in_prop[2, 2] < -0.9  # from above
    for index, grasp in enumerate(grasps):
        assert 0.0 < grasp.width_m < 0.075
        pose, gap = grasp.tcp_in_prop, grasp.width_m / 2.0
        np.testing.assert_allclose(pose[:3, :3] @ pose[:3, :3].T, np.eye(3), atol=1e-12)
        tips = np.array([[x, y, 0.009] for x in (-0.01, 0.01) for y in (-0.05, 0.05)])
        assert apply(pose, tips)[:, 2].min() > 0.0, index
        for planes in finger_boxes(pose, 0.04):
            assert overlap_m(solid, planes) == 0.0, index
        for planes in finger_boxes(pose, gap):
            assert overlap_m(solid, planes) < 4e-4, index
        # Both fingers touch: slightly further in, each overlaps the prop.
        for planes in finger_boxes(pose, gap - 0.0015):
            assert overlap_m(solid, planes) > 1e-4, index
        assert overlap_m(solid, hand_box(pose)) == 0.0, index


@pytest.mark.parametrize("kind", sorted(NOT_GRASPED))
def test_what_no_hand_can_hold_has_no_grips(kind: str) -> None:
    assert make(kind, 0).grips == ()


@pytest.mark.parametrize("kind", sorted(set(PROPS) - NOT_GRASPED))
def test_every_grasp_comes_with_its_flip(kind: str) -> None:
    def turned(grasp: Grasp) -> FloatArray:
        return np.asarray(grasp.tcp_in_prop @ np.diag([-1.0, -1.0, 1.0, 1.0]))

    poses = [grasp.tcp_in_prop for grasp in NOMINAL_HAND.grasps(make(kind, 0))]
    flips = [turned(grasp) for grasp in NOMINAL_HAND.grasps(make(kind, 0))]
    upright = [pose for pose in poses if abs(pose[2, 0]) < 1e-9]
    assert upright
    for pose in upright:
        assert any(np.allclose(pose, flip, atol=1e-9) for flip in flips)
