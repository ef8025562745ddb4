"""A still: a simulated scene as a sample of TraceSpatial-Bench, with its pictures and the expert's answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import Final

import numpy as np
import numpy.typing as npt

from tracesim.answers.reading import written
from tracesim.episode.simulated import Trial
from tracesim.geometry.camera import Camera
from tracesim.geometry.rigid import FloatArray, apply, inverse
from tracesim.geometry.trace import Trace, distance_to_segment
from tracesim.layout.layout import Body
from tracesim.observation import Observation
from tracesim.simulation.renderer import View
from tracesim.task import Task
from tracesim.tracespatial.dataset import Sample

KEYPOINTS: Final = 8
"""No published trajectory has more."""

SLACK_M: Final = 0.005
"""So much larger than the object is its end box, on each side: a true answer, rounded, still ends in it."""


@dataclass(frozen=True)
class Still:
    """What the files of one sample hold.

    observation: picture and depth. mask: (H, W), whether a pixel shows the object that is to move; exact, as drawn.
    answer: the expert's, unshortened, in the words of a model. tolerance_m: how far the expert's path strays from
    `sample.trajectory`, which has at most `KEYPOINTS` points.
    """

    sample: Sample
    observation: Observation
    mask: npt.NDArray[np.bool_]
    answer: str
    tolerance_m: float

    @classmethod
    def of(cls, trial: Trial, name: str) -> Still:
        """Return the still of a trial that can be drawn; `name` becomes its id and its folder."""
        task, camera = trial.task, trial.camera
        robot = trial.scene.robot
        image = View(trial.scene.sapien, camera, "observation").capture()
        trace = task.expert()
        shortened, tolerance_m = shorten(task, trace, KEYPOINTS)
        center, extent, rotation = end_box(task.layout[task.subtask.carried], trace, camera)
        question = task.question
        sample = Sample(
            id=name,
            image_path=f"{name}/image.png",
            gt_depth_path=f"{name}/gt_depth.png",
            mask_path=f"{name}/mask.png",
            intrinsics=camera.intrinsics,
            prompt=question.instruction,
            target_object=question.object_name,
            destination=question.destination,
            trajectory=apply(inverse(camera.camera_in_world), shortened.keypoints),
            bbox_center=center,
            bbox_extent=extent,
            bbox_rotation=rotation,
        )
        return cls(
            sample,
            Observation(camera, robot.qpos, robot.tcp_in_world, image.rgb, image.depth),
            image.segmentation == trial.scene.entities[task.subtask.carried].per_scene_id,
            written(camera.see(trace)),
            tolerance_m,
        )


def end_box(body: Body, trace: Trace, camera: Camera) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the box around a body at the end of its trace: centre (3,), full extent (3,), rotation (3, 3), camera.

    Its sides are parallel to the body's own axes and `SLACK_M` away from its surface. A trace's last keypoint is where
    the touched point ends up, so it lies in this box.
    """
    vertices = np.concatenate([surface.vertices for surface in body.prop.surfaces])
    low, high = vertices.min(axis=0), vertices.max(axis=0)
    moved = trace.keypoints[-1] - trace.keypoints[0]
    in_camera = inverse(camera.camera_in_world)
    center = apply(in_camera, apply(body.body_in_world, (low + high) / 2) + moved)
    return center, high - low + 2 * SLACK_M, in_camera[:3, :3] @ body.body_in_world[:3, :3]


def shorten(task: Task, trace: Trace, count: int) -> tuple[Trace, float]:
    """Return the trace through at most `count` of an expert's keypoints, and how far it strays from the expert's path.

    The task's decisive keypoints are kept. Of the others those are that make it stray least, in metres, among the
    choices that hold every constraint of the task when they are followed to the letter; where none does, all of them
    are: a truth that fails its task would be none.
    """
    points = trace.keypoints
    last = len(points) - 1
    if last < count:
        return trace, 0.0
    inner = {int(np.argmin(np.linalg.norm(points - one, axis=1))) for one in task.keypoints()[1:-1]}
    decisive = inner | {0, last}
    free = max(0, count - len(decisive))
    ways = [sorted(decisive.union(chosen)) for chosen in combinations(sorted(set(range(last)) - decisive), free)]
    for stray_m, kept in sorted((_stray_m(points, way), way) for way in ways):
        shortened = Trace(points[kept])
        margins = task.margins(task.predicted(shortened)).values()
        if len(kept) <= count and all(margin is None or margin >= 0.0 for margin in margins):
            return shortened, stray_m
    return trace, 0.0


def _stray_m(points: FloatArray, kept: Sequence[int]) -> float:
    """Return how far from the path through the `kept` points those lie that it leaves out."""
    return max(
        float(distance_to_segment(points[start + 1 : end], points[start], points[end]).max(initial=0.0))
        for start, end in pairwise(kept)
    )
