"""Evaluation in a gymnasium vector environment, in which every seed is played and counted exactly once."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import gymnasium as gym
import numpy as np
import numpy.typing as npt
from gymnasium.vector import AsyncVectorEnv, AutoresetMode, VectorEnv

from tracesim.errors import ClosedError, ConfigurationError
from tracesim.failure import Failure
from tracesim.geometry.trace import Trace

Observations = Mapping[str, npt.NDArray[Any]]
"""Observations by name, each array (M, ...) with the M environments along its first axis."""

Infos = Sequence[Mapping[str, Any]]
"""The `info` of each environment."""

Policy = Callable[[Observations, Infos], Sequence[npt.ArrayLike | None]]
"""A policy that `evaluate` asks.

It receives the observations of the M environments that wait for an answer, and their M infos, dicts with `instruction`
and `seed`. It returns M traces, (N, 3) each, metres, world, whose lengths may differ; None, or a trace without
keypoints, stands for an empty answer.
"""

_FINAL: Final = "final_info"


@dataclass(frozen=True)
class EpisodeResult:
    """The result of one seed."""

    seed: int
    """The seed."""

    success: bool
    """Whether the episode succeeded."""

    reward: float
    """Sum of the rewards of all steps."""

    steps: int
    """Number of steps, one for each subtask that was answered."""

    failure: Failure | None
    """Why the episode failed; None after a success, or if a `TimeLimit` truncated the episode."""

    margins: Mapping[str, float]
    """Margins of the executed motion, by constraint; those that do not apply are absent."""

    predicted_margins: Mapping[str, float]
    """Margins of the predicted motion, by constraint; those that do not apply are absent."""

    @property
    def is_judged(self) -> bool:
        """Whether the seed has a scene, so that its result says something about the policy."""
        return self.failure is None or self.failure.stage != "arrangement"


def evaluate(environments: VectorEnv[Any, Any, Any], policy: Policy, seeds: Iterable[int]) -> list[EpisodeResult]:
    """Play every seed once and return the results in the order of `seeds`.

    Every answer of the policy is followed, whatever the autoreset mode. `AutoresetMode.SAME_STEP` takes longer, as it
    arranges a scene after every episode that is never played. The environments may be wrapped, individually or as a
    whole, and are left open.

    Args:
        environments: Any number of TraceSim environments of one task, for example from `gymnasium.make_vec`.
        policy: Answers all environments that wait for an answer at once; see `Policy`.
        seeds: The seeds, each at most once, such as `range(50)`.

    Raises:
        ConfigurationError: the environments are not TraceSim's, a seed is given twice, or the policy did not return one
            trace for each environment.
        ClosedError: the environments have been closed.
    """
    if not isinstance(seeds, Iterable):
        raise ConfigurationError(f"seeds={seeds!r}. Valid: several seeds, such as range({seeds!r}).")
    seeds = [int(seed) for seed in seeds]
    if len(set(seeds)) < len(seeds):
        raise ConfigurationError("A seed is given twice. Valid: each seed at most once, such as range(50).")
    _check(environments)
    return _Evaluation(environments, policy, seeds).results()


class _Evaluation:
    def __init__(self, environments: VectorEnv[Any, Any, Any], policy: Policy, seeds: Sequence[int]) -> None:
        self._environments = environments
        self._policy = policy
        self._seeds = seeds
        self._waiting = deque(seeds)
        self._done: dict[int, EpisodeResult] = {}
        # for each environment, the info of the subtask to be answered, None if it is idle
        self._infos: list[dict[str, Any] | None] = [None] * environments.num_envs
        self._rewards = np.zeros(environments.num_envs)
        self._steps = np.zeros(environments.num_envs, int)
        self._observations: Observations = {}

    def results(self) -> list[EpisodeResult]:
        # The first reset must be of all environments; it needs no scene.
        self._observations, _ = self._environments.reset(options={"scene": "none"})
        self._begin(range(self._environments.num_envs))
        while any(info is not None for info in self._infos):
            self._begin(self._step())
        return [self._done[seed] for seed in self._seeds]

    def _begin(self, free: Iterable[int]) -> None:
        """Assign the next seeds to environments that are free; those that get none become idle."""
        free = list(free)
        while free and self._waiting:
            given = {index: self._waiting.popleft() for index in free[: len(self._waiting)]}
            infos = self._reset(given, "optional")
            unplaced = []
            for index, seed in given.items():
                info = _info_of(infos, index)
                if "failure" in info:
                    self._done[seed] = _result(seed, info, reward=0.0, steps=0)
                    unplaced.append(index)
                else:
                    self._infos[index], self._rewards[index], self._steps[index] = info, 0.0, 0
            free = [*unplaced, *free[len(given) :]]
        if free:
            self._reset(dict.fromkeys(free), "none")
            for index in free:
                self._infos[index] = None

    def _reset(self, seeds: Mapping[int, int | None], scene: str) -> Any:
        count = self._environments.num_envs
        mask = np.array([index in seeds for index in range(count)])
        given: Any = [seeds.get(index) for index in range(count)]  # the base class declares a single seed only
        options = {"reset_mask": mask, "scene": scene}
        self._observations, infos = self._environments.reset(seed=given, options=options)
        return infos

    def _step(self) -> list[int]:
        """Ask the policy, follow its answers, and return the environments whose episodes are over."""
        asked = {index: info for index, info in enumerate(self._infos) if info is not None}
        indices = list(asked)
        observations = {name: values[indices] for name, values in self._observations.items()}
        answered = self._policy(observations, list(asked.values()))
        if not isinstance(answered, Iterable):
            raise ConfigurationError(f"The policy returned {answered!r}. Valid: a list of one trace per environment.")
        traces = list(answered)
        if len(traces) != len(indices):
            raise ConfigurationError(f"The policy returned {len(traces)} traces for {len(indices)} environments.")
        space = self._environments.single_action_space
        actions = np.zeros((self._environments.num_envs, *(space.shape or ())), np.float32)
        for index, trace in zip(indices, traces, strict=True):
            actions[index] = _action(trace, actions.shape[1])
        self._observations, rewards, terminated, truncated, infos = self._environments.step(actions)
        over = []
        for index, info in asked.items():
            self._rewards[index] += rewards[index]
            self._steps[index] += 1
            ended = terminated[index] or truncated[index]
            current = _info_of(infos, index)
            current = current.get(_FINAL, current)
            if current.get("seed") != info["seed"] or "success" not in current:
                raise ConfigurationError("The environments were reset by other code while they were evaluated.")
            if ended:
                over.append(index)
                reward, steps = float(self._rewards[index]), int(self._steps[index])
                self._done[info["seed"]] = _result(info["seed"], current, reward, steps)
            else:
                self._infos[index] = current
        return over


def _check(environments: VectorEnv[Any, Any, Any]) -> None:
    if not isinstance(environments, VectorEnv):
        raise ConfigurationError(
            f"{type(environments).__name__} is not a vector environment. Valid: one from gymnasium.make_vec(), or "
            "SyncVectorEnv([lambda: environment])."
        )
    space, base = environments.single_action_space, environments.unwrapped
    if not isinstance(space, gym.spaces.Box) or len(space.shape) != 2 or space.shape[1] != 3:
        raise ConfigurationError(f"The action space of these environments is {space}. Valid: TraceSim environments.")
    if environments.closed:
        raise ClosedError("The vector environment has been closed. Create a new one.")
    if (
        isinstance(base, AsyncVectorEnv)
        and not base.shared_memory
        and base.autoreset_mode is not AutoresetMode.SAME_STEP
    ):
        # gymnasium's workers then do not record the reset, and discard the next action
        raise ConfigurationError(
            "AsyncVectorEnv(shared_memory=False) discards actions after a reset. Valid: shared_memory=True."
        )


def _action(trace: npt.ArrayLike | None, count: int) -> npt.NDArray[np.float32]:
    """Return a trace (N, 3) as an action (`count`, 3); raises `ConfigurationError` for other shapes."""
    try:
        keypoints = np.asarray([] if trace is None else trace, float)
    except (TypeError, ValueError):
        raise ConfigurationError(
            f"The policy returned {type(trace).__name__}, which is not an array of numbers. Valid: traces (N, 3)."
        ) from None
    if not keypoints.size:
        return np.full((count, 3), np.nan, np.float32)
    if keypoints.ndim != 2 or keypoints.shape[1] != 3:
        raise ConfigurationError(f"The policy returned an array of shape {keypoints.shape}. Valid: traces (N, 3).")
    if len(keypoints) > count and np.isfinite(keypoints).all():
        keypoints = Trace(keypoints).simplified().keypoints
    if len(keypoints) > count:
        raise ConfigurationError(
            f"The policy returned a trace of {len(keypoints)} keypoints, simplified within 1 mm. Valid: up to {count}."
        )
    return np.pad(keypoints, ((0, count - len(keypoints)), (0, 0)), mode="edge").astype(np.float32)


def _result(seed: int, info: Mapping[str, Any], reward: float, steps: int) -> EpisodeResult:
    failure = info["failure"]
    return EpisodeResult(
        seed=seed,
        success=info["success"],
        reward=reward,
        steps=steps,
        failure=Failure(**failure) if failure["stage"] else None,
        margins=info["margins"],
        predicted_margins=info["predicted_margins"],
    )


def _info_of(infos: Any, index: int) -> dict[str, Any]:
    """Return one environment's info from those of a vector environment, merged by key or, by some wrappers, listed."""
    if not isinstance(infos, Mapping):
        return {name: _plain(value) for name, value in infos[index].items()}
    found = {}
    for name, value in infos.items():
        mask = infos.get(f"_{name}")
        if mask is not None and mask[index]:
            found[name] = _info_of(value, index) if isinstance(value, Mapping) else _plain(value[index])
    return found


def _plain(value: Any) -> Any:
    """Return a value as the environment gave it, without the NumPy scalars into which gymnasium turns numbers."""
    if isinstance(value, Mapping):
        return {name: _plain(inner) for name, inner in value.items()}
    return value.item() if isinstance(value, np.generic) else value
