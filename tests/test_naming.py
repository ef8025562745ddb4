"""What a scene's things are called fits one of them each, in every way and beside things that it nearly fits."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.reader import Reader
from tracesim.arrangement.references import changeable, near_misses, refer
from tracesim.assets.props.block import block
from tracesim.assets.props.mug import mug
from tracesim.envs import TASKS, task_class
from tracesim.errors import PlacementError
from tracesim.language.referring import STRATEGIES, Strategy
from tracesim.layout.layout import SURROUNDINGS, Body, Layout, standing
from tracesim.layout.policy_camera import policy_camera
from tracesim.layout.randomness import Draw
from tracesim.task import Task

VARYING = ("place_relative", "bypass_stack", "stamp_seal", "click_bell", "push_object", "place_bread_basket")


def placed(task: str, seed: int) -> tuple[Task, np.random.Generator]:
    rng = np.random.default_rng(seed)
    for _ in range(100):
        try:
            return task_class(task).create(policy_camera(), Draw.of(rng)), rng
        except PlacementError:
            continue
    raise AssertionError(f"no scene for {task}")


def beside(task: Task, strategy: Strategy, rng: np.random.Generator, count: int) -> Task:
    """Return the task with what a way needs, and with `count` things in all that its words nearly fit."""
    crowded, added = task, 0
    for miss in near_misses(task, strategy, rng):
        if added >= count and not miss.needed:
            break
        try:
            prop = miss.prop(task, Draw.of(rng))
        except PlacementError:
            continue
        for _ in range(30):
            pose = standing(*SURROUNDINGS.draw(rng), rng.uniform(-np.pi, np.pi))
            more = replace(crowded, layout=crowded.layout.with_body(Body(f"near_miss_{added}", prop, pose)))
            if crowded.layout.fits(prop, pose, 0.02) and miss.leaves_plain(more):
                crowded, added = more, added + 1
                break
    return crowded


@pytest.mark.parametrize("task", TASKS)
def test_every_task_says_what_it_refers_to(task: str) -> None:
    made, rng = placed(task, 0)
    phrases = refer(made, ("attribute",), rng)
    assert phrases == {name: made.called(name) for name in made.named()}
    reader = Reader(made.layout, made.camera)
    for name, text in phrases.items():
        if made.refers.get(name) != "size":
            assert all(fitting == [name] for fitting in reader.fits(text)), text


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("task", VARYING)
def test_one_at_least_is_referred_to_as_asked_and_all_are_told_from_what_their_words_nearly_fit(
    task: str, strategy: Strategy
) -> None:
    for seed in range(6):
        made, rng = placed(task, seed)
        crowded = beside(made, strategy, rng, 2)
        try:
            phrases = refer(crowded, (strategy,), rng)
        except PlacementError:
            continue
        assert phrases.keys() == set(made.named())
        reader = Reader(crowded.layout, made.camera)
        for name, text in phrases.items():
            assert all(fitting == [name] for fitting in reader.fits(text)), text
        words = {"attribute": "", "relation": " that is ", "ordinal": "most |from the ", "proximity": " nearest to "}
        assert any(part in text for text in phrases.values() for part in words[strategy].split("|"))
        assert len(crowded.layout) > len(made.layout)
        return
    raise AssertionError("no scene allows it")


def test_what_misses_by_a_word_shares_the_other() -> None:
    made, rng = placed("click_bell", 0)
    bell = made.layout["bell"].prop
    for miss in near_misses(made, "attribute", rng):
        prop = miss.prop(made, Draw.of(rng))
        assert (prop.noun == bell.noun) != (prop.color == bell.color)


def test_a_twin_leaves_no_attribute() -> None:
    made, rng = placed("click_bell", 0)
    twin = Body("twin", made.layout["bell"].prop, standing(-0.2, 0.3))
    with pytest.raises(PlacementError, match="referred to by attribute"):
        refer(replace(made, layout=made.layout.with_body(twin)), ("attribute",), rng)


def test_what_is_hidden_is_not_spoken_of() -> None:
    made, rng = placed("click_bell", 0)
    bell, camera = made.layout["bell"], made.camera
    draw = Draw.of(np.random.default_rng(0))
    layout = Layout()
    layout.add("bell", bell.prop, standing(0.0, 0.0))
    layout.add("mug", mug(draw, color="red"), standing(0.0, 0.2))
    assert refer(replace(made, layout=layout), ("relation",), rng)["bell"].endswith("the red mug")
    layout.add("wall", block(draw, color="white", edge_m=0.12), standing(-0.12, 0.23))
    assert camera.project([[0.0, 0.2, 0.0]])[0, 2] > camera.project([[-0.12, 0.23, 0.0]])[0, 2]
    hidden = refer(replace(made, layout=layout), ("relation",), rng)["bell"]
    assert "mug" not in hidden


def test_nothing_is_chosen_where_things_move_between_instructions_or_a_task_says_how() -> None:
    assert not changeable(placed("blocks_ranking_rgb", 0)[0])
    assert changeable(placed("place_bread_basket", 0)[0]) == ("basket",)
    assert not near_misses(placed("hotdog_beside_peach", 0)[0], "ordinal", np.random.default_rng(0))
