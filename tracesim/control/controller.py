"""Follows a trace with a robot: grasp, carry as answered or by detours, put down, go home."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from tracesim.control.closed_gripper import Poking
from tracesim.control.detours import Detours
from tracesim.control.grasp_planner import Grasping, GraspPlan, backing_off
from tracesim.control.monitors import (
    SLIP_M,
    SLIP_RAD,
    CarryMonitor,
    Collision,
    Meaning,
    Monitor,
    PressMonitor,
    PushMonitor,
    moved_in_hand,
)
from tracesim.control.planner import ArmPlanner
from tracesim.failure import EpisodeEnded, Failure
from tracesim.geometry.contacts import DisallowedContact
from tracesim.geometry.rigid import FloatArray, inverse
from tracesim.geometry.trace import Trace
from tracesim.layout.gripper import GRIPPER
from tracesim.layout.layout import Body
from tracesim.layout.prop import Grasp
from tracesim.motion.body_path import Carry
from tracesim.motion.stage import Stage
from tracesim.simulation.recorder import Recorder
from tracesim.simulation.scene import TIMESTEP_S, Scene, Touch

CLOSE_S, OPEN_S, SETTLE_S = 0.45, 0.35, 0.6
EMPTY_M: Final = 0.002
"""Fingers that close to less than this hold nothing."""
GRASPS: Final = 3
"""So many grasps are tried where a body gives way to the fingers."""
SAMPLE_STEPS: Final = 5
"""Contacts are looked at and the motion is recorded once in so many steps: at 50 Hz."""


class Controller:
    """Executes one carry; ends by `EpisodeEnded` where it must not go on.

    repair: take detours between keypoints while carrying, where the straight way is not free.
    """

    def __init__(self, scene: Scene, planner: ArmPlanner, recorder: Recorder, repair: bool = False) -> None:
        self._repair = repair
        self._scene = scene
        self._robot = scene.robot
        self._planner = planner
        self._recorder = recorder
        self._steps = 0
        self._allowed: set[frozenset[str]] = set()
        self._moving: set[str] = set(scene.robot.links) - set(scene.robot.embodiment.mount_links)
        self._hand = scene.robot.arm.hand
        self._qpos = scene.robot.arm_qpos
        self._phase = "settle"
        self._keypoint = -1
        self.deviation_m: list[float] = []

    def settle(self) -> None:
        """Let the scene come to rest."""
        self._wait(SETTLE_S)

    def stand(self) -> None:
        """Let so much time pass that the motion is recorded once."""
        for _ in range(SAMPLE_STEPS):
            self._advance()

    def follow(self, body: Body, trace: Trace, stage: Stage) -> None:
        """Move `body` along `trace`, in the manner that the stage states; the gripper itself, if that is the body."""
        manner = stage.manner
        self._planner.mirror()
        if body.name == GRIPPER:
            self._press(trace, stage)
            return
        if manner.way == "push":
            start = self._scene.body_in_world(body.name)
            self._push(body, Carry.along(trace, start, manner, body.pivot(manner.pivot)), stage)
            return
        plan = self._take(body, trace, stage)
        guard = self._carry(body, plan.carry, stage)
        if manner.way == "hold":
            self._wait(SETTLE_S, guard)
            return
        self._let_go(body, plan)
        self._go_home()

    # --- with the closed gripper

    def _press(self, trace: Trace, stage: Stage) -> None:
        """Lead the tip along a trace until it touches the stage's target at its end."""
        self._close_empty()
        plan = Poking(self._planner.arm, self._robot.tip_m).press(trace, stage.target)
        self._come_or_end(plan.approach)
        self._phase = "press"
        landing = PressMonitor(self._robot, stage.target, trace)
        self._move(np.concatenate([[self._qpos], plan.path]), landing, stage.manner.speed_m_s)
        self._wait(stage.manner.dwell_s, landing)
        self._back(plan.retreat)

    def _push(self, body: Body, carry: Carry, stage: Stage) -> None:
        """Shove a body along its way from behind."""
        self._close_empty()
        plan = Poking(self._planner.arm, self._robot.tip_m).push(body, carry)
        self._come_or_end(plan.approach)
        self._phase = "push"
        self._moving.add(body.name)
        self._allowed |= {frozenset((link, body.name)) for link in self._hand.links}
        self._allowed |= {frozenset((body.name, one)) for one in (stage.support, stage.target)}
        self._move(np.concatenate([[self._qpos], plan.path]), PushMonitor(body, carry, stage), stage.manner.speed_m_s)
        self._moving.discard(body.name)
        self._back(plan.retreat)

    def _close_empty(self) -> None:
        self._planner.arm.open_to(0.0)
        self._grip(0.0, CLOSE_S)

    def _come(self, approach: FloatArray) -> Failure | None:
        """Go to where the trace begins; return why not, where nothing has moved yet."""
        path = self._planner.connect(self._qpos, approach[0])
        if path is None:
            return Failure("grasp", "no_free_approach", "no way to where the trace begins is free of contact")
        self._phase = "approach"
        self._move(path)
        self._move(approach)
        return None

    def _come_or_end(self, approach: FloatArray) -> None:
        failure = self._come(approach)
        if failure is not None:
            raise EpisodeEnded(failure)

    def _back(self, retreat: FloatArray) -> None:
        self._phase = "retreat"
        if len(retreat):
            self._move(np.concatenate([[self._qpos], retreat]))
        self._allowed.clear()
        self._robot.grip(self._hand.open_m)
        self._planner.arm.open_to(self._hand.open_m)
        self._go_home()

    # --- grasp

    def _take(self, body: Body, trace: Trace, stage: Stage) -> GraspPlan:
        """Take hold of a body; where no way leads to a grasp, or it gives way to the closing fingers, try another one.

        Its functional point is led to where it was to go from where it stood first, wherever it stands by then.
        """
        pivot = np.append(body.pivot(stage.manner.pivot), 1.0)
        first = self._scene.body_in_world(body.name) @ pivot
        tried: list[Grasp] = []
        failure: Failure | None = None
        while True:
            keypoints = trace.keypoints.copy()
            keypoints[0] += (self._scene.body_in_world(body.name) @ pivot - first)[:3]
            try:
                plan = self._plan(body, Trace(keypoints), stage, tried)
            except EpisodeEnded as ended:
                raise ended if failure is None else EpisodeEnded(failure) from ended
            failure = self._approach(body, plan)
            came = failure is None
            if came:
                failure = self._close(body, plan)
            if failure is None:
                return plan
            tried.append(plan.grasp)
            if len(tried) == GRASPS:
                raise EpisodeEnded(failure)
            if came:
                self._let_go(body, plan)
                self._planner.mirror()

    def _plan(self, body: Body, trace: Trace, stage: Stage, tried: Sequence[Grasp]) -> GraspPlan:
        manner, start = stage.manner, self._scene.body_in_world(body.name)
        over = stage.support if manner.way == "pull" else None
        grasping = Grasping(self._planner.arm, self._hand, over, tried)
        if self._repair:
            return grasping.plan_around(body, start, Detours(self._planner.arm, body, start, trace, manner))
        return grasping.plan(body, Carry.along(trace, start, manner, body.pivot(manner.pivot)))

    def _approach(self, body: Body, plan: GraspPlan) -> Failure | None:
        self._planner.arm.open_to(plan.opening_m)
        self._robot.grip(plan.opening_m)
        return self._come(plan.approach)

    def _close(self, body: Body, plan: GraspPlan) -> Failure | None:
        """Close the fingers; return why the body is not held as it was to be, None where it is."""
        self._phase = "close"
        for link in self._hand.links:
            self._allowed.add(frozenset((link, body.name)))
        self._grip(0.0, CLOSE_S)
        if self._robot.opening_m < max(EMPTY_M, plan.grasp.width_m / 3):
            return Failure("grasp", "missed", f"the fingers closed beside {body.name}")
        moved_m, moved_rad = moved_in_hand(self._held_in_tcp(body.name), inverse(plan.grasp.tcp_in_prop))
        if moved_m > SLIP_M or moved_rad > SLIP_RAD:
            detail = f"{body.name} moved {moved_m * 1000:.0f} mm, {np.degrees(moved_rad):.0f} deg as the fingers closed"
            return Failure("grasp", "gave_way", detail)
        return None

    # --- carry

    def _carry(self, body: Body, carry: Carry, stage: Stage) -> CarryMonitor:
        self._phase = "carry"
        self._moving.add(body.name)
        self._allowed.add(frozenset((body.name, stage.support)))
        guard = CarryMonitor(body, carry, stage, self._held_in_tcp(body.name), self._hand.links)
        for first, last in zip(carry.stops[:-1], carry.stops[1:], strict=True):
            self._keypoint = int(carry.keypoints[last])
            # A body settles in the hand when it is lifted: it is the body that is led along the path, not the hand.
            tool = carry.body_in_world[first + 1 : last + 1] @ inverse(self._held_in_tcp(body.name))
            path = self._planner.arm.trace(tool, self._qpos, margin_rad=0.0)
            if path.blocked:
                raise EpisodeEnded(
                    Failure("reach", path.blocked, f"{body.name} cannot be carried to keypoint {self._keypoint}")
                )
            guard.landing = stage.manner.way == "carry" and last == carry.stops[-1]
            if not self._move(np.concatenate([[self._qpos], path.qpos]), guard, stage.manner.speed_m_s):
                break
            self._wait(stage.manner.dwell_s, guard)
        self._keypoint = -1
        return guard

    def _held_in_tcp(self, body: str) -> FloatArray:
        return inverse(self._robot.tcp_in_world) @ self._scene.body_in_world(body)

    def _let_go(self, body: Body, plan: GraspPlan) -> None:
        self._phase = "open"
        self._moving.discard(body.name)
        self._grip(plan.opening_m, OPEN_S)
        self._phase = "retreat"
        path = self._planner.arm.trace(backing_off(self._robot.tcp_in_world), self._qpos, margin_rad=0.0)
        if len(path.qpos):
            self._move(np.concatenate([[self._qpos], path.qpos]))
        self._allowed.clear()

    def _go_home(self) -> None:
        self._phase = "home"
        self._planner.mirror()
        path = self._planner.connect(self._qpos, np.array(self._robot.arm.parked))
        if path is not None:
            self._move(path)
        self._phase = "settle"
        self._wait(SETTLE_S)

    # --- motion

    def _move(self, path: FloatArray, guard: Monitor | None = None, tool_speed_m_s: float | None = None) -> bool:
        """Follow a joint path in time; return False where the guard says that the body has landed."""
        for qpos, velocity in zip(*self._planner.timed(path, tool_speed_m_s), strict=True):
            self._robot.drive(qpos, velocity)
            self._qpos = qpos
            if not self._advance(guard):
                self._robot.drive(self._qpos, np.zeros_like(velocity))
                return False
        self._robot.drive(self._qpos, np.zeros_like(self._qpos))
        return True

    def _grip(self, opening_m: float, seconds: float) -> None:
        """Lead the fingers to a travel at their pace, and wait until so much time has passed.

        Where they press on something they press less and less before they leave it: what is let go all at once is
        thrown.
        """
        hand, start = self._hand, self._robot.opening_m / 2.0
        if opening_m > start:
            start = max(0.0, start - hand.force_limit_n / hand.stiffness)
        for step in range(1, round(seconds / TIMESTEP_S) + 1):
            gone = hand.speed_m_s * TIMESTEP_S * step
            self._robot.grip(min(max(opening_m, start - gone), start + gone))
            self._advance()

    def _wait(self, seconds: float, guard: Monitor | None = None) -> None:
        for _ in range(round(seconds / TIMESTEP_S)):
            self._advance(guard)

    def _advance(self, guard: Monitor | None = None) -> bool:
        self._scene.step()
        self._steps += 1
        if self._steps % SAMPLE_STEPS:
            return True
        self._recorder.sample(self._phase, self._keypoint)
        if guard is not None:
            guard.look(self._scene, self._robot.tcp_in_world)
            if guard.deviation_m is not None:
                self.deviation_m.append(guard.deviation_m)
        landed = False
        for touch in self._scene.touching(self._moving):
            means = self._meaning(touch, guard)
            if means == "disallowed":
                self._stop(touch)
            landed |= means == "landed"
        if guard is not None:
            guard.judge(landed)
        return not landed

    def _meaning(self, touch: Touch, guard: Monitor | None) -> Meaning:
        pair = frozenset((touch.first, touch.second))
        if pair <= set(self._robot.links):
            return "allowed"
        means = None if guard is None else guard.contact(touch.first, touch.second)
        return means or ("allowed" if pair in self._allowed else "disallowed")

    def _stop(self, touch: Touch) -> None:
        """End the episode at a contact that is not allowed: a protective stop."""
        moving, other = touch.first, touch.second
        if moving not in self._moving or other in self._moving - set(self._robot.links):
            moving, other = other, moving  # what the robot moves is named first: the body that it leads, else the link
        x, y, z = touch.position.tolist()
        raise Collision(DisallowedContact(self._scene.time_s, moving, other, (x, y, z)))
