"""The contract of every task in the registry: the expert passes, and each negative control fails for its own reason."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from tracesim.arrangement import BORDER_PX, LEAST_PIXELS, LEAST_SHARE, arrange
from tracesim.configuration import EpisodeConfiguration, PolicyChoice, Variation
from tracesim.envs import TASKS, task_class
from tracesim.episode import play
from tracesim.errors import ConfigurationError
from tracesim.policy_camera import policy_camera
from tracesim.results import Record
from tracesim.task import CONTROLS, DoesNotApply, Task, Violates
from tracesim.visibility import seen

CLUTTERED = Variation("cluttered", clutter=4)
SEEDS = (0,)
ARRANGED_SEEDS = (0, 1)
LONG_SEEDS = range(100, 150)
DEVIATION_M = {"push_object": 0.005}
"""Mean distance from the path where it may be more than a millimetre: what is pushed is not held."""


@cache
def arranged(task: str, seed: int, variation: Variation = CLUTTERED) -> Task:
    return arrange(task, task_class(task), seed, variation, policy_camera())


def played(task: str, seed: int, policy: str) -> Record:
    return play(EpisodeConfiguration(task, PolicyChoice(policy), variation=CLUTTERED), seed, film=None, curves=None)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("task", TASKS)
def test_the_expert_passes(task: str, seed: int) -> None:
    record = played(task, seed, "expert")
    assert record.failure is None, record.failure
    assert record.success
    assert record.predicted_success
    assert record.robotwin_success in (True, None)
    assert min(margin for margin in record.margins.values() if margin is not None) >= 0.0
    assert record.deviation_m is not None
    assert record.deviation_m[0] < DEVIATION_M.get(task, 0.001)


@pytest.mark.parametrize("control", CONTROLS)
@pytest.mark.parametrize("task", TASKS)
def test_a_negative_control_fails_for_its_own_reason(task: str, control: str) -> None:
    expected = arranged(task, SEEDS[0]).controls()[control]
    if isinstance(expected, DoesNotApply):
        assert expected.reason
        with pytest.raises(ConfigurationError, match="does not apply"):
            played(task, SEEDS[0], control)
        return
    record = played(task, SEEDS[0], control)
    assert not record.success
    assert record.failure is not None
    if record.failure.stage == "collision":
        assert (record.margins["clearance"] or 0.0) < 0.0
    violated = [record.margins[expected.constraint], record.predicted_margins[expected.constraint]]
    assert min(margin for margin in violated if margin is not None) < 0.0, record.failure


@pytest.mark.parametrize("task", TASKS)
def test_a_task_says_something_about_every_control(task: str) -> None:
    made = arranged(task, SEEDS[0])
    names = {constraint.name for constraint in made.constraints()}
    assert set(made.controls()) == set(CONTROLS)
    for control in made.controls().values():
        assert isinstance(control, DoesNotApply) or control.constraint in names
    straight = made.controls()["straight_line"]
    assert made.straight == (isinstance(straight, DoesNotApply) and not straight.here)


@pytest.mark.parametrize("task", TASKS)
def test_at_least_one_control_applies(task: str) -> None:
    assert any(isinstance(control, Violates) for control in arranged(task, SEEDS[0]).controls().values())


@pytest.mark.parametrize("task", TASKS)
def test_constraints_have_names_of_their_own_and_the_instruction_is_filled_in(task: str) -> None:
    made = arranged(task, SEEDS[0])
    names = [constraint.name for constraint in made.constraints()]
    assert len(set(names)) == len(names)
    assert "{" not in made.said


@pytest.mark.parametrize("seed", ARRANGED_SEEDS)
@pytest.mark.parametrize("task", TASKS)
def test_what_an_instruction_refers_to_is_seen_and_the_experts_keypoints_lie_in_the_picture(
    task: str, seed: int
) -> None:
    made, camera = arranged(task, seed), policy_camera()
    bodies = {body.name: (body.prop.surfaces, body.body_in_world) for body in made.layout}
    for view in seen(camera, bodies, made.referents).values():
        assert view.share >= LEAST_SHARE
        assert view.pixels >= LEAST_PIXELS
    assert camera.contains(made.expert().keypoints, BORDER_PX).all()


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
def test_the_expert_passes_on_many_seeds(task: str, seed: int) -> None:
    assert played(task, seed, "expert").success
