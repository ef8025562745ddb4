"""The gymnasium environment."""

from __future__ import annotations

import warnings
from typing import Any

import gymnasium as gym
import numpy as np
import numpy.typing as npt
import pytest
from gymnasium.utils.env_checker import check_env

import tracesim
from tracesim.configuration import Variation
from tracesim.env import TraceEnv
from tracesim.envs import TASKS
from tracesim.errors import ConfigurationError
from tracesim.rigid import FloatArray
from tracesim.trial import KEYPOINTS


def padded(keypoints: FloatArray) -> npt.NDArray[np.float32]:
    result = np.repeat(keypoints[-1:], KEYPOINTS, axis=0).astype(np.float32)
    result[: len(keypoints)] = keypoints
    return result


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
    action = padded(environment.unwrapped.trial.task.expert().keypoints)  # type: ignore[attr-defined]
    assert environment.action_space.contains(action)
    _, reward, terminated, truncated, info = environment.step(action)
    assert (reward, terminated, truncated) == (1.0, True, False)
    assert info["success"] is True
    assert info["is_success"] is True
    assert info["failure"] is None
    assert all(margin is None or np.isfinite(margin) for margin in info["margins"].values())


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
    with pytest.raises(gym.error.ResetNeeded):
        made(observation=()).step(np.zeros((KEYPOINTS, 3), np.float32))
