"""Tests of the controller: how the hand closes on a body, holds it and releases it."""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby

import numpy as np
import pytest

from tests.control.bench import HAND, OPEN_M, cuboid, on_table, prop, with_grasps, with_width
from tests.control.driven import ARM, SAMPLE_S, Driven
from tests.control.test_grasp_planner import ACROSS, held
from tracesim.failure import Failure
from tracesim.geometry.rigid import FloatArray, inverse, transform, yaw
from tracesim.simulation.recorder import Recording
from tracesim.simulation.scene import TIMESTEP_S


def finger_speeds(recording: Recording, driven: Driven) -> FloatArray:
    travel = recording.qpos[:, driven.scene.robot.finger_indices]
    return np.asarray(np.abs(np.diff(travel, axis=0)).max(axis=1) / SAMPLE_S)


def test_a_hand_closes_and_opens_and_plans_know_it() -> None:
    driven = Driven()
    driven.controller.close_hand()
    assert driven.scene.robot.opening_m == pytest.approx(0.0, abs=1e-3)
    assert driven.scene.time_s == pytest.approx(0.45, abs=0.6 * TIMESTEP_S)
    assert finger_speeds(driven.recording, driven).max() == pytest.approx(HAND.speed_m_s, rel=0.1)
    assert driven.bench.planner.arm.full(np.zeros(7))[-1] == 0.0
    driven.controller.open_to(np.full(2, 0.02))
    driven.controller.wait(0.5)
    assert driven.scene.robot.opening_m == pytest.approx(0.04, abs=1e-3)
    assert driven.bench.planner.arm.full(np.zeros(7))[-1] == pytest.approx(0.02)
    driven.controller.open_hand()
    driven.controller.wait(0.5)
    assert driven.scene.robot.opening_m == pytest.approx(2.0 * OPEN_M, abs=1e-3)


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
    far = grasped(transform(translation=(0.0, 0.0, 1.0)))
    assert far == Failure("grasp", "gave_way", "{held} moved 1000 mm, 0 deg as the fingers closed")


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
    driven = Driven(held=(with_grasps(card, with_width(ACROSS, 0.003)), on_table(-0.05, 0.0)))
    driven.hold()


def test_a_body_is_released_where_it_is_and_the_hand_backs_off() -> None:
    driven = Driven(held=held(ACROSS))
    plan = driven.hold()
    before = driven.scene.body_in_world("held")
    tool = driven.scene.robot.tcp_in_world[:3, 3]
    held_for = len(driven.recording)
    driven.controller.release(driven.bench.layout["held"], plan.grasp)
    recording = driven.recording.since(held_for)
    assert driven.scene.body_in_world("held") == pytest.approx(before, abs=1e-3)
    assert [phase for phase, _ in groupby(recording.phases)] == ["open", "retreat"]
    opening = recording.phases == "open"
    assert opening.sum() in (17, 18)
    assert finger_speeds(recording, driven).max() < 1.1 * HAND.speed_m_s
    width_m = recording.qpos[:, driven.scene.robot.finger_indices].sum(axis=1)
    assert width_m[-1] == pytest.approx(2.0 * plan.grasp.opened[0], abs=1e-3)
    # The grip is loosened before the fingers move: 6 mm of travel at 0.1 m/s stand for the force of the grip.
    assert width_m[opening][2] == pytest.approx(0.04, abs=5e-4)
    assert width_m[opening][13] == pytest.approx(2.0 * plan.grasp.opened[0], abs=2e-3)
    assert driven.scene.robot.tcp_in_world[:3, 3] - tool == pytest.approx((0.0, 0.0, 0.08), abs=2e-3)


def test_a_hand_backs_off_to_the_joint_limits() -> None:
    driven = Driven(held=held(ACROSS))
    arm = driven.bench.planner.arm
    at_limit = np.array(ARM.parked)
    at_limit[5] = arm.limits[5, 1] - 0.03
    driven.controller.approach(at_limit[None])
    tool = driven.scene.robot.tcp_in_world
    driven.controller.release(driven.bench.layout["held"], replace(ACROSS, opened=HAND.open))
    back = (driven.scene.robot.tcp_in_world[:3, 3] - tool[:3, 3]) @ -tool[:3, 2]
    assert back == pytest.approx(0.01, abs=5e-4)  # a step of 1 cm fits within the limits
