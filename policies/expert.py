"""The expert, which answers with a correct trace."""

from __future__ import annotations

import numpy as np

from tracesim.answers.arms import format_answer
from tracesim.language.question import Question
from tracesim.observation import Observation
from tracesim.policy import Privileged, Reply
from tracesim.task import Task


class Expert(Privileged):
    """Sees the scene, and plans a collision-free path through the decisive keypoints of the task."""

    def answer(self, observation: Observation, question: Question, task: Task, rng: np.random.Generator) -> Reply:
        """Return the task's own trace, as seen by the policy camera."""
        return Reply(format_answer(observation.camera.see_all(task.traces())))
