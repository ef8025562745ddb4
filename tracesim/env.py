"""The gymnasium environment, in which one action is one trace and one step follows it to its end."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, Final, Literal, cast

import gymnasium as gym
import numpy as np
import numpy.typing as npt

from tracesim.action import command_of, traces_of
from tracesim.arrangement.feasibility import check_able
from tracesim.assets.robots import embodiment
from tracesim.cli.given_path import digest
from tracesim.cli.levels import level, validate
from tracesim.configuration import EpisodeConfiguration, PolicyChoice, Variation
from tracesim.control.commands import COMMANDS
from tracesim.envs import default_robot, task_class
from tracesim.episode.followed_trace import KEYPOINTS
from tracesim.episode.simulated import SimulatedEpisode
from tracesim.episode.stepped import SteppedEpisode
from tracesim.errors import ClosedError, ConfigurationError, PlacementError, ResetNeededError
from tracesim.failure import Failure
from tracesim.film.film import film_camera
from tracesim.geometry.camera import Camera
from tracesim.imported.folder import imported_props
from tracesim.layout.policy_camera import policy_camera
from tracesim.lifting import WORKSPACE
from tracesim.machine.one_thread import ONE_THREAD
from tracesim.observation import Observation
from tracesim.simulation.renderer import render_system

Pixels = Literal["rgb", "depth"]

CONTROLS: Final = ("trace", *COMMANDS)
"""What an action may be."""

Observed = dict[str, npt.NDArray[Any]]
Stepped = tuple[Observed, float, bool, bool, dict[str, Any]]

PIXELS: Final = frozenset(("rgb", "depth"))
"""Valid elements of the argument `observation`."""

SCENES: Final = ("required", "optional", "none")
"""Valid values of `reset(options={"scene": ...})`; see `TraceEnv.reset`."""

SEEDS_TRIED: Final = 10
"""Number of seeds that a reset without a seed tries before it gives up."""

SEED_LIMIT: Final = 2**63
"""Upper bound of seeds, exclusive: vector environments collect them in arrays of 64-bit integers."""


class TraceEnv(gym.Env[Observed, npt.NDArray[np.float32]]):
    """A TraceSim task as a gymnasium environment.

    The world frame is in metres, with z up, x away from the robot and y to its left; the origin is the centre of the
    table top, which is the plane z = 0. A pose `a_in_b` is a (4, 4) matrix that transforms points from frame a to
    frame b.

    What an action is depends on `control`. With "trace", the default, it is one trace, (64, 3) float32: keypoints in
    the world frame, metres, padded by repeating the last one. An action of NaN stands for an answer without a trace. A
    step follows the trace to its end. The reward is 1 if every constraint holds, else 0. A task of several instructions
    asks them one after the other: each step answers one, and the last step terminates the episode.

    In a task for two arms an action is one trace for each, (2, 64, 3), the left one first. Both arms reach their first
    keypoints at the same time, then their second ones, and so on; these tasks take no other kind of control.

    The other kinds of control send 20 commands a second; the last number of each is the opening of the hand, from 0,
    closed, to 1, fully open. A command is followed for a twentieth of a second:

    - "ee_pose", (8,) float32: where the tool centre point goes, x, y, z in the world frame, metres, and its attitude as
      a quaternion wxyz;
    - "ee_delta", (7,) float32: by how much it goes on from where it was sent last, along x, y, z of the world, metres,
      and as a rotation vector, radians;
    - "joint_position", (J + 1,) float32: the arm's joint angles, radians.

    A pose that the arm cannot reach leaves it where it was sent last. An instruction is over when the hand has touched,
    released and left the object that it is about, or has held it still, where it is to be held; then the same
    constraints judge the whole motion. A contact that is not allowed ends the episode, and after a minute for an
    instruction it is truncated.

    An observation contains

    - `rgb`, (H, W, 3) uint8, sRGB: the image of the policy camera, row 0 at the top;
    - `depth`, (H, W) float32, metres: distance along the camera's z axis, not along the ray, at the same pixels; 0
      where nothing was measured;
    - `intrinsics`, (3, 3) float64, pixels: the pinhole matrix, without distortion. Pixel (i, j) covers [i, i + 1) x
      [j, j + 1), so that its centre is at (i + 0.5, j + 0.5);
    - `camera_in_world`, (4, 4) float64, metres: the camera's pose with OpenCV axes, x right, y down, z forward;
    - `qpos`, (D,) float64: the arm's joint angles from base to wrist, radians, then the positions of the hand's joints,
      metres or radians, and so on for each further arm. The position of a parallel gripper's joint is the travel of a
      finger from closed. D is 9 for the Panda, 8 for the UR5, 18 for two Pandas
      and 30 for the G1, whose arms share the joints of the waist;
    - `tcp_in_world`, (4, 4) float64, metres: the tool centre point, between the fingers; z points out of the hand, y
      is the direction in which the fingers open and close; (A, 4, 4) for a robot with A > 1 arms.

    `rgb` and `depth` are absent unless `observation` names them.

    `info` contains `instruction` (str) and `seed` (int), and after a step also

    - `success` and `is_success` (bool): the same value, under the two names that libraries expect;
    - `failure`: a dict of the strings `stage`, `reason` and `detail`, all of them empty as long as nothing has failed;
    - `margins` and `predicted_margins`: dicts of floats by constraint, 0 or more if it holds, in the unit of the
      constraint: metres, radians, seconds or metres per second; constraints that do not apply are absent. The former
      are those of the executed motion, the latter those of the trace if it were followed exactly.

    No value is ever None and each key has one type, so that vector environments can merge infos by key. There the mask
    `_NAME` beside an array `NAME` tells which environments have a value; where it is False, gymnasium fills in 0, which
    is not a margin.

    Environments may be used from several threads, which take turns, and from several processes, which run in parallel;
    start processes with the "spawn" method once one has rendered.

    Attributes:
        configuration: What determines the episodes, except their seeds.
        episode: The simulated episode after a reset, which is privileged; None if there is no scene.
    """

    metadata = {"render_modes": ["rgb_array"], "render_fps": 20}  # noqa: RUF012 - as gymnasium declares it

    @ONE_THREAD
    def __init__(
        self,
        task: str,
        robot: str | None = None,
        control: Literal["trace", "ee_pose", "ee_delta", "joint_position"] = "trace",
        observation: tuple[Pixels, ...] = ("rgb", "depth"),
        variation: Variation | str | None = None,
        render_mode: str | None = None,
        props: str | os.PathLike[str] | None = None,
    ) -> None:
        """Create the environment.

        Args:
            task: Name of the task, such as "water_flowers".
            robot: Name of the robot; None for the Panda, or for two of them if the task is one for two arms.
            control: What an action is: "trace", "ee_pose", "ee_delta" or "joint_position".
            observation: The images to observe, "rgb" and "depth"; with `()`, no renderer is needed.
            variation: What varies between seeds: a `Variation`, or the name of one, such as "randomized".
            render_mode: "rgb_array" for `render`, None for no renderer.
            props: Folder of objects that small objects and distractors are drawn from; None for TraceSim's own.

        Raises:
            ConfigurationError: an argument is wrong.
        """
        if control not in CONTROLS:
            raise ConfigurationError(f"control={control!r} is not available. Valid: {', '.join(map(repr, CONTROLS))}.")
        if not isinstance(observation, Collection) or isinstance(observation, str) or set(observation) - PIXELS:
            raise ConfigurationError(f"observation={observation!r}. Valid: a tuple of 'rgb' and 'depth', or ().")
        if render_mode not in (None, "rgb_array"):
            raise ConfigurationError(f"render_mode={render_mode!r} is not available. Valid: 'rgb_array', None.")
        robot = default_robot(task) if robot is None else robot
        check_able(task, robot)
        if control != "trace" and len(arms := embodiment(robot).arms) > 1:
            raise ConfigurationError(
                f"control={control!r} moves one arm, and robot={robot!r} has {len(arms)}. Valid: control='trace'."
            )
        self.render_mode = render_mode
        folder = None if props is None else Path(props).expanduser().absolute()
        self.configuration = EpisodeConfiguration(
            task,
            PolicyChoice("external"),
            robot,
            _checked(variation),
            props=None if folder is None else str(folder),
            props_hash=None if folder is None else digest(folder),
        )
        imported_props(self.configuration.props, self.configuration.props_hash)
        self._pixels: tuple[Pixels, ...] = tuple(name for name in ("rgb", "depth") if name in observation)
        self.episode: SimulatedEpisode | None = None
        self._state: Literal["unset", "arranged", "no scene", "idle", "closed"] = "unset"
        self._seed = 0
        camera = policy_camera()
        self._arms = task_class(task).arms
        self.observation_space = cast("gym.Space[Observed]", gym.spaces.Dict(self._spaces(camera)))
        self._control = control
        self.action_space = cast("gym.Space[npt.NDArray[np.float32]]", self._actions())

    def _actions(self) -> gym.spaces.Box:
        if self._control == "trace":
            shape = (*([len(self._arms)] if self._arms else []), KEYPOINTS, 1)
            low, high = (np.tile(corner, shape) for corner in (WORKSPACE.low, WORKSPACE.high))
        else:
            command = COMMANDS[self._control](embodiment(self.configuration.robot))
            low, high = (np.append(ends, hand) for ends, hand in zip(command.bounds, (0.0, 1.0), strict=True))
        return gym.spaces.Box(low.astype(np.float32), high.astype(np.float32), dtype=np.float32)

    def _spaces(self, camera: Camera) -> dict[str, gym.Space[Any]]:
        size = (camera.height, camera.width)
        spaces: dict[str, gym.Space[Any]] = {
            "intrinsics": gym.spaces.Box(0.0, 1e4, (3, 3), np.float64),
            "camera_in_world": gym.spaces.Box(-10.0, 10.0, (4, 4), np.float64),
            "qpos": gym.spaces.Box(-10.0, 10.0, (embodiment(self.configuration.robot).dof,), np.float64),
            "tcp_in_world": gym.spaces.Box(-10.0, 10.0, self._tools_shape(), np.float64),
        }
        if "rgb" in self._pixels:
            spaces["rgb"] = gym.spaces.Box(0, 255, (*size, 3), np.uint8)
        if "depth" in self._pixels:
            spaces["depth"] = gym.spaces.Box(0.0, 100.0, size, np.float32)
        return spaces

    def _tools_shape(self) -> tuple[int, ...]:
        arms = len(embodiment(self.configuration.robot).arms)
        return (4, 4) if arms == 1 else (arms, 4, 4)

    @ONE_THREAD
    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observed, dict[str, Any]]:
        """Arrange the scene of a seed, which is drawn from the environment's own generator if none is given.

        For a few seeds, no scene that can be seen and solved is found. If no seed is given, up to `SEEDS_TRIED` seeds
        are drawn until one has a scene.

        Args:
            seed: Seed of the scene, from 0 to 2**63 - 1.
            options: The option `scene` determines what happens if a seed has no scene. With "required", the default, an
                error is raised. With "optional" it is reported: the observation is all zeros, `info` is as after a step
                that failed in the stage `arrangement`, and the episode is over. With "none" no scene is arranged at
                all, and steps do nothing, with an empty `info`, until the next reset; this is for members of a vector
                environment that have nothing left to do.

        Raises:
            PlacementError: the seed has no scene, or none of `SEEDS_TRIED` drawn seeds has one.
            RendererError: images are observed or rendered, and this process cannot render.
            ClosedError: the environment has been closed.
            ConfigurationError: an argument is wrong.
        """
        self._check_open()
        seed = int(seed) if isinstance(seed, np.integer | bool) else seed
        if isinstance(seed, int) and seed >= SEED_LIMIT:
            raise ConfigurationError(f"seed={seed} is too large. Valid: 0 to 2**63 - 1.")
        if options is not None and not isinstance(options, Mapping):
            raise ConfigurationError(f"options={options!r}. Valid: a dict, such as {{'scene': 'optional'}}, or None.")
        scene = (options or {}).get("scene", "required")
        if scene not in SCENES:
            raise ConfigurationError(f"options['scene']={scene!r}. Valid: {', '.join(map(repr, SCENES))}.")
        super().reset(seed=seed)
        self.episode, self._state = None, "unset"
        if scene == "none":
            self._state = "idle"
            return self._blank(), {}
        try:
            episode = self.episode = self._arranged(seed)
        except PlacementError as error:
            if scene == "required":
                raise
            self._state = "no scene"
            failure = Failure("arrangement", "no_scene", " ".join(str(error).split()))
            return self._blank(), self._info("", success=False, failure=failure)
        self._state = "arranged"
        observation = episode.observe(pixels=bool(self._pixels))
        return self._seen(observation), {"instruction": episode.task.said, "seed": self._seed}

    def _arranged(self, seed: int | None) -> SimulatedEpisode:
        """Return the episode of a seed, or of the first drawn seed that has a scene; raises `PlacementError`."""
        if seed is not None:
            self._seed = seed
            return self._episode(seed)
        for _ in range(SEEDS_TRIED):
            self._seed = int(self.np_random.integers(2**31))
            try:
                return self._episode(self._seed)
            except PlacementError as error:
                problem = str(error)
        raise PlacementError(
            f"None of {SEEDS_TRIED} seeds drawn has a scene; a variation with less clutter may. {problem}"
        )

    def _episode(self, seed: int) -> SimulatedEpisode:
        """Arrange the episode of a seed."""
        if self._control == "trace":
            return SimulatedEpisode(self.configuration, seed, pixels=self._renders)
        return SteppedEpisode(self.configuration, seed, self._control, pixels=self._renders)

    @ONE_THREAD
    def step(self, action: npt.NDArray[np.float32]) -> Stepped:
        """Follow a trace to its end, or a command for a twentieth of a second.

        Args:
            action: The trace or the command, as described for the class.

        Raises:
            ResetNeededError: the environment has not been reset, or the episode is over.
            ClosedError: the environment has been closed.
            RendererError: images are observed or rendered, and this process cannot render.
            ConfigurationError: the action has a wrong shape.
        """
        self._check_open()
        if self._state == "idle":
            return self._blank(), 0.0, False, False, {}
        episode = self.episode
        if episode is None:
            raise ResetNeededError("There is no scene: call reset() before step().")
        if self._renders:
            render_system()
        if isinstance(episode, SteppedEpisode):
            outcome = episode.step(command_of(action, self.action_space.shape or ()))
        else:
            outcome = episode.execute(traces_of(action, self._arms))
        observation = self._seen(episode.observe(pixels=bool(self._pixels)))
        if outcome is None:
            return observation, 0.0, False, False, self._info(episode.task.said, success=False, failure=None)
        info = self._info(
            episode.task.said, outcome.success, outcome.failure, outcome.margins, outcome.predicted_margins
        )
        truncated = isinstance(episode, SteppedEpisode) and episode.truncated and outcome.over
        return observation, float(outcome.success), outcome.over and not truncated, truncated, info

    @ONE_THREAD
    def render(self) -> npt.NDArray[np.uint8] | None:
        """Return a third-person image, (H, W, 3) uint8, or None without `render_mode="rgb_array"`.

        The image is black if the last reset arranged no scene; see the option `scene` of `reset`.

        Raises:
            ResetNeededError: the environment has not been reset.
            ClosedError: the environment has been closed.
        """
        self._check_open()
        if self.render_mode is None:
            return None
        episode = self.episode
        if episode is None:
            if self._state == "unset":
                raise ResetNeededError("There is no scene: call reset() before render().")
            camera = film_camera()
            return np.zeros((camera.height, camera.width, 3), np.uint8)
        return episode.picture()

    def close(self) -> None:
        """Release the scene; any further use except another `close` raises `ClosedError`.

        This may be called from any thread.
        """
        self.episode, self._state = None, "closed"

    @property
    def _renders(self) -> bool:
        return bool(self._pixels) or self.render_mode is not None

    def _check_open(self) -> None:
        if self._state == "closed":
            raise ClosedError("This environment has been closed. Create a new one with gymnasium.make().")

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

    def _blank(self) -> Observed:
        """Return the observation without a scene: all zeros."""
        spaces = cast("gym.spaces.Dict", self.observation_space)
        return {name: np.zeros(space.shape or (), space.dtype) for name, space in spaces.items()}

    def _info(
        self,
        instruction: str,
        success: bool,
        failure: Failure | None,
        margins: Mapping[str, float | None] | None = None,
        predicted_margins: Mapping[str, float | None] | None = None,
    ) -> dict[str, Any]:
        return {
            "instruction": instruction,
            "seed": self._seed,
            "success": success,
            "is_success": success,
            "failure": {
                "stage": failure.stage if failure else "",
                "reason": failure.reason if failure else "",
                "detail": failure.detail if failure else "",
            },
            "margins": _applying(margins or {}),
            "predicted_margins": _applying(predicted_margins or {}),
        }


def _applying(margins: Mapping[str, float | None]) -> dict[str, float]:
    return {name: float(margin) for name, margin in margins.items() if margin is not None}


def _checked(variation: Variation | str | None) -> Variation:
    """Return a variation with only values that the command line accepts; raises `ConfigurationError` otherwise."""
    if variation is None:
        return Variation()
    if isinstance(variation, str):
        return level(variation)
    if not isinstance(variation, Variation):
        raise ConfigurationError(
            f"variation={variation!r}. Valid: a name, or a Variation, such as Variation(materials=True)."
        )
    return validate(variation)
