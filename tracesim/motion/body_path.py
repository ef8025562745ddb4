"""The path that a trace asks a body to take: poses between stops."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from tracesim.geometry.rigid import FloatArray, rotation_about, transform, yaw
from tracesim.geometry.trace import Trace
from tracesim.motion.manner import Manner

STEP_M = 0.01
STEP_RAD = 0.06


@dataclass(frozen=True)
class Carry:
    """Poses of a body along a trace.

    body_in_world: (M, 4, 4), at most `STEP_M` or `STEP_RAD` apart. stops: indices of the poses in which it stands
    still. keypoints: for each pose, the index of the keypoint that it heads for.
    """

    body_in_world: FloatArray
    stops: tuple[int, ...]
    keypoints: npt.NDArray[np.int64]

    @classmethod
    def along(
        cls,
        trace: Trace,
        body_in_world: FloatArray,
        manner: Manner,
        pivot_in_body: npt.ArrayLike,
        step_m: float = STEP_M,
        ways: Mapping[int, FloatArray] | None = None,
    ) -> Carry:
        """Return the carry of a body that starts at `body_in_world` (4, 4).

        The pivot goes from where it is by `p_i - p_0`; the body is turned about the pivot, at rest, at the second
        keypoint and at the last but one, when the manner tilts it, and about the vertical, evenly along the way, when
        the manner turns it. `pivot_in_body`: (3,), metres. ways: by keypoint,
        what the trace passes on the way to it, (V, 3), and where it stops, too; straight where there is none.
        """
        pivot_in_body = np.asarray(pivot_in_body, float)
        start = body_in_world[:3, 3] + body_in_world[:3, :3] @ pivot_in_body
        targets = start + trace.keypoints - trace.keypoints[0]
        passed = {index: start + way - trace.keypoints[0] for index, way in (ways or {}).items()}
        if manner.way in ("pull", "push"):
            # What is dragged is not pressed into what it stands on.
            targets[:, 2] = np.maximum(targets[:, 2], start[2])
        last = len(targets) - 1
        legs = [
            (index, before, target)
            for index in range(1, last + 1)
            for before, target in pairwise([targets[index - 1], *passed.get(index, ()), targets[index]])
        ]
        length = sum(float(np.linalg.norm(target - before)) for _, before, target in legs)
        if manner.turn and length > 0.0:
            step_m = min(step_m, STEP_RAD * length / abs(manner.turn))
        pivots, angles, heading, stops = [start], [0.0], [0], [0]
        for number, (index, before, target) in enumerate(legs):
            count = max(1, int(np.ceil(float(np.linalg.norm(target - before)) / step_m - 1e-9)))
            for fraction in np.arange(1, count + 1) / count:
                pivots.append(before + fraction * (target - before))
                angles.append(angles[-1])
                heading.append(index)
            stops.append(len(pivots) - 1)
            if number + 1 < len(legs) and legs[number + 1][0] == index:
                continue  # the keypoint is still to come
            turn = manner.tilt - angles[-1] if index == 1 and last > 2 else -angles[-1] if index == last - 1 else 0.0
            if manner.tilt and turn:
                angle, count = angles[-1], int(np.ceil(abs(turn) / STEP_RAD))
                for fraction in np.arange(1, count + 1) / count:
                    pivots.append(targets[index])
                    angles.append(angle + fraction * turn)
                    heading.append(index)
                stops.append(len(pivots) - 1)
        gone = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(pivots, axis=0), axis=1))])
        turned = manner.turn * gone / max(length, 1e-9)
        poses = []
        for pivot, angle, heading_rad in zip(pivots, angles, turned, strict=True):
            rotation = body_in_world[:3, :3] @ rotation_about(manner.tilt_axis, angle)
            if manner.turn:
                rotation = yaw(heading_rad) @ rotation
            poses.append(transform(rotation, pivot - rotation @ pivot_in_body))
        return cls(np.array(poses), tuple(stops), np.array(heading))

    def timed(self, manner: Manner, rest_s: float, sample_s: float = 0.05) -> tuple[FloatArray, FloatArray]:
        """Return times (T,) and poses (T, 4, 4) at the manner's pace, its dwells, and `rest_s` at rest at the end.

        A dwell is sampled every `sample_s`; between stops the samples are the carry's own.
        """
        times, poses, now = [0.0], [self.body_in_world[0]], 0.0
        stops = set(self.stops[1:])
        for index in range(1, len(self.body_in_world)):
            before, pose = self.body_in_world[index - 1], self.body_in_world[index]
            distance = float(np.linalg.norm(pose[:3, 3] - before[:3, 3]))
            cosine = (float(np.trace(before[:3, :3].T @ pose[:3, :3])) - 1.0) / 2.0
            now += max(distance / manner.speed_m_s, float(np.arccos(min(cosine, 1.0))) / manner.turn_rad_s, 1e-3)
            times.append(now)
            poses.append(pose)
            if index in stops:
                dwell = rest_s if index == len(self.body_in_world) - 1 else manner.dwell_s
                for _ in range(int(np.ceil(dwell / sample_s))):
                    now += sample_s
                    times.append(now)
                    poses.append(pose)
        return np.array(times), np.array(poses)
