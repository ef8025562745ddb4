"""A task: what stands on the table, what is asked, and which constraints decide."""

from __future__ import annotations

import copy
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Final, Self

import numpy as np

from tracesim.camera import Camera
from tracesim.constraints import Clearance, Constraint
from tracesim.curve import Curve
from tracesim.direction import direction
from tracesim.draw import Draw
from tracesim.errors import PlacementError
from tracesim.gripper import GRIPPER, gripper_at
from tracesim.layout import TABLE, Body, Layout
from tracesim.manner import Manner
from tracesim.prediction import predicted
from tracesim.question import Question
from tracesim.rigid import FloatArray
from tracesim.route import Router
from tracesim.stage import Stage
from tracesim.trace import Trace


@dataclass(frozen=True)
class Violates:
    """A negative control: a trace that is wrong in one way, and the name of the constraint that it must violate."""

    constraint: str
    trace: Trace


@dataclass(frozen=True)
class DoesNotApply:
    """Why a negative control has nothing to violate.

    here: in this scene; in others of the task it may have.
    """

    reason: str
    here: bool = False


Control = Violates | DoesNotApply

CONTROLS: Final = ("noop", "straight_line", "wrong_order", "out_of_band")
"""The negative controls that every task has to say something about."""


class Task(ABC):
    """One task; an instance holds what `place` drew for one seed.

    Subclasses name what varies and what success means in their docstring, and give the hooks below. `instruction` is a
    template filled from `words()`, and so are `object_name` and `destination`, its parts that say what is to move and
    where to. `carried`, `support`, `target` and `manner` are those of its only
    stage; a task that asks several instructions, one after the other, overrides `stages()` instead, and its hooks tell
    by `done` which of them it is about. `camera` is the policy's, whose directions instructions speak in. `layout`
    holds everything that stands on the table, as it stands when the stage begins, `referents` names the bodies that
    `place` put there: those that the instruction refers to.
    """

    instruction: ClassVar[str]
    object_name: ClassVar[str]
    destination: ClassVar[str]
    manner: ClassVar[Manner] = Manner()
    carried: ClassVar[str]
    support: ClassVar[str] = TABLE
    target: ClassVar[str] = TABLE

    def __init__(self, camera: Camera) -> None:
        self.camera = camera
        self.layout = Layout()
        self.referents: Sequence[str] = ()
        self.done = 0

    @abstractmethod
    def place(self, layout: Layout, draw: Draw) -> None:
        """Draw the scene: put the task's own bodies into `layout`; all randomness from `draw`."""

    @abstractmethod
    def words(self) -> Mapping[str, str]:
        """Return what fills the instruction's template, from the same values as the constraints."""

    @abstractmethod
    def constraints(self) -> Sequence[Constraint]:
        """Return what decides, in the order in which failures are named."""

    @abstractmethod
    def keypoints(self) -> FloatArray:
        """Return the decisive keypoints (K, 3), metres, world: where a trace must pass, whatever is in the way."""

    @abstractmethod
    def controls(self) -> Mapping[str, Control]:
        """Return what each negative control of `CONTROLS` answers here and violates, or why it does not apply."""

    def stages(self) -> Sequence[Stage]:
        """Return the task's stages, in their order."""
        return (Stage(self.carried, self.support, self.target, self.manner),)

    @property
    def stage(self) -> Stage:
        """The stage that comes next, or is under way."""
        return self.stages()[self.done]

    def after(self, layout: Layout) -> Self:
        """Return the task at its next stage, which begins with everything as it stands on `layout`."""
        task = copy.copy(self)
        task.layout, task.done = layout, self.done + 1
        return task

    def body(self, start_in_world: FloatArray, carried: str | None = None) -> Body:
        """Return the body that a trace from `start_in_world` (3,) is for: the stage's own, unless named."""
        name = carried or self.stage.carried
        return gripper_at(start_in_world) if name == GRIPPER else self.layout[name]

    def toward(self, word: str) -> FloatArray:
        """Return the direction (3,) that an instruction means by one of `tracesim.direction.DIRECTIONS`."""
        return direction(self.camera, word)

    def routed(self, keypoints: FloatArray, carried: str | None = None) -> Trace:
        """Return a trace through decisive keypoints, free of contact; raises `PlacementError` if there is none."""
        body = self.body(keypoints[0], carried)
        trace = Router(self.layout, body, self.stage.manner).through(keypoints)
        if trace is None:
            raise PlacementError(f"No free way leads {body.name} through its keypoints.")
        return trace

    def expert(self) -> Trace:
        """Return a trace that does what is asked."""
        return self.routed(self.keypoints())

    def straight_line(self) -> Trace:
        """Return the trace that joins the decisive keypoints as if nothing stood in the way."""
        return Trace(self.keypoints())

    def straight_line_control(self) -> Control:
        """Return the straight line as a control, where something stands in its way."""
        line, clearance = self.straight_line(), Clearance()
        margin = clearance.margin(self.predicted(line))
        if margin is not None and margin < 0.0:
            return Violates(clearance.name, line)
        return DoesNotApply("nothing stands in the way of a straight line", here=True)

    def stay(self) -> Trace:
        """Return the trace that takes hold of the carried body and goes nowhere."""
        return Trace(np.repeat(self.keypoints()[:1], 2, axis=0))

    def predicted(self, trace: Trace, carried: str | None = None) -> Curve:
        """Return the curve of a trace followed to the letter by `carried`: the stage's own body, unless named."""
        stage = self.stage
        return predicted(self.layout, self.body(trace.keypoints[0], carried), trace, stage)

    def margins(self, curve: Curve) -> dict[str, float | None]:
        """Return every constraint's margin on a curve, by name."""
        return {constraint.name: constraint.margin(curve) for constraint in self.constraints()}

    def robotwin_success(self, curve: Curve) -> bool | None:
        """Return RoboTwin's own verdict where the task is one of its tasks."""
        return None

    @property
    def question(self) -> Question:
        """What a policy is asked."""
        words = self.words()
        said = (template.format(**words) for template in (self.instruction, self.object_name, self.destination))
        instruction, object_name, destination = said
        return Question(instruction, self.stage.centric, object_name, destination)

    @property
    def said(self) -> str:
        """The instruction as a policy reads it."""
        return self.question.instruction
