"""Tests of rewards: values computed by hand, bounds, and no gain by repetition or guessing."""

from __future__ import annotations

import time
from itertools import permutations
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracesim import rewards
from tracesim.answers.steps import Step, strip_steps
from tracesim.errors import ConfigurationError
from tracesim.geometry.rigid import FloatArray
from tracesim.rewards import LARGEST, ends, form, outcome_points, outcome_trace, path, steps_accuracy, steps_form, total

STEPS = [
    "[Referring] [Watering can]: [(179, 789, 0.941)]",
    "[Measuring] [the height of the second largest cup]: 20 centimeters",
    "[Scale] [Scene]: 2.342",
]
TRACE = "[(100, 200, 1.000), (300, 200, 2.000), (500, 400, 1.500)]"
COLUMNS: dict[str, Any] = {"trace": [TRACE], "largest_depth_m": [2.0], "steps": [STEPS], "size": [(640, 480)]}
PERFECT = "<think>" + "\n".join(STEPS) + "</think>\n<answer>" + TRACE + "</answer>"
REWARDS = (
    rewards.outcome_format,
    rewards.outcome_points,
    rewards.outcome_trace,
    rewards.process_format,
    rewards.process_accuracy,
)


def each(completion: Any, **columns: Any) -> list[float]:
    """Return the five rewards of one completion, in the order of `REWARDS`."""
    return [reward(prompts=["?"], completions=[completion], **{**COLUMNS, **columns})[0] for reward in REWARDS]


def step(text: str) -> Step:
    return Step.parse(text)


def test_a_perfect_answer_gets_the_most() -> None:
    assert each(PERFECT) == [1.0, 1.0, 1.0, 1.0, 1.0]
    # 1 + 1 + 1 + 0.25 (1 + 1)
    assert total(["?"], [PERFECT], **COLUMNS) == [3.5] == [LARGEST]


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("<think>a</think><answer>b</answer>", 1.0),
        ("\n<think>a\nb</think>\n\n<answer>\nc</answer>\n", 1.0),
        ("<think></think><answer></answer>", 1.0),
        ("<answer>b</answer>", 0.0),
        ("<think>a</think>b", 0.0),
        ("<think>a</think><answer>b", 0.0),
        ("a</think><answer>b</answer>", 0.0),
        ("<answer>b</answer><think>a</think>", 0.0),
        ("<think>a<answer>b</think></answer>", 0.0),
        ("<think>a</think> so <answer>b</answer>", 0.0),
        ("So: <think>a</think><answer>b</answer>", 0.0),
        ("<think>a</think><answer>b</answer>.", 0.0),
        ("<think>a<think>b</think><answer>c</answer>", 0.0),
        ("<think>a</think><answer>b</answer><answer>c</answer>", 0.0),
    ],
)
def test_the_form_holds_or_not(text: str, holds: float) -> None:
    assert form(text) == holds


def test_end_points_by_hand() -> None:
    # First: (100, 200, 1) against (400, 200, 1), u off by 0.3: 1 - 0.09 = 0.91.
    # Last: (500, 400, 1.5) against (500, 600, 1.1), v off by 0.2 and d by 0.4 / 2 = 0.2: 1 - 0.04 - 0.04 = 0.92.
    # Keypoints in between do not count: (0.91 + 0.92) / 2 = 0.915.
    assert each("[(400, 200, 1.0), (999, 999, 0.1), (500, 600, 1.1)]")[1] == pytest.approx(0.915)
    # In a scene twice as deep the depth is off by 0.1: 1 - 0.04 - 0.01 = 0.95, and (0.91 + 0.95) / 2 = 0.93.
    deeper = each("[(400, 200, 1.0), (500, 600, 1.1)]", largest_depth_m=[4.0])
    assert deeper[1] == pytest.approx(0.93)
    # First off by 1.2 in d: 1 - 1.44 is below 0 and counts 0; the last is right: (0 + 1) / 2 = 0.5.
    assert each("[(100, 200, 3.4), (500, 400, 1.5)]")[1] == pytest.approx(0.5)


