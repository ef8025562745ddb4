"""The path of a body that follows a trace: poses between stops."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt

from tracesim.geometry.rigid import FloatArray, rotation_about, yaw
from tracesim.geometry.trace import Trace

STEP_M: Final = 0.01
STEP_RAD: Final = 0.06
"""Neighbouring poses of a path are at most this far apart."""

NEAR_M: Final = 0.01
"""A body has left where it stood once it has risen so far, and is landing while it is so near to where it ends."""


@dataclass(frozen=True)
class Turning:
    """How a body is turned while it follows a trace."""

    tilt: float = 0.0
    """Angle about `tilt_axis`, radians, held from the second keypoint to the last but one."""

    tilt_axis: tuple[float, float, float] = (0.0, 1.0, 0.0)
    """Axis of the tilt, in the body's frame."""

    turn: float = 0.0
    """Angle about the vertical at the end of the path, radians, gained evenly along it."""


@dataclass(frozen=True)
class Pace:
    """How fast a body follows a path."""

    speed_m_s: float = 0.25
    """Speed of the body, metres per second; a robot may be slower."""

    turn_rad_s: float = 0.8
    """Speed of a rotation, radians per second."""

    dwell_s: float = 0.0
    """How long the body rests at every keypoint, seconds."""


@dataclass(frozen=True)
class BodyPath:
    """Poses of a body along a trace."""

    body_in_world: FloatArray
    """Poses (M, 4, 4), at most `STEP_M` or `STEP_RAD` apart."""

    stops: tuple[int, ...]
    """Indices of the poses at which the body stands still, the first and the last included."""

    keypoints: npt.NDArray[np.int64]
    """For each pose, the index of the keypoint that it leads to, (M,)."""

    @classmethod
    def along(
        cls,
        trace: Trace,
        body_in_world: FloatArray,
        pivot_in_body: npt.ArrayLike,
        turning: Turning | None = None,
        *,
        level: bool = False,
        step_m: float = STEP_M,
        via_points: Mapping[int, FloatArray] | None = None,
    ) -> BodyPath:
        """Return the path of a body that starts at a pose and whose pivot follows a trace.

        The pivot is displaced by `p_i - p_0` from where it starts. The body is tilted about the pivot, at rest, at the
        second keypoint and back at the last but one, and turned about the vertical all along the path.

        Args:
            trace: Keypoints `p_i`, metres, world.
            body_in_world: Pose (4, 4) at the start.
            pivot_in_body: Point (3,) of the body, metres.
            turning: How the body is turned; `None` keeps its attitude.
            level: Whether the pivot stays at least as high as it starts: what is dragged is not pressed into the table.
            step_m: Greatest distance between neighbouring poses.
            via_points: By the index of a keypoint, points (V, 3) in the trace's frame to pass and stop at on the way
                to it; otherwise the way is straight.
        """
        turning = turning or Turning()
        pivot_in_body = np.asarray(pivot_in_body, float)
        start = body_in_world[:3, 3] + body_in_world[:3, :3] @ pivot_in_body
        targets = start + trace.keypoints - trace.keypoints[0]
        passed = {index: start + via - trace.keypoints[0] for index, via in (via_points or {}).items()}
        if level:
            targets[:, 2] = np.maximum(targets[:, 2], start[2])
        pivots, angles, keypoints, stops = _legs(start, targets, passed, turning, step_m)
        gone = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(pivots, axis=0), axis=1))])
        headings = turning.turn * gone / max(_length(targets, passed), 1e-9)
        rotations = body_in_world[:3, :3] @ rotation_about(turning.tilt_axis, angles)
        if turning.turn:
            rotations = yaw(headings) @ rotations
        poses = np.tile(np.eye(4), (len(pivots), 1, 1))
        poses[:, :3, :3] = rotations
        poses[:, :3, 3] = pivots - rotations @ pivot_in_body
        return cls(poses, tuple(stops), np.array(keypoints))

    def positions(self, point_in_body: npt.ArrayLike) -> FloatArray:
        """Return where a point (3,) of the body is along the path, (M, 3), metres, world."""
        return np.asarray((self.body_in_world @ np.append(point_in_body, 1.0))[:, :3])

    def timed(self, pace: Pace, rest_s: float, sample_s: float = 0.05) -> tuple[FloatArray, FloatArray]:
        """Return times (T,), seconds, and poses (T, 4, 4) of a body that follows the path at a pace.

        Args:
            pace: Speeds, and the rest at every stop but the last.
            rest_s: Rest at the end.
            sample_s: Time between samples while the body rests; otherwise the samples are the path's poses.
        """
        times, poses, now = [0.0], [self.body_in_world[0]], 0.0
        stops = set(self.stops[1:])
        for index in range(1, len(self.body_in_world)):
            before, pose = self.body_in_world[index - 1], self.body_in_world[index]
            distance = float(np.linalg.norm(pose[:3, 3] - before[:3, 3]))
            cosine = (float(np.trace(before[:3, :3].T @ pose[:3, :3])) - 1.0) / 2.0
            now += max(distance / pace.speed_m_s, float(np.arccos(min(cosine, 1.0))) / pace.turn_rad_s, 1e-3)
            times.append(now)
            poses.append(pose)
            if index in stops:
                dwell = rest_s if index == len(self.body_in_world) - 1 else pace.dwell_s
                for _ in range(int(np.ceil(dwell / sample_s))):
                    now += sample_s
                    times.append(now)
                    poses.append(pose)
        return np.array(times), np.array(poses)


Leg = tuple[int, FloatArray, FloatArray]
"""The index of the keypoint that a straight leg leads to, and its ends (3,)."""


def _straight_legs(targets: FloatArray, passed: Mapping[int, FloatArray]) -> list[Leg]:
    return [
        (index, before, target)
        for index in range(1, len(targets))
        for before, target in pairwise([targets[index - 1], *passed.get(index, ()), targets[index]])
    ]


def _length(targets: FloatArray, passed: Mapping[int, FloatArray]) -> float:
    return sum(float(np.linalg.norm(target - before)) for _, before, target in _straight_legs(targets, passed))


def _legs(
    start: FloatArray, targets: FloatArray, passed: Mapping[int, FloatArray], turning: Turning, step_m: float
) -> tuple[list[FloatArray], list[float], list[int], list[int]]:
    """Return the pivot's positions, tilt angles and keypoints along all legs, and where it stops."""
    legs, last, length = _straight_legs(targets, passed), len(targets) - 1, _length(targets, passed)
    if turning.turn and length > 0.0:
        step_m = min(step_m, STEP_RAD * length / abs(turning.turn))
    pivots, angles, keypoints, stops = [start], [0.0], [0], [0]
    for number, (index, before, target) in enumerate(legs):
        count = max(1, int(np.ceil(float(np.linalg.norm(target - before)) / step_m - 1e-9)))
        for fraction in np.arange(1, count + 1) / count:
            pivots.append(before + fraction * (target - before))
            angles.append(angles[-1])
            keypoints.append(index)
        stops.append(len(pivots) - 1)
        if number + 1 < len(legs) and legs[number + 1][0] == index:
            continue  # the keypoint is still to come
        turn = turning.tilt - angles[-1] if index == 1 and last > 2 else -angles[-1] if index == last - 1 else 0.0
        if turning.tilt and turn:
            angle, count = angles[-1], int(np.ceil(abs(turn) / STEP_RAD))
            for fraction in np.arange(1, count + 1) / count:
                pivots.append(targets[index])
                angles.append(angle + fraction * turn)
                keypoints.append(index)
            stops.append(len(pivots) - 1)
    return pivots, angles, keypoints, stops
