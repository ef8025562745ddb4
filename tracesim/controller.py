"""Follows a trace with a robot: grasp, carry as answered, put down, go home."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from tracesim.carry import Carry
from tracesim.failure import EpisodeEnded, Failure
from tracesim.layout import Body
from tracesim.manner import Manner
from tracesim.planner import ArmPlanner
from tracesim.prop import Grasp
from tracesim.recorder import Recorder
from tracesim.rigid import FloatArray, angle_between, inverse
from tracesim.scene import TIMESTEP_S, Scene
from tracesim.trace import Trace

BACK_OFF_M: Final = 0.08
"""How far before the grasp the hand stops, and how far it draws back after letting go."""
RISEN_M: Final = 0.01
"""A carried body may touch its first support until it has risen so far, and its target once it is so near to rest."""
SLIP_M, SLIP_RAD = 0.01, np.radians(10.0)
DEVIATION_M: Final = 0.01
PLANS: Final = 60
"""So many ways to grasp and carry are looked at, at most."""
EASY: Final = 0.05
"""A carry is easy where the dexterity is nowhere less: nearer to a singularity a millimetre may be out of reach."""
CHECKED_POSES: Final = 2
"""One pose of a carry in so many is checked beforehand: every two centimetres."""
CLOSE_S, OPEN_S, SETTLE_S = 0.45, 0.35, 0.6
FINGER_GAP_M: Final = 0.015
"""How far each finger stands off before it closes."""
EMPTY_M: Final = 0.002
"""Fingers that close to less than this hold nothing."""
SAMPLE_STEPS: Final = 5
"""Contacts are looked at and the motion is recorded once in so many steps: at 50 Hz."""


@dataclass(frozen=True)
class GraspPlan:
    """A grasp with which a carry can be followed, or how far it can.

    approach, carry, retreat: joint positions (M, J), radians, up to the grasp, along the carry, and away from where it
    ends. dexterity: the least on the carry. blocked: why the carry cannot be followed to its end, empty where it can.
    """

    grasp: Grasp
    approach: FloatArray
    carry: FloatArray
    retreat: FloatArray
    dexterity: float
    blocked: str = ""


class Controller:
    """Executes one carry; ends by `EpisodeEnded` where it must not go on."""

    def __init__(self, scene: Scene, planner: ArmPlanner, recorder: Recorder) -> None:
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
        self._hold(SETTLE_S)

    def follow(self, body: Body, trace: Trace, manner: Manner, support: str, target: str) -> None:
        """Carry `body` along `trace` and put it down.

        support: what it stands on now. target: what it may touch once it is within `RISEN_M` of rest.
        """
        start = self._scene.body_in_world(body.name)
        carry = Carry.along(trace, start, manner, body.prop.points[manner.pivot])
        plan = self._grasp(body, carry)
        self._approach(body, plan)
        self._close(body, plan)
        self._carry(body, carry, plan, manner, support, target)
        self._let_go(body, plan)
        self._go_home()

    # --- grasp

    def _grasp(self, body: Body, carry: Carry) -> GraspPlan:
        """Return the first grasp with which the whole carry can be followed with ease and free of contact.

        Where no carry is easy the easiest one that is free; where none is free, the first that reaches.
        """
        self._planner.mirror()
        reaching: GraspPlan | None = None
        easiest: GraspPlan | None = None
        farthest, blocked = -1, "unreachable"
        for plan in itertools.islice(self._plans(body, carry), PLANS):
            if plan.blocked:
                if len(plan.carry) > farthest:
                    farthest, blocked = len(plan.carry), plan.blocked
                continue
            reaching = reaching or plan
            if (easiest is None or plan.dexterity > easiest.dexterity) and self._is_free(body, plan):
                easiest = plan
                if plan.dexterity >= EASY:
                    break
        chosen = easiest or reaching
        if chosen is not None:
            return chosen
        if farthest < 0:
            raise _ended("grasp", "no_reachable_grasp", f"no grasp of {body.name} can be reached")
        keypoint = int(carry.keypoints[min(farthest, len(carry.keypoints) - 1)])
        raise _ended("reach", blocked, f"{body.name} cannot be carried to keypoint {keypoint}")

    def _plans(self, body: Body, carry: Carry) -> Iterator[GraspPlan]:
        """Yield the ways to carry `body`: by each of its grasps, in each posture of the arm that reaches it."""
        for grasp in body.prop.grasps:
            self._planner.open_to(self._opening_m(grasp))
            tcp_in_world = carry.body_in_world @ grasp.tcp_in_prop
            for posture in self._planner.postures(tcp_in_world[0]):
                approach = self._planner.trace(_backing_off(tcp_in_world[0]), posture)
                if approach.blocked:
                    continue
                path = self._planner.trace(tcp_in_world, posture)
                yield GraspPlan(
                    grasp,
                    approach=np.concatenate([approach.qpos[::-1], [posture]]),
                    carry=path.qpos,
                    retreat=path.qpos
                    if path.blocked
                    else self._planner.trace(_backing_off(tcp_in_world[-1]), path.qpos[-1]).qpos,
                    dexterity=0.0 if path.blocked else self._planner.dexterity(path.qpos[::CHECKED_POSES]),
                    blocked=path.blocked,
                )

    def _is_free(self, body: Body, plan: GraspPlan) -> bool:
        """Tell whether hand and body touch nothing they may not: on the carry but its two ends, before it and after."""
        held_in_tcp = inverse(plan.grasp.tcp_in_prop)
        return (
            self._planner.keeps(0.0, plan.approach, body.name)
            and self._planner.keeps(0.0, plan.carry[2:-2:CHECKED_POSES], body.name, held_in_tcp)
            and self._planner.keeps(0.0, plan.retreat, body.name)
        )

    def _opening_m(self, grasp: Grasp) -> float:
        """Return each finger's travel before it closes: no wider than needed, so that a hand fits into a cup."""
        return min(self._hand.open_m, grasp.width_m / 2 + FINGER_GAP_M)

    def _approach(self, body: Body, plan: GraspPlan) -> None:
        opening_m = self._opening_m(plan.grasp)
        self._planner.open_to(opening_m)
        self._robot.grip(opening_m)
        path = self._planner.connect(self._qpos, plan.approach[0], body.name)
        if path is None:
            raise _ended("grasp", "no_free_approach", "no way to the grasp is free of contact")
        self._phase = "approach"
        self._move(path)
        self._move(plan.approach)

    def _close(self, body: Body, plan: GraspPlan) -> None:
        self._phase = "close"
        for link in self._hand.links:
            self._allowed.add(frozenset((link, body.name)))
        self._robot.grip(0.0)
        self._hold(CLOSE_S)
        if self._robot.opening_m < max(EMPTY_M, plan.grasp.width_m / 3):
            raise _ended("grasp", "missed", f"the fingers closed beside {body.name}")

    # --- carry

    def _carry(self, body: Body, carry: Carry, plan: GraspPlan, manner: Manner, support: str, target: str) -> None:
        self._phase = "carry"
        self._moving.add(body.name)
        self._allowed.add(frozenset((body.name, support)))
        guard = _Guard(body, carry, manner, self._held_in_tcp(body.name), support, target)
        for first, last in zip(carry.stops[:-1], carry.stops[1:], strict=True):
            self._keypoint = int(carry.keypoints[last])
            # A body settles in the hand when it is lifted: it is the body that is led along the path, not the hand.
            tool = carry.body_in_world[first + 1 : last + 1] @ inverse(self._held_in_tcp(body.name))
            path = self._planner.trace(tool, self._qpos, margin_rad=0.0)
            if path.blocked:
                raise _ended("reach", path.blocked, f"{body.name} cannot be carried to keypoint {self._keypoint}")
            guard.landing = last == carry.stops[-1]
            if not self._move(np.concatenate([[self._qpos], path.qpos]), guard, manner.speed_m_s):
                break
            self._hold(manner.dwell_s, guard)
        self._keypoint = -1

    def _held_in_tcp(self, body: str) -> FloatArray:
        return inverse(self._robot.tcp_in_world) @ self._scene.body_in_world(body)

    def _let_go(self, body: Body, plan: GraspPlan) -> None:
        self._phase = "open"
        self._moving.discard(body.name)
        self._robot.grip(self._opening_m(plan.grasp))
        self._hold(OPEN_S)
        self._phase = "retreat"
        path = self._planner.trace(_backing_off(self._robot.tcp_in_world), self._qpos, margin_rad=0.0)
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
        self._hold(SETTLE_S)

    # --- motion

    def _move(self, path: FloatArray, guard: _Guard | None = None, tool_speed_m_s: float | None = None) -> bool:
        """Follow a joint path in time; return False where the guard says that the body has landed."""
        for qpos, velocity in zip(*self._planner.timed(path, tool_speed_m_s), strict=True):
            self._robot.drive(qpos, velocity)
            self._qpos = qpos
            if not self._advance(guard):
                self._robot.drive(self._qpos, np.zeros_like(velocity))
                return False
        self._robot.drive(self._qpos, np.zeros_like(self._qpos))
        return True

    def _hold(self, seconds: float, guard: _Guard | None = None) -> None:
        for _ in range(round(seconds / TIMESTEP_S)):
            self._advance(guard)

    def _advance(self, guard: _Guard | None = None) -> bool:
        self._scene.step()
        self._steps += 1
        if self._steps % SAMPLE_STEPS:
            return True
        self._recorder.sample(self._phase, self._keypoint)
        landed = False
        if guard is not None:
            guard.look(self._scene, self._robot.tcp_in_world)
            self.deviation_m.append(guard.deviation_m)
        for first, second in self._scene.touching(self._moving):
            if first in self._robot.links and second in self._robot.links:
                continue
            if guard is not None and guard.body in (first, second) and not self._held(first, second, guard.body):
                other = second if first == guard.body else first
                if guard.landing and guard.near_rest and other in (guard.target, guard.support):
                    landed = True
                    continue
                if other == guard.support and not guard.risen:
                    continue
                raise _ended("collision", f"{guard.body}-{other}", f"{guard.body} touched {other}")
            if frozenset((first, second)) not in self._allowed:
                moving, other = (first, second) if first in self._moving else (second, first)
                raise _ended("collision", f"{moving}-{other}", f"{moving} touched {other}")
        if guard is not None:
            guard.judge(landed)
        return not landed

    def _held(self, first: str, second: str, body: str) -> bool:
        return (second if first == body else first) in self._hand.links