def test_the_distance_of_paths_by_hand() -> None:
    straight = np.array([[0.1, 0.5, 0.5], [0.9, 0.5, 0.5]])
    # Beside it by 0.25, each point's nearest is the one beside it: 100 x 0.25 / 100 = 0.25.
    assert path(np.add(straight, [0.0, 0.25, 0.0]), straight) == pytest.approx(0.75)
    # By 0.3 in v and 0.4 in d: sqrt(0.09 + 0.16) = 0.5.
    assert path(np.add(straight, [0.0, 0.3, 0.4]), straight) == pytest.approx(0.5)
    # Two widths away: 1 - 2 is below 0.
    assert path(np.add(straight, [0.0, 2.0, 0.0]), straight) == 0.0
    # It stays where the other begins, 0.8 k / 99 from point k: 0.8 x (0 + ... + 99) / 99 / 100 = 0.8 x 50 / 100 = 0.4.
    assert path(np.repeat(straight[:1], 2, axis=0), straight) == pytest.approx(0.6)
    # Keypoints that change nothing about a path change nothing about its reward.
    beside = np.add(straight, [0.0, 0.25, 0.0])
    assert path(np.array([beside[0], beside.mean(axis=0), beside[1], beside[1]]), straight) == pytest.approx(0.75)


def test_several_paths_are_rewarded_as_each_alone() -> None:
    straight = np.array([[0.1, 0.5, 0.5], [0.9, 0.5, 0.5]])
    said = [straight, straight[:1], straight[::-1], straight + 0.1, np.repeat(straight, 3, axis=0)]
    assert rewards.paths([(one, straight) for one in said]) == [path(one, straight) for one in said]
    # Of a point at the beginning, the others are 0.4 away in the mean.
    assert path(straight[:1], straight) == pytest.approx(0.6)


def test_a_path_walked_back_is_another_path() -> None:
    straight = np.array([[0.1, 0.5, 0.5], [0.9, 0.5, 0.5]])
    assert path(straight[::-1], straight) < 0.8
    assert ends(straight[::-1], straight) == pytest.approx(1 - 0.64)


@given(st.integers(1, 6), st.integers(1, 6), st.integers(0, 100))
def test_warping_costs_the_least_of_all_ways(rows: int, columns: int, seed: int) -> None:
    pairs = np.random.default_rng(seed).random((2, rows, columns))

    def least(distances: FloatArray, row: int, column: int) -> float:
        before = [least(distances, row - 1, column)] if row else []
        before += [least(distances, row, column - 1)] if column else []
        before += [least(distances, row - 1, column - 1)] if row and column else []
        return float(distances[row, column]) + min(before, default=0.0)

    assert rewards.warped(pairs) == pytest.approx([least(one, rows - 1, columns - 1) for one in pairs])


def test_a_trace_of_two_dimensions_needs_no_depth() -> None:
    columns: dict[str, Any] = {"trace": [[[0, 0], [1000, 0]]]}
    # Both ends off by 0.1 in v: 1 - 0.01. Beside it by 0.1: 1 - 0.1.
    assert outcome_points(["?"], ["[(0, 100), (1000, 100)]"], **columns) == pytest.approx([0.99])
    assert outcome_trace(["?"], ["[(0, 100), (1000, 100)]"], **columns) == pytest.approx([0.9])
    assert outcome_trace(["?"], ["[(0, 0, 1.0), (1000, 0, 1.0)]"], **columns) == [0.0]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "I cannot see it.",
        "[(100, 200, 1.0)]",
        "[(100, 200), (500, 400)]",
        "[(100, 200, 1.0), (500, 400",
        "[(100, 200, nan), (500, 400, 1.5)]",
        "[(100, 200, 1e308), (500, 400, -1e308)]",
        f"<think>{TRACE}</think><answer></answer>",
        f"<think>{TRACE}",
        f"<think>[Referring] [can]: {TRACE}</think><answer>done</answer>",
        f"[Referring] [can]: {TRACE}",
    ],
)
def test_what_is_no_trace_earns_nothing(text: str) -> None:
    assert each(text)[1:3] == [0.0, 0.0]


