"""Helpers for tests of vector environments, importable by the worker processes of `AsyncVectorEnv`."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Sequence
from typing import Any

import gymnasium as gym
import numpy as np
import numpy.typing as npt

from tests.rare import RARE
from tracesim.env import TraceEnv
from tracesim.envs import TASKS
from tracesim.episode.followed_trace import KEYPOINTS
from tracesim.geometry.rigid import FloatArray

MOTIONS = {
    "carry": "StackBlocksTwo",
    "hold": "HoverAboveBowl",
    "pull": "PullObject",
    "push": "PushObject",
    "press": "ClickBell",
}
"""A task of each motion."""

STAGED = "PlaceBurgerFries"
"""A task of two subtasks."""

Make = Callable[[], gym.Env[Any, Any]]


def maker(task: str, **arguments: Any) -> Make:
    """Return a factory for a task's environment without images that also works in a process without tracesim."""
    arguments = {"observation": (), "variation": "clean", **arguments}
    return lambda: gym.make(f"tracesim:TraceSim-{task}-v1", **arguments)


def padded(keypoints: FloatArray) -> npt.NDArray[np.float32]:
    result = np.repeat(keypoints[-1:], KEYPOINTS, axis=0).astype(np.float32)
    result[: len(keypoints)] = keypoints
    return result


def expert(environment: gym.Env[Any, Any]) -> FloatArray:
    keypoints: FloatArray = environment.unwrapped.episode.task.expert().keypoints  # type: ignore[attr-defined]
    return keypoints


def expert_of(environments: Sequence[gym.Env[Any, Any]], seed: int) -> FloatArray:
    """Return the expert's trace in the environment whose scene has this seed."""
    [playing] = [one for one in environments if one.unwrapped.episode and one.unwrapped.episode.seed == seed]  # type: ignore[attr-defined]
    return expert(playing)


def rare() -> TraceEnv:
    """Return an environment whose odd seeds have no scene, and add its task to the table of the process."""
    if multiprocessing.parent_process() is not None:
        TASKS.table.update(RARE)
    return TraceEnv("odd_seeds_have_no_scene", observation=(), variation="clean")
