"""Tasks for two arms that follow a trace each, in step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from typing import ClassVar, Final, Self

from tracesim.geometry.curve import Curve
from tracesim.geometry.trace import Trace, Traces
from tracesim.motion.in_step import Share, predicted
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

    def led(self, traces: Mapping[str, Trace]) -> list[Share]:
        """Return what each arm has to do to follow its trace, in the order of `arms`."""
        shares = {one.side: one for one in self.shares()}
        return [
            Share(shares[side].body(traces[side].keypoints[0]), traces[side], shares[side].subtask) for side in SIDES
        ]

    def touched(self, traces: Mapping[str, Trace]) -> list[Share] | None:
        """Return what each arm has to do if it takes what lies where its trace begins; None if nothing lies there."""
        found = []
        for one in self.shares():
            trace = traces[one.side]
            body = one.subtask.motion.touched(self.layout, trace.keypoints[0])
            if body is None:
                return None
            found.append(Share(body, trace, one.subtask))
        return found

    def predicted_of(self, traces: Traces) -> Curve:
        """Return the predicted curve of traces, by arm, that are followed exactly."""
        assert isinstance(traces, Mapping)
        return predicted(self.layout, self.led(traces))
