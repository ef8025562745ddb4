"""Tasks for two arms that follow a trace each, in step."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field, replace
from itertools import groupby
from typing import ClassVar, Final, Self

import numpy as np

from tracesim.constraints import Clearance
from tracesim.errors import PlacementError
from tracesim.geometry.curve import Curve
from tracesim.geometry.rigid import FloatArray
from tracesim.geometry.trace import Trace, Traces
from tracesim.language.question import Question
from tracesim.layout.layout import Body, Layout
from tracesim.motion.in_step import Share, predicted
from tracesim.motion.prediction import end
from tracesim.negative_control import DoesNotApply, NegativeControl, Violates
from tracesim.task import Task

SIDES: Final = ("left", "right")


class BimanualTask(Task):
    """A task whose answer is a trace for each of two arms.

    An arm's share of the task is the task with another `side`: its subtask names the body that this arm holds, and its
    keypoints are those of this arm's trace. The controls are those of the whole task.
    """

    arms: ClassVar[tuple[str, ...]] = SIDES

    side: str = field(default=SIDES[0], kw_only=True)
    """The arm whose share this is."""

    def shares(self) -> Sequence[Self]:
        """Return the share of each arm."""
        return tuple(replace(self, side=side) for side in SIDES)

    def traces(self) -> Mapping[str, Trace]:
        """Return the expert's trace for each arm, by its name."""
        return {one.side: one.expert() for one in self.shares()}

    def staying(self) -> Mapping[str, Trace]:
        """Return traces that begin where each arm holds its body, and stay there."""
        return {one.side: one.stay() for one in self.shares()}

    @property
    def question(self) -> Question:
        """The question about the task, which says if the arms act one after the other."""
        in_order = sorted(self.shares(), key=lambda one: one.act)
        in_turn = tuple(one.side for one in in_order) if in_order[-1].act else ()
        return replace(super().question, in_turn=in_turn)

    def straight_line_control(self) -> NegativeControl:
        """Return the straight line as a control for the arms whose bodies it leads through an obstacle.

        The other arms follow the expert's trace.
        """
        found = {one.side: super(BimanualTask, one).straight_line_control() for one in self.shares()}
        blocked = {side: control for side, control in found.items() if isinstance(control, Violates)}
        if not blocked:
            return DoesNotApply("nothing stands in the way of a straight line", here=True)
        traces = dict(self.traces())
        for side, control in blocked.items():
            assert isinstance(control.trace, Trace)
            traces[side] = control.trace
        stops = tuple(stop for control in blocked.values() for stop in control.stopped_by)
        return Violates(Clearance().name, traces, stops)

    def as_another(self, constraint: str, other: Self) -> NegativeControl:
        """Return the expert's traces for another task in the same scene as a control, where it can do that.

        Args:
            constraint: Name of the constraint that they violate.
            other: The other task.
        """
        try:
            return Violates(constraint, other.traces())
        except PlacementError:
            return DoesNotApply("no free way leads there", here=True)

    def led(self, traces: Mapping[str, Trace]) -> list[Share]:
        """Return what each arm has to do to follow its trace with its own body, in the order of `arms`."""

        def own(one: Self, layout: Layout, start: FloatArray) -> Body:
            return one.subtask.motion.body(layout, one.subtask.carried, start)

        shares = self._shares_of(traces, own)
        assert shares is not None  # each has a body of its own
        return shares

    def touched(self, traces: Mapping[str, Trace]) -> list[Share] | None:
        """Return what each arm has to do if it takes what lies where its trace begins; None if nothing lies there."""
        return self._shares_of(traces, lambda one, layout, start: one.subtask.motion.touched(layout, start))

    def _shares_of(
        self, traces: Mapping[str, Trace], body_of: Callable[[Self, Layout, FloatArray], Body | None]
    ) -> list[Share] | None:
        """Return what each arm has to do; an arm that acts later finds bodies where those before it bring them."""
        layout, found = self.layout, dict[str, Share]()
        for _, acting in groupby(sorted(self.shares(), key=lambda one: one.act), key=lambda one: one.act):
            ended: dict[str, FloatArray] = {}
            for one in acting:
                trace, subtask = traces[one.side], one.subtask
                body = body_of(one, layout, trace.keypoints[0])
                if body is None:
                    return None
                found[one.side] = Share(body, trace, subtask, one.act)
                ended[body.name] = end(body, trace, subtask)
            layout = layout.moved(ended)
        return [found[side] for side in SIDES]

    def predicted_of(self, traces: Traces) -> Curve:
        """Return the predicted curve of traces, by arm, that are followed exactly."""
        assert isinstance(traces, Mapping)
        return predicted(self.layout, self.led(traces))


def with_keypoints(trace: Trace, count: int) -> Trace:
    """Return the same trace with further keypoints on its longest leg, so that it has at least `count` of them."""
    points = trace.keypoints
    missing = count - len(points)
    if missing <= 0:
        return trace
    longest = int(np.linalg.norm(np.diff(points, axis=0), axis=1).argmax())
    shares = np.arange(1, missing + 1)[:, None] / (missing + 1)
    between = points[longest] + (points[longest + 1] - points[longest]) * shares
    return Trace(np.concatenate([points[: longest + 1], between, points[longest + 1 :]]))
