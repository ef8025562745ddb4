"""A task's margins are computed again from a record, read again, and the curve that is predicted of it alone."""

from __future__ import annotations

from functools import cache
from itertools import product

import numpy as np
import pytest

from tests.judge import Judge, agreement
from tests.test_language import placed
from tracesim.arrangement.solution import rehearsal
from tracesim.configuration import EpisodeConfiguration
from tracesim.envs import TASKS
from tracesim.layout.gripper import gripper_at
from tracesim.layout.layout import TABLE, Body, Layout
from tracesim.layout.prop import Prop
from tracesim.policy import Reply
from tracesim.results.record import Demand, Record
from tracesim.results.turn import Turn
from tracesim.task import Task

SEEDS = (0,)


@cache
def recorded(task: str, seed: int) -> tuple[Record, Task]:
    """Return what a record keeps of the expert's own trace on a task, written and read again."""
    made, curve = placed(task, seed)
    turns, last = [], made
    for last, trace in rehearsal(made):
        turns.append(Turn.of(last.said, last.words(), Reply(""), None, trace))
    margins = last.margins(curve)
    record = Record.of(
        EpisodeConfiguration(task),
        seed,
        turns=turns,
        referents=[body.name for body in made.layout],
        constraints=[Demand.of(constraint) for constraint in last.constraints()],
        success=min(margin for margin in margins.values() if margin is not None) >= 0.0,
        margins=margins,
    )
    return Record.model_validate_json(record.line()), made


def on_a_predicted_curve(layout: Layout) -> dict[str, Body]:
    """Return all bodies that a predicted curve may have, by name: the table is 90 x 120 cm, and 4 cm thick."""
    top = np.array(list(product((-0.45, 0.45), (-0.6, 0.6), (-0.04, 0.0))))
    table = Body(TABLE, Prop(TABLE, TABLE, "white", (), (top,), {}), np.eye(4))
    return {body.name: body for body in (*layout, table, gripper_at(np.zeros(3)))}


@pytest.mark.one_in(4)
@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("task", TASKS)
def test_margins_are_computed_again_from_the_record(task: str, seed: int) -> None:
    record, made = recorded(task, seed)
    assert record.success
    judge = Judge(placed(task, seed)[1], on_a_predicted_curve(made.layout))
    assert [one.name for one in record.constraints] == list(record.margins)
    for one in record.constraints:
        margin = record.margins[one.name]
        if margin is not None:
            again = judge.margin(one.kind, one.fields)
            assert again == pytest.approx(margin, abs=agreement(one.kind)), one.name
