"""Tests of the documented frames and units against the state of the scene in SAPIEN."""

from __future__ import annotations

import contextlib
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np
import numpy.typing as npt
import pytest
import sapien
from sapien import physx
from sapien.render import RenderCameraComponent

import tracesim
from tracesim.env import TraceEnv

PAGE = (Path(__file__).parents[1] / "docs" / "gymnasium.md").read_text()
BLOCKS = re.findall(r"^```python\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
KEYS = ("rgb", "depth", "intrinsics", "camera_in_world", "qpos", "tcp_in_world")

Array = npt.NDArray[np.float64]


@pytest.fixture(scope="module", params=["clean", "randomized"])
def seen(request: pytest.FixtureRequest, renderer: None) -> Iterator[tuple[dict[str, Any], sapien.Scene]]:
    """Yield an observation and its SAPIEN scene; "randomized" varies the camera and the height of the table."""
    environment = gym.make("TraceSim-StackBlocksTwo-v1", variation=request.param)
    observation, _ = environment.reset(seed=4)
    unwrapped = environment.unwrapped
    assert isinstance(unwrapped, TraceEnv)
    assert unwrapped.episode is not None
    yield observation, unwrapped.episode.scene.sapien
    environment.close()


def component(scene: sapien.Scene, kind: type[Any]) -> Any:
    """Return the only component of a type in the scene."""
    (found,) = (one for entity in scene.entities for one in entity.components if isinstance(one, kind))
    return found


def articulation(scene: sapien.Scene) -> physx.PhysxArticulation:
    (found,) = scene.get_all_articulations()
    return found


def lifted(observation: dict[str, Any]) -> Array:
    """Return the world point of every pixel, (H, W, 3), by the documented conventions."""
    depth = observation["depth"]
    rows, columns = np.mgrid[: depth.shape[0], : depth.shape[1]] + 0.5
    rays = np.stack([columns, rows, np.ones_like(rows)], axis=-1) @ np.linalg.inv(observation["intrinsics"]).T
    pose = observation["camera_in_world"]
    return np.asarray((rays * depth[..., None]) @ pose[:3, :3].T + pose[:3, 3])


def test_the_camera_is_where_sapien_has_it_with_opencvs_axes(seen: tuple[dict[str, Any], sapien.Scene]) -> None:
    observation, scene = seen
    camera = component(scene, RenderCameraComponent)
    np.testing.assert_allclose(observation["intrinsics"], camera.get_intrinsic_matrix(), atol=1e-3)
    world_in_camera = np.vstack([camera.get_extrinsic_matrix()[:3], (0.0, 0.0, 0.0, 1.0)])  # OpenCV's, says SAPIEN
    np.testing.assert_allclose(observation["camera_in_world"] @ world_in_camera, np.eye(4), atol=1e-5)
    assert observation["rgb"].shape == (camera.height, camera.width, 3)
    assert observation["depth"].shape == (camera.height, camera.width)


def test_pixels_and_depth_give_points_on_the_bodies_of_the_simulator(seen: tuple[dict[str, Any], sapien.Scene]) -> None:
    observation, scene = seen
    points = lifted(observation)[observation["depth"] > 0.0]
    blocks = 0
    for entity in scene.entities:
        body = entity.find_component_by_type(physx.PhysxRigidDynamicComponent)
        if body is None or not entity.name.endswith("_block"):
            continue
        (shape,) = body.collision_shapes
        vertices = np.asarray(shape.vertices) * np.asarray(shape.scale)
        high, low = vertices.max(axis=0), vertices.min(axis=0)
        middle, half = (low + high) / 2.0, (high - low) / 2.0
        body_in_world = entity.pose.to_transformation_matrix()
        local = (points - body_in_world[:3, 3]) @ body_in_world[:3, :3] - middle
        # Points near the upper half of the block belong to it, as the blocks stand apart from everything else.
        near = (np.abs(local) < half + 0.004).all(axis=1) & (local[:, 2] > 0.0)
        off = (np.abs(local[near]) - half).max(axis=1)
        assert near.sum() > 200
        assert np.percentile(np.abs(off), 95) < 0.002
        blocks += 1
    assert blocks == 2


def test_the_table_is_the_plane_z_0(seen: tuple[dict[str, Any], sapien.Scene]) -> None:
    observation, scene = seen
    static = component(scene, physx.PhysxRigidStaticComponent)
    (shape,) = static.collision_shapes
    top = static.entity.pose.p[2] + shape.local_pose.p[2] + shape.half_size[2]
    assert top == pytest.approx(0.0, abs=1e-6)
    heights = lifted(observation)[observation["depth"] > 0.0]
    over = heights[(np.abs(heights[:, :2]) < np.asarray(shape.half_size[:2])).all(axis=1), 2]
    assert (np.abs(over - top) < 0.001).mean() > 0.5


def test_the_world_is_z_up_x_away_from_the_robot_and_y_to_its_left(seen: tuple[dict[str, Any], sapien.Scene]) -> None:
    observation, scene = seen
    np.testing.assert_allclose(scene.physx_system.config.gravity, (0.0, 0.0, -9.81), atol=1e-5)
    base = articulation(scene).root_pose
    assert base.p[0] < -0.45  # the robot stands at the table's near edge ...
    np.testing.assert_allclose(base.to_transformation_matrix()[:3, :3], np.eye(3), atol=1e-5)  # ... and looks along x
    points = lifted(observation)
    at_left, at_right = (points[:, columns].reshape(-1, 3) for columns in (slice(0, 160), slice(-160, None)))
    near = [one[np.abs(one[:, 2]) < 0.001, 1] for one in (at_left, at_right)]
    assert near[0].min() > near[1].max()


def test_joints_are_radians_of_the_arm_then_metres_of_the_fingers(seen: tuple[dict[str, Any], sapien.Scene]) -> None:
    observation, scene = seen
    robot = articulation(scene)
    np.testing.assert_allclose(observation["qpos"], robot.qpos, atol=1e-6)
    kinds = [joint.type for joint in robot.active_joints]
    assert [kind.startswith("revolute") for kind in kinds] == [True] * 7 + [False] * 2
    assert kinds[7:] == ["prismatic"] * 2
    assert observation["qpos"][7:] == pytest.approx([0.04, 0.04], abs=1e-3)  # a Panda's hand opens by 8 cm


def test_the_tool_points_out_of_the_hand_and_closes_along_y(seen: tuple[dict[str, Any], sapien.Scene]) -> None:
    observation, scene = seen
    links = {link.name: link.entity_pose.to_transformation_matrix() for link in articulation(scene).links}
    tcp = observation["tcp_in_world"]
    left, right = links["panda_leftfinger"][:3, 3], links["panda_rightfinger"][:3, 3]
    apart = (left - right) / np.linalg.norm(left - right)
    assert abs(apart @ tcp[:3, 1]) == pytest.approx(1.0, abs=1e-4)
    out = tcp[:3, 3] - links["panda_hand"][:3, 3]
    assert out @ tcp[:3, 2] == pytest.approx(np.linalg.norm(out), abs=1e-5)
    assert (tcp[:3, 3] - (left + right) / 2.0) @ tcp[:3, 1] == pytest.approx(0.0, abs=1e-4)
    assert np.linalg.det(tcp[:3, :3]) == pytest.approx(1.0, abs=1e-6)


def test_page_and_docstring_name_everything_that_is_observed(seen: tuple[dict[str, Any], sapien.Scene]) -> None:
    observation, _ = seen
    assert set(observation) == set(KEYS)
    for key in KEYS:
        row = re.search(rf"^\| `{key}` \| (\w+) \((.*?)\) \|", PAGE, re.MULTILINE)
        assert row, key
        assert row[1] == observation[key].dtype.name
        assert len(row[2].strip(",").split(",")) == observation[key].ndim
        assert f"`{key}`" in (TraceEnv.__doc__ or "")


@pytest.mark.parametrize("block", BLOCKS, ids=range(len(BLOCKS)))
def test_the_examples_of_the_page_run_and_print_what_they_promise(renderer: None, block: str) -> None:
    assert tracesim.__version__
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(block, "docs/gymnasium.md", "exec"), {})
    for promised in re.findall(r"^ *print\(.*\)  # (.+)$", block, re.MULTILINE):
        assert promised in out.getvalue().splitlines()
