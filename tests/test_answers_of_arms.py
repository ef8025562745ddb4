"""Answers with a trace for each arm: their forms, what they are read as, and why they are not."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracesim.answers.arms import format_arms, read_arms
from tracesim.geometry.trace import ImageTrace
from tracesim.language.question import Question

ARMS = ("left", "right")
POINTS = {"left": [[100.0, 200.0, 0.9], [110.0, 150.0, 0.85]], "right": [[800.0, 200.0, 0.9], [700.0, 150.0, 0.85]]}
TUPLES = {arm: str([(round(u), round(v), d) for u, v, d in points]) for arm, points in POINTS.items()}

FORMS = {
    "lines": f"left: {TUPLES['left']}\nright: {TUPLES['right']}",
    "other way round": f"right: {TUPLES['right']}\nleft: {TUPLES['left']}",
    "JSON": json.dumps(POINTS),
    "fence": f"Both lift.\n```json\n{json.dumps(POINTS, indent=1)}\n```\nDone.",
    "Python": repr(POINTS),
    "bold": f"**Left arm:** {TUPLES['left']}\n\n**Right arm:** {TUPLES['right']}",
    "sentences": f"The left hand: {TUPLES['left']}, and the right hand = {TUPLES['right']}.",
    "keys": json.dumps({"left_arm": POINTS["left"], "right_arm": POINTS["right"]}),
    "thought": f"<think>left: [(1, 2, 3), (4, 5, 6)]?</think>left: {TUPLES['left']} right: {TUPLES['right']}",
    "corrected": f"left: [(1, 2, 0.5), (3, 4, 0.5)] No:\nleft: {TUPLES['left']}\nright: {TUPLES['right']}",
}


@pytest.mark.parametrize("form", FORMS)
def test_each_form_is_read_as_the_trace_of_each_arm(form: str) -> None:
    found = read_arms(FORMS[form], ARMS)
    assert found.faulty is None
    assert {arm: trace.keypoints.tolist() for arm, trace in found.traces.items()} == POINTS


@pytest.mark.parametrize(
    ("text", "reason", "detail"),
    [
        ("", "missing_arm", "no list for `left:`"),
        (TUPLES["left"], "missing_arm", "no list for `left:`"),
        (f"left: {TUPLES['left']}", "missing_arm", "no list for `right:`"),
        (f"right: {TUPLES['right']}", "missing_arm", "no list for `left:`"),
        (f"left: {TUPLES['left']} right: [(1, 2, 0.5)]", "single_point", "right: "),
        (f"left: {TUPLES['left']} right: [(1, 2, 0.5), (3,", "truncated", "right: "),
        (f"left: [(9000, 2, 0.5), (3, 4, 0.5)] right: {TUPLES['right']}", "out_of_image", "left: "),
        ("<think>left: [(1, 2, 0.5), (3, 4, 0.5)]", "truncated", ""),
    ],
)
def test_an_answer_that_lacks_the_trace_of_an_arm_says_which_and_why(text: str, reason: str, detail: str) -> None:
    found = read_arms(text, ARMS)
    assert not found.traces
    assert found.faulty is not None
    assert found.faulty.failure is not None
    assert (found.faulty.failure.stage, found.faulty.failure.reason) == ("answer", reason)
    assert detail in found.faulty.failure.detail


coordinate = st.integers(0, 1000).map(float)
depth = st.integers(1, 3000).map(lambda millimetres: millimetres / 1000.0)
trace = st.lists(st.tuples(coordinate, coordinate, depth).map(list), min_size=2, max_size=8)


@given(left=trace, right=trace)
def test_what_is_written_is_read_again(left: list[list[float]], right: list[list[float]]) -> None:
    traces = {"left": ImageTrace(np.array(left)), "right": ImageTrace(np.array(right))}
    found = read_arms(format_arms(traces), ARMS)
    assert {arm: one.keypoints.tolist() for arm, one in found.traces.items()} == {"left": left, "right": right}


def test_a_prompt_for_two_arms_states_the_form_of_the_answer_and_one_for_one_arm_stays_as_it_is() -> None:
    template = "Task: {instruction}"
    assert Question("Lift it.").prompt(template) == "Task: Lift it."
    asked = Question("Lift it.", arms=ARMS).prompt(template)
    assert asked.startswith("Task: Lift it.\n")
    assert "`left: [...]` and `right: [...]`" in asked
    assert "an arm whose list is shorter waits" in asked
