"""Negative controls: answers that are wrong in one known way and must fail for that reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from tracesim.failure import Failure
from tracesim.geometry.trace import Traces

NEGATIVE_CONTROLS: Final = ("noop", "straight_line", "wrong_order", "out_of_band")
"""Names of the negative controls, each of which every task has to define."""


@dataclass(frozen=True)
class Stop:
    """A failure that may end an episode before its trace is followed to the end."""

    stage: str
    """Stage of the failure."""

    reason: str
    """Reason of the failure; for a collision, the name of the body that is touched, whatever touches it."""

    def explains(self, failure: Failure) -> bool:
        """Return whether a failure is this one."""
        reason = failure.reason.rpartition("-")[2] if failure.stage == "collision" else failure.reason
        return (failure.stage, reason) == (self.stage, self.reason)


@dataclass(frozen=True)
class Violates:
    """A negative control: a trace that is wrong in one known way, and the failure that it must lead to."""

    constraint: str
    """Name of the constraint that the executed motion violates."""

    trace: Traces
    """The trace, or a trace for each arm."""

    stopped_by: tuple[Stop, ...] = ()
    """Failures of which one ends the episode before the end of the trace; empty if it is followed to its end."""


@dataclass(frozen=True)
class DoesNotApply:
    """A negative control that has nothing to violate."""

    reason: str
    """Why it has nothing to violate."""

    here: bool = False
    """Whether that is due to this scene; in other scenes of the task the control may apply."""


NegativeControl = Violates | DoesNotApply
"""A negative control of a task in one scene."""
