"""A further body on the table leaves the expert's solution as it is, or changes it as a new search would."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from tests.episodes import arranged
from tracesim.arrangement.solution import Solution
from tracesim.assets.props import DISTRACTORS, PROPS
from tracesim.configuration import Variation
from tracesim.errors import PlacementError
from tracesim.layout.layout import SURROUNDINGS, Body, standing
from tracesim.layout.randomness import Draw

TASKS = (
    "water_flowers",
    "stack_blocks_two",
    "blocks_ranking_size",
    "place_fan",
    "carry_around",
    "push_object",
    "click_bell",
    "hover_above_bowl",
)


def told(solution: Solution) -> list[tuple[list[list[float]], list[tuple[str, list[list[float]]]]]]:
    """Return each stage's keypoints, and the names and poses of the bodies with which it begins."""
    return [
        (trace.keypoints.tolist(), [(body.name, body.body_in_world.tolist()) for body in one.layout])
        for one, trace in solution.stages
    ]


def outcome(search: Callable[[], Solution]) -> object:
    """Return the stages of a solution, or why there is none."""
    try:
        return told(search())
    except PlacementError as error:
        return str(error)


@pytest.mark.parametrize("task", TASKS)
def test_the_solution_with_a_further_body_is_that_of_a_new_search(task: str) -> None:
    rng = np.random.default_rng(5)
    solution = Solution.of(arranged(task, 0, Variation("clean")))
    _, trace = solution.stages[0]
    solved = set()
    for number in range(24):
        near = trace.keypoints[int(rng.integers(len(trace.keypoints)))][:2] + rng.normal(0.0, 0.04, 2)
        x, y = near if number % 2 else SURROUNDINGS.draw(rng)
        prop = PROPS[DISTRACTORS[number % len(DISTRACTORS)]](Draw.of(rng))
        body = Body("new", prop, standing(float(x), float(y), float(rng.uniform(-np.pi, np.pi))))
        more = replace(solution.task, layout=solution.task.layout.with_body(body))
        expected = outcome(partial(Solution.of, more))
        assert outcome(partial(solution.with_body, body)) == expected
        solved.add(isinstance(expected, list))
    assert solved == {False, True}
