"""Tests of solid occupancy in scenes with known free and occupied space: a wall, a box, a gap, a table."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from tests import small_benchmark
from tracesim.geometry.rigid import FloatArray
from tracesim.tracespatial.space import SOLID_M, TOLERANCE_M, SeenSpace
from tracesim.tracespatial.view import Pixels

WIDTH, HEIGHT, FOCAL = 320, 240, 300.0
SAMPLE = dataclasses.replace(
    small_benchmark.sample(0), intrinsics=np.array([[FOCAL, 0.0, 160.0], [0.0, FOCAL, 120.0], [0.0, 0.0, 1.0]])
)
ROW, COLUMN = np.mgrid[:HEIGHT, :WIDTH] + 0.5
ACROSS, DOWN = (COLUMN - 160.0) / FOCAL, (ROW - 120.0) / FOCAL

WALL = np.full((HEIGHT, WIDTH), 2.0)
BOX = np.where((np.abs(ACROSS) < 0.1) & (np.abs(DOWN) < 0.1), 1.0, 2.0)  # its front is 20 cm wide, 1 m away
GAP = np.where(np.abs(ACROSS) < 0.1, 2.0, 1.0)  # a screen 1 m away with a slit 20 cm wide
TABLE = np.minimum(0.3 / np.maximum(DOWN, 1e-9), 2.0)  # 30 cm below the camera


def seen(depth: FloatArray, mask: FloatArray | None = None) -> SeenSpace:
    return SeenSpace(SAMPLE, Pixels(depth, np.zeros(depth.shape, np.uint8) if mask is None else mask.astype(np.uint8)))


def ball(*center: float, radius: float = 0.05) -> FloatArray:
    """Return a point cloud on a sphere."""
    rng = np.random.default_rng(0)
    directions = rng.normal(size=(400, 3))
    return np.asarray(np.array(center) + radius * directions / np.linalg.norm(directions, axis=1, keepdims=True))


def collides(space: SeenSpace, *way: tuple[float, float, float], radius: float = 0.05) -> bool:
    return space.collides(ball(*way[0], radius=radius), np.array(way))


@pytest.mark.parametrize(
    ("depth", "taken"),
    [(0.5, False), (1.99, False), (2.0 + TOLERANCE_M / 2, False), (2.04, True), (2.0 + SOLID_M + 0.01, False)],
)
def test_a_wall_is_solid_between_its_tolerance_and_its_thickness(depth: float, taken: bool) -> None:
    assert seen(WALL).taken(np.array([[0.1, -0.1, depth]])) == [taken]


def test_depth_is_measured_from_the_surface_and_not_along_the_ray() -> None:
    # 4 cm below the top, but 15 cm behind it along the ray, which meets the top at a depth of 1.06 m.
    assert seen(TABLE).taken(np.array([[0.0, 0.34, 1.2]])) == [True]
    assert seen(TABLE).taken(np.array([[0.0, 0.31, 1.2]])) == [False]


def test_a_path_through_a_wall_collides_though_its_keypoints_are_free() -> None:
    assert collides(seen(WALL), (0.0, 0.0, 1.5), (0.0, 0.0, 2.6))
    assert not collides(seen(WALL), (0.0, 0.0, 1.5), (0.1, 0.1, 1.9))


def test_an_object_may_pass_beside_and_far_behind_a_box_but_not_through_it() -> None:
    assert collides(seen(BOX), (-0.5, 0.0, 1.05), (0.5, 0.0, 1.05))
    assert not collides(seen(BOX), (-0.5, 0.0, 0.9), (0.5, 0.0, 0.9))
    assert not collides(seen(BOX), (-0.5, 0.0, 1.3), (0.5, 0.0, 1.3))
    assert not collides(seen(BOX), (-0.5, 0.2, 1.05), (0.5, 0.2, 1.05))


def test_a_gap_lets_through_what_is_narrower() -> None:
    assert not collides(seen(GAP), (0.0, 0.0, 0.8), (0.0, 0.0, 1.4), radius=0.05)
    assert collides(seen(GAP), (0.0, 0.0, 0.8), (0.0, 0.0, 1.4), radius=0.2)


def test_nothing_goes_through_a_table_and_back_but_things_stand_on_it() -> None:
    down = [(0.0, 0.25, 1.0), (0.0, 0.6, 1.0), (0.2, 0.25, 1.0)]
    assert collides(seen(TABLE), *down)
    assert not collides(seen(TABLE), down[0], (0.0, 0.1, 1.0), down[2])


def test_a_tall_object_cannot_sink_through_a_table_either() -> None:
    pole = np.column_stack([np.zeros(100), np.linspace(-0.5, 0.2, 100), np.full(100, 1.0)])
    assert seen(TABLE).collides(pole, np.array([[0.0, 0.2, 1.0], [0.0, 1.2, 1.0]]))


def test_up_to_a_fifth_of_the_object_in_taken_space_is_no_collision() -> None:
    # The share of a sphere between two planes is their distance over its diameter; 2 cm below the top is occupied.
    assert not collides(seen(TABLE), (0.0, 0.2, 1.0), (0.0, 0.3 + TOLERANCE_M + 0.01 - 0.05, 1.0))
    assert collides(seen(TABLE), (0.0, 0.2, 1.0), (0.0, 0.3 + TOLERANCE_M + 0.03 - 0.05, 1.0))


def test_the_object_itself_and_what_nobody_measured_are_free() -> None:
    unknown = np.where(np.abs(ACROSS) < 0.1, 0.0, 2.0)
    assert not collides(seen(unknown), (0.0, 0.0, 1.5), (0.0, 0.0, 2.6))
    assert not collides(seen(WALL, np.abs(ACROSS) < 0.1), (0.0, 0.0, 1.5), (0.0, 0.0, 2.6))
    assert not collides(seen(np.zeros_like(WALL)), (0.0, 0.0, 1.5), (0.0, 0.0, 2.6))


def test_a_path_of_any_length_takes_bounded_time() -> None:
    assert not collides(seen(WALL), (0.0, 0.0, 1.5), (1e7, 0.0, 1.5))
