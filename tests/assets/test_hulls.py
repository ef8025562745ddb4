"""Tests of collision hulls made from profiles and paths."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import trimesh
from hypothesis import given, settings
from hypothesis import strategies as st

from tracesim.assets import hulls, paths
from tracesim.geometry.rigid import FloatArray

FEW = settings(max_examples=15, deadline=None, derandomize=True)
RADII = st.floats(0.005, 0.1)


def solid(piece: FloatArray) -> trimesh.Trimesh:
    hull: trimesh.Trimesh = trimesh.convex.convex_hull(piece.reshape(-1, 3))
    return hull


def assert_weighs_as_its_hull(piece: FloatArray) -> None:
    """Check that a piece weighs as much as its hull, which holds only if its stack of sections is convex."""
    volumes, centroids = hulls.volumes_and_centroids(piece[None])
    hull = solid(piece)
    assert volumes[0] == pytest.approx(hull.volume, rel=5e-3)
    np.testing.assert_allclose(centroids[0], hull.center_mass, atol=2e-5)


@given(low=RADII, high=RADII, height=st.floats(0.005, 0.2), sides=st.integers(8, 24))
@FEW
def test_a_turned_piece_has_its_corners_outside_and_its_edges_inside_the_cone_alike(
    low: float, high: float, height: float, sides: int
) -> None:
    piece = hulls.turned([(low, 0.0), (high, height)], sides)[0]
    assert_weighs_as_its_hull(piece)
    corners = np.linalg.norm(piece[..., :2], axis=-1)
    edges = np.linalg.norm((piece + np.roll(piece, 1, axis=1))[..., :2] / 2.0, axis=-1)
    np.testing.assert_allclose((corners + edges) / 2.0, np.repeat([[low], [high]], sides, axis=1))


@given(
    inner=st.floats(0.02, 0.09),
    thickness=st.floats(0.003, 0.01),
    flare=st.floats(0.0, 0.01),
    height=st.floats(0.01, 0.1),
    wedges=st.integers(10, 20),
)
@FEW
def test_a_ring_is_hollow_and_as_heavy_as_the_wall_it_stands_for(
    inner: float, thickness: float, flare: float, height: float, wedges: int
) -> None:
    outside = [(inner + thickness, 0.0), (inner + thickness + flare, height)]
    inside = [(inner, 0.0), (inner + flare, height)]
    pieces = hulls.ring(outside, inside, wedges)
    assert_weighs_as_its_hull(pieces[0])
    assert min(np.linalg.norm(piece[..., :2], axis=-1).min() for piece in pieces) >= inner
    volume, moment = hulls.weight(pieces)
    cones = [np.pi * height * (a * a + a * b + b * b) / 3.0 for (a, _), (b, _) in (outside, inside)]
    sagitta = (inner + flare) * (1.0 - np.cos(np.pi / wedges))
    assert volume == pytest.approx(cones[0] - cones[1], rel=0.02 + sagitta / thickness)
    np.testing.assert_allclose(moment[:2] / volume, 0.0, atol=1e-9)


@given(
    bend=st.floats(0.2, 1.5),
    radius=st.floats(0.02, 0.05),
    thick=st.floats(0.003, 0.006),
    links=st.sampled_from([2, 4, 8]),
)
@FEW
def test_a_chain_follows_an_arc_within_half_a_sagitta(bend: float, radius: float, thick: float, links: int) -> None:
    arc = paths.arc((0.0, 0.0), radius, 0.0, bend, 64 * links + 1)
    path = np.stack([arc[:, 0], np.zeros(len(arc)), arc[:, 1]], 1)
    pieces = hulls.chain(path, thick, links)
    assert len(pieces) == links
    for piece in pieces:
        assert_weighs_as_its_hull(piece)
    for before, after in itertools.pairwise(pieces):
        np.testing.assert_array_equal(before[-1], after[0])
    joints = np.array([*(piece[0].mean(0) for piece in pieces), pieces[-1][-1].mean(0)])
    middles = (joints[1:] + joints[:-1]) / 2.0
    allowed = 0.55 * radius * (1.0 - np.cos(bend / links / 2.0)) + 1e-6
    for points in (joints, middles):
        assert np.abs(np.linalg.norm(points, axis=1) - radius).max() <= allowed


@given(size=st.tuples(*[st.floats(0.01, 0.2)] * 3))
@FEW
def test_a_box_is_its_size_and_stands_on_the_table(size: tuple[float, float, float]) -> None:
    piece = hulls.box(size)[0]
    assert_weighs_as_its_hull(piece)
    corners = piece.reshape(-1, 3)
    np.testing.assert_allclose(np.ptp(corners, axis=0), size)
    np.testing.assert_allclose(corners.min(0), [-size[0] / 2.0, -size[1] / 2.0, 0.0], atol=1e-12)


def test_the_centre_of_mass_is_that_of_two_boxes_by_volume() -> None:
    large, small = hulls.box((0.1, 0.1, 0.1))[0], hulls.box((0.1, 0.1, 0.05))[0] + np.array([0.3, 0.0, 0.0])
    expected = (np.array([0.0, 0.0, 0.05]) * 2.0 + np.array([0.3, 0.0, 0.025])) / 3.0
    np.testing.assert_allclose(hulls.centre_of_mass([large, small]), expected, atol=1e-12)


@given(at=st.integers(1, 30), depth=st.floats(0.001, 0.1))
@FEW
def test_an_outline_keeps_the_corner_of_a_path(at: int, depth: float) -> None:
    along = np.arange(32.0)
    corner = np.minimum(along / at, (31.0 - along) / (31.0 - at)) * depth
    assert paths.outline(np.column_stack([along, corner]), 3).tolist() == [0, at, 31]


@pytest.mark.parametrize("count", [2, 3, 9, 32, 50])
def test_an_outline_has_as_many_points_as_asked_for_and_halves_what_is_straight(count: int) -> None:
    line = np.linspace([0.0, 0.0], [0.3, 0.1], 33)
    chosen = paths.outline(line, count)
    assert len(chosen) == min(count, 33)
    assert (np.diff(chosen) > 0).all()
    assert np.diff(chosen).max() <= 2 * np.diff(chosen).min() + 1
