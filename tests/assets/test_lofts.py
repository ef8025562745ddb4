"""Tests of lofts, panels and outlines."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracesim.assets import lofts
from tracesim.assets.shapes import Mesh
from tracesim.geometry.rigid import FloatArray

FEW = settings(max_examples=20, deadline=None, derandomize=True)
METRES = st.floats(0.01, 0.1)


def corners(mesh: Mesh) -> FloatArray:
    return np.asarray(mesh.vertices[mesh.faces])


def volume(mesh: Mesh) -> float:
    """Return the signed volume, positive if the triangles face outward."""
    a, b, c = np.moveaxis(corners(mesh), 1, 0)
    return float(np.einsum("fi,fi->", a, np.cross(b, c)) / 6.0)


def area(mesh: Mesh) -> float:
    a, b, c = np.moveaxis(corners(mesh), 1, 0)
    return float(np.linalg.norm(np.cross(b - a, c - a), axis=1).sum() / 2.0)


@given(x=METRES, y=METRES, z=METRES, flip=st.booleans(), backward=st.booleans())
@FEW
def test_a_loft_faces_outward_whichever_way_its_sections_run(
    x: float, y: float, z: float, flip: bool, backward: bool
) -> None:
    square = np.array([(x, y), (-x, y), (-x, -y), (x, -y)])[:: -1 if flip else 1]
    sections = np.stack([lofts.level(square, level) for level in (0.0, 0.3 * z, z)])[:: -1 if backward else 1]
    mesh = lofts.loft(sections)
    assert volume(mesh) == pytest.approx(4.0 * x * y * z)
    assert area(mesh) == pytest.approx(8.0 * x * y + 4.0 * (x + y) * z)
    # Right angles are sharp edges, so every vertex has the normal of its own face.
    np.testing.assert_allclose(np.abs(mesh.normals).max(1), 1.0)
    assert area(lofts.loft(sections, caps=(False, False))) == pytest.approx(4.0 * (x + y) * z)
    assert area(lofts.without_facing(mesh, (0.0, 0.0, 2.0))) == pytest.approx(4.0 * x * y + 4.0 * (x + y) * z)
    open_side = lofts.loft(sections, closed=False)
    assert area(mesh) - area(open_side) == pytest.approx(2.0 * y * z)


def test_normals_of_a_smooth_loft_are_those_of_the_cylinder_it_stands_for() -> None:
    turn = np.linspace(0.0, 2.0 * np.pi, 24, endpoint=False)
    circle = 0.03 * np.stack([np.cos(turn), np.sin(turn)], 1)
    mesh = lofts.loft(np.stack([lofts.level(circle, z) for z in (0.0, 0.02, 0.05)]), caps=(False, False))
    outward = mesh.vertices[:, :2] / 0.03
    assert np.einsum("ni,ni->n", mesh.normals[:, :2], outward).min() > np.cos(np.radians(8.0))


@given(x=METRES, y=METRES, share=st.floats(0.05, 0.9))
@FEW
def test_an_inset_outline_is_that_much_further_inside(x: float, y: float, share: float) -> None:
    step = share * min(x, y) / 2.0
    outline = np.array([(x, y), (0.0, 1.5 * y), (-x, y), (-x, -y), (x, -y)])
    legs = np.roll(outline, -1, axis=0) - outline
    inward = np.stack([-legs[:, 1], legs[:, 0]], 1) / np.linalg.norm(legs, axis=1)[:, None]
    smaller = lofts.inset(outline, step)
    distance = np.einsum("ki,ki->k", smaller - outline, inward)
    np.testing.assert_allclose(distance, step)


def test_a_panel_shows_its_texture_from_its_first_corner() -> None:
    panel = lofts.panel((0.1, -0.2, 0.3), (0.0, 0.4, 0.0), (0.0, 0.0, -0.2))
    np.testing.assert_allclose(panel.normals, [[1.0, 0.0, 0.0]] * 4)
    a, b, c = np.moveaxis(corners(panel), 1, 0)
    assert (np.cross(b - a, c - a)[:, 0] > 0.0).all()
    laid = lofts.project_texture(panel, (0.1, -0.2, 0.3), (0.0, 0.4, 0.0), (0.0, 0.0, -0.2))
    np.testing.assert_allclose(laid.uvs, panel.uvs)
