"""Tests of the room: few triangles, all facing outward, and reproducible."""

from __future__ import annotations

import numpy as np
import pytest

from tracesim.assets import textures
from tracesim.assets.furniture import crate, slab
from tracesim.assets.room import WALLS, pedestal, room
from tracesim.geometry.rigid import FloatArray
from tracesim.layout.layout import TABLE_SIZE_M
from tracesim.layout.prop import Material, Surface

PLAIN = Material((0.5, 0.5, 0.5))


def volume(surface: Surface) -> float:
    """Return the volume enclosed by a closed surface, by the divergence theorem; negative if it is inside out."""
    corners = surface.vertices[surface.faces]
    return float(np.einsum("fi,fi->", corners[:, 0], np.cross(corners[:, 1], corners[:, 2])) / 6.0)


def agreement(surface: Surface) -> FloatArray:
    """Return the cosines between the normals of triangles and those at their corners, without degenerate triangles."""
    corners = surface.vertices[surface.faces]
    own = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    size = np.linalg.norm(own, axis=1)
    kept = size > 1e-10
    return np.asarray((own[kept] / size[kept, None] * surface.normals[surface.faces[kept]].mean(axis=1)).sum(axis=1))


@pytest.mark.parametrize("seed", range(8))
def test_a_room_is_light_and_faces_outwards(seed: int) -> None:
    made = room(np.random.default_rng(seed))
    surfaces = [*made.table, *made.surroundings, *pedestal()]
    assert sum(len(surface.faces) for surface in surfaces) < 6000
    for surface in surfaces:
        assert np.abs(np.linalg.norm(surface.normals, axis=1) - 1.0).max() < 1e-6
        assert agreement(surface).min() > 0.2
    again = room(np.random.default_rng(seed))
    for one, other in zip(surfaces, [*again.table, *again.surroundings, *pedestal()], strict=True):
        assert np.array_equal(one.vertices, other.vertices)
        assert one.material.base_color == other.material.base_color
        if one.material.texture is not None:
            assert other.material.texture is not None
            assert np.array_equal(one.material.texture, other.material.texture)


def test_the_table_is_where_the_engine_has_it() -> None:
    made = room(np.random.default_rng(0))
    x, y, z = TABLE_SIZE_M
    box = np.array([[-x / 2, -y / 2, -z], [x / 2, y / 2, 0.0]])
    for points in (made.table[0].vertices, np.concatenate(made.table_hulls)):
        assert np.abs(np.array([points.min(axis=0), points.max(axis=0)]) - box).max() < 1e-9


def test_rooms_differ() -> None:
    made = [room(np.random.default_rng(seed)) for seed in range(30)]
    looks = [[s.material.texture.tobytes() for s in one.surroundings if s.material.texture is not None] for one in made]
    assert len(set(map(tuple, looks))) == len(WALLS)
    woods = [one.table[0].material.texture for one in made]
    assert len({wood.tobytes() for wood in woods if wood is not None}) == len(made)


def test_boxes_are_closed_and_as_large_as_asked() -> None:
    assert volume(crate((0.2, 0.3, 0.5)).surface(PLAIN)) == pytest.approx(0.03)
    rounded = volume(slab((0.2, 0.3, 0.05), corner_m=0.02, edge_m=0.005, segments=64, rounds=12).surface(PLAIN))
    corners = (4.0 - np.pi) * 0.02**2 * 0.05
    assert 0.003 - corners - 4 * 0.005**2 * 1.0 < rounded < 0.003 - corners


def test_noise_has_unit_spread_whatever_its_knots() -> None:
    rng = np.random.default_rng(0)
    for cells in ((4, 9), (30, 30), (80, 5)):
        values = np.concatenate([textures.noise(rng, (160, 160), cells).ravel() for _ in range(20)])
        assert values.std() == pytest.approx(1.0, abs=0.12)
        assert abs(values.mean()) < 0.12
