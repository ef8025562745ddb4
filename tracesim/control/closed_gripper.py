"""Plans what is done with the closed gripper: pressing a point, and pushing a body."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from tracesim.control.kinematics import ROOM_M, Arm
from tracesim.failure import EpisodeEnded, Failure
from tracesim.geometry.rigid import FloatArray, transform
from tracesim.geometry.trace import Trace
from tracesim.layout.layout import Body
from tracesim.motion.body_path import Carry

ABOVE_M: Final = 0.08
"""From how far above the tip comes down behind a body, and how far it draws back."""

STANDOFF_M: Final = 0.02
"""How far behind a body the tip comes down."""

FINGER_M: Final = 0.011
"""Half a closed finger's thickness: where the tool's axis is when the finger touches."""

PUSH_HEIGHT: Final = 0.4
"""At most at what share of its height a body is pushed: about its centre of mass."""

STEADY: Final = 0.6
"""At what share of the height at which friction below would topple it a body is pushed, at most."""

LOWEST_M: Final = 0.012
"""The least height above its underside."""

STEP_M: Final = 0.01


@dataclass(frozen=True)
class _Way:
    """Points (M, 3) of the tip: down to where it begins, along, back; its closing axis is across the azimuth turn."""

    down: FloatArray
    along: FloatArray
    back: FloatArray
    turn: float


@dataclass(frozen=True)
class PokePlan:
    """Joint positions (M, J), radians: down to where it begins, along the way, and back from its end.

    free: whether the arm has room everywhere on it.
    """

    approach: FloatArray
    path: FloatArray
    retreat: FloatArray
    free: bool = False


class Poking:
    """Looks for postures of an arm that lead its closed gripper along a way."""

    def __init__(self, arm: Arm, tip_m: float) -> None:
        """Take an arm, and how far its fingers reach beyond the tool's centre."""
        self._arm = arm
        self._tip_m = tip_m

    def press(self, trace: Trace, target: str) -> PokePlan:
        """Return how the tip follows a trace to its target, the tool pointing down.

        A way that is free of contact if there is one, else the first that reaches: it is followed as answered. Raises
        `EpisodeEnded` where there is none.
        """
        points = trace.resampled(STEP_M)
        back = points[-1:] + np.array([0.0, 0.0, ABOVE_M])
        return self._plan([_Way(points[:1], points, back, turn) for turn in (0.0, np.pi / 2)], target)

    def push(self, body: Body, carry: Carry) -> PokePlan:
        """Return how the tip pushes a body along a carry, behind it along the first leg; else as for `press`."""
        start = carry.body_in_world[0]
        moved = carry.body_in_world[:, :3, 3] - start[:3, 3]
        ahead = moved[carry.stops[1]] * (1.0, 1.0, 0.0)
        if np.linalg.norm(ahead) < 1e-3:
            raise EpisodeEnded(Failure("reach", "no_direction", f"the trace does not say which way {body.name} goes"))
        ahead /= np.linalg.norm(ahead)
        points = body.shape.points @ start[:3, :3].T
        behind_m = float((points @ -ahead).max())
        # Pushed at a height h over friction mu, a body topples over its front edge, d ahead, when h > d / mu.
        toppling_m = float((points @ ahead).max()) / body.prop.friction
        height_m = max(LOWEST_M, min(PUSH_HEIGHT * float(points[:, 2].max()), STEADY * toppling_m))
        touching = start[:3, 3] - (behind_m + FINGER_M) * ahead + (0.0, 0.0, height_m)
        begin = touching - STANDOFF_M * ahead
        down = begin + np.linspace(ABOVE_M, 0.0, 9)[:, None] * (0.0, 0.0, 1.0)
        along = np.concatenate([begin[None], touching + moved])
        back = along[-1] - np.array([STANDOFF_M * ahead, STANDOFF_M * ahead - (0.0, 0.0, ABOVE_M)])
        turn = float(np.arctan2(ahead[1], ahead[0]))
        return self._plan([_Way(down, along, back, turn + flip) for flip in (0.0, np.pi)], body.name)

    def _plan(self, ways: list[_Way], touched: str) -> PokePlan:
        begun: PokePlan | None = None
        reached = False
        for plan in itertools.chain.from_iterable(map(self._attempts, ways)):
            reached = True
            if not self._arm.keeps(ROOM_M, plan.approach, touched):
                continue
            if self._arm.keeps(ROOM_M, np.concatenate([plan.path, plan.retreat]), touched):
                return replace(plan, free=True)
            begun = begun or plan
        if begun is not None:
            return begun
        if reached:
            raise EpisodeEnded(
                Failure("grasp", "no_free_approach", "no way down to the trace's begin is free of contact")
            )
        raise EpisodeEnded(Failure("reach", "unreachable", "the gripper does not reach along the trace"))

    def _attempts(self, way: _Way) -> Iterator[PokePlan]:
        tool = np.array([0.0, 0.0, self._tip_m])
        down, along, back = (_pointing_down(points + tool, way.turn) for points in (way.down, way.along, way.back))
        for qpos in self._arm.postures(down[0]):
            approach = self._arm.trace(down, qpos)
            if approach.blocked:
                continue
            path = self._arm.trace(along, approach.qpos[-1])
            if path.blocked:
                continue
            retreat = self._arm.trace(back, path.qpos[-1], margin_rad=0.0)
            yield PokePlan(approach.qpos, path.qpos, retreat.qpos)


def _pointing_down(points: FloatArray, turn: float) -> FloatArray:
    """Return tool poses (M, 4, 4) at points, z down, the closing axis across the azimuth `turn`."""
    cosine, sine = np.cos(turn), np.sin(turn)
    rotation = np.array([[cosine, -sine, 0.0], [sine, cosine, 0.0], [0.0, 0.0, 1.0]]) @ np.diag([1.0, -1.0, -1.0])
    return np.array([transform(rotation, point) for point in points])