@pytest.mark.parametrize(
    ("answered", "true", "agreement"),
    [
        # 640 x 480: 50 of 1000 columns are 32 pixels, 66 rows 31.68; 63.68 <= 64, a tenth of 640. 1.3 <= 1 + 30 %.
        ("[Referring] [can]: [(550, 566, 1.3)]", "[Referring] [can]: [(500, 500, 1.0)]", 1.0),
        # 100 columns are 64 pixels, 1 row 0.48: 64.48 > 64.
        ("[Referring] [can]: [(600, 501, 1.0)]", "[Referring] [can]: [(500, 500, 1.0)]", 0.5),
        ("[Referring] [can]: [(600, 500, 1.31)]", "[Referring] [can]: [(500, 500, 1.0)]", 0.5),
        ("[Referring] [can]: [(600, 500, 0.7)]", "[Referring] [can]: [(500, 500, 1.0)]", 1.0),
        ("[Referring] [can]: [(601, 500, 0.69)]", "[Referring] [can]: [(500, 500, 1.0)]", 0.0),
        # Without a depth, the position earns one half; if no depth is annotated, it earns all.
        ("[Referring] [can]: [(500, 500)]", "[Referring] [can]: [(500, 500, 1.0)]", 0.5),
        ("[Referring] [can]: [(500, 500, 9.0)]", "[Referring] [can]: [(500, 500)]", 1.0),
        # Of two points one is right, and the other in depth: (1 + 0.5) / 2.
        ("[Referring] [cans]: [(1, 1, 1), (9, 9, 1)]", "[Referring] [cans]: [(1, 1, 1), (999, 9, 1)]", 0.75),
        ("[Referring] [cans]: [(1, 1, 1)]", "[Referring] [cans]: [(1, 1, 1), (999, 9, 1)]", 0.0),
        # 0.26 <= 0.2 x 1.3 < 0.27, in whatever unit.
        ("[Measuring] [cup]: 260 mm", "[Measuring] [cup]: 20 centimeters", 1.0),
        ("[Measuring] [cup]: 0.26", "[Measuring] [cup]: 20 cm", 1.0),
        ("[Measuring] [cup]: 0.27 metres", "[Measuring] [cup]: 20 cm", 0.0),
        # 10 inches are 0.254 m.
        ("[Measuring] [cup]: 10 inches", "[Measuring] [cup]: 20 cm", 1.0),
        ("[Measuring] [cup]: 20", "[Measuring] [cup]: 20 cm", 0.0),
        # 2.342 x 0.7 = 1.6394.
        ("[Scale] [scene]: 1.64", "[Scale] [Scene]: 2.342", 1.0),
        ("[Scale] [scene]: 1.63", "[Scale] [Scene]: 2.342", 0.0),
    ],
)
def test_a_step_by_hand(answered: str, true: str, agreement: float) -> None:
    assert step(answered).agreement(step(true), (640, 480)) == agreement
    assert steps_accuracy([step(answered)], [step(true)], (640, 480)) == agreement


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("[Referring] [The  red\tCan]: [(1, 2)]", ("referring", "the red can")),
        ("[MEASURING] [Cup height]: 20 cm", ("measuring", "cup height")),
        ("[scale] [Scene]: 2.342", ("scale", "scene")),
    ],
)
def test_a_step_is_called_by_its_kind_and_target(text: str, name: tuple[str, str]) -> None:
    assert step(text).name == name


