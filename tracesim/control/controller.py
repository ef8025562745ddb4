"""Follows a trace with a robot: grasp, carry as answered or by detours, put down, go home."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal, Protocol

import numpy as np

from tracesim.control.closed_gripper import Poking
from tracesim.control.detours import Detours
from tracesim.control.grasp_planner import Grasping, GraspPlan, backing_off
from tracesim.control.planner import ArmPlanner
from tracesim.failure import EpisodeEnded, Failure
from tracesim.geometry.rigid import FloatArray, angle_between, inverse
from tracesim.geometry.trace import Trace
from tracesim.layout.gripper import GRIPPER
from tracesim.layout.layout import Body
from tracesim.layout.prop import Grasp
from tracesim.motion.body_path import Carry
from tracesim.motion.prediction import NEAR_M
from tracesim.motion.stage import Stage
from tracesim.simulation.recorder import Recorder
from tracesim.simulation.robot import Robot
from tracesim.simulation.scene import TIMESTEP_S, Scene

SLIP_M, SLIP_RAD = 0.01, np.radians(10.0)
DEVIATION_M: Final = 0.01
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
        landing = _Landing(self._robot, stage.target, trace)
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
        self._move(np.concatenate([[self._qpos], plan.path]), _Shove(body, carry, stage), stage.manner.speed_m_s)
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
        moved_m, moved_rad = _moved(self._held_in_tcp(body.name), inverse(plan.grasp.tcp_in_prop))
        if moved_m > SLIP_M or moved_rad > SLIP_RAD:
            detail = f"{body.name} moved {moved_m * 1000:.0f} mm, {np.degrees(moved_rad):.0f} deg as the fingers closed"
            return Failure("grasp", "gave_way", detail)
        return None

    # --- carry

    def _carry(self, body: Body, carry: Carry, stage: Stage) -> _Guard:
        self._phase = "carry"
        self._moving.add(body.name)
        self._allowed.add(frozenset((body.name, stage.support)))
        guard = _Guard(body, carry, stage, self._held_in_tcp(body.name), self._hand.links)
        for first, last in zip(carry.stops[:-1], carry.stops[1:], strict=True):
            self._keypoint = int(carry.keypoints[last])
            # A body settles in the hand when it is lifted: it is the body that is led along the path, not the hand.
            tool = carry.body_in_world[first + 1 : last + 1] @ inverse(self._held_in_tcp(body.name))
            path = self._planner.arm.trace(tool, self._qpos, margin_rad=0.0)
            if path.blocked:
                raise _ended("reach", path.blocked, f"{body.name} cannot be carried to keypoint {self._keypoint}")
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

    def _move(self, path: FloatArray, guard: _Watch | None = None, tool_speed_m_s: float | None = None) -> bool:
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

    def _wait(self, seconds: float, guard: _Watch | None = None) -> None:
        for _ in range(round(seconds / TIMESTEP_S)):
            self._advance(guard)

    def _advance(self, guard: _Watch | None = None) -> bool:
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
        for first, second in self._scene.touching(self._moving):
            if first in self._robot.links and second in self._robot.links:
                continue
            if guard is not None and (means := guard.contact(first, second)) is not None:
                landed |= means == "landed"
            elif frozenset((first, second)) not in self._allowed:
                moving, other = (first, second) if first in self._moving else (second, first)
                raise _ended("collision", f"{moving}-{other}", f"{moving} touched {other}")
        if guard is not None:
            guard.judge(landed)
        return not landed


class _Watch(Protocol):
    """What is watched while something is led along a trace."""

    deviation_m: float | None

    def look(self, scene: Scene, tcp_in_world: FloatArray) -> None:
        """Take in where things are now."""

    def contact(self, first: str, second: str) -> Literal["allowed", "landed"] | None:
        """Return what a contact means, None where it is not to say; raises `EpisodeEnded` where it must not be."""

    def judge(self, landed: bool) -> None:
        """Raise `EpisodeEnded` where it must not go on."""


class _Landing:
    """Watches the tip of the closed gripper: at its way's end it may touch its target, and then stops."""

    def __init__(self, robot: Robot, target: str, trace: Trace) -> None:
        self._robot = robot
        self._target = target
        self._path = trace.keypoints
        self._near = False
        self.deviation_m: float | None = 0.0

    def look(self, scene: Scene, tcp_in_world: FloatArray) -> None:
        """Take in how far the tip is from its end."""
        tip = self._robot.tip_in_world[:3, 3]
        self._near = bool(np.linalg.norm(tip - self._path[-1]) < NEAR_M)
        self.deviation_m = _distance_to_path(tip, self._path)

    def contact(self, first: str, second: str) -> Literal["allowed", "landed"] | None:
        """Tell that the target is touched where it may be."""
        pair = {first, second}
        return "landed" if self._near and self._target in pair and pair & set(self._robot.arm.hand.links) else None

    def judge(self, landed: bool) -> None:
        """Do nothing: the gripper is where it was led."""


