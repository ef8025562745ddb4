"""Stories, which films show of an episode: replayed motions with instructions and verdicts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tracesim.constraints import Patch, Volume
from tracesim.episode.outcome import Execution, Outcome
from tracesim.episode.replay import Replay
from tracesim.episode.simulated import SimulatedEpisode
from tracesim.failure import Failure
from tracesim.film.film import Answered, Story
from tracesim.geometry.rigid import FloatArray
from tracesim.geometry.trace import ImageTraces, Traces, each
from tracesim.layout.displacement import SHIFT
from tracesim.observation import Observation
from tracesim.task import Task


@dataclass(frozen=True)
class Look:
    """What a policy saw and answered."""

    observation: Observation
    """What the policy was shown."""

    answered: ImageTraces | None = None
    """The trace in the image, or that of each arm; None if none could be read."""

    trace: Traces | None = None
    """The trace in the world, or that of each arm; None if none could be read or lifted."""

    planned: tuple[FloatArray, ...] = ()
    """Intended path of each functional point, (M, 3), metres, world, if it is not that of the whole execution."""

    followed_s: float = 0.0
    """Time in the episode from which on the trace was followed, seconds."""

    @property
    def keypoints(self) -> tuple[FloatArray, ...]:
        """The keypoints of each trace, (N, 3), metres, world; none without a trace."""
        return () if self.trace is None else tuple(one.keypoints for one in each(self.trace))

    @property
    def pixels(self) -> tuple[FloatArray, ...]:
        """The keypoints of each trace of the answer in the image, (N, 2), pixels; none if none could be read."""
        if self.answered is None:  # poses are answered in the world
            return tuple(self.observation.camera.project(keypoints)[:, :2] for keypoints in self.keypoints)
        return tuple(self.observation.camera.pixels(one)[:, :2] for one in each(self.answered))

    def as_followed(self, times_s: FloatArray, planned: tuple[FloatArray, ...] = ()) -> Answered:
        """Return what a film shows of it.

        Args:
            times_s: Times of the samples that are shown, (T,), seconds.
            planned: The intended paths, if it has none of its own.
        """
        return Answered(
            self.keypoints,
            self.planned or planned,
            self.observation.rgb,
            self.pixels,
            int(np.searchsorted(times_s, self.followed_s - 1e-9)),
        )


def stories(simulated: SimulatedEpisode, looks: Sequence[Sequence[Look]], outcome: Outcome) -> list[Story]:
    """Return the stories of an episode's film, one for each subtask.

    Args:
        simulated: The episode.
        looks: What the policy saw and answered for each subtask, and the robot followed; at least one look each.
        outcome: The outcome of the episode.
    """
    if not outcome.executions:
        motion = outcome.recording
        return [
            Story(
                instruction=simulated.task.said,
                times_s=motion.times_s,
                pose_at=Replay(simulated.scene, motion).pose_at,
                success=False,
                verdict=headline(outcome.failure),
                detail=outcome.failure.detail if outcome.failure else "",
                answers=[looks[-1][-1].as_followed(motion.times_s)],
                volumes=_standing(simulated.task, np.zeros((len(motion), 3))),
                target=simulated.scene.entities.get(simulated.task.subtask.carried),
            )
        ]
    told = zip(outcome.executions, looks, strict=False)
    return [_story(simulated, execution, one, outcome) for execution, one in told]


def _story(simulated: SimulatedEpisode, execution: Execution, looks: Sequence[Look], outcome: Outcome) -> Story:
    task = execution.task
    points = execution.functional_points
    executed = outcome.executed
    assert executed is not None
    times_s = execution.executed.times_s
    recording = outcome.recording.since(execution.begun)
    shift = recording.poses(SHIFT)[: len(times_s), :3, 3] if task.displacement else np.zeros((len(times_s), 3))
    return Story(
        instruction=task.said,
        times_s=times_s,
        pose_at=Replay(simulated.scene, recording).pose_at,
        success=outcome.success,
        verdict=headline(outcome.failure),
        detail=outcome.failure.detail if outcome.failure else "",
        answers=[one.as_followed(times_s, execution.planned) for one in looks],
        followed=tuple(execution.executed.position(point) for point in points),
        volumes=_standing(task, shift - shift[0]),
        patches=[
            Patch(patch.places, patch.samples - execution.begun)
            for one in task.constraints()
            for patch in one.patches(executed)
        ],
        target=simulated.scene.entities.get(points[0].body),
        constraints=task.constraints(),
        margins_at=lambda sample: task.margins(executed[: execution.begun + sample + 1]),
    )


def _standing(task: Task, shift: FloatArray) -> list[tuple[Volume, FloatArray]]:
    """Return the volumes of a task, each with the path of its origin, (T, 3): those of what is displaced go with it."""
    moved = task.displacement.body if task.displacement else None
    return [(volume, at + shift * (volume.at.body == moved)) for volume, at in volumes_of(task)]


def headline(failure: Failure | None) -> str:
    """Return the words that tell a viewer how an episode ended, above the failure's detail."""
    if failure is None:
        return "success"
    # The reason of a collision repeats the detail in the names of bodies and links.
    told = failure.stage if failure.stage == "collision" else f"{failure.stage}: {failure.reason}"
    return told.replace("_", " ")


def volumes_of(task: Task) -> list[tuple[Volume, FloatArray]]:
    """Return the volumes in which a task's constraints hold, each with the position of its origin, (3,), world."""
    volumes = dict.fromkeys(volume for one in task.constraints() for volume in one.volumes())
    return [(volume, task.layout.position(volume.at) + np.array(volume.offset_m)) for volume in volumes]