def test_what_is_no_step_is_told_what_steps_look_like() -> None:
    steps = r"'\[Referring\] .*'\[Measuring\] .* 20 centimeters', '\[Scale\] \[Scene\]: 2\.342'"
    with pytest.raises(ConfigurationError, match=rf"^'near' is not a step\. .*{steps}\.$"):
        step("near")


def test_a_text_strip_steps_has_line_ends_where_they_were() -> None:
    assert strip_steps("a[Scale] [Scene]: 2, b") == "a\n, b"


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("First, [Measuring] [Cup  height]: 20 centimeters tall. Then more.", [0.2]),
        ("1. [Scale] [Scene]: 2.342\n2. [measuring] [cup height]: 1.5E-1m\n", [2.342, 0.15]),
        ("[Scale] [Scene]: 2.342; [Measuring] [rod]: 3ft", [2.342, 0.9144]),
        ("[Measuring] [cup]: 20-30 cm", []),
        ("[Measuring] [cup]: 20 cm (or 30 cm)", []),
        ("[Measuring] [cup]: 20 degrees", []),
        ("[Measuring] [cup]: about 20 cm", []),
        ("[Measuring] [cup]: 1e999 m", []),
        ("[Measuring] cup: 20 cm", []),
        ("[Scale] [Scene]: 2.342 m", []),
        ("[Guessing] [Scene]: 2.342", []),
        ("[Referring] [can]: 20 cm", []),
        ("[Referring] [can]: [(1, 2, 3), (4, 5)]", []),
        ("[Referring] [can]: [(1, 2, 3)", []),
        ("[Referring] [can]: (1, 2, 3)", []),
    ],
)
def test_steps_are_found_where_they_are_well_formed(text: str, numbers: list[float]) -> None:
    assert [found.number for found in Step.parse_all(text)] == pytest.approx(numbers)


def test_process_rewards_by_hand() -> None:
    # One step is right, one wrong, one malformed: form 2 / 3, accuracy (1 + 0 + 0) / 3.
    said = f"<think>{STEPS[0]}\n[Scale] [Scene]: 9.9\n[Measuring] [the height of the second largest cup]: tall</think>"
    text = f"{said}<answer>{TRACE}</answer>"
    assert each(text)[3:] == pytest.approx([2 / 3, 1 / 3])
    # 1 + 1 + 1 + 0.25 (2/3 + 1/3)
    assert total(["?"], [text], **COLUMNS) == pytest.approx([3.25])
    # Only steps in thinking count; the prompt may have opened it.
    assert each("\n".join(STEPS) + TRACE)[3:] == [0.0, 0.0]
    assert each("\n".join(STEPS) + f"</think><answer>{TRACE}</answer>") == [0.0, 1.0, 1.0, 1.0, 1.0]
    # Annotated as one text, with one step per line.
    assert each(PERFECT, steps=["\n".join(STEPS)])[3:] == [1.0, 1.0]
    # Without annotated steps, there is no reward.
    assert each(PERFECT, steps=[None])[3:] == [0.0, 0.0]


def test_steps_count_in_any_order() -> None:
    texts = [*STEPS, "[Measuring] [cup]: 10 cm", "[Measuring] [cup]: 30 cm", "[Measuring] [cup]: 99 cm"]
    true = [step(text) for text in (*STEPS, "[Measuring] [cup]: 30 cm", "[Measuring] [cup]: 10 cm")]
    # Of three guesses at two cups two are right: 2 x 2 / 3 instead of 2. (1 + 1 + 1 + 4/3) / 5 = 13/15.
    for order in permutations([step(text) for text in texts]):
        assert steps_form(order, true) == 1.0
        assert steps_accuracy(order, true) == pytest.approx(13 / 15)


def test_guessing_twice_earns_half() -> None:
    true = [step("[Scale] [Scene]: 1.0")]
    guesses = [step("[Scale] [Scene]: 1.0"), step("[Scale] [Scene]: 5.0")]
    assert steps_accuracy(guesses, true) == 0.5
    assert steps_accuracy([*guesses, step("[Scale] [Room]: 9.0")], true) == 0.5


