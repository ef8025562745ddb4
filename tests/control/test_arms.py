"""Tests of robots with several arms: which one moves, and how it keeps away from the others."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.control.bench import PANDA, cube, down, on_table
from tests.control.driven import Watching
from tracesim.assets.robots import embodiment
from tracesim.control.controller import Controller
from tracesim.control.kinematics import PLANNING_CLEARANCE_M
from tracesim.control.monitors import Collision
from tracesim.control.planner import ArmPlanner
from tracesim.geometry.clearance import ClearanceProbe
from tracesim.geometry.rigid import FloatArray
from tracesim.geometry.trace import Trace
from tracesim.layout.layout import Body, Layout
from tracesim.motion.execution import Led, executed
from tracesim.motion.reach import able, by_distance
from tracesim.motion.subtask import Subtask
from tracesim.simulation.recorder import Phase, Recorder
from tracesim.simulation.scene import TIMESTEP_S, Scene

TWO = embodiment("two_pandas")
MIDDLE = (-0.1, 0.0, 0.15)


class Pair:
    """Two arms at a table, each with its planner."""

    def __init__(self, *bodies: Body) -> None:
        self.layout = Layout.of(bodies)
        self.scene = Scene(self.layout, TWO)
        self.left, self.right = self.planners = [ArmPlanner(self.scene, 0, one) for one in self.scene.robot.by_arm]
        for planner in self.planners:
            planner.mirror()

    def posture(self, planner: ArmPlanner, *at: float) -> FloatArray:
        return next(planner.arm.postures(down(at)[0]))

    def put(self, planner: ArmPlanner, qpos: FloatArray) -> None:
        """Put an arm at joint positions, and show its place to both planners."""
        robot, full = planner.robot, planner.robot.qpos
        full[robot.arm_indices] = qpos
        robot.articulation.set_qpos(full)
        robot.drive(qpos, np.zeros(7))
        for each in self.planners:
            each.mirror()

    def between_m(self, planner: ArmPlanner, path: FloatArray) -> float:
        """Return the least distance along a path of an arm from all links of the other arm, where they are."""
        robot = planner.robot
        moving = {name: robot.shapes[name] for name in robot.moved_links}
        others = {name: robot.shapes[name] for name in robot.idle_links}
        poses = {**planner.arm.links_in_world(path), **robot.links_in_world(others)}
        return float(ClearanceProbe(moving, others).over(poses).distance_m.min())


def test_arms_have_joints_links_and_tools_of_their_own_and_share_one_articulation() -> None:
    pair = Pair()
    left, right = pair.scene.robot.by_arm
    assert left is pair.scene.robot
    assert left.articulation is right.articulation
    assert not {*left.moved_links} & {*right.moved_links}
    assert not {*left.arm_indices, *left.finger_indices} & {*right.arm_indices, *right.finger_indices}
    assert left.tcp_in_world[1, 3] == pytest.approx(-right.tcp_in_world[1, 3], abs=1e-6)
    assert left.tools_in_world.shape == (2, 4, 4)
    assert left.observed_qpos[:7] == pytest.approx(left.arm.parked, abs=1e-6)
    assert left.observed_qpos[9:16] == pytest.approx(right.arm.parked, abs=1e-6)


@pytest.mark.parametrize("side", [0, 1])
def test_an_arms_kinematics_are_those_of_the_simulation_whatever_the_other_does(side: int) -> None:
    pair = Pair()
    mine, other = pair.planners[side], pair.planners[1 - side]
    pair.put(other, pair.posture(other, -0.15, other.robot.shoulder_in_world[1, 3], 0.1))
    qpos = pair.posture(mine, -0.15, mine.robot.shoulder_in_world[1, 3], 0.2)
    pair.put(mine, qpos)
    assert mine.arm.tool_in_world(qpos[None])[0] == pytest.approx(mine.robot.tcp_in_world, abs=1e-5)
    for name, pose in mine.robot.links_in_world(mine.robot.moved_links).items():
        assert mine.arm.links_in_world(qpos[None])[name][0] == pytest.approx(pose, abs=1e-5)


def test_a_plan_keeps_away_from_the_other_arm_where_it_is() -> None:
    pair = Pair()
    pair.put(pair.left, pair.posture(pair.left, -0.03, -0.08, 0.1))
    start, goal = pair.posture(pair.right, 0.07, -0.07, 0.25), pair.posture(pair.right, -0.02, -0.37, 0.09)
    straight = np.linspace(start, goal, 40)
    assert pair.between_m(pair.right, straight) < 0.0
    path = pair.right.connect(start, goal)
    assert path is not None
    assert pair.between_m(pair.right, path) >= PLANNING_CLEARANCE_M


def test_a_posture_that_meets_the_other_arm_is_not_free() -> None:
    pair = Pair()
    qpos = pair.posture(pair.right, *MIDDLE)[None]
    assert pair.right.arm.keeps(PLANNING_CLEARANCE_M, qpos)
    pair.put(pair.left, pair.posture(pair.left, *MIDDLE))
    assert not pair.right.arm.keeps(0.0, qpos)


def test_arms_that_touch_end_the_episode_and_their_clearance_is_negative() -> None:
    pair = Pair()
    recorder = Recorder(pair.scene)
    controller = Controller(pair.scene, pair.left, recorder)
    pair.put(pair.left, pair.posture(pair.left, *MIDDLE))
    controller.work_with(pair.right)
    start, goal = pair.posture(pair.right, -0.15, -0.25, 0.15), pair.posture(pair.right, *MIDDLE)
    pair.put(pair.right, start)
    with pytest.raises(Collision) as stopped:
        controller.servo(goal, pair.right.robot.arm.hand.open, 600, Phase.APPROACH, Watching())
    contact = stopped.value.contact
    assert pair.scene.robot.is_between_arms(contact.moving, contact.other)
    led = Led(controller.robot, None, Subtask("none"))
    curve = executed(pair.layout, [led], recorder.recording(), (contact,))
    assert curve.clearance_m is not None
    assert curve.clearance_m[0] > 0.0
    assert curve.clearance_m[-1] < 1e-3


def test_the_nearest_arm_that_can_follow_the_whole_trace_is_chosen() -> None:
    near, far = Body("near", cube(), on_table(-0.1, 0.12)), Body("far", cube(), on_table(0.05, 0.05))
    pair = Pair(near, far)
    up = Trace(np.array([(-0.1, 0.12, 0.04), (-0.1, 0.12, 0.14), (-0.1, 0.12, 0.04)]))
    assert able(pair.planners, near, up, Subtask("near")) is pair.left
    away = Trace(np.array([(0.05, 0.05, 0.04), (0.05, 0.05, 0.14), (0.05, -0.35, 0.14), (0.05, -0.35, 0.04)]))
    assert by_distance(pair.planners, away)[0] is pair.left
    assert able(pair.planners, far, away, Subtask("far")) is pair.right
    beyond = Trace(np.array([(0.05, 0.05, 0.04), (0.05, 0.05, 0.14), (0.9, 0.0, 0.14)]))
    assert able(pair.planners, far, beyond, Subtask("far")) is None


def test_an_arm_goes_on_from_where_it_was_left() -> None:
    pair = Pair()
    controller = Controller(pair.scene, pair.left, Recorder(pair.scene))
    goal = pair.posture(pair.left, -0.15, 0.2, 0.2)
    path = pair.left.connect(controller.goal_qpos, goal)
    assert path is not None
    assert controller.approach(np.array([path[-1]])) is None
    controller.work_with(pair.right)
    assert controller.goal_qpos == pytest.approx(pair.right.robot.arm.parked, abs=1e-6)
    controller.wait(0.2)
    controller.work_with(pair.left)
    assert controller.goal_qpos == pytest.approx(goal)
    assert pair.left.robot.arm_qpos == pytest.approx(goal, abs=2e-3)


def test_limits_and_gains_may_differ_from_joint_to_joint() -> None:
    slow = (0.1, *6 * [1.2])
    arm = replace(PANDA.arms[0], velocity_limit=slow)
    planner = ArmPlanner(Scene(Layout(), replace(PANDA, arms=(arm,))), 0)
    parked = np.array(arm.parked)
    _, velocities = planner.timed(np.array([parked, parked + 0.5]))
    fastest = np.abs(velocities).max(axis=0)
    assert fastest == pytest.approx(0.1, rel=0.02)  # all move as far, and the first is the slowest


def test_locked_joints_stay_where_they_are_told() -> None:
    shorter = replace(PANDA.arms[0], joints=PANDA.arms[0].joints[1:], parked=PANDA.arms[0].parked[1:])
    robot = replace(PANDA, arms=(shorter,), locked={"panda_joint1": 0.4})
    scene = Scene(Layout(), robot)
    for _ in range(round(0.5 / TIMESTEP_S)):
        scene.step()
    assert scene.robot.qpos[0] == pytest.approx(0.4, abs=1e-3)
    assert robot.dof == 8
    assert len(scene.robot.observed_qpos) == 8


def test_joints_that_two_arms_share_count_once() -> None:
    arm = PANDA.arms[0]
    assert replace(PANDA, arms=(arm, replace(arm, name="other"))).dof == PANDA.dof
