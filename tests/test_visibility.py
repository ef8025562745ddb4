"""Tests of visibility: visible shares of bodies whose outlines and overlaps can be computed by hand."""

from __future__ import annotations

import numpy as np
import pytest
import sapien
import trimesh
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial import ConvexHull

from tracesim.assets.props import DISTRACTORS, PROPS
from tracesim.geometry.camera import Camera
from tracesim.geometry.rigid import FloatArray, apply, from_quaternion, rotation_about, to_quaternion, transform, yaw
from tracesim.layout.prop import Material, Surface
from tracesim.layout.randomness import Draw
from tracesim.layout.visibility import Visibility, visibility
from tracesim.simulation import renderer

# The camera looks along x: columns increase towards -y, rows towards -z.
CAMERA = Camera.looking_at((-1.0, 0.0, 0.0), (0.0, 0.0, 0.0))
SEEDS = st.integers(0, 2**32 - 1)


def surface_of(mesh: trimesh.Trimesh) -> Surface:
    vertices, faces = np.asarray(mesh.vertices, float), np.asarray(mesh.faces, np.int32)
    return Surface(vertices, faces, np.asarray(mesh.vertex_normals), vertices[:, :2], Material((1.0, 0.0, 0.0)))


def box(x: float, y: float, z: float) -> Surface:
    return surface_of(trimesh.creation.box((x, y, z)))


def at(x: float, y: float, z: float) -> FloatArray:
    return transform(None, (x, y, z))


def outline(surface: Surface, pose: FloatArray) -> tuple[float, float]:
    """Return the area and the perimeter of a convex body's outline, pixels."""
    hull = ConvexHull(CAMERA.project(apply(pose, surface.vertices))[:, :2])
    return hull.volume, hull.area


@given(SEEDS)
def test_a_body_alone_fills_its_outline(seed: int) -> None:
    rng = np.random.default_rng(seed)
    surface = box(*rng.uniform(0.02, 0.2, 3))
    pose = from_quaternion(rng.uniform(-0.1, 0.1, 3), rng.normal(size=4))
    area, length = outline(surface, pose)
    view = visibility(CAMERA, {"box": ((surface,), pose)}, ["box"])["box"]
    assert view.share == 1.0
    assert view.pixels == pytest.approx(area, abs=length)


@pytest.mark.parametrize("covered", [0.0, 0.25, 0.5, 0.9, 1.0])
def test_what_stands_before_a_body_takes_its_part_and_what_stands_behind_none(covered: float) -> None:
    # A plate halfway to the eye, with its edge placed to cover part of the box's front face, which is 0.95 m away.
    edge = (0.1 - 0.2 * covered) * 0.5 / 0.95
    bodies = {
        "box": ((box(0.1, 0.2, 0.2),), at(0.0, 0.0, 0.0)),
        "plate": ((box(1e-6, 0.4, 1.0),), at(-0.5, edge + 0.2, 0.0)),
        "wall": ((box(0.1, 2.0, 2.0),), at(0.5, 0.0, 0.0)),
    }
    views = visibility(CAMERA, bodies, ["box", "plate"])
    alone = visibility(CAMERA, {"box": bodies["box"]}, ["box"])["box"]
    assert views["box"].share == pytest.approx(1.0 - covered, abs=0.015)
    assert views["box"].pixels == pytest.approx((1.0 - covered) * alone.pixels, abs=0.015 * alone.pixels)
    assert views["plate"].share == pytest.approx(0.5, abs=0.3)


def test_a_ring_hides_by_its_rim_and_not_by_its_hole() -> None:
    ring = trimesh.creation.annulus(0.06, 0.2, 0.001)
    surface, facing = surface_of(ring), transform(rotation_about((0.0, 1.0, 0.0), np.pi / 2))
    bodies = {"ring": ((surface,), facing @ at(0.0, 0.0, -0.5)), "box": ((box(1e-6, 0.16, 0.16),), at(0.0, 0.0, 0.0))}
    assert visibility(CAMERA, bodies, ["box"])["box"].share == 1.0
    moved = {**bodies, "ring": ((surface,), facing @ at(0.0, 0.13, -0.5))}
    assert visibility(CAMERA, moved, ["box"])["box"].share == 0.0


def test_what_sticks_out_of_the_picture_is_not_seen() -> None:
    half_width = CAMERA.width / 2 / CAMERA.intrinsics[0, 0]
    bodies = {
        "box": ((box(1e-6, 0.2, 0.2),), at(0.0, half_width, 0.0)),
        "far": ((box(0.1, 0.1, 0.1),), at(0.0, 3.0, 0.0)),
    }
    views = visibility(CAMERA, bodies, ["box", "far"])
    assert views["box"].share == pytest.approx(0.5, abs=0.015)
    assert views["far"] == Visibility(0.0, 0)


def test_what_stands_behind_the_camera_is_not_seen_and_hides_nothing() -> None:
    bodies = {
        "box": ((box(0.1, 0.2, 0.2),), at(0.0, 0.0, 0.0)),
        "behind": ((box(0.1, 0.2, 0.2),), at(-2.0, 0.0, 0.0)),
    }
    views = visibility(CAMERA, bodies, ["box", "behind"])
    assert views["box"].share == 1.0
    assert views["behind"] == Visibility(0.0, 0)


CROWDED = pytest.param(DISTRACTORS, (0.13, 0.15), id="crowded")
APART = [pytest.param(tuple(PROPS)[k : k + 6], (0.24, 0.3), id=f"{k}") for k in range(0, len(PROPS), 6)]


@pytest.mark.skipif(not renderer.available(), reason="nothing can draw here")
@pytest.mark.parametrize(("kinds", "apart_m"), [CROWDED, *APART])
def test_props_are_seen_where_they_are_drawn(kinds: tuple[str, ...], apart_m: tuple[float, float]) -> None:
    rng = np.random.default_rng(5)
    camera = Camera.looking_at((-0.72, 0.0, 0.78), (0.0, 0.0, 0.06))
    scene = sapien.Scene([renderer.render_system()])
    rows = -(-len(kinds) // 3)
    bodies, ids = {}, {}
    for index, kind in enumerate(kinds):
        surfaces = PROPS[kind](Draw.of(rng)).surfaces
        row, column = divmod(index, 3)
        place = (apart_m[0] * (row - (rows - 1) / 2) - 0.05, apart_m[1] * (column - 1), 0.0)
        pose = transform(yaw(rng.uniform(-3.0, 3.0)), place)
        entity = sapien.Entity()
        entity.add_component(renderer.render_body(surfaces))
        entity.set_pose(sapien.Pose(pose[:3, 3], to_quaternion(pose)))
        scene.add_entity(entity)
        bodies[kind], ids[kind] = (surfaces, pose), entity.per_scene_id
    renderer.light(scene)
    drawn = renderer.SceneCamera(scene, camera, "observation").capture().segmentation
    views = visibility(camera, bodies, list(bodies))
    if kinds == DISTRACTORS:
        assert min(view.share for view in views.values()) < 0.8
    for kind, view in views.items():
        assert view.pixels == pytest.approx(np.count_nonzero(drawn == ids[kind]), rel=0.03), kind