class _Shove:
    """Watches how far a body that is pushed strays from its path; it is not held, and may."""

    def __init__(self, body: Body, carry: Carry, stage: Stage) -> None:
        self._body = body.name
        self._pivot = np.append(body.pivot(stage.manner.pivot), 1.0)
        self._path = (carry.body_in_world @ self._pivot)[:, :3]
        self.deviation_m: float | None = 0.0

    def look(self, scene: Scene, tcp_in_world: FloatArray) -> None:
        """Take in where the body is."""
        pivot = (scene.body_in_world(self._body) @ self._pivot)[:3]
        self.deviation_m = _distance_to_path(pivot, self._path)

    def contact(self, first: str, second: str) -> Literal["allowed", "landed"] | None:
        """Leave contacts to the controller."""
        return None

    def judge(self, landed: bool) -> None:
        """Do nothing: where the body ends is for the goal to judge."""


class _Guard:
    """What is watched while a body is carried: how far it has risen, slipped, strayed, and is from its rest."""

    def __init__(self, body: Body, carry: Carry, stage: Stage, held_in_tcp: FloatArray, links: Sequence[str]) -> None:
        self.body, self.support, self.target = body.name, stage.support, stage.target
        self.landing = self.risen = self.near_rest = False
        self.deviation_m: float | None = 0.0
        self._links = links
        self._dragged = stage.manner.way == "pull"
        self._held = held_in_tcp
        self._pivot = np.append(body.pivot(stage.manner.pivot), 1.0)
        self._path = (carry.body_in_world @ self._pivot)[:, :3]
        self._start, self._rest = carry.body_in_world[0, :3, 3], carry.body_in_world[-1, :3, 3]
        self._slip_m = self._slip_rad = 0.0

    def look(self, scene: Scene, tcp_in_world: FloatArray) -> None:
        """Take in where body and tool are now."""
        now = scene.body_in_world(self.body)
        self.risen = self.risen or bool(now[2, 3] - self._start[2] > NEAR_M)
        self.near_rest = bool(np.linalg.norm(now[:3, 3] - self._rest) < NEAR_M)
        self._slip_m, self._slip_rad = _moved(inverse(tcp_in_world) @ now, self._held)
        self.deviation_m = _distance_to_path((now @ self._pivot)[:3], self._path)

    def contact(self, first: str, second: str) -> Literal["allowed", "landed"] | None:
        """Tell what a contact of the body means; the hand's is the controller's to judge."""
        if self.body not in (first, second):
            return None
        other = second if first == self.body else first
        if other in self._links:
            return None
        if self.landing and self.near_rest and other in (self.target, self.support):
            return "landed"
        if other == self.support and (self._dragged or not self.risen):
            return "allowed"
        raise _ended("collision", f"{self.body}-{other}", f"{self.body} touched {other}")

    def judge(self, landed: bool) -> None:
        """Raise `EpisodeEnded` when the body has slipped in the hand or strayed from its path."""
        if landed:
            return
        if self._slip_m > SLIP_M or self._slip_rad > SLIP_RAD:
            detail = f"{self.body} moved {self._slip_m * 1000:.0f} mm, {np.degrees(self._slip_rad):.0f} deg in the hand"
            raise _ended("slip", "slipped", detail)
        if self.deviation_m is not None and self.deviation_m > DEVIATION_M:
            raise _ended("track", "deviation", f"{self.body} strayed {self.deviation_m * 1000:.0f} mm from its path")


def _moved(held_in_tcp: FloatArray, before: FloatArray) -> tuple[float, float]:
    """Return by how much a body moved in the hand, metres and radians; poses (4, 4).

    Where the fingers are: a turn in the hand, which is judged by its angle, moves points that are far from them.
    """
    between_fingers = inverse(before)[:, 3]
    return float(np.linalg.norm((held_in_tcp @ between_fingers)[:3])), angle_between(held_in_tcp, before)


def _distance_to_path(point: FloatArray, path: FloatArray) -> float:
    """Return how far a point (3,) is from the straight pieces between points (M, 3), metres."""
    starts = path[:-1]
    along = path[1:] - starts
    fraction = np.clip(((point - starts) * along).sum(1) / np.maximum((along * along).sum(1), 1e-18), 0.0, 1.0)
    return float(np.linalg.norm(point - starts - fraction[:, None] * along, axis=1).min())


def _ended(stage: str, reason: str, detail: str) -> EpisodeEnded:
    return EpisodeEnded(Failure(stage, reason, detail))
