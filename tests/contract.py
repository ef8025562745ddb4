"""The contract of every task: its expert succeeds, and its negative controls fail for the stated reason."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from tests.left_behind import LeftBehind
from tracesim.constraints import AtRest, Clearance, Gap, Grounded, HangsOn, RestsOn, Undisturbed, Upright, Wipes
from tracesim.constraints.joint_range import JointRange
from tracesim.layout.gripper import GRIPPER
from tracesim.negative_control import NEGATIVE_CONTROLS, DoesNotApply, NegativeControl, Violates
from tracesim.results.record import Record
from tracesim.task import Task

DEVIATION_M: Final = {"push_object": 0.005, "pass_under": 0.005}
"""Greatest mean distance from the path of bodies that are pushed, not held; for all others it is a millimetre."""

PENETRATION_M: Final = 0.001
"""Greatest overlap of any two bodies, links, hand and table."""

FOLLOWED: Final = ("constraint", "goal")
"""Stages of failures of traces that were followed to their end."""

LATE_S: Final = 0.05
"""How late an episode may end at a contact: contacts are judged 50 times a second."""


def check_expert(record: Record) -> None:
    """Check that an expert's episode succeeded by every measure."""
    assert record.failure is None, record.failure
    assert record.success
    assert record.predicted_success
    assert record.robotwin_success in (True, None)
    assert min(margin for margin in record.margins.values() if margin is not None) >= 0.0
    assert record.deviation_m is not None
    assert record.deviation_m[0] < DEVIATION_M.get(record.task, 0.001)
    assert record.penetration is not None
    assert record.penetration.depth_m < PENETRATION_M, record.penetration


def check_control(expected: Violates, played: Path) -> None:
    """Check that a negative control failed for its own reason, by its record and the curves beside it.

    If the task states what stops it, exactly that must have stopped it, and nothing may have overlapped before; passing
    close by is no contact. Otherwise the trace must have been followed to the end, and the executed motion must violate
    the constraint that the task names.
    """
    record, left = Record.model_validate_json(played.read_text()), LeftBehind.by(played)
    assert not record.success
    assert record.failure is not None
    if expected.stopped_by:
        assert any(stop.explains(record.failure) for stop in expected.stopped_by), record.failure
        before = left.arrays["times_s"] < left.arrays["times_s"][-1] - LATE_S
        assert left.arrays["clearance_m"][before].min() > 0.0, "bodies overlapped before"
        return
    assert record.failure.stage in FOLLOWED, record.failure
    margin = record.margins[expected.constraint]
    assert margin is not None
    assert margin < 0.0, record.failure


def check_statements(made: Task, controls: Mapping[str, NegativeControl]) -> None:
    """Check that constraints have unique names, each control one of them or a reason not to apply, and one applies."""
    names = [constraint.name for constraint in made.constraints()]
    assert len(set(names)) == len(names)
    assert set(controls) == set(NEGATIVE_CONTROLS)
    assert any(isinstance(control, Violates) for control in controls.values())
    for control in controls.values():
        assert control.reason if isinstance(control, DoesNotApply) else control.constraint in names
    straight = controls["straight_line"]
    assert made.straight == (isinstance(straight, DoesNotApply) and not straight.here)


def check_demands(made: Task) -> None:
    """Check that a task has the constraints that every task needs.

    There are no collisions; bodies that no subtask moves are undisturbed; a body that is put down ends upright and at
    rest, on another one or at a distance from it, or has wiped it, or it ends at rest on a hook; a body that is dragged
    stays on the table. What is moved on a joint ends at rest at a position that is asked for, and its positions on the
    way are limited.
    """
    subtasks = [subtask for share in made.shares() for subtask in share.subtasks()]
    moved = {subtask.carried: subtask.motion for subtask in subtasks if subtask.carried != GRIPPER}
    asked = made.constraints()
    led = {one.body for one in asked if isinstance(one, JointRange) and one.final}
    put_down = {name for name, motion in moved.items() if motion.puts_down} - led
    assert [one for one in asked if isinstance(one, Clearance)]
    bounded = {one.body for one in asked if isinstance(one, JointRange) and not one.final}
    assert {name for name in moved if made.layout[name].joining is not None} <= led & bounded
    assert {body.name for body in made.layout} - set(moved) - led <= {
        name for one in asked if isinstance(one, Undisturbed) for name, _ in one.corners
    }
    hung = {one.loop.body for one in asked if isinstance(one, HangsOn)}
    for kind in (Upright, AtRest):
        asked_of = put_down | led if kind is AtRest else put_down - hung
        assert asked_of <= {name for one in asked if isinstance(one, kind) for name in (one.body, *one.others)}, kind
    placed = hung | {one.bottom.body for one in asked if isinstance(one, RestsOn)}
    placed |= {one.one.body for one in asked if isinstance(one, Gap)}
    placed |= {point.body for one in asked if isinstance(one, Wipes) for point in one.face}
    placed |= {one.bottom.body for one in asked if isinstance(one, Grounded)}
    assert put_down <= placed
