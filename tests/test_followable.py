"""Tests of feasibility: arranged scenes and negative controls have room for the whole arm, not only for its hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.episodes import arranged
from tracesim.arrangement.controls import NOT_FOLLOWED, controls
from tracesim.arrangement.feasibility import followable
from tracesim.assets.props.block import block
from tracesim.configuration import EpisodeConfiguration, Variation
from tracesim.episode.episode import play
from tracesim.geometry.trace import Trace
from tracesim.layout.layout import Body, Layout, standing
from tracesim.layout.prop import Prop
from tracesim.layout.randomness import Draw
from tracesim.motion.carry import Carry
from tracesim.motion.subtask import Subtask
from tracesim.negative_control import DoesNotApply, Stop, Violates

UP_AND_DOWN = Trace(np.array([(0.0, 0.0, 0.05), (0.0, 0.0, 0.12), (0.0, 0.0, 0.05)]))


def wall(height_m: float) -> Prop:
    corners = [(x, y, z) for x in (-0.005, 0.005) for y in (-0.3, 0.3) for z in (0.0, height_m)]
    return Prop("wall", "wall", "grey", (), (np.array(corners),), {"base": np.zeros(3)})


def layout(height_m: float, wall_x_m: float) -> tuple[Layout, Body]:
    made = Layout()
    cube = made.add("cube", block(Draw.of(np.random.default_rng(0)), edge_m=0.05, color="red"), standing(0.0, 0.0))
    made.add("wall", wall(height_m), standing(wall_x_m, 0.0))
    return made, cube


@pytest.mark.parametrize(
    ("height_m", "wall_x_m", "expected"), [(0.3, -0.1, False), (0.02, -0.1, True), (0.3, 0.1, True)]
)
def test_a_wall_is_in_the_arms_way_where_the_forearm_has_to_pass_it(
    height_m: float, wall_x_m: float, expected: bool
) -> None:
    made, cube = layout(height_m, wall_x_m)
    assert Carry().has_hand_room(made, cube, UP_AND_DOWN)
    assert followable(made, cube, UP_AND_DOWN, Subtask("cube")) == expected


@pytest.mark.slow
def test_a_robot_reaches_along_the_trace_that_its_expert_answers() -> None:
    # Before the answer was checked as well, its rounding led half a millimetre beyond the reach of the arm.
    record = play(EpisodeConfiguration("click_bell", robot="so101", variation=Variation("cluttered", clutter=4)), 135)
    assert record.success


def test_what_is_in_a_bodys_way_only_where_it_is_put_down_is_in_its_way() -> None:
    aside = Trace(UP_AND_DOWN.keypoints + np.array([(0.0, 0.0, 0.0), (0.12, 0.0, 0.0), (0.12, 0.0, 0.0)]))
    for wall_x_m, expected in ((0.091, False), (0.06, True)):
        made, cube = layout(0.008, wall_x_m)
        assert followable(made, cube, aside, Subtask("cube")) == expected


def test_a_control_applies_where_the_arm_meets_only_what_is_to_stop_it(monkeypatch: pytest.MonkeyPatch) -> None:
    task = arranged("move_direction", 0, Variation("clean"))
    trace = task.expert()
    given = {
        "wrong_order": Violates("beside", trace),
        "out_of_band": Violates("beside", trace, (Stop("collision", "wall"),)),
        "straight_line": Violates("beside", trace),
        "noop": Violates("beside", trace, (Stop("reach", "no_direction"),)),
    }
    monkeypatch.setattr(type(task), "controls", lambda self: given)
    assert controls(task) == given
    x, y = task.layout[task.carried].body_in_world[:2, 3].tolist()
    between = Body("wall", wall(0.3), standing(x - 0.1, y))
    walled = replace(task, layout=task.layout.with_body(between))
    assert controls(walled) == {**given, "wrong_order": NOT_FOLLOWED}


def test_a_control_whose_keypoints_no_free_way_leads_through_does_not_apply() -> None:
    task = arranged("move_direction", 0, Variation("clean"))
    start, end = task.keypoints()
    free = task.violating("beside", np.array([start, end]))
    assert isinstance(free, Violates)
    assert isinstance(free.trace, Trace)
    assert free.trace.keypoints[-1].tolist() == end.tolist()
    below = np.array([start, (start + end) / 2 - (0.0, 0.0, 0.1), end])  # in the table
    refused = task.violating("beside", below)
    assert isinstance(refused, DoesNotApply)
    assert refused.here
