"""Tests of the tests: with deliberate faults in the controller, constraints and tasks, the contract of tasks fails."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final, Literal, NamedTuple

import pytest

from tests.contract import check_control, check_demands, check_expert
from tests.episodes import Episodes, arranged, controls_of, first_seed
from tests.left_behind import LeftBehind
from tests.sayings import check_sayings
from tracesim.constraints import Band, Beside, Constraint, Gap, Order, Touches
from tracesim.control.contact_watch import ContactWatch
from tracesim.control.monitors import Meaning, Monitor
from tracesim.envs import TASKS, task_class
from tracesim.envs.water_flowers import WaterFlowers
from tracesim.geometry.curve import Curve
from tracesim.motion.watching import BodyMonitor
from tracesim.negative_control import NegativeControl, Violates
from tracesim.simulation.scene import Touch
from tracesim.task import Task

Inject = Callable[[pytest.MonkeyPatch, str], None]

WIDER: Final = 0.04
"""By how much a tolerance is widened, metres."""


def stop_at_no_contact(patch: pytest.MonkeyPatch, task: str) -> None:
    patch.setattr(ContactWatch, "check", lambda watch, touches, monitor: None)


def let_the_carried_body_touch_anything(patch: pytest.MonkeyPatch, task: str) -> None:
    contact = BodyMonitor.contact

    def lenient(monitor: BodyMonitor, first: str, second: str) -> Meaning | None:
        means = contact(monitor, first, second)
        return "allowed" if means == "disallowed" else means

    patch.setattr(BodyMonitor, "contact", lenient)


def let_the_robot_touch_anything(patch: pytest.MonkeyPatch, task: str) -> None:
    def meaning(watch: ContactWatch, touch: Touch, monitor: Monitor | None) -> Meaning:
        return (monitor and monitor.contact(touch.first, touch.second)) or "allowed"

    patch.setattr(ContactWatch, "_meaning", meaning)


def widen(kind: type[Constraint]) -> Inject:
    margin = kind.margin

    def inject(patch: pytest.MonkeyPatch, task: str) -> None:
        def wider(constraint: Constraint, curve: Curve) -> float | None:
            found = margin(constraint, curve)
            return None if found is None else found + WIDER

        patch.setattr(kind, "margin", wider)

    inject.__name__ = f"widen_{kind.__name__}"
    return inject


def answer_as_the_expert(patch: pytest.MonkeyPatch, task: str) -> None:
    made = task_class(task)
    controls = made.controls

    def spoiled(self: Task) -> Mapping[str, NegativeControl]:
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


class Case(NamedTuple):
    """A fault, and a negative control that does not fail as its task states because of it.

    `touched_by` selects a scene by what is stopped there without the fault: a "link", or the carried "body".
    """

    inject: Inject
    task: str
    control: str
    touched_by: Literal["link", "body"] | None = None

    def __str__(self) -> str:
        """Return the name of the test."""
        return f"{self.inject.__name__}-{self.task}-{self.control}"

    def seed(self, episodes: Episodes) -> int:
        """Return the first seed in whose scene the fault makes a difference."""
        if self.touched_by is None:
            return first_seed(self.task, self.control)
        for seed in range(20):
            if isinstance(controls_of(self.task, seed)[self.control], Violates):
                failure = episodes.played(self.task, seed, self.control).failure
                by_link = failure is not None and failure.reason.startswith("panda_")
                if by_link == (self.touched_by == "link"):
                    return seed
        raise AssertionError(f"no {self.touched_by} touches anything in {self.task}")


CASES: Final = [
    Case(stop_at_no_contact, "place_fan", "straight_line"),
    Case(answer_as_the_expert, "click_bell", "noop"),
    Case(widen(Band), "hover_above_bowl", "out_of_band"),
]

MORE_CASES: Final = [
    Case(stop_at_no_contact, "carry_level", "straight_line"),
    Case(stop_at_no_contact, "bypass_stack", "straight_line"),
    Case(stop_at_no_contact, "stack", "wrong_order"),
    Case(let_the_carried_body_touch_anything, "place_fan", "straight_line", "body"),
    Case(let_the_carried_body_touch_anything, "stack_blocks_two", "wrong_order", "body"),
    Case(let_the_robot_touch_anything, "carry_level", "straight_line", "link"),
    Case(let_the_robot_touch_anything, "bypass_place", "straight_line", "link"),
    Case(widen(Band), "water_flowers", "out_of_band"),
    Case(widen(Beside), "pull_object", "out_of_band"),
    Case(widen(Gap), "leave_gap", "out_of_band"),
    Case(widen(Touches), "click_alarmclock", "out_of_band"),
    Case(answer_as_the_expert, "water_flowers", "wrong_order"),
    Case(answer_as_the_expert, "place_bread_basket", "straight_line"),
    Case(answer_as_the_expert, "push_object", "wrong_order"),
]


def check_noticed(case: Case, episodes: Episodes, folder: Path, patch: pytest.MonkeyPatch) -> None:
    """Check that a control's episode fulfils the contract, and violates it when it is played with a fault."""
    seed = case.seed(episodes)  # and the scene is that of the task without the fault
    control = controls_of(case.task, seed)[case.control]
    assert isinstance(control, Violates)
    check_control(control, episodes.record(case.task, seed, case.control))
    case.inject(patch, case.task)
    spoiled = arranged(case.task, seed).controls()[case.control]
    assert isinstance(spoiled, Violates)
    played = Episodes(folder).record(case.task, seed, case.control)
    with pytest.raises(AssertionError):
        check_control(spoiled, played)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_control_that_a_fault_lets_pass_is_noticed(
    case: Case, episodes: Episodes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    check_noticed(case, episodes, tmp_path, monkeypatch)


@pytest.mark.slow
@pytest.mark.parametrize("case", MORE_CASES, ids=str)
def test_a_control_that_a_fault_lets_pass_is_noticed_in_other_tasks(
    case: Case, episodes: Episodes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    check_noticed(case, episodes, tmp_path, monkeypatch)


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


@pytest.mark.one_in(12)
@pytest.mark.parametrize("task", TASKS)
def test_a_constraint_that_is_left_out_is_noticed(
    task: str, episodes: Episodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, left = arranged(task, 0), LeftBehind.by(episodes.record(task, 0, "expert"))
    named = {control.constraint for control in controls_of(task, 0).values() if isinstance(control, Violates)}
    for out in made.constraints():
        # `check_statements` fails if the constraint of a control is left out.
        if out.name not in named and not lacked(made, out, monkeypatch):
            kept = [one for one in left.record["constraints"] if one["name"] != out.name]
            with pytest.raises(AssertionError):
                check_sayings(replace(left, record={**left.record, "constraints": kept}))


def lacked(made: Task, out: Constraint, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Return whether a task without one of its constraints lacks a constraint that every task needs."""
    kept = [one for one in made.constraints() if one.name != out.name]
    with monkeypatch.context() as patch:
        patch.setattr(type(made), "constraints", lambda _: kept)
        try:
            check_demands(made)
        except AssertionError:
            return True
    return False