PIECES = (
    "<think>",
    "</think>",
    "<answer>",
    "</answer>",
    TRACE,
    *STEPS,
    "[",
    "(1, 2,",
    "1e308",
    "[Scale] [",
    "]: ",
    " ",
)


@settings(max_examples=100)
@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=5), max_size=12).map("".join))
def test_any_text_earns_between_nothing_and_everything(text: str) -> None:
    earned = each(text)
    assert all(0.0 <= reward <= 1.0 for reward in earned)
    assert total(["?"], [text], **COLUMNS) == pytest.approx([sum(earned[:3]) + 0.25 * sum(earned[3:])])


UV = st.integers(0, 1000)
POINTS = st.lists(st.tuples(UV, UV, st.floats(0.001, 10.0)), min_size=2, max_size=9)


@settings(max_examples=30)
@given(POINTS, POINTS)
def test_nothing_earns_more_than_the_truth(answered: list[Any], true: list[Any]) -> None:
    columns: dict[str, Any] = {"trace": [true], "largest_depth_m": [10.0]}
    for reward in (outcome_points, outcome_trace):
        assert reward(["?"], [str(true)], **columns) == pytest.approx([1.0])
        assert 0.0 <= reward(["?"], [str(answered)], **columns)[0] <= 1.0


def test_trl_may_call_with_texts_or_messages_and_columns_of_its_own() -> None:
    poor = "[(400, 200, 1.0), (500, 600, 1.1)]"
    chat = [[{"role": "assistant", "content": PERFECT}], [{"role": "assistant", "content": [{"text": poor}]}]]
    columns = {name: column * 2 for name, column in COLUMNS.items()}
    others = {"completion_ids": [[1, 2], [3]], "trainer_state": None, "image": [None, None]}
    for reward in (*REWARDS, total):
        named = reward(prompts=["?", "?"], completions=chat, **columns, **others)
        assert named == reward(prompts=["?", "?"], completions=[PERFECT, poor], **columns)
        assert all(type(value) is float for value in named)
    assert outcome_points(prompts=["?", "?"], completions=chat, **columns) == pytest.approx([1.0, 0.915])


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"trace": None}, "needs a column 'trace'"),
        ({"steps": None}, "needs a column 'steps'"),
        ({"largest_depth_m": None}, "largest_depth_m=None"),
        ({"largest_depth_m": [0.0]}, "largest_depth_m=0.0"),
        ({"trace": ["[(1, 2, 3)]"]}, "is not a trace"),
        ({"trace": [[[1, 2, 3, 4], [1, 2, 3, 4]]]}, "is not a trace"),
        ({"trace": [[[1, 2, 3], [1, 2]]]}, "is not a trace"),
        ({"trace": [None]}, "is not a trace"),
        ({"steps": [["[Measuring] [cup]: tall"]]}, "is not a step"),
    ],
)
def test_a_data_set_at_fault_is_told(columns: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        total(["?"], [PERFECT], **{**COLUMNS, **columns})


@pytest.mark.timed
@pytest.mark.parametrize(
    "piece",
    ["<think>", "</think><answer>", "[Scale] [Scene]: 1 ", "[Referring] [a]: [(1, 2, 3), ", "[Scale] [", "(1, 2, 3), "],
)
def test_long_texts_take_linear_time(piece: str) -> None:
    seconds = []
    for repeated in (2_000, 16_000):
        rounds = []
        for _ in range(3):  # the best one, as whatever else runs slows some down
            begun = time.process_time()
            each(f"<think>{piece * repeated}</think><answer>[{piece * repeated}")
            rounds.append(time.process_time() - begun)
        seconds.append(min(rounds))
    # The text is eight times longer; quadratic time would grow by a factor of 64.
    assert seconds[1] < 24 * seconds[0] + 0.1
