"""Tests of goals relative to an anchor, and of obstacles in between, against independent geometry."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracesim.envs.place_relative import PlaceRelative
from tracesim.errors import PlacementError
from tracesim.families.bypass import stand_between
from tracesim.families.relative import Asked
from tracesim.geometry.clearance import bodies_distance
from tracesim.geometry.hulls import HullShape
from tracesim.language.direction import DIRECTIONS
from tracesim.language.referents import draw_props
from tracesim.layout.layout import WORKSPACE, Layout, standing
from tracesim.layout.policy_camera import policy_camera
from tracesim.layout.randomness import Draw, stream

STEPS = st.floats(-0.3, 0.3)


@given(STEPS, STEPS, st.integers(0, 2**32 - 1))
def test_a_step_from_where_it_leaves_room_stays_inside(x: float, y: float, seed: int) -> None:
    step = np.array([x, y, 0.0])
    at = np.array([*WORKSPACE.leaving(step).draw(np.random.default_rng(seed)), 0.0])
    inside = np.array([WORKSPACE.x, WORKSPACE.y])
    for point in (at, at + step):
        assert (point[:2] >= inside[:, 0] - 1e-12).all()
        assert (point[:2] <= inside[:, 1] + 1e-12).all()


@pytest.mark.parametrize("word", DIRECTIONS)
def test_the_margin_is_what_is_left_of_the_tolerance(word: str) -> None:
    drawn = PlaceRelative.create(policy_camera(), Draw.of(stream("place_relative", 0, "task")))
    task = replace(drawn, asked=Asked.about(word, 20, 0.02))
    goal, along = task.goal(), task.toward(word)
    across = np.cross(along, [0.0, 0.0, 1.0])
    for off_m, aside_m, left_m in ((0.0, 0.0, 0.02), (0.015, 0.005, 0.005), (-0.03, 0.0, -0.01), (0.0, -0.05, -0.03)):
        trace = task.elsewhere(task.put_down() + off_m * along + aside_m * across)
        margin = goal.margin(task.predicted(trace))
        assert margin == pytest.approx(left_m, abs=1e-9)


@pytest.mark.parametrize("seed", range(10))
def test_an_obstacle_stands_where_a_straight_line_passes(seed: int) -> None:
    rng = np.random.default_rng(seed)
    start, goal = np.array([-0.2, -0.15, 0.0]), np.array([0.05, rng.uniform(-0.2, 0.2), 0.0])
    (block,), (obstacle,) = draw_props(Draw.of(rng), ("block",)), draw_props(Draw.of(rng), ("book", "carton"))
    body = stand_between(Layout(), "obstacle", obstacle, start, goal, rng)
    ways = [standing(*(start + share * (goal - start))[:2]) for share in np.linspace(0.0, 1.0, 60)]
    shape = HullShape.of(block)
    distances = [bodies_distance(shape, way, body.shape, body.body_in_world, 0.05) for way in ways]
    assert min(distances) < -0.02
    assert min(distances[0], distances[-1]) > 0.02
    layout = Layout()
    layout.add("block", block, body.body_in_world)
    with pytest.raises(PlacementError, match="no room"):
        stand_between(layout, "obstacle", obstacle, start, goal, np.random.default_rng(seed))
