"""Chooses how to take hold of a body: by checking the approach, the whole carry, and the way out."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from tracesim.control.detours import ROOMS_M, Detours
from tracesim.control.kinematics import ROOM_M, Arm
from tracesim.failure import EpisodeEnded, Failure
from tracesim.geometry.rigid import FloatArray, inverse
from tracesim.layout.embodiment import Hand
from tracesim.layout.layout import Body
from tracesim.layout.prop import Grasp
from tracesim.motion.body_path import Carry

BACK_OFF_M: Final = 0.08
"""How far before the grasp the hand stops, and how far it draws back after letting go."""
FINGER_GAP_M: Final = 0.015
"""How far each finger stands off before it closes."""
BESIDE_M: Final = 0.001
"""How far the opened hand stays from the body that it is about to hold: it comes slowly, and straight."""
POSTURES: Final = 5
"""So many postures of the arm are tried for a grasp."""
EASY: Final = 0.05
"""A carry is easy where the dexterity is nowhere less: nearer to a singularity a millimetre may be out of reach."""
CHECKED_POSES: Final = 2
"""One pose of a carry in so many is checked beforehand: every two centimetres."""


@dataclass(frozen=True)
class GraspPlan:
    """A grasp with which a carry can be followed, or how far it can.

    approach, path, retreat: joint positions (M, J), radians, up to the grasp, along the carry, and away from where it
    ends. opening_m: each finger's travel before it closes. dexterity: the least on the carry. blocked: why the carry
    cannot be followed to its end, empty where it can.
    """

    grasp: Grasp
    opening_m: float
    approach: FloatArray
    carry: Carry
    path: FloatArray
    retreat: FloatArray
    dexterity: float
    blocked: str = ""


class Grasping:
    """Looks for grasps of an arm and its hand, among the bodies around it."""

    def __init__(self, arm: Arm, hand: Hand, over: str | None = None, tried: Sequence[Grasp] = ()) -> None:
        """Take an arm and its hand; `over` is what the body is dragged over, if it is, `tried` are grasps to leave."""
        self._arm = arm
        self._hand = hand
        self._over = over
        self._tried = tried

    def plan(self, body: Body, carry: Carry) -> GraspPlan:
        """Return the first grasp with which the whole carry can be followed with ease and free of contact.

        Where no carry is easy the easiest one that is free; where none is free, the first that reaches: it is followed
        as answered, and whatever it touches is recorded. Raises `EpisodeEnded` where the body cannot be approached
        (stage grasp) or no grasp carries it to the end of the trace (stage reach).
        """
        # What the body itself runs into, it runs into with every grasp: then there is none to look for that does not.
        may_be_free = self._arm.body_keeps(ROOM_M, body.name, carry.body_in_world[2:-2], self._over)
        plans, approaches = [], 0
        easiest: GraspPlan | None = None
        for grasp, approach in self._attempts(body, carry.body_in_world[0]):
            approaches += 1
            if not self._arm.keeps(ROOM_M, approach, body.name):
                continue
            plan = self._plan(carry, grasp, approach)
            plans.append(plan)
            if plan.blocked or (easiest is not None and plan.dexterity <= easiest.dexterity):
                continue
            if not may_be_free or self._is_free(body, plan):
                easiest = plan
                if plan.dexterity >= EASY:
                    return plan
        if easiest is not None:
            return easiest
        for plan in plans:
            if not plan.blocked:
                return plan
        if not plans:
            raise self._no_approach(body, approaches)
        farthest = max(plans, key=lambda plan: len(plan.path))
        keypoint = int(carry.keypoints[min(len(farthest.path), len(carry.keypoints) - 1)])
        raise EpisodeEnded(Failure("reach", farthest.blocked, f"{body.name} cannot be carried to keypoint {keypoint}"))

    def can(self, body: Body, carry: Carry) -> bool:
        """Tell whether there is a grasp with which the whole carry can be followed free of contact."""
        for grasp, approach in self._attempts(body, carry.body_in_world[0]):
            if self._arm.keeps(ROOM_M, approach, body.name):
                plan = self._plan(carry, grasp, approach)
                if not plan.blocked and self._is_free(body, plan):
                    return True
        return False

    def plan_around(self, body: Body, start_in_world: FloatArray, detours: Detours) -> GraspPlan:
        """Return the first grasp with which a detour can be followed with ease and free of contact, or the easiest.

        start_in_world: where the body stands, (4, 4). Raises `EpisodeEnded` where the body cannot be approached (stage
        grasp) or no grasp allows a detour (stage reach).
        """
        for room_m in ROOMS_M:
            plan = self._plan_around(body, start_in_world, detours, room_m)
            if plan is not None:
                return plan
        free = [self._arm.keeps(ROOM_M, way, body.name) for _, way in self._attempts(body, start_in_world)]
        if not any(free):
            raise self._no_approach(body, len(free))
        raise EpisodeEnded(Failure("reach", "no_detour", f"no way was found that carries {body.name} free of contact"))

    def _plan_around(self, body: Body, start_in_world: FloatArray, detours: Detours, room_m: float) -> GraspPlan | None:
        easiest: GraspPlan | None = None
        for grasp, approach in self._attempts(body, start_in_world):
            if not self._arm.keeps(ROOM_M, approach, body.name):
                continue
            carry = detours.carry(grasp, room_m)
            if carry is None:
                continue
            plan = self._plan(carry, grasp, approach)
            if plan.blocked or (easiest is not None and plan.dexterity <= easiest.dexterity):
                continue
            if self._is_free(body, plan):
                easiest = plan
                if plan.dexterity >= EASY:
                    return plan
        return easiest

    def _attempts(self, body: Body, start_in_world: FloatArray) -> Iterator[tuple[Grasp, FloatArray]]:
        """Yield every grasp with joint positions (M, J) that lead to it, several for a grasp."""
        for grasp in body.prop.grasps:
            if any(grasp is one for one in self._tried) or not self._has_room(body, grasp):
                continue
            tcp_in_world = start_in_world @ grasp.tcp_in_prop
            for approach in itertools.islice(self._approaches(tcp_in_world, grasp), POSTURES):
                yield grasp, approach

    def _has_room(self, body: Body, grasp: Grasp) -> bool:
        """Tell whether the opened hand comes to where it closes without touching what it is to hold."""
        self._arm.open_to(self._opening_m(grasp))
        ways = np.concatenate([grasp.tcp_in_prop[None], backing_off(grasp.tcp_in_prop)])
        return self._arm.hand_keeps(BESIDE_M, body.name, ways)

    def _approaches(self, tcp_in_world: FloatArray, grasp: Grasp) -> Iterator[FloatArray]:
        """Yield joint positions (M, J) that lead straight to a grasp, in each posture of the arm that reaches it."""
        self._arm.open_to(self._opening_m(grasp))
        for posture in self._arm.postures(tcp_in_world):
            back = self._arm.trace(backing_off(tcp_in_world), posture)
            if not back.blocked:
                yield np.concatenate([back.qpos[::-1], [posture]])

    def _plan(self, carry: Carry, grasp: Grasp, approach: FloatArray) -> GraspPlan:
        tcp_in_world = carry.body_in_world @ grasp.tcp_in_prop
        path = self._arm.trace(tcp_in_world, approach[-1])
        if path.blocked:
            return GraspPlan(
                grasp, self._opening_m(grasp), approach, carry, path.qpos, path.qpos[:0], 0.0, path.blocked
            )
        retreat = self._arm.trace(backing_off(tcp_in_world[-1]), path.qpos[-1])
        dexterity = self._arm.dexterity(path.qpos[::CHECKED_POSES])
        return GraspPlan(grasp, self._opening_m(grasp), approach, carry, path.qpos, retreat.qpos, dexterity)

    def _is_free(self, body: Body, plan: GraspPlan) -> bool:
        """Tell whether hand and body have room on the carry, but at its two ends, and the opened hand after it."""
        on_the_way = plan.path[2:-2:CHECKED_POSES]
        leaving = np.concatenate([plan.path[-1:], plan.retreat])
        held_in_tcp = inverse(plan.grasp.tcp_in_prop)
        return self._arm.keeps(ROOM_M, on_the_way, body.name, held_in_tcp, self._over) and self._arm.keeps(
            ROOM_M, leaving, body.name
        )

    def _no_approach(self, body: Body, approaches: int) -> EpisodeEnded:
        grasps = body.prop.grasps
        in_the_way = approaches or (grasps and not any(self._has_room(body, grasp) for grasp in grasps))
        reason = "no_free_approach" if in_the_way else "no_reachable_grasp"
        return EpisodeEnded(Failure("grasp", reason, f"no grasp of {body.name} can be approached"))

    def _opening_m(self, grasp: Grasp) -> float:
        """Return each finger's travel before it closes: no wider than needed, so that a hand fits into a cup."""
        return min(self._hand.open_m, grasp.width_m / 2 + FINGER_GAP_M)


def backing_off(tcp_in_world: FloatArray, step_m: float = 0.01) -> FloatArray:
    """Return the poses (M, 4, 4) by which the hand draws back from a pose (4, 4), the pose itself left out."""
    poses = np.repeat(tcp_in_world[None], round(BACK_OFF_M / step_m), axis=0)
    poses[:, :3, 3] -= step_m * np.arange(1, len(poses) + 1)[:, None] * tcp_in_world[:3, 2]
    return poses
