"""Episodes at a steady rate: what exports write of each moment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt

from tracesim.constraints.margins import margins_so_far
from tracesim.episode.replay import Replay
from tracesim.episode.replayed import Replayed
from tracesim.film.film import film_camera
from tracesim.geometry.camera import Camera
from tracesim.geometry.rigid import FloatArray
from tracesim.geometry.trace import ImageTrace, each
from tracesim.layout.gripper import GRIPPER
from tracesim.results.record import Record
from tracesim.results.turn import Turn
from tracesim.simulation.recorder import Recording
from tracesim.simulation.renderer import Pack, SceneCamera
from tracesim.simulation.robot import Robot

CAMERAS: Final[Mapping[str, Pack]] = {"policy": "observation", "film": "film"}
"""Cameras that exports may draw, by name, with the shader pack that each is drawn with."""


@dataclass(frozen=True)
class Picture:
    """A picture of one camera at one moment."""

    rgb: npt.NDArray[np.uint8]
    """Colours, (H, W, 3), sRGB."""

    depth: npt.NDArray[np.float32]
    """Depth, (H, W), metres, camera z; 0 where nothing was hit."""


@dataclass(frozen=True)
class SampledArm:
    """An arm of the robot, at the samples of an episode."""

    robot: Robot
    """The robot, working with the arm."""

    motion: Recording
    """The motion of the episode, N samples."""

    @property
    def name(self) -> str:
        """Name of the arm."""
        return self.robot.arm.name

    @property
    def prefix(self) -> str:
        """Prefix of its column names: the name of the arm and "_", or an empty string for a robot with one arm."""
        return f"{self.name}_" if len(self.robot.by_arm) > 1 else ""

    @property
    def tcp_in_world(self) -> FloatArray:
        """Pose of the tool centre point, (N, 4, 4)."""
        return self.motion.poses(self.robot.arm.hand.tcp_link)

    @property
    def qpos(self) -> FloatArray:
        """Joint positions of the arm, (N, J), radians."""
        return np.asarray(self.motion.qpos[:, self.robot.arm_indices])

    @property
    def opening_m(self) -> FloatArray:
        """Distance between the finger tips, (N,), metres."""
        return self.robot.arm.hand.opening_m(self.motion.qpos[:, self.robot.finger_indices])


class SampledEpisode:
    """An episode at a steady rate, from the moment at which the policy was first shown the scene to the end.

    Attributes:
        name: A name that no other episode of the export has.
        replayed: The episode.
        rate_hz: Number of samples per second.
        start_s: Time of the first sample on the clock of the recorded motion.
        times_s: Times (N,) after the first sample, seconds: 0, 1 / rate, 2 / rate, ...
        motion: The recorded motion at these times.
    """

    def __init__(self, name: str, replayed: Replayed, rate_hz: int) -> None:
        """Sample an episode.

        Args:
            name: A name that no other episode of the export has.
            replayed: The episode.
            rate_hz: Number of samples per second.
        """
        recorded = replayed.outcome.recording
        self.name = name
        self.replayed = replayed
        self.rate_hz = rate_hz
        self.start_s = float(recorded.times_s[replayed.observed[0]])
        count = int(np.floor((recorded.times_s[-1] - self.start_s) * rate_hz + 1e-6)) + 1
        self.times_s: FloatArray = np.arange(count) / rate_hz
        self.motion: Recording = recorded.at(self.start_s + self.times_s)

    def __len__(self) -> int:
        """Return the number of samples."""
        return len(self.times_s)

    @property
    def record(self) -> Record:
        """The record of the episode."""
        return self.replayed.record

    # --- what was asked and answered

    @property
    def turn_times_s(self) -> FloatArray:
        """Time at which each instruction was given, (K,), seconds after the first sample."""
        recorded = self.replayed.outcome.recording
        times_s: FloatArray = recorded.times_s[list(self.replayed.observed)] - self.start_s
        return times_s

    @property
    def turns(self) -> npt.NDArray[np.intp]:
        """Index of the instruction that is carried out at each sample, (N,)."""
        return np.asarray(np.searchsorted(self.turn_times_s, self.times_s + 1e-9, side="right") - 1)

    def turn(self, number: int) -> Turn:
        """Return an instruction with its answer; an empty one if nothing was asked."""
        return self.record.turns[number] if self.record.turns else Turn(instruction=self.record.instruction)

    def answered_by_arm(self, number: int) -> tuple[FloatArray, ...]:
        """Return the keypoints of an answer as they were lifted, (K, 3) each, for each arm that follows a trace."""
        traces = self.turn(number).lifted
        return () if traces is None else tuple(one.keypoints for one in each(traces))

    def answered(self, number: int, arm: SampledArm) -> FloatArray:
        """Return the keypoints of an answer for an arm as they were lifted, (K, 3), metres, world; none without any.

        A trace that none of several arms followed counts as that of the first.
        """
        turn = self.turn(number)
        trace = turn.traces.get(arm.name) if turn.traces else turn.trace if self._is_for(turn, arm) else None
        return np.array(trace, float) if trace else np.zeros((0, 3))

    def answered_in_image(self, number: int, arm: SampledArm) -> FloatArray:
        """Return the keypoints of an answer for an arm, (K, 3): u and v in thousandths of the image, depth in metres.

        A 2D answer has the depths that its keypoints were lifted with. Without a trace there are none.
        """
        turn, lifted = self.turn(number), self.answered(number, arm)
        one = turn.image_trace if self._is_for(turn, arm) else None
        image_trace = turn.image_traces.get(arm.name) if turn.image_traces else one
        if image_trace is None:
            return np.zeros((0, 3))
        keypoints = ImageTrace(np.array(image_trace, float)).keypoints
        if keypoints.shape[1] == 3:
            return keypoints
        depth = np.zeros(len(keypoints)) if not len(lifted) else self.cameras["policy"].project(lifted)[:, 2]
        return np.column_stack([keypoints, depth[: len(keypoints)]])

    def _is_for(self, turn: Turn, arm: SampledArm) -> bool:
        """Return whether the only trace of an answer is for an arm."""
        return arm.name == (turn.arm or self.arms[0].name)

    # --- the robot

    @cached_property
    def arms(self) -> tuple[SampledArm, ...]:
        """The arms of the robot."""
        return tuple(SampledArm(one, self.motion) for one in self.replayed.simulated.scene.robot.by_arm)

    def arm(self, name: str) -> SampledArm:
        """Return an arm of the robot by its name."""
        return next(one for one in self.arms if one.name == name)

    # --- what is judged

    @cached_property
    def functional_point(self) -> FloatArray:
        """Path of the functional point, (N, 3), metres, world; NaN if nothing was moved."""
        path = np.full((len(self), 3), np.nan)
        for number, execution in enumerate(self.replayed.outcome.executions):
            point, now = execution.functional_point, self.turns >= number
            if point.body == GRIPPER:
                arm = self.arm(execution.arm)
                tcp = arm.tcp_in_world
                path[now] = (tcp[:, :3, 3] + arm.robot.tip_m * tcp[:, :3, 2])[now]
            else:
                pose = self.motion.poses(point.body)
                path[now] = (pose[:, :3, :3] @ point.position + pose[:, :3, 3])[now]
        return path

    @cached_property
    def margins(self) -> dict[str, list[float | None]]:
        """By constraint, its margin if the episode ended at each sample, (N,); empty if nothing was executed."""
        outcome = self.replayed.outcome
        if (executed := outcome.executed) is None:
            return {}
        samples = np.searchsorted(executed.times_s, self.start_s + self.times_s + 1e-9, side="right") - 1
        return margins_so_far(outcome.executions[-1].task.constraints(), executed, samples.tolist())

    # --- pictures

    @cached_property
    def cameras(self) -> dict[str, Camera]:
        """The cameras that can be drawn, by name."""
        policy = self.replayed.simulated.camera
        return {"policy": policy, "film": film_camera()}

    def pictures(self, names: tuple[str, ...]) -> Iterator[dict[str, Picture]]:
        """Yield the pictures of each sample, by camera; takes an episode that can be rendered.

        Args:
            names: Names of `CAMERAS`.
        """
        scene = self.replayed.simulated.scene
        views = {name: SceneCamera(scene.sapien, self.cameras[name], CAMERAS[name]) for name in names}
        replay = Replay(scene, self.motion)
        for sample in range(len(self)):
            replay.pose_at(sample)
            yield {name: Picture(view.rgb(), view.depth()) for name, view in views.items()}
