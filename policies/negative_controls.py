"""Negative controls, whose traces are wrong in one known way and have to fail for that reason."""

from __future__ import annotations

from collections.abc import Collection
from typing import ClassVar

import numpy as np

from tracesim.answers.arms import format_answer
from tracesim.arrangement.controls import controls
from tracesim.configuration import ROBOT, EpisodeConfiguration
from tracesim.errors import DoesNotApplyError, NeverAppliesError
from tracesim.language.question import Question
from tracesim.negative_control import DoesNotApply
from tracesim.observation import Observation
from tracesim.policy import Privileged, Reply
from tracesim.task import Task


class NegativeControlPolicy(Privileged):
    """Answers with a trace that must violate one constraint; the task provides both."""

    name: ClassVar[str]
    """Name of the control in `Task.controls`."""

    def __init__(self) -> None:
        """Create the control."""
        self._robot = ROBOT

    def prepare(self, configuration: EpisodeConfiguration, seeds: Collection[int] = ()) -> None:
        """Remember which robot has to follow the trace; see `Policy.prepare`."""
        self._robot = configuration.robot

    def answer(self, observation: Observation, question: Question, task: Task, rng: np.random.Generator) -> Reply:
        """Return the trace of the control, as seen by the policy camera.

        In a later subtask in which it has nothing to violate, it moves nothing, since an earlier subtask has failed.

        Raises:
            DoesNotApplyError: The control has nothing to violate in this scene.
            ConfigurationError: The control has nothing to violate in this task.
        """
        control = controls(task, self._robot)[self.name]
        if isinstance(control, DoesNotApply) and task.done:
            return Reply(format_answer(observation.camera.see_all(task.staying())))
        if isinstance(control, DoesNotApply):
            kind = DoesNotApplyError if control.here else NeverAppliesError
            raise kind(f"policy {self.name} does not apply to {type(task).__name__}: {control.reason}.")
        return Reply(format_answer(observation.camera.see_all(control.trace)))


class Noop(NegativeControlPolicy):
    """Grasps the object, and releases it without moving it."""

    name = "noop"


class StraightLine(NegativeControlPolicy):
    """Joins the decisive keypoints by straight lines, through whatever is in the way."""

    name = "straight_line"


class WrongOrder(NegativeControlPolicy):
    """Visits the right places in the wrong order."""

    name = "wrong_order"


class OutOfBand(NegativeControlPolicy):
    """Follows the right path at the wrong height."""

    name = "out_of_band"
