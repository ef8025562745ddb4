"""The expert with the errors of a model, which shows how much error a task tolerates."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tracesim.answers.arms import format_answer
from tracesim.errors import ConfigurationError
from tracesim.geometry.camera import IMAGE_SCALE, Camera
from tracesim.geometry.trace import ImageTrace
from tracesim.language.question import Question
from tracesim.observation import Observation
from tracesim.policy import Privileged, Reply
from tracesim.task import Task


@dataclass(kw_only=True)
class NoisyExpert(Privileged):
    """Answers with the expert's trace after adding noise to its keypoints."""

    pixel_noise_px: float = 3.0
    """Standard deviation of column and row, pixels."""

    depth_noise_m: float = 0.01
    """Standard deviation of each keypoint's depth, metres."""

    depth_scale: float = 1.0
    """Factor on all depths: the error of a model without measured depth."""

    def __post_init__(self) -> None:
        """Check the options."""
        if self.pixel_noise_px < 0.0 or self.depth_noise_m < 0.0 or self.depth_scale <= 0.0:
            raise ConfigurationError(
                "policy noisy_expert: pixel_noise_px and depth_noise_m have to be 0 or more, depth_scale more than 0."
            )

    def answer(self, observation: Observation, question: Question, task: Task, rng: np.random.Generator) -> Reply:
        """Return the task's own trace with noise on every keypoint."""
        camera = observation.camera
        answer = camera.see_all(task.traces())
        if isinstance(answer, ImageTrace):
            return Reply(format_answer(self._with_noise(answer, camera, rng)))
        return Reply(format_answer({arm: self._with_noise(trace, camera, rng) for arm, trace in answer.items()}))

    def _with_noise(self, trace: ImageTrace, camera: Camera, rng: np.random.Generator) -> ImageTrace:
        keypoints = trace.keypoints
        noise = rng.normal(size=keypoints.shape)
        keypoints[:, :2] += noise[:, :2] * self.pixel_noise_px * IMAGE_SCALE / np.array([camera.width, camera.height])
        keypoints[:, 2] = (keypoints[:, 2] + noise[:, 2] * self.depth_noise_m) * self.depth_scale
        keypoints[:, :2] = np.clip(np.round(keypoints[:, :2]), 0.0, IMAGE_SCALE)
        return ImageTrace(keypoints)
