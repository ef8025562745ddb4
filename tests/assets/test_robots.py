"""Tests of every robot: what a scene, a planner and a policy expect of it."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from tracesim.assets.robots import ROBOTS, embodiment
from tracesim.control.planner import ArmPlanner
from tracesim.geometry.rigid import apply, inverse, transform
from tracesim.layout.layout import WORKSPACE, Layout
from tracesim.layout.parallel_hand import ParallelHand
from tracesim.layout.policy_camera import policy_camera
from tracesim.simulation.scene import TIMESTEP_S, Scene

DOWN = np.diag([1.0, -1.0, -1.0])
CLONE = Path(__file__).parents[2]
SIZES = re.compile(r"^\s*\w*(finger|tip|palm|stroke)\w*_m(:\s*\w+)?\s*=\s*[\d(]", re.IGNORECASE | re.MULTILINE)
"""An assignment of a number to a name that sounds like the size of a hand."""


def sources() -> dict[str, str]:
    """Return the text of every module that is no robot's, by its path."""
    files = [file for folder in ("tracesim", "envs", "policies", "assets") for file in (CLONE / folder).rglob("*.py")]
    return {str(file.relative_to(CLONE)): file.read_text() for file in files if "robots" not in file.parent.parts}


@pytest.mark.parametrize("robot", list(ROBOTS))
def test_no_other_module_names_a_link_or_a_joint_of_a_robot(robot: str) -> None:
    root = ElementTree.parse(embodiment(robot).urdf())
    names = {element.get("name", "") for tag in ("link", "joint") for element in root.iter(tag)}
    telling = sorted(name for name in names if "_" in name)
    assert telling
    named = re.compile("|".join(rf"[\"']{re.escape(name)}[\"']" for name in telling))
    assert {path: named.findall(text) for path, text in sources().items() if named.search(text)} == {}


def test_no_other_module_holds_the_size_of_a_hand() -> None:
    """Two do: the hand for which scenes are drawn, and what all parallel hands keep from what they grasp."""
    allowed = ("tracesim/layout/nominal_hand.py", "tracesim/layout/parallel_hand.py")
    found = {path: SIZES.search(text) for path, text in sources().items() if path not in allowed}
    assert {path: match.group() for path, match in found.items() if match} == {}
    assert SIZES.search("FINGER_HALF_WIDTH_M = 0.010")
    assert SIZES.search("TIP_M: Final = 0.009")


@pytest.fixture(params=list(ROBOTS), scope="module")
def scene(request: pytest.FixtureRequest) -> Scene:
    """Return a robot at an empty table."""
    return Scene(Layout(), embodiment(request.param))


@pytest.fixture
def planners(scene: Scene) -> list[ArmPlanner]:
    """Return the planner of each arm of a robot."""
    made = [ArmPlanner(scene, 0, one) for one in scene.robot.by_arm]
    for planner in made:
        planner.mirror()
    return made


def test_a_robot_stays_where_it_is_parked_and_touches_nothing(scene: Scene) -> None:
    robot = scene.robot
    for _ in range(round(1.0 / TIMESTEP_S)):
        scene.step()
        assert scene.touching(set(robot.links) - set(robot.embodiment.mount_links)) == []
    for one in robot.by_arm:
        assert one.arm_qpos == pytest.approx(one.arm.parked, abs=1e-3)
        assert one.hand_qpos == pytest.approx(one.arm.hand.open, abs=1e-4)
    assert len(robot.observed_qpos) == robot.embodiment.dof


def test_a_parked_robot_is_not_in_the_policys_view(scene: Scene) -> None:
    if scene.robot.embodiment.in_view:
        pytest.skip("it stands on the table")
    camera = policy_camera()
    for name, shape in scene.robot.shapes.items():
        link_in_world = np.asarray(scene.robot.links[name].entity_pose.to_transformation_matrix(), float)
        seen = apply(inverse(camera.camera_in_world), apply(link_in_world, shape.points))
        ahead = seen[seen[:, 2] > 0.01]
        pixels = ahead @ camera.intrinsics.T
        pixels = pixels[:, :2] / pixels[:, 2:]
        # Hulls are convex: none is in view if all of its corners are beyond the same edge of the image.
        beyond = [pixels[:, 0] < 0, pixels[:, 0] > camera.width, pixels[:, 1] < 0, pixels[:, 1] > camera.height]
        assert any(side.all() for side in beyond), name


def test_fingers_close_on_the_tool_and_are_as_far_apart_as_the_hand_says(scene: Scene) -> None:
    for robot in scene.robot.by_arm:
        hand = robot.arm.hand
        if not isinstance(hand, ParallelHand):
            continue  # tested by itself
        for share in (1.0, 0.5, 0.0):
            target = hand.closed + share * (hand.open - hand.closed)
            robot.grip(target)
            for _ in range(round(1.0 / TIMESTEP_S)):
                scene.step()
            if share:  # closed fingers press on each other
                assert robot.hand_qpos == pytest.approx(target, abs=2e-3)
            if not isinstance(hand, ParallelHand):
                continue
            pads = []
            for link in hand.finger_links:
                link_in_world = robot.links[link].entity_pose.to_transformation_matrix()
                points = apply(inverse(robot.tcp_in_world) @ link_in_world, robot.shapes[link].points)
                pads.append(points[points[:, 2] > 0.0])  # beyond the tool centre point
            low, high = sorted(pads, key=lambda points: float(points[:, 1].mean()))
            assert high[:, 1].min() - low[:, 1].max() == pytest.approx(robot.opening_m, abs=1e-3)
        robot.grip(hand.open)


def test_a_robot_reaches_the_workspace_from_above(planners: list[ArmPlanner]) -> None:
    if planners[0].robot.embodiment.cannot:
        pytest.skip("it does not reach all of it, and says which tasks it cannot do")
    for x in np.linspace(*WORKSPACE.x, 4):
        for y in np.linspace(*WORKSPACE.y, 5):
            for z in (0.02, 0.15):
                target = transform(DOWN, (x, y, z))
                found = [(one, qpos) for one in planners if (qpos := next(one.arm.postures(target), None)) is not None]
                assert found, (x, y, z)
                for planner, qpos in found:
                    reached = planner.arm.tool_in_world(qpos[None])[0]
                    np.testing.assert_allclose(reached, target, atol=1e-3)


def test_plans_keep_an_arm_away_from_itself_as_mplib_sees_it() -> None:
    planner = ArmPlanner(Scene(Layout(), embodiment("ur5")), seed=0)
    planner.mirror()
    inner = set(planner._scene.robot.arm.inner_links)
    rng = np.random.default_rng(0)
    agreed = {True: 0, False: 0}
    for _ in range(300):
        qpos = rng.uniform(-np.pi, np.pi, 6)
        planner._world.set_qpos_all(qpos)
        hits = [{hit.link_name1, hit.link_name2} for hit in planner._world.check_collision()]
        # Links near the base are only kept away from those further out.
        collides = any(len(hit & inner) < 2 for hit in hits)
        assert planner.arm.keeps(0.0, qpos[None]) != collides, hits
        agreed[collides] += 1
    assert min(agreed.values()) > 50
