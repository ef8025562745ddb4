"""Negative controls: traces that are wrong in one known way, and have to fail for it."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from tracesim.answers.reading import format_trace
from tracesim.errors import ConfigurationError, DoesNotApplyError
from tracesim.observation import Observation
from tracesim.policy import Privileged, Reply
from tracesim.task import DoesNotApply, Task


class NegativeControl(Privileged):
    """Answers with a trace that must violate one constraint; the task states both."""

    name: ClassVar[str]

    def answer(self, observation: Observation, task: Task, rng: np.random.Generator) -> Reply:
        """Return the control's trace, as seen by the policy camera.

        At a later stage that gives it nothing to violate it moves nothing: it was wrong before. Raises
        `ConfigurationError` where the control has nothing to violate, `DoesNotApplyError` where only this scene is to
        blame.
        """
        control = task.controls()[self.name]
        if isinstance(control, DoesNotApply) and task.done:
            return Reply(format_trace(observation.camera.see(task.stay())))
        if isinstance(control, DoesNotApply):
            kind = DoesNotApplyError if control.here else ConfigurationError
            raise kind(f"policy {self.name} does not apply to {type(task).__name__}: {control.reason}.")
        return Reply(format_trace(observation.camera.see(control.trace)))


class Noop(NegativeControl):
    """Takes hold, and lets go."""

    name = "noop"


class StraightLine(NegativeControl):
    """Joins the decisive keypoints straight, through whatever stands in the way."""

    name = "straight_line"


class WrongOrder(NegativeControl):
    """Does the right things in the wrong order."""

    name = "wrong_order"


class OutOfBand(NegativeControl):
    """Keeps to the path but not to the height asked for."""

    name = "out_of_band"
