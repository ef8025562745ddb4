"""Tests of the object's cloud: filters agree with Open3D's, and a large object stays in one piece."""

from __future__ import annotations

import numpy as np
import pytest

from tests import small_benchmark
from tracesim.geometry.rigid import FloatArray
from tracesim.tracespatial.cloud import CLUSTER_REACH_M, downsample, largest_piece, masked_points, object_cloud
from tracesim.tracespatial.dataset import Sample
from tracesim.tracespatial.fusion import Fusion
from tracesim.tracespatial.view import Pixels


def small_scene(noise_m: float = 0.0) -> tuple[Sample, Pixels]:
    depth, mask = small_benchmark.pictures()
    rng = np.random.default_rng(0)
    return small_benchmark.sample(0), Pixels(depth / 1000.0 + noise_m * rng.normal(size=depth.shape), mask)


def in_order(points: FloatArray) -> FloatArray:
    return np.asarray(points[np.lexsort(np.round(points, 7).T)])


@pytest.mark.parametrize("noise_m", [0.0, 0.002, 0.01])
def test_our_filters_are_those_of_open3d(noise_m: float) -> None:
    fusion = Fusion.load()
    assert isinstance(fusion, Fusion), fusion
    sample, pixels = small_scene(noise_m)
    ours = object_cloud(masked_points(sample, pixels), CLUSTER_REACH_M)
    theirs = fusion.object_cloud(sample, pixels)
    np.testing.assert_allclose(in_order(ours), in_order(theirs), atol=1e-9)


def test_points_are_where_the_depth_says() -> None:
    sample, pixels = small_scene()
    points = masked_points(sample, pixels)
    assert len(points) == (pixels.mask > 0).sum()
    np.testing.assert_allclose(points.mean(axis=0), [-0.243, 0.061, 0.91], atol=2e-3)


def test_thinning_keeps_a_mean_a_voxel() -> None:
    points = np.array([[0.0, 0.0, 0.0], [0.004, 0.0, 0.0], [0.006, 0.0, 0.0], [0.1, 0.0, 0.0]])
    np.testing.assert_allclose(in_order(downsample(points, 0.01)), [[0.002, 0, 0], [0.006, 0, 0], [0.1, 0, 0]])


def test_the_largest_piece_is_kept_and_crumbs_are_not() -> None:
    grid = np.stack(np.meshgrid(np.arange(8), np.arange(8), [0]), axis=-1).reshape(-1, 3) * 0.01
    points = np.concatenate([grid, grid[:30] + np.array([0.5, 0.0, 0.0]), [[0.0, 0.0, 1.0]]])
    np.testing.assert_array_equal(in_order(largest_piece(points, 0.02)), in_order(grid))
    np.testing.assert_array_equal(largest_piece(points[-1:], 0.02), points[-1:])


def test_a_large_object_falls_to_crumbs_as_published_and_stays_whole_with_ours() -> None:
    board = np.random.default_rng(0).uniform((0.0, 0.0, 1.0), (0.38, 0.38, 1.003), (20_000, 3))
    whole, published = object_cloud(board), object_cloud(board, CLUSTER_REACH_M)
    assert np.ptp(whole, axis=0)[:2].min() > 0.36
    assert len(whole) > 1000
    assert len(published) < 200


def test_no_points_make_no_cloud() -> None:
    assert object_cloud(np.zeros((0, 3))).shape == (0, 3)
    assert object_cloud(np.ones((1, 3))).shape == (0, 3)
