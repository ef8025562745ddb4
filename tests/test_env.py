"""Tests of the gymnasium environment."""

from __future__ import annotations

import warnings
from typing import Any

import gymnasium as gym
import numpy as np
import numpy.typing as npt
import pytest
from gymnasium.utils.env_checker import check_env
from hydra import initialize_config_module
from hydra.core.global_hydra import GlobalHydra

import tracesim
from tests.vector_environments import STAGED, expert, maker, padded
from tracesim.configuration import Variation
from tracesim.env import TraceEnv
from tracesim.envs import TASKS
from tracesim.episode.followed_trace import KEYPOINTS
from tracesim.errors import ConfigurationError, PlacementError, TraceSimError
from tracesim.geometry.rigid import FloatArray
from tracesim.geometry.trace import Trace

NOWHERE = np.full((KEYPOINTS, 3), 0.4, np.float32)
NOTHING = np.full((KEYPOINTS, 3), np.nan, np.float32)


def made(**arguments: Any) -> gym.Env[Any, Any]:
    return gym.make("TraceSim-StackBlocksTwo-v1", **arguments)


def test_every_task_is_registered() -> None:
    assert tracesim.__version__
    for name in TASKS:
        words = "".join(word.capitalize() for word in name.split("_"))
        assert f"TraceSim-{words}-v1" in gym.registry


def test_gymnasium_finds_nothing_to_complain_about(renderer: None) -> None:
    environment = made(render_mode="rgb_array", variation=Variation("clean", clutter=0))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_env(environment.unwrapped)


def test_a_named_variation_is_that_of_the_command_line() -> None:
    environment = made(observation=(), variation="near_misses").unwrapped
    assert environment.configuration.variation.near_misses == 2  # type: ignore[attr-defined]
    assert not environment.configuration.variation.poses  # type: ignore[attr-defined]


def test_an_experts_trace_earns_the_reward() -> None:
    environment = made(observation=())
    observation, info = environment.reset(seed=4)
    assert info["instruction"] == "Stack the green block on the red block."
    assert environment.observation_space.contains(observation)
    action = padded(environment.unwrapped.episode.task.expert().keypoints)  # type: ignore[attr-defined]
    assert environment.action_space.contains(action)
    _, reward, terminated, truncated, info = environment.step(action)
    assert (reward, terminated, truncated) == (1.0, True, False)
    assert info["success"] is True
    assert info["is_success"] is True
    assert info["failure"] == {"stage": "", "reason": "", "detail": ""}
    assert all(np.isfinite(margin) and margin >= 0.0 for margin in info["margins"].values())


def test_a_trace_that_touches_nothing_earns_none() -> None:
    environment = made(observation=())
    environment.reset(seed=4)
    _, reward, terminated, _, info = environment.step(np.full((KEYPOINTS, 3), 0.4, np.float32))
    assert (reward, terminated) == (0.0, True)
    assert info["failure"]["stage"] == "grasp"
    assert info["failure"]["reason"] == "no_object"


@pytest.mark.parametrize(
    ("keypoints", "reason"),
    [
        (np.zeros((0, 3)), "no_points"),
        (np.full((KEYPOINTS, 3), np.nan), "no_points"),
        (np.array([[0.0, 0.0, 0.1], [np.nan, 0.0, 0.1], [0.1, 0.0, 0.1]]), "not_finite"),
    ],
)
def test_an_array_that_says_nothing_is_an_answer_that_says_nothing(keypoints: FloatArray, reason: str) -> None:
    environment = made(observation=())
    environment.reset(seed=4)
    _, reward, terminated, _, info = environment.step(keypoints.astype(np.float32))
    assert (reward, terminated) == (0.0, True)
    assert (info["failure"]["stage"], info["failure"]["reason"]) == ("answer", reason)


def test_an_array_of_another_shape_is_refused() -> None:
    environment = made(observation=())
    environment.reset(seed=4)
    with pytest.raises(ConfigurationError, match="shape"):
        environment.step(np.zeros((KEYPOINTS, 2), np.float32))


def test_reset_is_seeded_by_its_argument_alone() -> None:
    first, second = made(observation=()), made(observation=())
    for seed in (1, 2):
        assert first.reset(seed=seed)[1] == second.reset(seed=seed)[1]
    assert first.reset()[1]["seed"] == second.reset()[1]["seed"]


@pytest.mark.parametrize(
    "arguments",
    [
        {"control": "psychic"},
        {"observation": ("smell",)},
        {"observation": "rgb"},
        {"observation": None},
        {"render_mode": "human"},
        {"robot": "pandda"},
        {"variation": "randomised"},
        {"variation": Variation(reference="first")},  # type: ignore[arg-type]
        {"variation": Variation(counterfactual="twins")},  # type: ignore[arg-type]
    ],
)
def test_a_wrong_argument_names_the_valid_ones(arguments: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match="Valid"):
        TraceEnv("stack_blocks_two", **arguments).reset(seed=0)


def test_a_step_before_a_reset_is_refused() -> None:
    for environment in (made(observation=()), made(observation=()).unwrapped):
        with pytest.raises(gym.error.ResetNeeded):
            environment.step(NOWHERE)
        with pytest.raises(gym.error.ResetNeeded):
            made(observation=(), render_mode="rgb_array").unwrapped.render()


