"""What came of an episode."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tracesim.failure import Failure
from tracesim.geometry.contacts import DisallowedContact
from tracesim.geometry.curve import Curve, joined
from tracesim.simulation.recorder import Recording
from tracesim.task import Task


@dataclass(frozen=True)
class Execution:
    """One trace as it was followed."""

    task: Task
    """The task as it stood when the trace began."""

    begun: int
    """Index of the first sample of the recording that belongs to it."""

    executed: Curve
    """What happened."""

    predicted: Curve | None
    """What the trace asked for; None where it asked for nothing that can be done."""


@dataclass(frozen=True)
class Outcome:
    """What came of an episode so far, and in the end."""

    over: bool
    """Whether the episode is over; otherwise another subtask follows."""

    success: bool
    """Whether the episode is over, every constraint held, and nothing failed before."""

    failure: Failure | None
    """Why it failed, None where it did not."""

    margins: Mapping[str, float | None]
    """Margins on the executed curve, by constraint."""

    predicted_margins: Mapping[str, float | None]
    """Margins on the predicted curve, by constraint."""

    robotwin_success: bool | None
    """RoboTwin's own verdict, where the task is one of its tasks."""

    deviation_m: tuple[float, float] | None
    """Mean and greatest distance of the functional point from its path while a trace was followed; None if none was."""

    executions: tuple[Execution, ...]
    """The traces that were followed, in their order."""

    recording: Recording
    """Everything that was recorded."""

    @property
    def executed(self) -> Curve | None:
        """What happened while traces were followed, None where none was."""
        return joined([one.executed for one in self.executions]) if self.executions else None

    @property
    def predicted(self) -> Curve | None:
        """What the traces asked for, None where they asked for nothing that can be done."""
        curves = [one.predicted for one in self.executions if one.predicted is not None]
        return joined(curves) if curves else None

    @property
    def stopped_by(self) -> DisallowedContact | None:
        """The contact that ended the episode, None where none did."""
        contacts = self.executions[-1].executed.contacts if self.executions else ()
        return contacts[-1] if contacts else None

    @property
    def predicted_success(self) -> bool | None:
        """Whether the predicted curve holds every constraint that applies to it; None without such a curve."""
        if self.predicted is None:
            return None
        return all(margin is None or margin >= 0.0 for margin in self.predicted_margins.values())
