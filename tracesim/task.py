"""Tasks: scenes, their instructions, and the constraints that decide about success."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Final, Self, dataclass_transform

import numpy as np

from tracesim.configuration import Language
from tracesim.constraints import Clearance, Constraint
from tracesim.constraints.margins import margins
from tracesim.errors import PlacementError
from tracesim.geometry.body_path import NEAR_M
from tracesim.geometry.camera import Camera
from tracesim.geometry.curve import Curve
from tracesim.geometry.rigid import FloatArray
from tracesim.geometry.trace import Trace, Traces
from tracesim.language.capability import Capability
from tracesim.language.direction import direction
from tracesim.language.phrasing import Phrasing, fields
from tracesim.language.question import Question
from tracesim.language.referents import describe
from tracesim.language.referring import Strategy, expressions
from tracesim.layout.beads import Beads
from tracesim.layout.displacement import Displacement
from tracesim.layout.gripper import GRIPPER
from tracesim.layout.layout import TABLE, Body, Layout
from tracesim.layout.nominal_hand import NOMINAL_HAND
from tracesim.layout.randomness import Draw
from tracesim.motion.carry import Carry
from tracesim.motion.handspace import hand_obstacles
from tracesim.motion.motion import Motion
from tracesim.motion.prediction import obstacles, predicted
from tracesim.motion.route import Router
from tracesim.motion.subtask import Subtask
from tracesim.negative_control import DoesNotApply, NegativeControl, Stop, Violates

RAISES_M: Final = (0.01, 0.005, 0.0025)
"""How much a body is raised, at most, before it is led straight into an obstacle."""


@dataclass_transform(frozen_default=True, eq_default=False, field_specifiers=(field,))
class Value:
    """Base class whose subclasses are frozen dataclasses without a decorator of their own."""

    def __init_subclass__(cls, **options: Any) -> None:
        """Make the subclass a frozen dataclass."""
        super().__init_subclass__(**options)
        dataclass(frozen=True, eq=False)(cls)


class Task(Value, ABC):
    """One task, as it was drawn for one seed.

    A task is an immutable value: another instruction in the same scene, a later subtask or another layout is another
    task, made by `dataclasses.replace`. A subclass describes in its docstring what varies and what success means,
    declares what was drawn as annotated fields, and defines the abstract methods below.

    Templates are filled from `words()`. A template's field that is the name of a body stands for the body's referring
    expression, such as "red mug".

    A task with one instruction declares `carried`, `support`, `target` and `motion`. A task with several overrides
    `subtasks()` and `phrasings()` instead, and its methods refer to the current subtask, whose index is `done`.
    """

    instruction: ClassVar[str]
    """Template of the instruction."""
    paraphrases: ClassVar[tuple[str, ...]] = ()
    """Templates that say the same in other words."""
    unseen: ClassVar[tuple[str, ...]] = ()
    """Paraphrases that are held out from training."""
    vague: ClassVar[str] = ""
    """A template that says what is to be reached and leaves out how; empty for the canonical one."""
    specific: ClassVar[str] = ""
    """A template that says all that the constraints demand; empty for the canonical one with `details`."""
    details: ClassVar[str] = "Touch nothing else on the way, and leave everything else where it is."
    """Sentences that say what the constraints demand and the canonical template leaves out."""
    capabilities: ClassVar[tuple[Capability, ...]] = ()
    """What the task takes of a model beyond moving something from one place to another; summaries group tasks by it."""
    object_name: ClassVar[str] = ""
    """Template of the part of the instruction that names what to move; empty for the body that moves."""
    destination: ClassVar[str] = ""
    """Template of the part of the instruction that names where to move it; empty for the body that it may touch."""
    refers: ClassVar[Mapping[str, Strategy]] = {}
    """Kind of the referring expression, by body, where the variation must not choose it."""
    motion: ClassVar[Motion] = Carry()
    """How the body follows the trace."""
    carried: ClassVar[str]
    """Name of the body that moves."""
    support: ClassVar[str] = TABLE
    """Name of the body on which it stands at first."""
    target: ClassVar[str] = TABLE
    """Name of the body that it may touch at the end."""
    arms: ClassVar[tuple[str, ...]] = ()
    """Names of the arms that follow a trace each, in step; empty if one trace is asked for."""
    straight: ClassVar[bool] = False
    """Whether the task itself asks for a straight line, so that nothing can be put in its way."""

    camera: Camera
    """The policy camera, which defines the directions that instructions name."""

    layout: Layout
    """All bodies on the table, at their poses when the subtask begins."""

    referents: Sequence[str] = field(default=(), kw_only=True)
    """Names of the bodies that belong to the task; all others are clutter."""

    roles: Mapping[str, str] = field(default_factory=dict, kw_only=True)
    """In some counterfactuals, the bodies that take the roles of others, by the names of the others."""

    phrases: Mapping[str, str] = field(default_factory=dict, kw_only=True)
    """The referring expressions that were chosen for bodies, by name; empty before that."""

    templates: Sequence[str] = field(default=(), kw_only=True)
    """The template that was chosen for each subtask's instruction; empty before that."""

    done: int = field(default=0, kw_only=True)
    """Number of subtasks that are done."""

    assisted: bool = field(default=True, kw_only=True)
    """Whether the body is turned, tilted, slowed and rested as the task states where an answer says nothing."""

    displacement: Displacement | None = field(default=None, kw_only=True)
    """What something other than the robot moves while the robot is under way; None if nothing is."""

    began: Layout | None = field(default=None, kw_only=True)
    """The bodies as they stood when the subtask began, if they have been moved since; see `going_on`."""

    @classmethod
    @abstractmethod
    def sample(cls, camera: Camera, layout: Layout, draw: Draw) -> Self:
        """Draw a scene: add the task's own bodies to a layout, and return the task.

        Args:
            camera: The policy camera.
            layout: An empty layout.
            draw: The random generators, the only source of randomness.

        Raises:
            PlacementError: what was drawn does not fit; the caller draws again.
        """

    @classmethod
    def create(cls, camera: Camera, draw: Draw) -> Self:
        """Return a new task with its own bodies on an otherwise empty table; see `sample`."""
        layout = Layout()
        task = cls.sample(camera, layout, draw)
        return replace(task, referents=tuple(body.name for body in layout))

    def words(self) -> Mapping[str, str]:
        """Return the values of the templates' fields, derived from the same values as the constraints.

        By default these are the referring expressions of all bodies that the instructions name, by name.
        """
        return {name: self.called(name) for name in self.named()}

    @abstractmethod
    def constraints(self) -> Sequence[Constraint]:
        """Return the constraints; if several are violated, the first one is the reason of the failure."""

    @abstractmethod
    def keypoints(self) -> FloatArray:
        """Return the decisive keypoints (K, 3), metres, world: those that a trace must pass even in an empty scene."""

    @abstractmethod
    def controls(self) -> Mapping[str, NegativeControl]:
        """Return every negative control for the current subtask, by the names in `NEGATIVE_CONTROLS`."""

    def beads(self) -> Sequence[Beads]:
        """Return the small spheres that lie in bodies or drip from them when the episode begins; none by default."""
        return ()

    def subtasks(self) -> Sequence[Subtask]:
        """Return the subtasks, in their order."""
        return (Subtask(self.role(self.carried), self.support, self.role(self.target), self.motion),)

    def role(self, name: str) -> str:
        """Return the name of the body in the role of the named one; they differ only in some counterfactuals."""
        return self.roles.get(name, name)

    @classmethod
    def phrasings(cls) -> Sequence[Phrasing]:
        """Return the templates of each subtask's instruction."""
        phrasing = Phrasing(
            cls.instruction,
            cls.object_name or ("the gripper" if cls.carried == GRIPPER else f"the {{{cls.carried}}}"),
            cls.destination or f"the {{{cls.target}}}",
            cls.paraphrases,
            cls.unseen,
            cls._degree("vague"),
            cls._degree("specific"),
        )
        return (phrasing.detailed(cls.details),)

    @classmethod
    def _degree(cls, name: str) -> str:
        """Return the vague or the specific template, unless a subclass has replaced the instruction that it is of."""
        for one in cls.__mro__:
            if name in vars(one):
                return str(vars(one)[name])
            if "instruction" in vars(one):
                break
        return ""

    def spoken_in(self, split: Language, rng: np.random.Generator) -> Self:
        """Return the task with a template chosen for each instruction.

        Args:
            split: Which templates may be chosen.
            rng: Draws the templates.
        """
        return replace(self, templates=[phrasing.template(split, rng) for phrasing in self.phrasings()])

    def named(self) -> tuple[str, ...]:
        """Return the names of the bodies that some instruction of the task refers to, in the order of the layout."""
        said = {self.role(name) for phrasing in self.phrasings() for name in fields(phrasing.instruction)}
        return tuple(body.name for body in self.layout if body.name in said)

    def called(self, name: str) -> str:
        """Return the referring expression of a body, without the article; by default of the kind in `refers`."""
        if name in self.phrases:
            return self.phrases[name]
        plain = expressions(self.layout, name, self.camera, (self.refers.get(name, "attribute"),))
        return plain[0].text if plain else describe(self.layout[name].prop)

    def counterfactuals(self) -> Mapping[str, Self]:
        """Return counterfactual twins of the task, by what they change.

        A twin has the same scene and the same template, but another instruction, which no trace can fulfil along with
        that of the task. If a twin cannot be solved in the scene, its `expert` raises `PlacementError`.
        """
        return {}

    @property
    def subtask(self) -> Subtask:
        """The current subtask."""
        subtask = self.subtasks()[self.done]
        return subtask if self.assisted else replace(subtask, motion=subtask.motion.unassisted)

    @property
    def is_last(self) -> bool:
        """Whether no other subtask follows."""
        return self.done + 1 == len(self.subtasks())

    def after(self, layout: Layout) -> Self:
        """Return the task at its next subtask, which begins with the bodies at their poses in `layout`."""
        return replace(self, layout=layout, done=self.done + 1, began=None)

    def going_on(self, layout: Layout) -> Self:
        """Return the task in the middle of its current subtask, with the bodies at their poses in `layout`."""
        return replace(self, layout=layout, began=self.at_first)

    @property
    def at_first(self) -> Layout:
        """The bodies as they stood when the current subtask began."""
        return self.layout if self.began is None else self.began

    def body(self, start_in_world: FloatArray, carried: str | None = None) -> Body:
        """Return the body that moves along a trace.

        Args:
            start_in_world: Where the trace begins, (3,), metres.
            carried: Name of the body, by default the subtask's own.
        """
        return self.moved_along(Trace(start_in_world[None]), carried)

    def moved_along(self, trace: Trace, carried: str | None = None) -> Body:
        """Return the body that moves along a trace, which may be the path of a gripper; see `body`."""
        motion = self.subtask.motion
        body = motion.body(self.layout, carried or self.subtask.carried, trace.keypoints[0])
        return self._as_begun(body, motion.leading(trace, body))

    def toward(self, word: str) -> FloatArray:
        """Return the unit vector (3,) in the world of one of `tracesim.language.direction.DIRECTIONS`."""
        return direction(self.camera, word)

    def routed(self, keypoints: FloatArray, carried: str | None = None) -> Trace:
        """Return a collision-free trace through decisive keypoints.

        Args:
            keypoints: The decisive keypoints, (K, 3), metres, world.
            carried: Name of the body that moves, by default the subtask's own.

        Raises:
            PlacementError: there is no such trace.
        """
        body = self.body(keypoints[0], carried)
        lifts = bool(self.subtask.support) and not self._is_aloft(body)
        trace = Router(self.layout, body, self.subtask.motion).through(keypoints, lifts)
        if trace is None:
            raise PlacementError(f"No collision-free path leads {body.name} through its keypoints.")
        return trace

    def _as_begun(self, body: Body, point_in_body: FloatArray) -> Body:
        """Return a body that has been lifted since the subtask began with the attitude that it had then.

        It is turned back about the point (3,) that follows a trace, as a motion turns it on the way.
        """
        if not self._is_aloft(body):
            return body
        pose = self.standing(body.name).copy()
        pose[:3, 3] += ((body.body_in_world - pose) @ np.append(point_in_body, 1.0))[:3]
        return replace(body, body_in_world=pose)

    def standing(self, name: str) -> FloatArray:
        """Return the pose (4, 4) at which a body stands, or stood before it was lifted in the current subtask."""
        body = self.layout[name]
        return self.at_first[name].body_in_world if self._is_aloft(body) else body.body_in_world

    def _is_aloft(self, body: Body) -> bool:
        """Return whether a body has been lifted since the subtask began."""
        if self.began is None or body.name not in self.began:
            return False
        return bool(body.body_in_world[2, 3] > self.began[body.name].body_in_world[2, 3] + NEAR_M)

    def violating(self, constraint: str, keypoints: FloatArray) -> NegativeControl:
        """Return a negative control whose trace leads through keypoints, or that does not apply if no free way does.

        Args:
            constraint: Name of the constraint that it violates.
            keypoints: The decisive keypoints, (K, 3), metres, world.
        """
        try:
            return Violates(constraint, self.routed(keypoints))
        except PlacementError:
            return DoesNotApply("no free way leads there", here=True)

    def expert(self) -> Trace:
        """Return a trace that does what the instruction asks.

        Raises:
            PlacementError: none was found.
        """
        return self.routed(self.keypoints())

    def shares(self) -> Sequence[Self]:
        """Return the task as each of the arms has to do it, in the order of `arms`; the task itself if it has none."""
        return (self,)

    @property
    def act(self) -> int:
        """Number of the act in which this arm's share is followed, in step with all others of the same act."""
        return 0

    def traces(self) -> Traces:
        """Return what the expert answers: its trace, or a trace for each arm.

        Raises:
            PlacementError: none was found.
        """
        return self.expert()

    def straight_line(self) -> Trace:
        """Return the trace that joins the decisive keypoints by straight lines, whatever is in the way."""
        return Trace(self.keypoints())

    def straight_line_control(self) -> NegativeControl:
        """Return the straight line as a control, which applies if it leads the body through an obstacle.

        A body that stands on the table would be dragged over it, and might slip in the hand before it reaches the
        obstacle. The line is therefore raised a little, unless it then misses the obstacle.
        """
        line, motion = self.straight_line(), self.subtask.motion
        if not self.obstacles(line):
            return DoesNotApply("nothing stands in the way of a straight line", here=True)
        if motion.puts_down and not motion.level and not motion.turning.tilt:
            line = next((higher for higher in map(line.raised, RAISES_M) if self.obstacles(higher)), line)
        return Violates(Clearance().name, line, self.collisions(line))

    def collisions(self, trace: Trace) -> tuple[Stop, ...]:
        """Return the collisions that may stop a trace: those of the moving body and of the hand holding it."""
        body = self.body(trace.keypoints[0])
        by_hand = hand_obstacles(self.layout, body, self.subtask.motion.path(trace, body), NOMINAL_HAND)
        return tuple(Stop("collision", name) for name in dict.fromkeys((*self.obstacles(trace), *by_hand)))

    def obstacles(self, trace: Trace) -> tuple[str, ...]:
        """Return the names of the bodies that the subtask's body would collide with on a trace."""
        return obstacles(self.layout, self.body(trace.keypoints[0]), trace, self.subtask)

    def stay(self) -> Trace:
        """Return a trace that begins at the carried body and stays in place."""
        return Trace(np.repeat(self.keypoints()[:1], 2, axis=0))

    def staying(self) -> Traces:
        """Return the answer that begins where an arm takes hold, and stays there."""
        return self.stay()

    def predicted(self, trace: Trace, carried: str | None = None) -> Curve:
        """Return the predicted curve of a trace that is followed exactly.

        Args:
            trace: The trace.
            carried: Name of the body that moves, by default the subtask's own.
        """
        return predicted(self.layout, self.moved_along(trace, carried), trace, self.subtask)

    def predicted_of(self, traces: Traces) -> Curve:
        """Return the predicted curve of a trace, or of a trace for each arm, that is followed exactly."""
        assert isinstance(traces, Trace)
        return self.predicted(traces)

    def margins(self, curve: Curve) -> dict[str, float | None]:
        """Return the margin of every constraint on a curve, by name; None where it does not apply."""
        return margins(self.constraints(), curve)

    def holds(self, curve: Curve, *constraints: Constraint) -> bool:
        """Return whether all given constraints apply to a curve and hold on it."""
        margins = [constraint.margin(curve) for constraint in constraints]
        return all(margin is not None and margin >= 0.0 for margin in margins)

    def robotwin_success(self, curve: Curve) -> bool | None:
        """Return RoboTwin's own verdict on a curve, or None if the task is not one of its tasks."""
        return None

    @property
    def question(self) -> Question:
        """The question about the current subtask that a policy is asked."""
        phrasing, words = self.phrasings()[self.done], self.words()
        words = {**words, **{name: words[other] for name, other in self.roles.items()}}
        template = self.templates[self.done] if self.templates else phrasing.instruction
        said = [self._said(text, words) for text in (template, phrasing.object_name, phrasing.destination)]
        instruction, object_name, destination = said
        return Question(instruction, self.subtask.centric, object_name, destination, arms=self.arms)

    def _said(self, template: str, words: Mapping[str, str]) -> str:
        """Return a template with its fields filled in; raises `ValueError` if `words()` lacks one of them."""
        missing = [name for name in fields(template) if name not in words]
        if missing:
            known = ", ".join(sorted(words))
            raise ValueError(f"{type(self).__name__}: {template!r} has {{{missing[0]}}}, and words() has only {known}.")
        return template.format(**words)

    @property
    def spoken(self) -> Mapping[str, str]:
        """The values from `words()` that occur in the current subtask's instruction."""
        fields = self.phrasings()[self.done].fields
        return {name: word for name, word in self.words().items() if name in fields}

    @property
    def said(self) -> str:
        """The current subtask's instruction, as a policy reads it."""
        return self.question.instruction