@pytest.mark.parametrize("first", ["fails", "succeeds", "is no answer", "is interrupted"])
def test_an_episode_takes_one_trace(first: str, monkeypatch: pytest.MonkeyPatch) -> None:
    environment = made(observation=())
    environment.reset(seed=4)
    episode = environment.unwrapped.episode  # type: ignore[attr-defined]
    right = padded(expert(environment))
    if first == "is interrupted":
        with monkeypatch.context() as patch:
            patch.setattr(episode.scene, "step", _interrupt)
            with pytest.raises(KeyboardInterrupt):
                environment.step(right)
    else:
        action = {"fails": NOWHERE, "succeeds": right, "is no answer": NOTHING}[first]
        assert environment.step(action)[2]
    for _ in range(2):
        with pytest.raises(gym.error.ResetNeeded, match=r"verdict stands.*reset\(\)"):
            environment.step(right)
    with pytest.raises(TraceSimError):
        episode.execute(Trace(expert(environment)))
    environment.reset(seed=4)
    assert environment.step(right)[1] == 1.0


def _interrupt() -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize(("action", "reason"), [(NOWHERE, "no_object"), (NOTHING, "no_points")])
def test_a_later_stage_may_fail_before_anything_moves(action: npt.NDArray[np.float32], reason: str) -> None:
    environment = maker(STAGED)()
    environment.reset(seed=4)
    _, _, terminated, _, info = environment.step(padded(expert(environment)))
    assert (terminated, info["failure"]["stage"]) == (False, "")
    _, reward, terminated, _, later = environment.step(action)
    assert (reward, terminated, later["failure"]["reason"]) == (0.0, True, reason)
    assert later["margins"]["hamburger_rests"] == pytest.approx(info["margins"]["hamburger_rests"], abs=1e-4)
    assert later["margins"]["fries_rests"] < 0.0
    with pytest.raises(gym.error.ResetNeeded):
        environment.step(action)


def test_a_wrong_action_is_no_answer() -> None:
    environment = made(observation=())
    environment.reset(seed=4)
    with pytest.raises(ConfigurationError, match="shape"):
        environment.step(np.zeros(3, np.float32))
    wrong: Any
    for wrong in (None, "[(1, 2, 0.5)]", {"trace": []}, [[1, 2, 3], [4, 5]], np.zeros((KEYPOINTS, 3), complex)):
        with pytest.raises(ConfigurationError, match="Valid: an array of numbers"):
            environment.step(wrong)
    with pytest.raises(ConfigurationError, match="options='scene'"):
        environment.reset(seed=4, options="scene")  # type: ignore[arg-type]
    assert environment.step(padded(expert(environment)))[1] == 1.0


def test_a_seed_without_a_scene_is_an_error_and_a_drawn_one_is_drawn_again(rare_tasks: None) -> None:
    environment = TraceEnv("odd_seeds_have_no_scene", observation=(), variation="clean")
    for _ in range(2):
        with pytest.raises(PlacementError, match=r"seed 3: no scene .* was found in 60 tries: 60 times 3 is odd"):
            environment.reset(seed=3)
        with pytest.raises(gym.error.ResetNeeded):
            environment.step(NOWHERE)
    seeds = [environment.reset()[1]["seed"] for _ in range(4)]
    assert len(set(seeds)) == 4
    assert not any(seed % 2 for seed in seeds)
    with pytest.raises(PlacementError, match="3"):
        environment.reset(seed=3)
    assert [environment.reset()[1]["seed"] for _ in range(4)] == seeds


def test_drawing_seeds_ends_where_none_has_a_scene(rare_tasks: None) -> None:
    with pytest.raises(PlacementError, match=r"None of \d+ seeds .* there is no table"):
        TraceEnv("no_scene", observation=()).reset()


def test_a_seed_without_a_scene_may_be_reported(rare_tasks: None) -> None:
    environment = TraceEnv("odd_seeds_have_no_scene", observation=(), variation="clean")
    observation, info = environment.reset(seed=3, options={"scene": "optional"})
    assert environment.observation_space.contains(observation)
    assert (info["seed"], info["success"], info["failure"]["stage"]) == (3, False, "arrangement")
    with pytest.raises(gym.error.ResetNeeded):
        environment.step(NOWHERE)
    assert set(environment.reset(seed=4, options={"scene": "optional"})[1]) == {"instruction", "seed"}
    environment.reset(options={"scene": "none"})
    for _ in range(2):
        observation, reward, terminated, truncated, info = environment.step(NOWHERE)
        assert environment.observation_space.contains(observation)
        assert (reward, terminated, truncated, info) == (0.0, False, False, {})
    with pytest.raises(ConfigurationError, match="Valid"):
        environment.reset(options={"scene": "maybe"})


@pytest.mark.parametrize("seed", [2**63, 2**70])
def test_a_seed_that_vector_environments_cannot_hold_is_refused(seed: int) -> None:
    environment = made(observation=())
    with pytest.raises(ConfigurationError, match="Valid"):
        environment.reset(seed=seed)
    assert environment.reset(seed=np.int64(4))[1]["seed"] == 4  # type: ignore[arg-type]


def test_a_closed_environment_says_so() -> None:
    environment = made(observation=(), render_mode=None).unwrapped
    environment.close()
    environment.close()
    for use in (environment.reset, lambda: environment.step(NOWHERE), environment.render):
        with pytest.raises(gym.error.ClosedEnvironmentError, match="closed"):
            use()


def test_an_application_under_hydra_may_name_a_variation() -> None:
    with initialize_config_module("tracesim.conf", job_name="application", version_base="1.3"):
        before = GlobalHydra.instance().hydra
        assert made(observation=(), variation="clean").unwrapped.configuration.variation.clutter == 0  # type: ignore[attr-defined]
        assert GlobalHydra.instance().hydra is before
