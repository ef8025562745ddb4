"""States in which seeds begin: written to a thousandth of what counts as the same, and told apart part by part."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.episodes import arranged
from tracesim.assets.robots import embodiment
from tracesim.configuration import Variation
from tracesim.geometry.rigid import rotation_about, transform
from tracesim.layout.policy_camera import policy_camera
from tracesim.results.start import SAME, Eye, Placed, Pose, Start
from tracesim.simulation.scene import Scene

POSE = Pose(position=(0.1, -0.2, 0.3), orientation=(1.0, 0.0, 0.0, 0.0))
CUP = Placed(name="cup", kind="mug", color="red", extent_m=(0.08, 0.07, 0.1), pose=POSE)
BOX = Placed(name="box", kind="box", color="blue", extent_m=(0.1, 0.2, 0.3), pose=POSE)
START = Start(
    instruction="Lift the red mug.",
    words={"cup": "red mug"},
    bodies=[CUP, BOX],
    base=POSE,
    qpos=[0.0, 0.5, -1.0],
    camera=Eye.of(policy_camera()),
)
SHIFTS = st.tuples(*3 * [st.floats(-0.1, 0.1)])


def moved(pose: Pose, by_m: tuple[float, ...]) -> Pose:
    x, y, z = (there + by for there, by in zip(pose.position, by_m, strict=True))
    return pose.model_copy(update={"position": (x, y, z)})


def changed(part: Any, **fields: Any) -> Any:
    return part.model_copy(update=fields)


@given(st.tuples(*3 * [st.floats(-2.0, 2.0)]), st.sampled_from(np.eye(3).tolist()), st.floats(-3.0, 3.0))
def test_a_pose_is_written_to_a_billionth(position: tuple[float, ...], axis: list[float], angle: float) -> None:
    in_world = transform(rotation_about(axis, angle), position)
    pose = Pose.of(in_world)
    assert pose.position == tuple(np.round(position, 9).tolist())
    assert pose.difference(Pose.of(np.eye(4))) == pytest.approx(np.abs(in_world - np.eye(4)).max(), abs=1e-8)
    assert not re.search(r"-0\.0\b", pose.model_dump_json())


def test_a_camera_is_written_with_its_size_intrinsics_and_pose() -> None:
    camera = policy_camera()
    eye = Eye.of(camera)
    assert (eye.width, eye.height) == (640, 480)
    np.testing.assert_allclose(eye.intrinsics, camera.intrinsics.ravel(), atol=1e-9)
    assert eye.pose == Pose.of(camera.camera_in_world)


def test_a_start_state_is_that_of_the_settled_scene() -> None:
    task = arranged("stack_blocks_two", 4, Variation("clean", 0))
    scene = Scene(task.layout, embodiment("panda"), raised_m=0.02)
    for _ in range(50):
        scene.step()
    start = Start.of(task, scene, policy_camera())
    assert start.instruction == task.said
    assert start.words == dict(task.words())
    assert [(body.name, body.kind, body.color) for body in start.bodies] == [
        (body.name, body.prop.kind, body.prop.color) for body in task.layout
    ]
    for found, body in zip(start.bodies, task.layout, strict=True):
        edge_m = body.prop.height_m
        assert found.extent_m == pytest.approx((edge_m, edge_m, edge_m), abs=1e-8)
        assert found.pose == Pose.of(scene.body_in_world(body.name))
        assert found.pose.difference(Pose.of(body.body_in_world)) < 1e-3
    assert start.base.difference(Pose.of(transform(translation=(-0.62, 0.0, -0.02)))) < SAME
    assert start.qpos == pytest.approx(scene.robot.qpos, abs=1e-8)
    assert start.camera == Eye.of(policy_camera())
    assert not re.search(r"\.\d{10}", start.model_dump_json())


@given(SHIFTS, SHIFTS, SHIFTS)
def test_two_states_are_as_far_apart_as_what_moved_most(
    cup: tuple[float, ...], base: tuple[float, ...], camera: tuple[float, ...]
) -> None:
    other = changed(
        START,
        bodies=[changed(CUP, pose=moved(POSE, cup)), changed(BOX, name="lid", pose=moved(POSE, (9.0, 9.0, 9.0)))],
        base=moved(POSE, base),
        camera=changed(START.camera, pose=moved(START.camera.pose, camera)),
    )
    assert START.distance(other) == pytest.approx(np.abs([cup, base, camera]).max())
    assert START.distance(changed(other, qpos=[0.0, 1.5, -1.0])) == pytest.approx(1.0)
    assert START.distance(changed(other, qpos=[0.0])) == START.distance(other)


def test_a_state_differs_in_nothing_from_itself_nor_within_a_millionth() -> None:
    near = (0.9 * SAME, 0.0, -0.9 * SAME)
    other = changed(
        START,
        bodies=[changed(CUP, pose=moved(POSE, near), extent_m=(0.08 + 0.9 * SAME, 0.07, 0.1)), BOX],
        base=moved(POSE, near),
        qpos=[0.9 * SAME, 0.5, -1.0],
    )
    assert list(START.differences(START)) == []
    assert list(START.differences(other)) == []
    assert list(START.differences(changed(START, qpos=[SAME, 0.5, -1.0]))) == []


@pytest.mark.parametrize(
    ("other", "differences"),
    [
        (
            changed(START, instruction="Lift.", words={}),
            [
                ("instruction", "'Lift the red mug.' there, 'Lift.' here"),
                ("words", "{'cup': 'red mug'} there, {} here"),
            ],
        ),
        (changed(START, bodies=[BOX, CUP]), [("bodies", "cup, box there, box, cup here")]),
        (changed(START, bodies=[CUP]), [("bodies", "cup, box there, cup here")]),
        (
            changed(START, bodies=[CUP, changed(BOX, kind="tin", color="green", extent_m=(0.1, 0.2, 0.31))]),
            [
                ("box", "kind box there, tin here"),
                ("box", "color blue there, green here"),
                ("box", "extents differ by 0.01"),
            ],
        ),
        (
            changed(START, bodies=[changed(CUP, pose=moved(POSE, (0.0, 2e-6, 0.0))), BOX]),
            [("cup", "pose differs by 2e-06 (position by 2e-06 m)")],
        ),
        (
            changed(START, base=changed(POSE, orientation=(0.0, 0.0, 0.0, 1.0))),
            [("robot", "pose differs by 2 (position by 0 m)")],
        ),
        (changed(START, qpos=[0.0, 0.5]), [("robot", "3 joints there, 2 here")]),
        (changed(START, qpos=[0.25, 0.5, -1.5]), [("robot", "joints differ by 0.5")]),
        (
            changed(START, camera=changed(START.camera, height=481)),
            [("camera", "640 x 480 pixels there, another size here")],
        ),
        (
            changed(START, camera=changed(START.camera, intrinsics=[0.0] * 8)),
            [("camera", "9 intrinsics there, 8 here")],
        ),
        (
            changed(START, camera=changed(START.camera, pose=moved(START.camera.pose, (0.0, 0.0, 0.5)))),
            [("camera", "pose differs by 0.5 (position by 0.5 m)")],
        ),
    ],
)
def test_what_differs_is_said_part_by_part(other: Start, differences: list[tuple[str, str]]) -> None:
    assert list(START.differences(other)) == differences
