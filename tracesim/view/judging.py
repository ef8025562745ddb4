"""Margins as a page shows them: in words, with where and when a constraint is first violated."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from tracesim.answers.arms import format_answer
from tracesim.answers.reading import Convention
from tracesim.constraints import Constraint
from tracesim.episode.answering import Interpretation, interpret
from tracesim.episode.followed_trace import as_followed
from tracesim.failure import Failure
from tracesim.families.bimanual import BimanualTask
from tracesim.geometry.curve import Curve, PointOn, join_curves
from tracesim.geometry.rigid import FloatArray
from tracesim.geometry.trace import Trace, Traces, each
from tracesim.lifting import ContactDepth
from tracesim.motion.prediction import Predictor
from tracesim.observation import Observation
from tracesim.policy import AnyPolicy, Reply
from tracesim.task import Task
from tracesim.view.jobs import Form
from tracesim.view.judgement import Judgement, Margin

PATH_M: Final = 2
"""Every so many poses of a predicted path are shown."""


PLAIN: Final = Form()
"""The form in which a page writes answers."""


class Person(AnyPolicy):
    """The reader of answers that people give or paste: the forms are those of a model under test."""

    def __init__(self, form: Form) -> None:
        """Read answers of a form."""
        self.convention = Convention(form.scale, form.order)
        self.parser = form.parser


@dataclass
class Situation:
    """What has to be known at an instruction to judge an answer: no physics."""

    task: Task
    """The task at the instruction."""

    observation: Observation
    """What a policy is shown, with pixels."""

    measured: bool = True
    """Whether the first keypoint takes the measured depth of what it touches."""

    before: tuple[Curve, ...] = ()
    """The predicted curves of the instructions before."""

    _predictors: dict[str, Predictor] = field(default_factory=dict)
    """Predictors of the bodies that were moved so far, by name."""

    def read(self, text: str, form: Form = PLAIN) -> Interpretation:
        """Return what an answer says."""
        depth: ContactDepth = "measured" if self.measured else "predicted"
        return interpret(Reply(text), Person(form), self.task, self.observation, depth)

    def expert(self) -> str:
        """Return the expert's answer as text; raises `PlacementError` if there is none."""
        return format_answer(self.observation.camera.see_all(self.task.traces()))

    def judge(self, text: str, form: Form = PLAIN) -> Judgement:
        """Return what is predicted of an answer."""
        said = self.read(text, form)
        if said.trace is None:
            return _nothing(_in_words(said.failure))
        keypoints = tuple(one.keypoints for one in each(said.trace))
        predicted = self._predicted(said.trace)
        if predicted is None:
            return _nothing("No object lies within 2 cm of the first keypoint.", keypoints)
        curve, points = predicted
        whole = join_curves([*self.before, curve])
        late_s = float(whole.times_s[-1] - curve.times_s[-1])
        margins = judged(self.task.constraints(), whole, points)
        margins = tuple(one if one.fails_s is None else _earlier(one, late_s) for one in margins)
        paths = tuple(curve.position(point)[::PATH_M] for point in points)
        return Judgement(margins, keypoints, paths, moved=self._called(curve.carried))

    def predicted_curve(self, text: str) -> Curve | None:
        """Return the predicted curve of an answer, None if it cannot be followed at all."""
        said = self.read(text)
        predicted = None if said.trace is None else self._predicted(said.trace)
        return predicted[0] if predicted else None

    def _predicted(self, traces: Traces) -> tuple[Curve, tuple[PointOn, ...]] | None:
        """Return the predicted curve of traces and the functional points on it; None if nothing is touched."""
        if not isinstance(traces, Trace):
            assert isinstance(self.task, BimanualTask)
            if self.task.touched(traces) is None:
                return None
            points = [_point(one, traces[one.side]) for one in self.task.shares()]
            return self.task.predicted_of(traces), tuple(points)
        subtask = self.task.subtask
        trace = as_followed(traces, subtask.motion)
        touched = subtask.motion.touched(self.task.layout, trace.taken_from)
        if touched is None:
            return None
        body = self.task.body(trace.keypoints[0], touched.name)
        if not subtask.begins_in_contact:  # the gripper begins elsewhere for every trace
            curve = self.task.predicted(trace, touched.name)
        else:
            if touched.name not in self._predictors:
                self._predictors[touched.name] = Predictor(self.task.layout, body, subtask)
            curve = self._predictors[touched.name].predicted(trace)
        x, y, z = (float(value) for value in body.pivot(subtask.motion.pivot))
        return curve, (PointOn(body.name, (x, y, z)),)

    def _called(self, name: str | None) -> str:
        if name is None:
            return ""
        return f"the {self.task.called(name)}" if name in self.task.layout else "the closed gripper"


def _point(share: BimanualTask, trace: Trace) -> PointOn:
    body = share.body(trace.keypoints[0], share.subtask.carried)
    x, y, z = (float(value) for value in body.pivot(share.subtask.motion.pivot))
    return PointOn(body.name, (x, y, z))


def _in_words(failure: Failure | None) -> str:
    if failure is None:
        return "The answer cannot be followed."
    said = failure.detail or failure.reason.replace("_", " ")
    return f"{said[:1].upper()}{said[1:]}."


def _nothing(why: str, keypoints: tuple[FloatArray, ...] = ()) -> Judgement:
    return Judgement((), keypoints, (), why=why)


def _earlier(margin: Margin, by_s: float) -> Margin:
    assert margin.fails_s is not None
    return replace(margin, fails_s=margin.fails_s - by_s)


def judged(
    constraints: Sequence[Constraint],
    curve: Curve,
    points: Sequence[PointOn],
    values: Mapping[str, float | None] | None = None,
) -> tuple[Margin, ...]:
    """Return the margin of every constraint on a curve.

    Args:
        constraints: What is asked.
        curve: The curve.
        points: The functional points; the first of them tells where a constraint is violated.
        values: The margins by name, if they are known.
    """
    found = []
    for one in constraints:
        value = values.get(one.name) if values is not None else one.margin(curve)
        fails_s: float | None = None
        fails_at: tuple[float, float, float] | None = None
        if value is not None and value < 0.0:
            sample = _violated_from(one, curve)
            fails_s = float(curve.times_s[sample])
            if curve.has(points[0]):
                x, y, z = (float(part) for part in curve[sample : sample + 1].position(points[0])[0])
                fails_at = (x, y, z)
        words = "does not apply" if value is None else one.describe(value)
        found.append(Margin(one.name, value, one.unit, one.full_scale, words, one.final, fails_s, fails_at))
    return tuple(found)


def _violated_from(constraint: Constraint, curve: Curve) -> int:
    """Return the sample from which on a constraint is violated until the end of the curve.

    It is the last sample for a constraint that never held, such as a visit that was not made: it fails because the
    curve ends. Found by bisection, as a constraint that is violated on the way stays so.
    """
    last = len(curve) - 1
    if constraint.final:
        return last

    def violated(sample: int) -> bool:
        margin = constraint.margin(curve[: sample + 1])
        return margin is not None and margin < 0.0

    return last if violated(0) else bisect(violated, last)


def bisect(holds: Callable[[int], bool], last: int) -> int:
    """Return the least number from which on a condition holds; it holds for `last`, and not for 0."""
    low, high = 0, last
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle, high)
    return high
