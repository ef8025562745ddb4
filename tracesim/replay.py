"""Plays a recorded trial again, for a film."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import sapien

from tracesim.curve import PointOn
from tracesim.film import Story
from tracesim.observation import Observation
from tracesim.recorder import Motion
from tracesim.scene import Scene
from tracesim.trace import ImageTrace, Trace
from tracesim.trial import Outcome, Trial


class Replay:
    """Puts a scene into the states of a recorded motion."""

    def __init__(self, scene: Scene, motion: Motion) -> None:
        self._scene = scene
        self._motion = motion
        self._bodies = [(entity, motion.names.index(name)) for name, entity in scene.entities.items()]

    def pose_at(self, sample: int) -> None:
        """Put bodies and robot where they were at a sample."""
        positions, quaternions = self._motion.positions[sample], self._motion.quaternions[sample]
        for entity, index in self._bodies:
            entity.pose = sapien.Pose(positions[index], quaternions[index])
        self._scene.robot.articulation.set_qpos(self._motion.qpos[sample])


def story(
    trial: Trial,
    observation: Observation,
    answered: ImageTrace | None,
    trace: Trace | None,
    outcome: Outcome | None,
    verdict: str,
    detail: str,
) -> Story:
    """Return what a film of a trial tells: as far as it got, from what the policy saw to what the robot did."""
    task, motion = trial.task, trial.recorder.motion()
    body = task.layout[task.carried]
    followed = planned = None
    if outcome is not None:
        body = task.layout[outcome.executed.carried or task.carried]
        x, y, z = (float(value) for value in body.pivot(task.manner.pivot))
        pivot = PointOn(body.name, (x, y, z))
        followed = outcome.executed.position(pivot)
        planned = outcome.predicted.position(pivot) if outcome.predicted is not None else None
    return Story(
        instruction=task.said,
        times_s=motion.times_s,
        pose_at=Replay(trial.scene, motion).pose_at,
        success=outcome is not None and outcome.success,
        verdict=verdict,
        detail=detail,
        keypoints=np.zeros((0, 3)) if trace is None else trace.keypoints,
        planned=planned,
        followed=followed,
        volumes=[(volume, task.layout.position(volume.at)) for one in task.constraints() for volume in one.volumes()],
        target=trial.scene.entities[body.name],
        margins_at=lambda sample: {} if outcome is None else _margins_until(outcome, trial, sample),
        units={constraint.name: constraint.unit for constraint in task.constraints()},
        observed=observation.rgb,
        answered=_pixels(trial, answered),
    )


def _margins_until(outcome: Outcome, trial: Trial, sample: int) -> dict[str, float | None]:
    return trial.task.margins(outcome.executed[: sample + 1])


def _pixels(trial: Trial, answered: ImageTrace | None) -> npt.NDArray[np.float64] | None:
    return None if answered is None else trial.camera.pixels(answered)[:, :2]
