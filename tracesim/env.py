"""The gymnasium environment: one action is one trace, one step follows it to its end."""

from __future__ import annotations

import dataclasses
from typing import Any, Literal, cast

import gymnasium as gym
import numpy as np
import numpy.typing as npt

from tracesim.camera import Camera
from tracesim.command import parsed, variation_named
from tracesim.configuration import EpisodeConfiguration, PolicyChoice, Variation
from tracesim.errors import ConfigurationError
from tracesim.lifting import WORKSPACE
from tracesim.observation import Observation
from tracesim.policy_camera import policy_camera
from tracesim.trace import Trace
from tracesim.trial import KEYPOINTS, Outcome, Trial

Pixels = Literal["rgb", "depth"]
Observed = dict[str, npt.NDArray[Any]]


class TraceEnv(gym.Env[Observed, npt.NDArray[np.float32]]):
    """A task of TraceSim as `gym.make` gives it.

    An action is one trace, (64, 3) float32, metres in the world, padded by repeating its last keypoint; a step follows
    it to its end. The reward is 1 when every constraint held, else 0. The instruction is in `info["instruction"]`,
    after a step also `success`, `is_success`, `margins`, `predicted_margins` and `failure`. A task of several stages
    asks them one after the other: a step is one, and the last one terminates.
    """

    metadata = {"render_modes": ["rgb_array"], "render_fps": 20}  # noqa: RUF012 - as gymnasium declares it

    def __init__(
        self,
        task: str,
        robot: str = "panda",
        control: str = "trace",
        observation: tuple[Pixels, ...] = ("rgb", "depth"),
        variation: Variation | str | None = None,
        render_mode: str | None = None,
    ) -> None:
        """Make the environment; `observation=()` needs no renderer, `variation` may be a name, such as "randomized".

        `trial`, after a reset, is the privileged state. Raises `ConfigurationError` for a wrong argument.
        """
        if control != "trace":
            raise ConfigurationError(f"control={control!r} is not offered. Valid: 'trace'.")
        if unknown := sorted(set(observation) - {"rgb", "depth"}):
            raise ConfigurationError(f"observation={unknown} is not offered. Valid: 'rgb', 'depth'.")
        if render_mode not in (None, "rgb_array"):
            raise ConfigurationError(f"render_mode={render_mode!r} is not offered. Valid: 'rgb_array', None.")
        self.render_mode = render_mode
        self.configuration = EpisodeConfiguration(task, PolicyChoice("external"), robot, _checked(task, variation))
        self._pixels: tuple[Pixels, ...] = tuple(name for name in ("rgb", "depth") if name in observation)
        self.trial: Trial | None = None
        self._seed = 0
        camera = policy_camera()
        self.observation_space = cast("gym.Space[Observed]", gym.spaces.Dict(self._spaces(camera)))
        low, high = (np.tile(corner, (KEYPOINTS, 1)).astype(np.float32) for corner in (WORKSPACE.low, WORKSPACE.high))
        self.action_space = gym.spaces.Box(low, high, dtype=np.float32)

    def _spaces(self, camera: Camera) -> dict[str, gym.Space[Any]]:
        size = (camera.height, camera.width)
        spaces: dict[str, gym.Space[Any]] = {
            "intrinsics": gym.spaces.Box(0.0, 1e4, (3, 3), np.float64),
            "camera_in_world": gym.spaces.Box(-10.0, 10.0, (4, 4), np.float64),
            "qpos": gym.spaces.Box(-10.0, 10.0, (9,), np.float64),
            "tcp_in_world": gym.spaces.Box(-10.0, 10.0, (4, 4), np.float64),
        }
        if "rgb" in self._pixels:
            spaces["rgb"] = gym.spaces.Box(0, 255, (*size, 3), np.uint8)
        if "depth" in self._pixels:
            spaces["depth"] = gym.spaces.Box(0.0, 100.0, size, np.float32)
        return spaces

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observed, dict[str, Any]]:
        """Arrange the scene of a seed; without one, of a seed drawn from the environment's own generator."""
        super().reset(seed=seed)
        self._seed = int(self.np_random.integers(2**31)) if seed is None else seed
        drawn = bool(self._pixels) or self.render_mode is not None
        self.trial = Trial(self.configuration, self._seed, pixels=drawn)
        observation = self.trial.observe(pixels=bool(self._pixels))
        return self._seen(observation), {"instruction": self.trial.task.said, "seed": self._seed}

    def step(self, action: npt.NDArray[np.float32]) -> tuple[Observed, float, bool, bool, dict[str, Any]]:
        """Follow a trace to its end; raises `ConfigurationError` for an array that is not (N, 3)."""
        if self.trial is None:
            raise ConfigurationError("step() before reset(): there is no scene yet.")
        keypoints = np.asarray(action, float)
        if keypoints.ndim != 2 or keypoints.shape[1] != 3:
            raise ConfigurationError(f"An action of shape {keypoints.shape} is no trace. Valid: ({KEYPOINTS}, 3).")
        outcome = self.trial.execute(Trace(keypoints))
        observation = self._seen(self.trial.observe(pixels=bool(self._pixels)))
        return observation, float(outcome.success), outcome.over, False, self._info(outcome)

    def render(self) -> npt.NDArray[np.uint8] | None:
        """Return a third-person picture, (H, W, 3) uint8, when made with `render_mode="rgb_array"`."""
        if self.render_mode is None or self.trial is None:
            return None
        return self.trial.picture()

    def close(self) -> None:
        """Let the scene go."""
        self.trial = None

    def _seen(self, observation: Observation) -> Observed:
        result: Observed = {
            "intrinsics": observation.camera.intrinsics.copy(),
            "camera_in_world": observation.camera.camera_in_world.copy(),
            "qpos": observation.qpos,
            "tcp_in_world": observation.tcp_in_world,
        }
        for name in self._pixels:
            picture = getattr(observation, name)
            result[name] = picture
        return result

    def _info(self, outcome: Outcome) -> dict[str, Any]:
        assert self.trial is not None
        failure = outcome.failure
        return {
            "instruction": self.trial.task.said,
            "seed": self._seed,
            "success": outcome.success,
            "is_success": outcome.success,
            "margins": dict(outcome.margins),
            "predicted_margins": dict(outcome.predicted_margins),
            "failure": None
            if failure is None
            else {"stage": failure.stage, "reason": failure.reason, "detail": failure.detail},
        }


def _checked(task: str, variation: Variation | str | None) -> Variation:
    """Return a variation that holds what the command line takes; raises `ConfigurationError` for anything else."""
    if variation is None:
        return Variation()
    if isinstance(variation, str):
        return variation_named(variation)
    if not isinstance(variation, Variation):
        raise ConfigurationError(
            f"variation={variation!r}. Valid: a name, or a Variation, such as Variation(materials=True)."
        )
    return parsed({"task": task, "variation": dataclasses.asdict(variation)}).variation
