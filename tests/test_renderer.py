"""Tests of rendering: pictures agree with geometry in position and depth, and are reproducible."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import numpy.typing as npt
import pytest
import sapien

from tracesim.assets.robots import embodiment
from tracesim.assets.robots.description import find_mesh
from tracesim.assets.room import room
from tracesim.assets.shapes import box, lathe
from tracesim.errors import ConfigurationError
from tracesim.geometry.camera import Camera
from tracesim.geometry.rigid import FloatArray, apply, inverse, look_at, rotation_about, transform
from tracesim.layout.prop import Material, Surface
from tracesim.simulation import renderer
from tracesim.simulation import robot_meshes as visuals

pytestmark = pytest.mark.skipif(not renderer.available(), reason="nothing can draw here")

RED = Material((0.6, 0.05, 0.05))


def camera(rng: np.random.Generator, off_centre: bool = False) -> Camera:
    """Return a camera above the table; `off_centre` shifts its principal point and makes its pixels non-square."""
    eye = np.array([rng.uniform(-0.9, -0.5), rng.uniform(-0.4, 0.4), rng.uniform(0.5, 0.9)])
    seen = Camera.looking_at(eye, rng.uniform(-0.1, 0.1, 3), np.radians(50.0), 320, 240)
    if not off_centre:
        return seen
    intrinsics = seen.intrinsics * [[1.1, 1.0, 1.0], [1.0, 0.95, 1.0], [1.0, 1.0, 1.0]] + [
        [0, 0, 11.3],
        [0, 0, -7.6],
        [0, 0, 0],
    ]
    return Camera(seen.width, seen.height, intrinsics, seen.camera_in_world)


def rays(view: Camera) -> tuple[FloatArray, FloatArray]:
    """Return the eye, and the world direction (H, W, 3) through the centre of each pixel, scaled to a camera z of 1."""
    columns, rows = np.meshgrid(np.arange(view.width) + 0.5, np.arange(view.height) + 0.5)
    ones = np.ones(columns.size)
    points = view.lift(np.column_stack([columns.ravel(), rows.ravel(), ones]))
    eye = view.camera_in_world[:3, 3]
    return eye, (points - eye).reshape(view.height, view.width, 3)


def scene_of(*things: tuple[str, Surface, FloatArray]) -> tuple[sapien.Scene, dict[str, int]]:
    scene = sapien.Scene([sapien.render.RenderSystem()])
    ids = {}
    for name, surface, pose in things:
        entity = sapien.Entity()
        entity.name = name
        entity.add_component(renderer.render_body([surface]))
        entity.set_pose(sapien.Pose(pose))
        scene.add_entity(entity)
        ids[name] = entity.per_scene_id
    renderer.light(scene)
    return scene, ids


def borders(mask: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Return the pixels of a mask that have a neighbour with the other value."""
    padded = np.pad(mask, 1, mode="edge")
    height, width = mask.shape
    differs = np.any(
        [padded[r : r + height, c : c + width] != mask for r in range(3) for c in range(3)],
        axis=0,
    )
    return np.asarray(differs)


@pytest.mark.parametrize("seed", range(4))
def test_depth_and_segmentation_agree_with_rays_against_a_plane_and_a_box(seed: int) -> None:
    rng = np.random.default_rng(seed)
    view = camera(rng, off_centre=seed % 2 == 1)
    size = rng.uniform(0.08, 0.25, 3)
    pose = transform(rotation_about(rng.standard_normal(3), rng.uniform(0.0, np.pi)), (*rng.uniform(-0.1, 0.1, 2), 0.2))
    plane = box((4.0, 4.0, 0.01), 1e-6).moved(transform(translation=(0, 0, -0.01)))
    crate = box(size, 1e-7).moved(transform(translation=(0, 0, -size[2] / 2)))
    scene, ids = scene_of(("table", plane.surface(RED), np.eye(4)), ("box", crate.surface(RED), pose))
    image = renderer.SceneCamera(scene, view, "observation").capture()

    eye, directions = rays(view)
    on_plane = np.where(directions[..., 2] < 0.0, -eye[2] / directions[..., 2], np.inf)
    origin = apply(inverse(pose), eye)
    local = directions @ pose[:3, :3]
    with np.errstate(divide="ignore"):
        entries = np.sort((np.array([[-1.0], [1.0]]) * size / 2 - origin)[:, None, None] / local, axis=0)
    entry, leave = entries[0].max(axis=-1), entries[1].min(axis=-1)
    on_box = np.where(entry <= leave, entry, np.inf)
    depth, is_box = np.minimum(on_plane, on_box), on_box < on_plane

    inner = ~borders(is_box)
    assert is_box.sum() > 500
    assert np.array_equal(image.segmentation[inner] == ids["box"], is_box[inner])
    on_edge = borders(image.segmentation == ids["box"])
    near = inner & ~on_edge & (depth < 1.5)
    assert near.mean() > 0.5
    assert np.abs(image.depth - depth)[near].max() < 1e-3
    assert image.rgb.shape == (240, 320, 3)


@pytest.mark.parametrize("seed", range(3))
def test_what_is_projected_is_drawn_there(seed: int) -> None:
    rng = np.random.default_rng(seed)
    view = camera(rng, off_centre=True)
    turn = np.linspace(-np.pi / 2, np.pi / 2, 15)
    ball = lathe(0.02 * np.column_stack([np.cos(turn), np.sin(turn)]).round(9), 32).surface(RED)
    centres = np.array([[x, y, rng.uniform(0.0, 0.1)] for x in (-0.15, 0.1) for y in (-0.15, 0.0, 0.15)])
    scene, ids = scene_of(*((f"{k}", ball, transform(translation=c)) for k, c in enumerate(centres)))
    image = renderer.SceneCamera(scene, view, "observation").capture()
    for k, (column, row, z) in enumerate(view.project(centres)):
        rows, columns = np.nonzero(image.segmentation == ids[f"{k}"])
        assert np.hypot(columns.mean() + 0.5 - column, rows.mean() + 0.5 - row) < 0.5
        assert image.depth[rows, columns].min() == pytest.approx(z - 0.02, abs=1e-3)
    assert (image.depth == 0.0).any()
    assert np.array_equal(image.depth == 0.0, image.segmentation == 0)


