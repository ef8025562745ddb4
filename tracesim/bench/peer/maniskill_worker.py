"""ManiSkill's side of the comparison, which runs in ManiSkill's own Python environment.

The source of this module is given to that interpreter, with a call of `main`; it imports nothing of TraceSim. For each
line that it reads it does one work, and answers with a line of JSON.
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import sys
import time
from collections.abc import Callable
from typing import Any

PACKAGES = ("mani_skill", "sapien", "mplib", "torch", "numpy")
SIZE = {"width": 640, "height": 480}


def planned() -> Callable[[int], dict[str, float]]:
    """Return a function that plays a motion-planned episode of a seed, without images."""
    import gymnasium as gym
    import mani_skill.envs  # noqa: F401
    from mani_skill.examples.motionplanning.panda.solutions import solveStackCube

    env: Any = gym.make(
        "StackCube-v1", obs_mode="none", control_mode="pd_joint_pos", sim_backend="physx_cpu", render_backend="none"
    )

    def play(seed: int) -> dict[str, float]:
        started = time.process_time()
        solved = solveStackCube(env, seed=seed)
        spent_s = time.process_time() - started
        simulated_s = float(env.unwrapped.elapsed_steps[0]) / env.unwrapped.control_freq
        success = solved != -1 and bool(solved[-1]["success"][0])
        return {"cpu_s": spent_s, "simulated_s": simulated_s, "success": float(success)}

    return play


def rendered(robot: str) -> Callable[[int], dict[str, float]]:
    """Return a function that takes one step with RGB-D images.

    Args:
        robot: "panda" has one camera in this environment, "panda_wristcam", its default, two.
    """
    env = _rendering(robot)
    standing = env.action_space.sample() * 0.0

    def step(_: int) -> dict[str, float]:
        started = time.process_time()
        observation = env.step(standing)[0]
        images = observation["sensor_data"].values()
        for image in images:
            image["rgb"].numpy(), image["depth"].numpy()
        return {
            "cpu_s": time.process_time() - started,
            "simulated_s": 1.0 / env.unwrapped.control_freq,
            "images": float(len(images)),
        }

    return step


def first_picture(_: int = 0) -> dict[str, float]:
    """Make the environment and reset it, and return the CPU time that this process has taken so far."""
    _rendering("panda_wristcam")
    return {"cpu_s": time.process_time()}


def _rendering(robot: str) -> Any:
    """Return the environment with RGB-D images, reset."""
    import gymnasium as gym
    import mani_skill.envs  # noqa: F401

    env = gym.make(
        "StackCube-v1",
        obs_mode="rgbd",
        control_mode="pd_joint_delta_pos",
        robot_uids=robot,
        sim_backend="physx_cpu",
        render_backend="cpu",
        sensor_configs=SIZE,
    )
    observation = env.reset(seed=0)[0]
    for image in observation["sensor_data"].values():
        image["rgb"].numpy()
    return env


def versions(_: int = 0) -> dict[str, str]:
    """Return the versions of packages in this environment."""
    return {package: importlib.metadata.version(package) for package in PACKAGES}


def main() -> None:
    """Answer each line, "WORK NUMBER", until there is none; other output goes to stderr."""
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    makers: dict[str, Callable[[], Callable[[int], Any]]] = {
        "versions": lambda: versions,
        "first_picture": lambda: first_picture,
        "planned": planned,
        "one_camera": lambda: rendered("panda"),
        "two_cameras": lambda: rendered("panda_wristcam"),
    }
    made: dict[str, Callable[[int], Any]] = {}
    for line in sys.stdin:
        work, number = line.split()
        if work not in made:
            made[work] = makers[work]()
        answers.write(json.dumps(made[work](int(number))) + "\n")
