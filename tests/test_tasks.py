"""The contract of every task in the registry: the expert passes, and each negative control fails for its own reason."""

from __future__ import annotations

import numpy as np
import pytest

from tests.contract import check_control, check_demands, check_expert, check_statements
from tests.episodes import Episodes, arranged, controls_of
from tracesim.arrangement.solution import BORDER_PX
from tracesim.configuration import Variation
from tracesim.envs import TASKS
from tracesim.errors import ConfigurationError
from tracesim.layout.policy_camera import policy_camera
from tracesim.layout.visibility import visibility
from tracesim.negative_control import NEGATIVE_CONTROLS, DoesNotApply

SEEDS = (0,)
CONTROL_SEEDS = range(10)
ARRANGED_SEEDS = (0, 1)
CEILING_SEEDS = range(20)
LONG_SEEDS = range(100, 150)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("task", TASKS)
def test_the_expert_passes(task: str, seed: int, episodes: Episodes) -> None:
    check_expert(episodes.played(task, seed, "expert"))


def check_ceiling(task: str, seed: int, episodes: Episodes) -> None:
    """Check that the expert's answers succeed when a model gives them, with measured depth at the first keypoint."""
    if not episodes.played(task, seed, "expert").success:
        pytest.skip("the expert does not solve this seed")
    record = episodes.replayed(task, seed)
    assert record.failure is None, record.failure
    stages = arranged(task, seed).subtasks()
    assert [turn.contact_depth for turn in record.turns] == [
        "measured" if stage.begins_in_contact else "predicted" for stage in stages
    ]


@pytest.mark.one_in(12)
@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("task", TASKS)
@pytest.mark.usefixtures("renderer")
def test_a_perfect_model_does_as_well_as_the_expert(task: str, seed: int, episodes: Episodes) -> None:
    check_ceiling(task, seed, episodes)


@pytest.mark.slow
@pytest.mark.parametrize("seed", CEILING_SEEDS)
@pytest.mark.parametrize("task", TASKS)
@pytest.mark.usefixtures("renderer")
def test_a_perfect_model_does_as_well_as_the_expert_on_many_seeds(task: str, seed: int, episodes: Episodes) -> None:
    check_ceiling(task, seed, episodes)


def check_told(task: str, seed: int, control: str, episodes: Episodes) -> None:
    """Check that a negative control fails as its task states, or is refused if it does not apply."""
    expected = controls_of(task, seed)[control]
    if isinstance(expected, DoesNotApply):
        with pytest.raises(ConfigurationError, match="does not apply"):
            episodes.record(task, seed, control)
    else:
        check_control(expected, episodes.record(task, seed, control))


@pytest.mark.one_in(9)
@pytest.mark.parametrize("control", NEGATIVE_CONTROLS)
@pytest.mark.parametrize("task", TASKS)
def test_a_negative_control_fails_for_its_own_reason(task: str, control: str, episodes: Episodes) -> None:
    check_told(task, SEEDS[0], control, episodes)


@pytest.mark.slow
@pytest.mark.parametrize("control", NEGATIVE_CONTROLS)
@pytest.mark.parametrize("seed", CONTROL_SEEDS)
@pytest.mark.parametrize("task", TASKS)
def test_a_negative_control_fails_for_its_own_reason_on_many_seeds(
    task: str, seed: int, control: str, episodes: Episodes
) -> None:
    check_told(task, seed, control, episodes)


@pytest.mark.parametrize("task", TASKS)
def test_a_task_says_something_about_every_control_and_one_applies(task: str) -> None:
    check_statements(arranged(task, SEEDS[0]), controls_of(task, SEEDS[0]))


@pytest.mark.parametrize("task", TASKS)
def test_a_task_asks_for_what_every_task_has_to_ask_for(task: str) -> None:
    check_demands(arranged(task, SEEDS[0]))


@pytest.mark.parametrize("task", TASKS)
def test_the_instruction_is_filled_in(task: str) -> None:
    assert "{" not in arranged(task, SEEDS[0]).said


@pytest.mark.one_in(6)
@pytest.mark.parametrize("seed", ARRANGED_SEEDS)
@pytest.mark.parametrize("task", TASKS)
def test_what_an_instruction_refers_to_is_seen_and_the_experts_keypoints_lie_in_the_picture(
    task: str, seed: int
) -> None:
    made, camera = arranged(task, seed), policy_camera()
    bodies = {body.name: (body.prop.surfaces, body.body_in_world) for body in made.layout}
    for view in visibility(camera, bodies, made.referents, made.layout.wholes).values():
        assert view.clear
    for share in made.shares():
        assert camera.contains(share.expert().keypoints, BORDER_PX).all()


@pytest.mark.one_in(15)
@pytest.mark.parametrize("seed", ARRANGED_SEEDS)
@pytest.mark.parametrize("task", TASKS)
def test_distractors_are_as_many_as_asked_for_and_of_kinds_that_the_instruction_does_not_name(
    task: str, seed: int
) -> None:
    made = arranged(task, seed, Variation("cluttered", clutter=5, clutter_gap_m=0.02))
    distractors = [body for body in made.layout if body.name not in made.referents]
    assert len(distractors) == 5
    referred = {made.layout[name].prop.kind for name in made.referents}
    assert not referred & {body.prop.kind for body in distractors}
    for body in distractors:
        others = [other for other in made.layout if other.name != body.name]
        assert all(np.linalg.norm(body.body_in_world[:2, 3] - other.body_in_world[:2, 3]) > 0.02 for other in others)


@pytest.mark.slow
@pytest.mark.parametrize("seed", LONG_SEEDS)
@pytest.mark.parametrize("task", TASKS)
def test_the_expert_passes_on_many_seeds(task: str, seed: int, episodes: Episodes) -> None:
    assert episodes.played(task, seed, "expert").success
