"""What an instruction says can be read back from a record, and its margins from the record and the curve alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from itertools import product
from typing import Any

import numpy as np
import pytest

from tests.judge import Judge, agreement
from tests.test_language import placed
from tracesim.arrangement.solution import rehearsal
from tracesim.configuration import EpisodeConfiguration
from tracesim.envs import TASKS
from tracesim.geometry.rigid import FloatArray
from tracesim.layout.gripper import gripper_at
from tracesim.layout.layout import TABLE, Body, Layout
from tracesim.layout.prop import Prop
from tracesim.policy import Reply
from tracesim.results.record import Demand, Record, Turn
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


def numbers(asked: Any) -> Iterator[float]:
    """Yield the numbers of a constraint's fields, the middle of what lies between a low and a high one among them."""
    if isinstance(asked, dict):
        for inner in asked.values():
            yield from numbers(inner)
        if {"low_m", "high_m"} <= set(asked):
            yield (asked["low_m"] + asked["high_m"]) / 2.0
    elif isinstance(asked, int | float):
        yield float(asked)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("task", TASKS)
def test_numbers_in_an_instruction_are_those_of_its_constraints(task: str, seed: int) -> None:
    record, _ = recorded(task, seed)
    asked = [number for one in record.constraints for number in numbers(one.fields)]
    said = 0
    for turn in record.turns:
        given = [float(word) for word in turn.words.values() if word.isdigit()]
        assert sorted(map(float, re.findall(r"\d+", turn.instruction))) == sorted(given)
        for key, word in turn.words.items():
            if word.isdigit():
                said += 1
                in_si = np.radians(float(word)) if key == "degrees" else float(word) / 100.0
                assert min(abs(number - in_si) for number in asked) < 1e-9, (key, word)
        if "one second" in turn.instruction:
            assert [one.fields["least_s"] for one in record.constraints if one.kind == "Dwell"] == [1.0]
    assert (said > 0) == bool(re.search(r"\d", " ".join(turn.instruction for turn in record.turns)))


def bodies(asked: Any) -> Iterator[str]:
    """Yield every text in a constraint's fields: the names of bodies, and little else."""
    if isinstance(asked, str):
        yield asked
    for inner in asked.values() if isinstance(asked, dict) else asked if isinstance(asked, list) else ():
        yield from bodies(inner)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("task", TASKS)
def test_what_an_instruction_speaks_of_is_what_its_constraints_are_about(task: str, seed: int) -> None:
    record, made = recorded(task, seed)
    judged = {name for one in record.constraints for name in bodies(one.fields)}
    for turn in record.turns:
        spoken_of = {name: word for name, word in turn.words.items() if name in record.referents}
        assert spoken_of or task == "water_flowers", turn.instruction
        assert set(spoken_of) <= judged | {made.subtasks()[0].carried}
        assert any(word in turn.instruction for word in spoken_of.values())


RIGHT, AWAY = 0, 2
DIRECTIONS = {
    "to the left": (RIGHT, -1),
    "to the left of": (RIGHT, -1),
    "left": (RIGHT, -1),
    "to the right": (RIGHT, 1),
    "to the right of": (RIGHT, 1),
    "right": (RIGHT, 1),
    "away from you": (AWAY, 1),
    "behind": (AWAY, 1),
    "towards you": (AWAY, -1),
    "in front of": (AWAY, -1),
}
"""A word: the camera's axis that it means, and the sign."""


def meant(task: Task, word: str) -> FloatArray:
    """Return the direction (2,) on the table that a word means to the camera."""
    axis, sign = DIRECTIONS[word]
    ahead: FloatArray = sign * task.camera.camera_in_world[:2, axis]
    return np.asarray(ahead / np.hypot(*ahead))


def pointed(record: Record, task: Task) -> Iterator[FloatArray]:
    """Yield the directions (2,) that constraints name, and where on something a body is to rest, from its middle."""
    for one in record.constraints:
        asked: Any = one.fields
        if "direction" in asked:
            yield np.array(asked["direction"][:2])
        if "support" in asked and asked["support"]["body"] != "table":
            pose = task.layout[asked["support"]["body"]].body_in_world
            yield (pose[:3, :3] @ asked["support"]["position"])[:2]


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("task", TASKS)
def test_directions_and_orders_in_an_instruction_are_those_of_its_constraints(task: str, seed: int) -> None:
    record, made = recorded(task, seed)
    ways = [way / np.hypot(*way) for way in pointed(record, made) if np.hypot(*way) > 0.0]
    for turn in record.turns:
        for key in {"relation", "motion", "side"} & set(turn.words):
            assert max(meant(made, turn.words[key]) @ way for way in ways) > 0.99, turn.instruction
        if "order" in turn.words:
            (asked,) = [one.fields["stops"] for one in record.constraints if one.kind == "Order"]
            targets: Any = asked["targets"]  # type: ignore[index, call-overload]
            places = [made.layout[target["body"]].body_in_world[:2, 3] for target in targets]
            along = [meant(made, "right") @ place for place in places]
            assert turn.words["order"] in ("left to right", "right to left")
            assert along == sorted(along, reverse=turn.words["order"] == "right to left")
