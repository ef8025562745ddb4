"""Detours: ways for a carried body and the hand that holds it where the straight ones between keypoints are not free.

Found in the space of the body's translations: its attitude stays what the manner says, whatever way it takes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import numpy as np
import numpy.typing as npt

from tracesim.control.kinematics import ROOM_M, Arm
from tracesim.geometry.rigid import FloatArray, inverse
from tracesim.geometry.trace import Trace
from tracesim.layout.layout import Body
from tracesim.layout.prop import Grasp
from tracesim.motion.body_path import Carry
from tracesim.motion.manner import Manner
from tracesim.motion.prediction import NEAR_M

ROOMS_M: Final = (0.02, ROOM_M)
"""How far a detour stays from everything: the expert's distance or, where there is none, as little as may be."""

RAISES_M: Final = tuple(round(0.03 * step, 2) for step in range(9))
"""How far above its higher end a leg may be taken."""

LANDING_M: Final = 0.05
"""The body is put down on what is so far below its last keypoint, or so far above it, at most."""

LOOK_M: Final = 0.002
"""The step in which heights are tried."""

Raises = dict[int, int]
"""By keypoint, the number of the raise of its leg; a leg without one is straight."""


class Detours:
    """The ways in which a body can be carried through a trace's keypoints.

    A keypoint at which the body would touch something is passed by. The last one is moved up or down to where the body
    stands on something.
    """

    def __init__(self, arm: Arm, body: Body, start_in_world: FloatArray, trace: Trace, manner: Manner) -> None:
        """Take the bodies that surround the arm as obstacles; `start_in_world` (4, 4) is where the body stands."""
        self._arm = arm
        self._name = body.name
        self._start_in_world = start_in_world
        self._manner = manner
        self._pivot = body.pivot(manner.pivot)
        trace = self._landing(trace)
        self._kept = self._free_keypoints(trace)
        self._trace = Trace(trace.keypoints[self._kept])
        self._bare: dict[float, Raises | None] = {}
        self._carries: dict[tuple[int, float], Carry | None] = {}

    def carry(self, grasp: Grasp, room_m: float) -> Carry | None:
        """Return a carry on which the body, held in one of its grasps, and the hand stay `room_m` away from all else.

        Where it starts and where it ends they may be nearer. None where there is no such carry.
        """
        key = id(grasp), room_m
        if key not in self._carries:
            self._carries[key] = self._search(inverse(grasp.tcp_in_prop), room_m)
        return self._carries[key]

    def _search(self, held_in_tcp: FloatArray, room_m: float) -> Carry | None:
        if room_m not in self._bare:
            # What the body alone runs into, it runs into however it is held.
            self._bare[room_m] = self._raises(room_m, {})
        bare = self._bare[room_m]
        raises = None if bare is None else self._raises(room_m, bare, held_in_tcp)
        if raises is None:
            return None
        carry = self._through(self._trace, self._ways(raises))
        return replace(carry, keypoints=self._kept[carry.keypoints])

    def _raises(self, room_m: float, raises: Raises, held_in_tcp: FloatArray | None = None) -> Raises | None:
        """Return the least raises, from `raises` on, with which all legs are free, or None."""
        while True:
            carry = self._through(self._trace, self._ways(raises))
            at = carry.body_in_world[:, :3, 3]
            under_way = np.minimum(*(np.linalg.norm(at - at[end], axis=1) for end in (0, -1))) > room_m + NEAR_M
            poses = carry.body_in_world[under_way]
            near = self._arm.body_clearance(self._name, poses, held_in_tcp, room_m) < room_m
            blocked = np.unique(carry.keypoints[under_way][near]).tolist()
            if not blocked:
                return raises
            raises = raises | {keypoint: raises.get(keypoint, -1) + 1 for keypoint in blocked}
            if max(raises.values()) == len(RAISES_M):
                return None

    def _ways(self, raises: Raises) -> dict[int, FloatArray]:
        """Return by keypoint the points above the ends of its leg, over which it is taken."""
        ways = {}
        for keypoint, number in raises.items():
            way = self._trace.keypoints[keypoint - 1 : keypoint + 1].copy()
            way[:, 2] = way[:, 2].max() + RAISES_M[number]
            ways[keypoint] = way
        return ways

    def _through(self, trace: Trace, ways: Mapping[int, FloatArray] | None = None) -> Carry:
        return Carry.along(trace, self._start_in_world, self._manner, self._pivot, ways=ways)

    def _landing(self, trace: Trace) -> Trace:
        """Return the trace with its last keypoint moved up or down to where the body stands on something."""
        heights = np.linspace(LANDING_M, -LANDING_M, round(2 * LANDING_M / LOOK_M) + 1)
        poses = np.repeat(self._through(trace).body_in_world[-1:], len(heights), axis=0)
        poses[:, 2, 3] += heights
        clearance = self._arm.body_clearance(self._name, poses, beyond_m=LOOK_M)
        landed = int(np.argmax(clearance <= 0.0))
        if clearance[landed] > 0.0 or landed == 0:
            return trace
        above, below = clearance[landed - 1], clearance[landed]
        keypoints = trace.keypoints.copy()
        keypoints[-1, 2] += heights[landed - 1] - LOOK_M * above / (above - below)
        return Trace(keypoints)

    def _free_keypoints(self, trace: Trace) -> npt.NDArray[np.int64]:
        """Return the numbers of the keypoints at which the body, at rest, touches nothing; both ends among them."""
        carry = self._through(trace)
        stops = list(carry.stops)
        touching = self._arm.body_clearance(self._name, carry.body_in_world[stops], beyond_m=ROOM_M) < ROOM_M
        blocked = set(carry.keypoints[stops][touching].tolist())
        last = len(trace.keypoints) - 1
        return np.array([index for index in range(last + 1) if index in (0, last) or index not in blocked])