def test_both_packs_draw_the_same_geometry_and_the_same_scene_gives_the_same_bits() -> None:
    def draw() -> tuple[renderer.Image, npt.NDArray[np.uint8], npt.NDArray[np.float32]]:
        around = room(np.random.default_rng(3))
        scene, _ = scene_of(*((f"{k}", surface, np.eye(4)) for k, surface in enumerate(around.table)))
        view = Camera.looking_at((-0.7, 0.1, 0.7), (0.0, 0.0, 0.0), width=320, height=240)
        observed = renderer.SceneCamera(scene, view, "observation").capture()
        film = renderer.SceneCamera(scene, view, "film")
        return observed, film.rgb(), film.depth()

    first, film, film_depth = draw()
    second, film_again, _ = draw()
    assert np.array_equal(first.rgb, second.rgb)
    assert np.array_equal(first.depth, second.depth)
    assert np.array_equal(film, film_again)
    assert np.array_equal(first.depth, film_depth)


def test_a_mark_tints_one_entity_and_goes_without_a_trace() -> None:
    cube = box((0.1, 0.1, 0.1), 0.002).surface(Material((0.3, 0.3, 0.3)))
    scene, ids = scene_of(
        ("one", cube, transform(translation=(0, 0.1, 0))), ("other", cube, transform(translation=(0, -0.1, 0)))
    )
    view = renderer.SceneCamera(
        scene,
        Camera(160, 120, np.array([[150.0, 0, 80], [0, 150, 60], [0, 0, 1]]), look_at((-0.5, 0, 0.3), (0, 0, 0.05))),
        "observation",
    )
    plain = view.capture()
    entity = next(e for e in scene.entities if e.name == "one")
    renderer.mark(entity, (0.0, 1.0, 0.0))
    tinted = view.rgb()
    renderer.mark(entity, None)
    changed = (tinted != plain.rgb).any(axis=-1)
    assert changed[plain.segmentation == ids["one"]].mean() > 0.95
    assert not changed[plain.segmentation != ids["one"]].any()
    assert np.array_equal(view.rgb(), plain.rgb)


def test_no_shader_asks_for_what_sapien_would_compute_for_seconds_first() -> None:
    sources = {path: path.read_text() for path in renderer.SHADERS.rglob("*.*")}
    assert len(sources) >= 8
    assert not [path for path, text in sources.items() if "samplerBRDFLUT" in text or "samplerEnvironment" in text]


def test_a_lighter_robot_keeps_its_looks_and_its_collision_shapes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    original = embodiment("panda").urdf()
    light = visuals.decimated_urdf(original, 0.1)
    assert light.is_relative_to(tmp_path)
    before = {path: path.stat().st_mtime_ns for path in light.parent.iterdir()}
    assert visuals.decimated_urdf(original, 0.1) == light
    assert before == {path: path.stat().st_mtime_ns for path in light.parent.iterdir()}

    def meshes(urdf: Path, kind: str) -> list[Path]:
        found = [m.get("filename", "") for m in ElementTree.parse(urdf).iterfind(f"link/{kind}/geometry/mesh")]
        return [find_mesh(name, urdf) for name in found]

    assert meshes(light, "collision") == meshes(original, "collision")

    def parts(path: Path) -> list[tuple[FloatArray, tuple[float, ...], int]]:
        shape = sapien.render.RenderShapeTriangleMesh(str(path))
        return [(p.vertices, tuple(np.round(p.material.base_color, 2)), len(p.triangles)) for p in shape.parts]

    kept = given = 0
    for mine, theirs in zip(meshes(light, "visual"), meshes(original, "visual"), strict=True):
        simple, full = parts(mine), parts(theirs)
        assert {color for _, color, _ in simple} == {color for _, color, _ in full}
        low, high = (
            np.array([f(np.concatenate([v for v, _, _ in p]), axis=0) for f in (np.min, np.max)])
            for p in (simple, full)
        )
        assert np.abs(low - high).max() < 0.003
        kept, given = kept + sum(n for *_, n in simple), given + sum(n for *_, n in full)
    assert kept / given == pytest.approx(0.1, abs=0.02)


def test_a_share_that_is_none_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="share"):
        visuals.decimated_urdf(embodiment("panda").urdf(), 0.0)


def test_processes_that_make_the_same_robot_at_once_do_not_disturb_each_other(tmp_path: Path) -> None:
    code = (
        "from tracesim.simulation import robot_meshes as visuals; from tracesim.assets.robots import embodiment\n"
        "import sapien; path = visuals.decimated_urdf(embodiment('panda').urdf(), 0.05)\n"
        "import trimesh; print(sum(len(trimesh.load_scene(p).dump()) for p in sorted(path.parent.glob('*.glb'))))"
    )
    command = [sys.executable, "-c", code]
    env = {**os.environ, "XDG_CACHE_HOME": str(tmp_path)}
    running = [subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    answers = [process.communicate()[0] for process in running]
    assert [process.returncode for process in running] == [0, 0]
    assert answers[0] == answers[1]
    assert not list(tmp_path.rglob(".*"))
