"""Tests of the controller: what it records, how fast it moves, what it holds, and which contacts end an episode."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import groupby

import numpy as np
import pytest

from tests.control.bench import PANDA, Bench, cuboid, down, on_table, prop
from tests.control.test_grasp_planner import ACROSS, UP_AND_OVER, box, held, path_of
from tracesim.control.controller import Controller
from tracesim.control.grasp_planner import GraspPlan, GraspPlanner
from tracesim.control.monitors import Collision, Meaning
from tracesim.failure import EpisodeEnded, Failure
from tracesim.geometry.rigid import FloatArray, inverse, transform, yaw
from tracesim.layout.prop import Prop
from tracesim.simulation.recorder import Recorder, Recording
from tracesim.simulation.robot import sapien_pose
from tracesim.simulation.scene import TIMESTEP_S, Scene

ARM, HAND = PANDA.arms[0], PANDA.arms[0].hand
SAMPLE_S = 0.02


@dataclass
class Watching:
    """A monitor that says of every contact what it is told to, and keeps what it is asked."""

    meaning: Callable[[str, str], Meaning | None] = lambda first, second: None
    deviation_m: float = 0.0
    looked: list[FloatArray] = field(default_factory=list)
    landed: list[bool] = field(default_factory=list)

    def look(self, scene: Scene, tcp_in_world: FloatArray) -> None:
        self.looked.append(tcp_in_world)
        self.deviation_m += 0.001

    def contact(self, first: str, second: str) -> Meaning | None:
        return self.meaning(first, second)

    def check(self, landed: bool) -> None:
        self.landed.append(landed)


class Driven:
    """A bench whose robot a controller moves and records."""

    def __init__(self, **bodies: tuple[Prop, FloatArray]) -> None:
        self.bench = Bench(bodies)
        self.scene = self.bench.scene
        self.recorder = Recorder(self.scene)
        self.controller = Controller(self.scene, self.bench.planner, self.recorder)

    @property
    def recording(self) -> Recording:
        return self.recorder.recording()

    @property
    def phases(self) -> list[tuple[str, int]]:
        """The phases one after another, each with its number of samples."""
        return [(str(phase), len(list(group))) for phase, group in groupby(self.recording.phases)]

    def put(self, name: str, pose: FloatArray) -> None:
        """Put a body at a pose."""
        self.scene.entities[name].set_pose(sapien_pose(pose))

    def plan(self, grasp: float = 0.0) -> GraspPlan:
        body = self.bench.layout["held"]
        return GraspPlanner(self.bench.planner.arm).plan(body, path_of(body, *UP_AND_OVER))

    def reach(self) -> GraspPlan:
        """Put the open hand around the body, and return the plan."""
        plan = self.plan()
        self.controller.open_to(plan.opening_m)
        assert self.controller.approach(plan.approach) is None
        return plan

    def hold(self) -> GraspPlan:
        """Grasp the body, and return the plan."""
        plan = self.reach()
        assert self.controller.grasp(self.bench.layout["held"], plan) is None
        return plan


# --- time


def test_the_scene_is_recorded_fifty_times_a_second() -> None:
    driven = Driven()
    driven.controller.settle()
    assert driven.recording.times_s == pytest.approx(SAMPLE_S * np.arange(1, 31))
    assert driven.phases == [("settle", 30)]
    driven.controller.stand()
    assert len(driven.recording) == 31
    driven.controller.wait(0.1)
    assert len(driven.recording) == 36
    assert driven.scene.time_s == pytest.approx(0.72)


def test_samples_say_which_keypoint_is_headed_for() -> None:
    driven = Driven()
    driven.controller.stand()
    driven.controller.keypoint = 3
    driven.controller.stand()
    assert driven.recording.keypoints.tolist() == [-1, 3]


def test_a_monitor_sees_every_sample_and_its_deviations_are_kept() -> None:
    driven, watching = Driven(), Watching()
    driven.controller.wait(0.1, watching)
    assert len(watching.looked) == 5
    assert watching.looked[-1] == pytest.approx(driven.scene.robot.tcp_in_world)
    assert driven.controller.deviations_m == pytest.approx([0.001, 0.002, 0.003, 0.004, 0.005])
    assert watching.landed == [False] * 5
    driven.controller.wait(0.1)
    assert len(driven.controller.deviations_m) == 5


# --- the arm


def assert_parked(driven: Driven) -> None:
    assert driven.scene.robot.arm_qpos == pytest.approx(np.array(ARM.parked), abs=1e-3)
    assert driven.scene.robot.articulation.qvel == pytest.approx(0.0, abs=1e-3)


def joints_along(driven: Driven, *points: tuple[float, float, float]) -> FloatArray:
    """Return joint positions at which the tool points down at points, one after another."""
    arm = driven.bench.planner.arm
    poses = down(*points)
    start = next(arm.postures(poses[0]))
    path = arm.trace(poses, start)
    assert not path.blocked
    return np.asarray(path.qpos)


LEFT = tuple((-0.05, y, 0.2) for y in np.linspace(-0.1, 0.1, 21))


def test_an_arm_comes_to_the_start_of_a_path_and_moves_along_it() -> None:
    driven = Driven()
    path = joints_along(driven, *LEFT)
    assert driven.controller.approach(path) is None
    assert driven.scene.robot.arm_qpos == pytest.approx(path[-1], abs=2e-3)
    tool = driven.recording.poses(HAND.tcp_link)[:, :3, 3]
    for point in LEFT:
        assert np.linalg.norm(tool - point, axis=1).min() < 0.01
    assert {phase for phase, _ in driven.phases} == {"approach"}


@pytest.mark.parametrize("speed_m_s", [0.05, 0.15])
def test_an_arm_moves_along_a_path_at_its_speed_and_then_stands_still(speed_m_s: float) -> None:
    driven, watching = Driven(), Watching()
    path = joints_along(driven, *LEFT)
    driven.controller.approach(path[:1])
    driven.controller.follow(None)
    before = len(driven.recording)
    assert driven.controller.move_along(path[1:], watching, speed_m_s)
    moving = driven.recording.since(before)
    assert set(moving.phases) == {"follow"}
    assert len(watching.looked) == len(moving)
    tool = moving.poses(HAND.tcp_link)[:, :3, 3]
    assert np.linalg.norm(np.diff(tool, axis=0), axis=1).max() / SAMPLE_S == pytest.approx(speed_m_s, rel=0.1)
    assert len(moving) * SAMPLE_S > 0.2 / speed_m_s
    driven.controller.wait(0.3)
    assert driven.scene.robot.tcp_in_world[:3, 3] == pytest.approx(np.array(LEFT[-1]), abs=1e-3)
    assert driven.scene.robot.articulation.qvel == pytest.approx(0.0, abs=1e-3)


def test_a_path_of_the_tool_continues_from_where_the_arm_is_headed() -> None:
    driven = Driven()
    path = joints_along(driven, *LEFT)
    driven.controller.approach(path[:1])
    joints, blocked = driven.controller.trace(down(*LEFT[1:]))
    assert blocked == ""
    assert joints == pytest.approx(path[1:], abs=1e-3)
    _, blocked = driven.controller.trace(down((3.0, 0.0, 0.2)))
    assert blocked == "unreachable"


def test_an_arm_follows_to_its_joint_limits() -> None:
    driven = Driven()
    arm = driven.bench.planner.arm
    at_limit = np.array(ARM.parked)
    at_limit[5] = arm.limits[5, 1] - 0.03
    driven.controller.approach(at_limit[None])
    _, blocked = driven.controller.trace(driven.bench.tool(at_limit)[None])
    assert blocked == ""


def test_there_is_no_approach_for_an_arm_that_is_enclosed() -> None:
    bench = Bench()
    tool = bench.scene.robot.tcp_in_world[:3, 3]
    driven = Driven(block=(prop(cuboid(0.3, 0.3, 0.3)), on_table(*(tool - (0.0, 0.0, 0.15)))))
    failure = driven.controller.approach(joints_along(driven, (0.0, -0.2, 0.1)))
    detail = "no way to where the trace begins is free of contact"
    assert failure == Failure("grasp", "no_free_approach", detail)
    assert driven.scene.time_s == 0.0
    # Nor is there a way home, so that the arm stays where it is.
    driven.controller.allow("block", *driven.scene.robot.links)
    driven.controller.go_home()
    assert {phase for phase, _ in driven.phases} == {"settle"}


def test_an_arm_goes_home_and_lets_the_scene_settle() -> None:
    driven = Driven()
    driven.controller.approach(joints_along(driven, *LEFT))
    driven.controller.close_hand()
    samples = len(driven.recording)
    back, _ = driven.controller.trace(down((-0.05, 0.1, 0.22), (-0.05, 0.1, 0.26)))
    driven.controller.retreat(back)
    assert_parked(driven)
    assert driven.scene.robot.opening_m == pytest.approx(2.0 * HAND.open_m, abs=1e-3)
    assert driven.bench.planner.arm.full(np.zeros(7))[-1] == pytest.approx(HAND.open_m)
    phases = [str(phase) for phase, _ in groupby(driven.recording.since(samples).phases)]
    assert phases == ["retreat", "home", "settle"]
    assert driven.phases[-1] == ("settle", 30)


# --- the hand


def finger_speeds(recording: Recording, driven: Driven) -> FloatArray:
    travel = recording.qpos[:, driven.scene.robot.finger_indices]
    return np.asarray(np.abs(np.diff(travel, axis=0)).max(axis=1) / SAMPLE_S)


def test_a_hand_closes_and_opens_and_plans_know_it() -> None:
    driven = Driven()
    driven.controller.close_hand()
    assert driven.scene.robot.opening_m == pytest.approx(0.0, abs=1e-3)
    assert driven.scene.time_s == pytest.approx(0.45, abs=TIMESTEP_S)
    assert finger_speeds(driven.recording, driven).max() == pytest.approx(HAND.speed_m_s, rel=0.1)
    assert driven.bench.planner.arm.full(np.zeros(7))[-1] == 0.0
    driven.controller.open_to(0.02)
    driven.controller.wait(0.5)
    assert driven.scene.robot.opening_m == pytest.approx(0.04, abs=1e-3)
    assert driven.bench.planner.arm.full(np.zeros(7))[-1] == pytest.approx(0.02)
    driven.controller.open_hand()
    driven.controller.wait(0.5)
    assert driven.scene.robot.opening_m == pytest.approx(2.0 * HAND.open_m, abs=1e-3)


def test_a_body_is_held_where_the_plan_has_it() -> None:
    driven = Driven(held=held(ACROSS))
    body = driven.bench.layout["held"]
    plan = driven.reach()
    approached = len(driven.recording)
    assert driven.controller.grasp(body, plan) is None
    closing = driven.recording.since(approached)
    assert set(closing.phases) == {"close"}
    assert len(closing) in (22, 23)
    assert finger_speeds(closing, driven).max() < 1.1 * HAND.speed_m_s
    assert driven.scene.robot.opening_m == pytest.approx(0.04, abs=1e-3)
    assert driven.controller.held_in_tcp("held") == pytest.approx(inverse(ACROSS.tcp_in_prop), abs=2e-3)
    now = driven.controller.body(body)
    assert (now.name, now.prop) == (body.name, body.prop)
    assert now.body_in_world == pytest.approx(driven.scene.body_in_world("held"))


def grasped(change: FloatArray, width_m: float = 0.04) -> Failure | None:
    """Return what the controller says of a block that lies in the hand otherwise than planned."""
    driven = Driven(held=held(ACROSS))
    plan = driven.reach()
    grasp = replace(plan.grasp, tcp_in_prop=plan.grasp.tcp_in_prop @ change, width_m=width_m)
    return driven.controller.grasp(driven.bench.layout["held"], replace(plan, grasp=grasp))


def test_a_body_that_lies_otherwise_in_the_hand_than_planned_gave_way() -> None:
    assert grasped(transform(translation=(0.008, 0.0, 0.0))) is None
    assert grasped(transform(yaw(np.radians(8.0)))) is None
    moved = grasped(transform(translation=(0.0, 0.0, 0.012)))
    assert moved == Failure("grasp", "gave_way", "{held} moved 12 mm, 0 deg as the fingers closed")
    turned = grasped(transform(yaw(np.radians(-12.0))))
    assert turned == Failure("grasp", "gave_way", "{held} moved 0 mm, 12 deg as the fingers closed")


def test_fingers_that_close_to_less_than_a_third_of_the_width_have_missed() -> None:
    missed = Failure("grasp", "missed", "the fingers closed beside {held}")
    assert grasped(np.eye(4), width_m=0.04 * 2.8) is None
    assert grasped(np.eye(4), width_m=0.04 * 3.2) == missed
    driven = Driven(held=held(ACROSS))
    plan = driven.reach()
    driven.put("held", on_table(0.3, 0.5))
    thin = replace(plan, grasp=replace(plan.grasp, width_m=0.001))
    assert driven.controller.grasp(driven.bench.layout["held"], thin) == missed


def test_a_thin_body_is_held_all_the_same() -> None:
    card = prop(cuboid(0.04, 0.003, 0.04))
    driven = Driven(held=(replace(card, grasps=(replace(ACROSS, width_m=0.003),)), on_table(-0.05, 0.0)))
    driven.hold()


def test_a_body_is_released_where_it_is_and_the_hand_backs_off() -> None:
    driven = Driven(held=held(ACROSS))
    plan = driven.hold()
    before = driven.scene.body_in_world("held")
    tool = driven.scene.robot.tcp_in_world[:3, 3]
    held_for = len(driven.recording)
    driven.controller.release(driven.bench.layout["held"], plan.opening_m)
    recording = driven.recording.since(held_for)
    assert driven.scene.body_in_world("held") == pytest.approx(before, abs=1e-3)
    assert [phase for phase, _ in groupby(recording.phases)] == ["open", "retreat"]
    opening = recording.phases == "open"
    assert opening.sum() in (17, 18)
    assert finger_speeds(recording, driven).max() < 1.1 * HAND.speed_m_s
    width_m = recording.qpos[:, driven.scene.robot.finger_indices].sum(axis=1)
    assert width_m[-1] == pytest.approx(2.0 * plan.opening_m, abs=1e-3)
    # The grip is loosened before the fingers move: 6 mm of travel at 0.1 m/s stand for the force of the grip.
    assert width_m[opening][2] == pytest.approx(0.04, abs=5e-4)
    assert width_m[opening][13] == pytest.approx(2.0 * plan.opening_m, abs=2e-3)
    assert driven.scene.robot.tcp_in_world[:3, 3] - tool == pytest.approx((0.0, 0.0, 0.08), abs=2e-3)


# --- contacts


def test_a_link_that_touches_something_stops_the_episode_at_once() -> None:
    driven = Driven(post=box(0.04, 0.04, 0.25, -0.05, 0.2))
    path = joints_along(driven, *((-0.05, y, 0.2) for y in np.linspace(-0.1, 0.2, 31)))
    driven.controller.approach(path[:1])
    driven.controller.follow(None)
    with pytest.raises(Collision) as ended:
        driven.controller.move_along(path, Watching(), 0.2)
    contact = ended.value.contact
    assert contact.moving in HAND.links
    assert contact.other == "post"
    assert contact.time_s == pytest.approx(driven.recording.times_s[-1])
    x, y, z = contact.position
    assert (x, y) == pytest.approx((-0.05, 0.18), abs=0.021)
    assert 0.1 < z < 0.26
    # Not long before, it had not touched it.
    poses = driven.recording.poses("post")
    assert np.linalg.norm(poses[-1, :3, 3] - poses[0, :3, 3]) < 0.01


def touching(*allowed: tuple[str, str], follow: bool = True, samples: int = 1) -> Driven:
    """Return a bench with a body that stands on the table, which the robot is said to move."""
    driven = Driven(moved=box(0.04, 0.04, 0.04, 0.0, 0.0), other=box(0.04, 0.04, 0.04, 0.0, 0.1))
    if follow:
        driven.controller.follow(driven.bench.layout["moved"], *allowed)
    for _ in range(samples):
        driven.controller.stand()
    return driven


def collision(happen: Callable[[], object]) -> tuple[str, str]:
    """Return which body or link touched which."""
    with pytest.raises(Collision) as ended:
        happen()
    failure, contact = ended.value.failure, ended.value.contact
    assert failure.reason == f"{contact.moving}-{contact.other}"
    return contact.moving, contact.other


def in_finger(driven: Driven) -> FloatArray:
    """Return the pose of a body that overlaps a finger of the open hand."""
    return np.asarray(driven.scene.robot.tcp_in_world @ transform(translation=(0.0, 0.03, -0.03)))


def test_only_the_contacts_of_what_the_robot_moves_count_and_only_those_not_allowed() -> None:
    touching(follow=False)
    touching(("moved", "table"), samples=5)
    touching(("table", "moved"))
    assert collision(touching) == ("moved", "table")
    assert collision(lambda: touching(("moved", "other"))) == ("moved", "table")
    driven = touching(follow=False)
    driven.controller.allow("moved", "table", "other")
    driven.controller.follow(driven.bench.layout["moved"])
    driven.controller.stand()


def test_a_collision_names_the_carried_body_before_what_it_touches() -> None:
    driven = touching(("moved", "table"))
    driven.put("moved", on_table(0.0, 0.062))
    assert collision(driven.controller.stand) == ("moved", "other")
    # Also where the other one is a link of the robot.
    driven = touching(("moved", "table"))
    driven.put("moved", in_finger(driven))
    moving, other = collision(driven.controller.stand)
    assert moving == "moved"
    assert other in HAND.links
    # A body that the robot does not move is named second.
    driven = touching(follow=False)
    driven.put("other", in_finger(driven))
    moving, other = collision(driven.controller.stand)
    assert moving in HAND.links
    assert other == "other"


def test_contacts_are_no_longer_checked_once_a_body_is_let_go() -> None:
    driven = touching(("moved", "table"), ("moved", "other"))
    driven.controller.retreat(np.zeros((0, 7)), driven.bench.layout["moved"])  # the body stands on the table on
    assert driven.phases[-1] == ("settle", 30)
    # What was allowed on the trace is not allowed any more.
    driven.controller.follow(driven.bench.layout["moved"])
    assert collision(driven.controller.stand) == ("moved", "table")


def test_a_release_ends_what_was_allowed() -> None:
    driven = Driven(held=held(ACROSS))
    plan = driven.hold()
    driven.controller.release(driven.bench.layout["held"], plan.opening_m)
    driven.put("held", driven.scene.robot.tcp_in_world @ inverse(ACROSS.tcp_in_prop) @ transform(None, (0, 0.02, 0)))
    moving, other = collision(driven.controller.stand)
    assert moving in HAND.links
    assert other == "held"


def test_a_body_that_was_released_may_touch_what_it_stands_on() -> None:
    driven = Driven(held=held(ACROSS))
    plan = driven.hold()
    body = driven.bench.layout["held"]
    driven.controller.follow(body, ("held", "table"))
    driven.controller.release(body, plan.opening_m)
    driven.controller.wait(0.1)
    assert driven.scene.body_in_world("held")[2, 3] == pytest.approx(0.0, abs=1e-3)


def test_a_contact_between_two_samples_counts_too() -> None:
    driven = touching(follow=False)
    driven.put("other", in_finger(driven))
    driven.controller.wait(2 * TIMESTEP_S)
    driven.put("other", on_table(0.0, 0.3, 0.5))
    driven.controller.wait(2 * TIMESTEP_S)
    moving, other = collision(lambda: driven.controller.wait(TIMESTEP_S))
    assert moving in HAND.links
    assert other == "other"


def test_a_monitor_may_say_what_a_contact_means() -> None:
    driven = touching(("moved", "table"))
    disallowed = Watching(lambda first, second: "disallowed")
    assert collision(lambda: driven.controller.wait(SAMPLE_S, disallowed)) == ("moved", "table")
    driven = touching(follow=False)
    driven.controller.follow(driven.bench.layout["moved"])
    watching = Watching(lambda first, second: "allowed" if {first, second} == {"moved", "table"} else None)
    driven.controller.wait(SAMPLE_S, watching)
    assert watching.landed == [False]


def test_a_landing_ends_the_motion_where_the_arm_is() -> None:
    driven = touching(("moved", "table"))
    path = joints_along(driven, *LEFT)
    driven.controller.approach(path[:1])
    driven.controller.follow(None)
    watching = Watching(lambda first, second: "landed" if driven.scene.time_s > until else None)
    until = driven.scene.time_s + 0.5
    assert not driven.controller.move_along(path, watching, 0.1)
    assert watching.landed[-1]
    assert not any(watching.landed[:-1])
    assert driven.scene.time_s == pytest.approx(until + SAMPLE_S, abs=SAMPLE_S)
    at = driven.scene.robot.tcp_in_world[:3, 3]
    driven.controller.wait(0.3)
    assert driven.scene.robot.tcp_in_world[:3, 3] == pytest.approx(at, abs=3e-3)
    assert driven.scene.robot.articulation.qvel == pytest.approx(0.0, abs=1e-3)


def test_a_monitor_may_end_the_episode() -> None:
    driven = Driven()

    class Strict(Watching):
        def check(self, landed: bool) -> None:
            raise EpisodeEnded(Failure("track", "deviation"))

    with pytest.raises(EpisodeEnded) as ended:
        driven.controller.wait(1.0, Strict())
    assert ended.value.failure.stage == "track"
    assert driven.scene.time_s == pytest.approx(SAMPLE_S)


def test_links_of_the_robot_may_touch_each_other_and_its_mount_the_table() -> None:
    driven = Driven()
    driven.controller.close_hand()  # the fingers press on each other
    driven.controller.wait(0.2)
    assert len(driven.recording) > 20
