"""Faults made on purpose, in the controller, in constraints and in tasks: the contract of the tasks fails with each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from tests.contract import check_control, check_demands, check_expert
from tests.episodes import Episodes, arranged, controls_of
from tests.left_behind import LeftBehind
from tests.test_left_behind import check_sayings
from tracesim.constraints import Band, Beside, Constraint, Gap, Order, Touches
from tracesim.control.controller import Controller
from tracesim.control.monitors import CarryMonitor, Meaning, Monitor
from tracesim.envs import TASKS, task_class
from tracesim.envs.water_flowers import WaterFlowers
from tracesim.geometry.curve import Curve
from tracesim.simulation.scene import Touch
from tracesim.task import Control, Task, Violates

Inject = Callable[[pytest.MonkeyPatch, str], None]

WIDER: Final = 0.04
"""By how much a tolerance is widened: metres."""


def stop_at_no_contact(patch: pytest.MonkeyPatch, task: str) -> None:
    patch.setattr(Controller, "_stop", lambda controller, touch: None)


def let_the_carried_body_touch_anything(patch: pytest.MonkeyPatch, task: str) -> None:
    contact = CarryMonitor.contact

    def lenient(monitor: CarryMonitor, first: str, second: str) -> Meaning | None:
        means = contact(monitor, first, second)
        return "allowed" if means == "disallowed" else means

    patch.setattr(CarryMonitor, "contact", lenient)


def let_the_robot_touch_anything(patch: pytest.MonkeyPatch, task: str) -> None:
    def meaning(controller: Controller, touch: Touch, monitor: Monitor | None) -> Meaning:
        return (monitor and monitor.contact(touch.first, touch.second)) or "allowed"

    patch.setattr(Controller, "_meaning", meaning)


def widen(kind: type[Constraint]) -> Inject:
    margin = kind.margin

    def inject(patch: pytest.MonkeyPatch, task: str) -> None:
        def wider(constraint: Constraint, curve: Curve) -> float | None:
            found = margin(constraint, curve)
            return None if found is None else found + WIDER

        patch.setattr(kind, "margin", wider)

    return inject


def answer_as_the_expert(patch: pytest.MonkeyPatch, task: str) -> None:
    made = task_class(task)
    controls = made.controls

    def spoiled(self: Task) -> Mapping[str, Control]:
        return {
            name: replace(control, trace=self.expert()) if isinstance(control, Violates) else control
            for name, control in controls(self).items()
        }

    patch.setattr(made, "controls", spoiled)


def visit_in_reverse(patch: pytest.MonkeyPatch, task: str) -> None:
    order = WaterFlowers.order
    patch.setattr(WaterFlowers, "order", lambda made: order(made)[::-1])


def ask_for_the_reverse(patch: pytest.MonkeyPatch, task: str) -> None:
    constraints = WaterFlowers.constraints

    def swapped(made: WaterFlowers) -> Sequence[Constraint]:
        return [
            replace(one, stops=replace(one.stops, targets=one.stops.targets[::-1])) if isinstance(one, Order) else one
            for one in constraints(made)
        ]

    patch.setattr(WaterFlowers, "constraints", swapped)


SPOILED_CONTROLS: Final[Sequence[tuple[Inject, str, str]]] = [
    (stop_at_no_contact, "place_fan", "straight_line"),
    (answer_as_the_expert, "click_bell", "noop"),
    (widen(Band), "hover_above_bowl", "out_of_band"),
]
"""Faults with which a negative control of a task does not fail as the task says."""

MORE_SPOILED_CONTROLS: Final[Sequence[tuple[Inject, str, str]]] = [
    (stop_at_no_contact, "carry_level", "straight_line"),
    (stop_at_no_contact, "bypass_stack", "straight_line"),
    (stop_at_no_contact, "stack", "wrong_order"),
    (let_the_carried_body_touch_anything, "place_fan", "straight_line"),
    (let_the_carried_body_touch_anything, "stack_blocks_two", "wrong_order"),
    (let_the_robot_touch_anything, "carry_level", "straight_line"),
    (let_the_robot_touch_anything, "hotdog_beside_peach", "straight_line"),
    (widen(Band), "water_flowers", "out_of_band"),
    (widen(Beside), "pull_object", "out_of_band"),
    (widen(Gap), "leave_gap", "out_of_band"),
    (widen(Touches), "click_alarmclock", "out_of_band"),
    (answer_as_the_expert, "water_flowers", "wrong_order"),
    (answer_as_the_expert, "place_bread_basket", "straight_line"),
    (answer_as_the_expert, "push_object", "wrong_order"),
]


def check_noticed(inject: Inject, task: str, control: str, folder: Path, patch: pytest.MonkeyPatch) -> None:
    """Check that a control's episode, played with a fault, breaks the contract."""
    arranged(task, 0)  # the scene is that of the task without the fault
    inject(patch, task)
    expected = arranged(task, 0).controls()[control]
    assert isinstance(expected, Violates)
    played = Episodes(folder).record(task, 0, control)
    with pytest.raises(AssertionError):
        check_control(expected, played)


@pytest.mark.parametrize(("inject", "task", "control"), SPOILED_CONTROLS)
def test_a_control_that_a_fault_lets_pass_is_noticed(
    inject: Inject, task: str, control: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    check_noticed(inject, task, control, tmp_path, monkeypatch)


@pytest.mark.slow
@pytest.mark.parametrize(("inject", "task", "control"), MORE_SPOILED_CONTROLS)
def test_a_control_that_a_fault_lets_pass_is_noticed_in_other_tasks(
    inject: Inject, task: str, control: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    check_noticed(inject, task, control, tmp_path, monkeypatch)


def test_an_order_that_is_not_the_instructions_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    arranged("water_flowers", 0)
    visit_in_reverse(monkeypatch, "water_flowers")
    left = LeftBehind.by(Episodes(tmp_path).record("water_flowers", 0, "expert"))
    with pytest.raises(AssertionError, match=r"from (left|right) to"):
        check_sayings(left)


def test_an_order_that_is_not_the_experts_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    arranged("water_flowers", 0)
    ask_for_the_reverse(monkeypatch, "water_flowers")
    with pytest.raises(AssertionError, match="order"):
        check_expert(Episodes(tmp_path).played("water_flowers", 0, "expert"))


@pytest.mark.parametrize("task", TASKS)
def test_a_constraint_that_is_left_out_is_noticed(
    task: str, episodes: Episodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, left = arranged(task, 0), LeftBehind.by(episodes.record(task, 0, "expert"))
    named = {control.constraint for control in controls_of(task, 0).values() if isinstance(control, Violates)}
    for out in made.constraints():
        # `check_statements` fails where a control's own constraint is left out.
        if out.name not in named and not lacked(made, out, monkeypatch):
            kept = [one for one in left.record["constraints"] if one["name"] != out.name]
            with pytest.raises(AssertionError):
                check_sayings(replace(left, record={**left.record, "constraints": kept}))


def lacked(made: Task, out: Constraint, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Tell whether a task without one of its constraints lacks what every task has to ask for."""
    kept = [one for one in made.constraints() if one.name != out.name]
    with monkeypatch.context() as patch:
        patch.setattr(type(made), "constraints", lambda _: kept)
        try:
            check_demands(made)
        except AssertionError:
            return True
    return False
