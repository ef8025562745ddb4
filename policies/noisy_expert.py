"""The expert with the errors of a model: how much a task forgives."""

from __future__ import annotations

import numpy as np

from tracesim.answers.reading import format_trace
from tracesim.errors import ConfigurationError
from tracesim.geometry.camera import IMAGE_SCALE
from tracesim.geometry.trace import ImageTrace
from tracesim.observation import Observation
from tracesim.policy import Privileged, Reply
from tracesim.task import Task


class NoisyExpert(Privileged):
    """Perturbs the expert's keypoints.

    pixel_noise_px: standard deviation of column and row. depth_noise_m: of each keypoint's depth. depth_scale: a factor
    on all depths, the error of a model that has no measured depth.
    """

    def __init__(self, pixel_noise_px: float = 3.0, depth_noise_m: float = 0.01, depth_scale: float = 1.0) -> None:
        if pixel_noise_px < 0.0 or depth_noise_m < 0.0 or depth_scale <= 0.0:
            raise ConfigurationError("policy noisy_expert: noise is 0 or more and depth_scale is more than 0.")
        self.pixel_noise_px = pixel_noise_px
        self.depth_noise_m = depth_noise_m
        self.depth_scale = depth_scale

    def answer(self, observation: Observation, task: Task, rng: np.random.Generator) -> Reply:
        """Return the task's own trace with noise on every keypoint."""
        camera = observation.camera
        keypoints = camera.see(task.expert()).keypoints
        noise = rng.normal(size=keypoints.shape)
        keypoints[:, :2] += noise[:, :2] * self.pixel_noise_px * IMAGE_SCALE / np.array([camera.width, camera.height])
        keypoints[:, 2] = (keypoints[:, 2] + noise[:, 2] * self.depth_noise_m) * self.depth_scale
        keypoints[:, :2] = np.clip(np.round(keypoints[:, :2]), 0.0, IMAGE_SCALE)
        return Reply(format_trace(ImageTrace(keypoints)))
