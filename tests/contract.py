"""What holds for every task: its expert succeeds, and its negative controls fail for the reason that it states."""

from __future__ import annotations

from typing import Final

from tests.episodes import Episodes, arranged
from tracesim.constraints import AtRest, Clearance, Undisturbed, Upright
from tracesim.failure import STAGES, Failure
from tracesim.layout.gripper import GRIPPER
from tracesim.results.record import Record
from tracesim.task import CONTROLS, DoesNotApply, Task, Violates

DEVIATION_M: Final = {"push_object": 0.005}
"""Mean distance from the path where it may be more than a millimetre: what is pushed is not held."""

FOLLOWED: Final = ("constraint", "goal")
"""Stages of failures of traces that were followed to their end."""


def check_expert(record: Record) -> None:
    """Check that what an expert did succeeded, by every measure."""
    assert record.failure is None, record.failure
    assert record.success
    assert record.predicted_success
    assert record.robotwin_success in (True, None)
    assert min(margin for margin in record.margins.values() if margin is not None) >= 0.0
    assert record.deviation_m is not None
    assert record.deviation_m[0] < DEVIATION_M.get(record.task, 0.001)


def check_control(expected: Violates, record: Record) -> None:
    """Check that a negative control failed for its own reason.

    Where its task says what stops it, just that has to have stopped it. Otherwise its trace has to have been followed
    to the end, and the executed motion has to violate the constraint that the task names.
    """
    assert not record.success
    assert record.failure is not None
    if expected.stopped_by:
        assert stopped_as_declared(expected, record.failure), record.failure
        return
    assert record.failure.stage in FOLLOWED, record.failure
    margin = record.margins[expected.constraint]
    assert margin is not None
    assert margin < 0.0, record.failure


def stopped_as_declared(expected: Violates, failure: Failure) -> bool:
    """Tell whether a control was stopped by what its task declares."""
    return any(stop.explains(failure) for stop in expected.stopped_by)


def check_statements(made: Task) -> None:
    """Check that a task names each constraint once, and for each control one of them or why it does not apply."""
    names = [constraint.name for constraint in made.constraints()]
    assert len(set(names)) == len(names)
    assert set(made.controls()) == set(CONTROLS)
    for control in made.controls().values():
        assert control.reason if isinstance(control, DoesNotApply) else control.constraint in names
        assert isinstance(control, DoesNotApply) or {stop.stage for stop in control.stopped_by} <= {*STAGES} - {
            *FOLLOWED
        }
    straight = made.controls()["straight_line"]
    assert made.straight == (isinstance(straight, DoesNotApply) and not straight.here)


def check_demands(made: Task) -> None:
    """Check that a task asks for what every task has to ask for, whatever else it does.

    Nothing is run into, what no stage moves stays as it is, and what is put down stands upright and at rest.
    """
    moved = {made.role(stage.carried) for stage in made.stages()}
    put_down = {stage.carried for stage in made.stages() if stage.manner.way != "hold"} - {GRIPPER}
    asked = made.constraints()
    assert [one for one in asked if isinstance(one, Clearance)]
    assert {body.name for body in made.layout} - moved <= {
        name for one in asked if isinstance(one, Undisturbed) for name, _ in one.corners
    }
    for kind in (Upright, AtRest):
        assert put_down <= {name for one in asked if isinstance(one, kind) for name in (one.body, *one.others)}, kind


def check_task(task: str, seed: int, episodes: Episodes) -> None:
    """Check all that is asked of a task in the scene of a seed."""
    made = arranged(task, seed)
    check_statements(made)
    check_demands(made)
    check_expert(episodes.played(task, seed, "expert"))
    for name, control in made.controls().items():
        if isinstance(control, Violates):
            check_control(control, episodes.played(task, seed, name))