class _Guard:
    """What is watched while a body is carried: how far it has risen, slipped, strayed, and is from its rest."""

    def __init__(
        self, body: Body, carry: Carry, manner: Manner, held_in_tcp: FloatArray, support: str, target: str
    ) -> None:
        self.body, self.support, self.target = body.name, support, target
        self.landing = self.risen = self.near_rest = False
        self.deviation_m = 0.0
        self._held = held_in_tcp
        self._held_point = inverse(held_in_tcp)[:, 3]
        self._pivot = np.append(body.prop.points[manner.pivot], 1.0)
        self._path = (carry.body_in_world @ self._pivot)[:, :3]
        self._start, self._rest = carry.body_in_world[0, :3, 3], carry.body_in_world[-1, :3, 3]
        self._slip_m = self._slip_rad = 0.0

    def look(self, scene: Scene, tcp_in_world: FloatArray) -> None:
        """Take in where body and tool are now."""
        now = scene.body_in_world(self.body)
        self.risen = self.risen or bool(now[2, 3] - self._start[2] > RISEN_M)
        self.near_rest = bool(np.linalg.norm(now[:3, 3] - self._rest) < RISEN_M)
        held = inverse(tcp_in_world) @ now
        # Where the fingers are: a turn in the hand, which is judged by its angle, moves points that are far from them.
        self._slip_m = float(np.linalg.norm((held @ self._held_point)[:3]))
        self._slip_rad = angle_between(held, self._held)
        starts, ends = self._path[:-1], self._path[1:]
        along = ends - starts
        pivot = (now @ self._pivot)[:3]
        fraction = np.clip(((pivot - starts) * along).sum(1) / np.maximum((along * along).sum(1), 1e-18), 0.0, 1.0)
        self.deviation_m = float(np.linalg.norm(pivot - starts - fraction[:, None] * along, axis=1).min())

    def judge(self, landed: bool) -> None:
        """Raise `EpisodeEnded` when the body has slipped in the hand or strayed from its path."""
        if landed:
            return
        if self._slip_m > SLIP_M or self._slip_rad > SLIP_RAD:
            detail = f"{self.body} moved {self._slip_m * 1000:.0f} mm, {np.degrees(self._slip_rad):.0f} deg in the hand"
            raise _ended("slip", "slipped", detail)
        if self.deviation_m > DEVIATION_M:
            raise _ended("track", "deviation", f"{self.body} strayed {self.deviation_m * 1000:.0f} mm from its path")


def _backing_off(tcp_in_world: FloatArray, step_m: float = 0.01) -> FloatArray:
    """Return the poses (M, 4, 4) by which the hand draws back from a pose (4, 4), the pose itself left out."""
    poses = np.repeat(tcp_in_world[None], round(BACK_OFF_M / step_m), axis=0)
    poses[:, :3, 3] -= step_m * np.arange(1, len(poses) + 1)[:, None] * tcp_in_world[:3, 2]
    return poses


def _ended(stage: str, reason: str, detail: str) -> EpisodeEnded:
    return EpisodeEnded(Failure(stage, reason, detail))
