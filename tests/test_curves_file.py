"""The curves file of an episode: what was recorded, and every hull with the thing that it belongs to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from tests.motions import Standing, cube, still
from tracesim.geometry.contacts import ContactRules, DisallowedContact
from tracesim.geometry.curve import Curve, PointOn
from tracesim.geometry.hulls import HullShape
from tracesim.layout.gripper import GRIPPER
from tracesim.layout.policy_camera import policy_camera
from tracesim.results.curves_file import Following, write
from tracesim.simulation.recorder import Recording
from tracesim.task import Task

TIMES = np.array([0.0, 0.5])
MOTION = Recording(
    TIMES,
    ("cup", "panda_hand"),
    np.arange(12.0).reshape(2, 2, 3),
    np.arange(16.0).reshape(2, 2, 4),
    np.arange(18.0).reshape(2, 9),
    np.array(["approach", "follow"]),
    np.array([-1, 0]),
)
HULL = cube().hulls[0]
CUP = replace(cube(), kind="mug", noun="mug", color="red", hulls=(HULL, HULL[:5] + 0.1))
BOX = replace(cube(0.03), kind="box", noun="crate", color="blue")
# All of a task that the file tells of.
TASK = cast(Task, SimpleNamespace(layout=[Standing("cup", CUP), Standing("box", BOX)], camera=policy_camera()))


def written(folder: Path, executed: Curve | None, followed: Sequence[Following] = ()) -> dict[str, Any]:
    write(folder / "curves.npz", MOTION, TASK, executed, {"panda_hand": HullShape([HULL])}, "panda_hand", followed)
    with np.load(folder / "curves.npz", allow_pickle=False) as file:
        return dict(file)


def test_a_motion_is_written_with_the_camera_and_all_that_stands_there(tmp_path: Path) -> None:
    found = written(tmp_path, None)
    for name, value in vars(MOTION).items():
        np.testing.assert_array_equal(found.pop(name), value)
    camera = policy_camera()
    np.testing.assert_array_equal(found.pop("camera_in_world"), camera.camera_in_world)
    np.testing.assert_array_equal(found.pop("camera_intrinsics"), camera.intrinsics)
    assert found.pop("camera_size").tolist() == [camera.width, camera.height]
    assert str(found.pop("tool")) == "panda_hand"
    texts = {name: found.pop(name).tolist() for name in ("things", "kinds", "nouns", "colors")}
    assert texts == {
        "things": ["cup", "box"],
        "kinds": ["mug", "box"],
        "nouns": ["mug", "crate"],
        "colors": ["red", "blue"],
    }
    points, things, hulls = (found.pop(name) for name in ("hull_points", "hull_things", "hulls"))
    assert points.dtype == np.float32
    for number, (thing, hull) in enumerate([(0, CUP.hulls[0]), (0, CUP.hulls[1]), (1, BOX.hulls[0])]):
        np.testing.assert_allclose(points[hulls == number], hull, atol=1e-6)
        assert set(things[hulls == number]) == {thing}
    assert found.pop("parts").tolist() == ["table", "panda_hand"]
    points, parts, hulls = (found.pop(name) for name in ("part_hull_points", "part_hull_parts", "part_hulls"))
    np.testing.assert_allclose(points[parts == 1], HULL, atol=1e-6)
    assert parts.tolist() == hulls.tolist() == [0] * 8 + [1] * len(HULL)
    followed = ("followed_begun", "followed_bodies", "followed_points", "planned", "planned_traces")
    assert [found.pop(name).shape for name in followed] == [(0,), (0,), (0, 3), (0, 3), (0,)]
    assert found == {}


def test_the_traces_that_were_followed_are_written_with_their_planned_paths(tmp_path: Path) -> None:
    point = PointOn("cup", (0.0, 0.1, 0.2))
    followed = [Following(0, point, np.arange(6.0).reshape(2, 3)), Following(1, point, None)]
    found = written(tmp_path, None, followed)
    assert found["followed_begun"].tolist() == [0, 1]
    assert found["followed_bodies"].tolist() == ["cup", "cup"]
    assert found["followed_points"].tolist() == [[0.0, 0.1, 0.2]] * 2
    assert found["planned"].tolist() == [[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]]
    assert found["planned_traces"].tolist() == [0, 0]


@pytest.mark.parametrize("measured", [False, True])
@pytest.mark.parametrize("led", [False, True])
def test_what_was_executed_is_written_where_it_was_measured(led: bool, measured: bool, tmp_path: Path) -> None:
    tip, clearance_m = still(np.array([0.1, 0.2, 0.3]), 2), np.array([0.05, 0.01])
    executed = Curve(TIMES, {GRIPPER: tip} if led else {}, clearance_m if measured else None)
    found = written(tmp_path, executed)
    contact = {"contact_times_s", "contact_pairs", "contact_positions"}
    assert set(found) - set(written(tmp_path, None)) - contact == {
        name for name, there in (("clearance_m", measured), ("tip_in_world", led)) if there
    }
    np.testing.assert_array_equal(found.get("clearance_m", clearance_m), clearance_m)
    np.testing.assert_array_equal(found.get("tip_in_world", tip[:, :3, 3]), tip[:, :3, 3])


def test_what_may_touch_what_is_written_with_the_contact_that_ended_it(tmp_path: Path) -> None:
    rules = ContactRules(
        {"cup": np.array([False, True]), "panda_hand": np.array([True, True])},
        ("table", "box", "lid"),
        {("cup", "table"): np.array([True, False]), ("panda_hand", "cup"): np.array([True, True])},
    )
    contacts = (DisallowedContact(0.4, "cup", "box", (0.1, 0.2, 0.3)),)
    found = written(tmp_path, Curve(TIMES, {}, np.array([0.05, -0.001]), contact_rules=rules, contacts=contacts))
    expected = {
        "moving_names": ["cup", "panda_hand"],
        "moving": [[False, True], [True, True]],
        "others": ["table", "box", "lid"],
        "allowed_pairs": [["cup", "table"], ["panda_hand", "cup"]],
        "allowed": [[True, False], [True, True]],
        "contact_times_s": [0.4],
        "contact_pairs": [["cup", "box"]],
        "contact_positions": [[0.1, 0.2, 0.3]],
    }
    assert {name: found[name].tolist() for name in expected} == expected
    assert set(found) >= set(written(tmp_path, None))


def test_without_contacts_and_exceptions_their_arrays_are_empty_and_of_their_shape(tmp_path: Path) -> None:
    rules = ContactRules({"cup": np.array([True, True])}, ("table",), {})
    found = written(tmp_path, Curve(TIMES, {}, np.array([0.05, 0.05]), contact_rules=rules))
    assert {name: found[name].shape for name in ("contact_pairs", "contact_positions", "allowed_pairs", "allowed")} == {
        "contact_pairs": (0, 2),
        "contact_positions": (0, 3),
        "allowed_pairs": (0, 2),
        "allowed": (0, 2),
    }
    assert {found[name].dtype.kind for name in ("contact_pairs", "allowed_pairs")} == {"U"}
    assert found["allowed"].dtype == bool
