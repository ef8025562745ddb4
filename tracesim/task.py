"""A task: what stands on the table, what is asked, and which constraints decide."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Final, Self, dataclass_transform

import numpy as np

from tracesim.configuration import Language
from tracesim.constraints import Clearance, Constraint
from tracesim.errors import PlacementError
from tracesim.failure import Failure
from tracesim.geometry.camera import Camera
from tracesim.geometry.curve import Curve
from tracesim.geometry.rigid import FloatArray
from tracesim.geometry.trace import Trace
from tracesim.language.direction import direction
from tracesim.language.phrasing import Phrasing, fields
from tracesim.language.question import Question
from tracesim.language.referents import called
from tracesim.language.referring import Way, expressions
from tracesim.layout.layout import TABLE, Body, Layout
from tracesim.layout.randomness import Draw
from tracesim.motion.carry import Carry
from tracesim.motion.handspace import hand_obstacles
from tracesim.motion.motion import Motion
from tracesim.motion.prediction import obstacles, predicted
from tracesim.motion.route import Router
from tracesim.motion.subtask import Subtask


@dataclass(frozen=True)
class Stop:
    """What ends an episode before its trace is followed to the end.

    Attributes:
        stage: The stage of the failure.
        reason: Its reason; for a collision the name of the body that is touched, whatever touches it.
    """

    stage: str
    reason: str

    def explains(self, failure: Failure) -> bool:
        """Return whether a failure is this one."""
        reason = failure.reason.rpartition("-")[2] if failure.stage == "collision" else failure.reason
        return (failure.stage, reason) == (self.stage, self.reason)


@dataclass(frozen=True)
class Violates:
    """A negative control: a trace that is wrong in one way, and what becomes of it.

    Attributes:
        constraint: The name of the constraint that the executed motion violates.
        trace: The trace.
        stopped_by: What ends the episode, one of these, before the trace is followed to its end; empty where it is
            followed to its end.
    """

    constraint: str
    trace: Trace
    stopped_by: tuple[Stop, ...] = ()


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


RAISES_M: Final = (0.01, 0.005, 0.0025)
"""How much a body is raised, at most, before it is led straight into an obstacle."""


@dataclass_transform(frozen_default=True, eq_default=False, field_specifiers=(field,))
class Value:
    """Base class that makes its subclasses frozen dataclasses, without a decorator of their own."""

    def __init_subclass__(cls, **options: Any) -> None:
        """Make the subclass a frozen dataclass."""
        super().__init_subclass__(**options)
        dataclass(frozen=True, eq=False)(cls)


class Task(Value, ABC):
    """One task, as it was drawn for one seed.

    A task is an immutable value: another instruction in the same scene, a later subtask or another layout is another
    task, made by `dataclasses.replace`. A subclass says in its docstring what varies and what success means, declares
    what was drawn as annotated fields, and gives the hooks below. `instruction` is a template that is filled from
    `words()`, and so are its `paraphrases`, those `unseen` in training, and `object_name` and `destination`, its parts
    that say what is to move and where to. A field of a template that is the name of a body stands for what the body is
    called; `refers` says how, if not as the variation has it.

    A task with one instruction declares `carried`, `support`, `target` and `motion`. One with several overrides
    `subtasks()` and `phrasings()` instead, and its hooks tell by `done` which of them is meant.
    """

    instruction: ClassVar[str]
    paraphrases: ClassVar[tuple[str, ...]] = ()
    unseen: ClassVar[tuple[str, ...]] = ()
    object_name: ClassVar[str]
    destination: ClassVar[str]
    refers: ClassVar[Mapping[str, Way]] = {}
    motion: ClassVar[Motion] = Carry()
    carried: ClassVar[str]
    support: ClassVar[str] = TABLE
    target: ClassVar[str] = TABLE
    straight: ClassVar[bool] = False
    """Whether what is asked is itself a straight line: then nothing can be put in its way."""

    camera: Camera
    """The policy's camera, whose directions instructions speak in."""

    layout: Layout
    """Everything on the table, as it stands when the subtask begins."""

    referents: Sequence[str] = field(default=(), kw_only=True)
    """Names of the bodies that belong to the task; all others are clutter."""

    roles: Mapping[str, str] = field(default_factory=dict, kw_only=True)
    """Bodies that take the part of others, by the others' names: only in some counterfactuals."""

    phrases: Mapping[str, str] = field(default_factory=dict, kw_only=True)
    """What bodies are called, by name, once that is chosen."""

    templates: Sequence[str] = field(default=(), kw_only=True)
    """The template of each subtask's instruction, once that is chosen."""

    done: int = field(default=0, kw_only=True)
    """How many subtasks are done."""

    @classmethod
    @abstractmethod
    def sample(cls, camera: Camera, layout: Layout, draw: Draw) -> Self:
        """Draw a scene: put the task's own bodies into `layout`, and return the task; all randomness from `draw`.

        Raises:
            PlacementError: what was drawn does not fit; it is drawn again.
        """

    @classmethod
    def create(cls, camera: Camera, draw: Draw) -> Self:
        """Return a new task with its own bodies on an otherwise empty table; see `sample`."""
        layout = Layout()
        task = cls.sample(camera, layout, draw)
        return replace(task, referents=tuple(body.name for body in layout))

    def words(self) -> Mapping[str, str]:
        """Return what fills the templates, from the same values as the constraints.

        A key that is a body's name in `layout` is what the body is called; here no others are.
        """
        return {name: self.called(name) for name in self.named()}

    @abstractmethod
    def constraints(self) -> Sequence[Constraint]:
        """Return what decides, in the order in which failures are named."""

    @abstractmethod
    def keypoints(self) -> FloatArray:
        """Return the decisive keypoints (K, 3), metres, world: where a trace must pass, whatever is in the way."""

    @abstractmethod
    def controls(self) -> Mapping[str, Control]:
        """Return what each negative control of `CONTROLS` answers here and violates, or why it does not apply."""

    def subtasks(self) -> Sequence[Subtask]:
        """Return what is asked, one instruction after the other."""
        return (Subtask(self.role(self.carried), self.support, self.role(self.target), self.motion),)

    def role(self, name: str) -> str:
        """Return the body that has the part of the one named: another one only in some counterfactuals."""
        return self.roles.get(name, name)

    @classmethod
    def phrasings(cls) -> Sequence[Phrasing]:
        """Return how each subtask's instruction may be said."""
        return (Phrasing(cls.instruction, cls.object_name, cls.destination, cls.paraphrases, cls.unseen),)

    def spoken_in(self, split: Language, rng: np.random.Generator) -> Self:
        """Return the task with a template chosen for each instruction."""
        return replace(self, templates=[phrasing.template(split, rng) for phrasing in self.phrasings()])

    def named(self) -> tuple[str, ...]:
        """Return the names of the bodies that an instruction of the task refers to, in the order of the layout."""
        said = {self.role(name) for phrasing in self.phrasings() for name in fields(phrasing.instruction)}
        return tuple(body.name for body in self.layout if body.name in said)

    def called(self, name: str) -> str:
        """Return what an instruction calls a body, without the article: as `refers` says where nothing is chosen."""
        if name in self.phrases:
            return self.phrases[name]
        plain = expressions(self.layout, name, self.camera, (self.refers.get(name, "attribute"),))
        return plain[0].text if plain else called(self.layout[name].prop)

    def counterfactuals(self) -> Mapping[str, Self]:
        """Return twins of the task by what they change: the same scene, another instruction, never the same verdict.

        They are said in the same template. Where the expert finds no way to do what one asks, `expert` raises
        `PlacementError`.
        """
        return {}

    @property
    def subtask(self) -> Subtask:
        """The subtask that comes next, or is under way."""
        return self.subtasks()[self.done]

    @property
    def is_last(self) -> bool:
        """Whether no other subtask follows."""
        return self.done + 1 == len(self.subtasks())

    def after(self, layout: Layout) -> Self:
        """Return the task at its next subtask, which begins with everything as it stands on `layout`."""
        return replace(self, layout=layout, done=self.done + 1)

    def body(self, start_in_world: FloatArray, carried: str | None = None) -> Body:
        """Return the body that a trace from `start_in_world` (3,) is for: the subtask's own, unless named."""
        return self.subtask.motion.body(self.layout, carried or self.subtask.carried, start_in_world)

    def toward(self, word: str) -> FloatArray:
        """Return the direction (3,) that an instruction means by one of `tracesim.language.direction.DIRECTIONS`."""
        return direction(self.camera, word)

    def routed(self, keypoints: FloatArray, carried: str | None = None) -> Trace:
        """Return a trace through decisive keypoints, free of contact; raises `PlacementError` if there is none."""
        body = self.body(keypoints[0], carried)
        trace = Router(self.layout, body, self.subtask.motion).through(keypoints)
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
        """Return the straight line as a control, where something stands in the body's way: it or the hand runs into it.

        A body that is carried level would be dragged over the table, and might slip in the hand before it gets to the
        obstacle: it is raised a little, as far as it does not pass over the obstacle.
        """
        line, motion = self.straight_line(), self.subtask.motion
        met = self.obstacles(line)
        if not met:
            return DoesNotApply("nothing stands in the way of a straight line", here=True)
        lifted = motion.puts_down and not motion.level and not motion.turning.tilt
        if lifted:
            raised = [(higher, self.obstacles(higher)) for higher in map(line.raised, RAISES_M)]
            line, met = next(((higher, still_met) for higher, still_met in raised if still_met), (line, met))
        body = self.body(line.keypoints[0])
        by_hand = hand_obstacles(self.layout, body, motion.path(line, body))
        stops = tuple(Stop("collision", name) for name in dict.fromkeys((*met, *by_hand)))
        return Violates(Clearance().name, line, stops)

    def obstacles(self, trace: Trace) -> tuple[str, ...]:
        """Return the names of what the subtask's body would run into on a trace."""
        return obstacles(self.layout, self.body(trace.keypoints[0]), trace, self.subtask)

    def stay(self) -> Trace:
        """Return the trace that takes hold of the carried body and goes nowhere."""
        return Trace(np.repeat(self.keypoints()[:1], 2, axis=0))

    def predicted(self, trace: Trace, carried: str | None = None) -> Curve:
        """Return the curve of a trace followed to the letter by `carried`: the subtask's own body, unless named."""
        return predicted(self.layout, self.body(trace.keypoints[0], carried), trace, self.subtask)

    def margins(self, curve: Curve) -> dict[str, float | None]:
        """Return every constraint's margin on a curve, by name."""
        return {constraint.name: constraint.margin(curve) for constraint in self.constraints()}

    def robotwin_success(self, curve: Curve) -> bool | None:
        """Return RoboTwin's own verdict where the task is one of its tasks."""
        return None

    @property
    def question(self) -> Question:
        """What a policy is asked."""
        phrasing, words = self.phrasings()[self.done], self.words()
        words = {**words, **{name: words[other] for name, other in self.roles.items()}}
        template = self.templates[self.done] if self.templates else phrasing.instruction
        said = (text.format(**words) for text in (template, phrasing.object_name, phrasing.destination))
        instruction, object_name, destination = said
        return Question(instruction, self.subtask.centric, object_name, destination)

    @property
    def spoken(self) -> Mapping[str, str]:
        """Those of `words()` that this subtask's instruction is made of."""
        fields = self.phrasings()[self.done].fields
        return {name: word for name, word in self.words().items() if name in fields}

    @property
    def said(self) -> str:
        """The instruction as a policy reads it."""
        return self.question.instruction
