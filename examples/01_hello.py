"""Play one episode of the expert, and print the margin of every constraint.

No renderer is needed: the observation holds no pictures.
"""

import gymnasium as gym
import numpy as np

import tracesim  # noqa: F401 - registers the environments


def as_action(keypoints: np.ndarray) -> np.ndarray:
    """Pad keypoints (N, 3), metres in the world, to an action (64, 3) by repeating the last one."""
    return np.pad(keypoints, ((0, 64 - len(keypoints)), (0, 0)), mode="edge").astype(np.float32)


env = gym.make("TraceSim-PlaceEmptyCup-v1", variation="clean", observation=())
observation, info = env.reset(seed=0)
print(info["instruction"])

trace = env.unwrapped.episode.task.expert()  # privileged: a model answers from the picture
observation, reward, terminated, truncated, info = env.step(as_action(trace.keypoints))

print("success" if info["success"] else info["failure"])
for name, margin in info["margins"].items():
    print(f"{name:12} executed {margin:+.4f}   predicted {info['predicted_margins'][name]:+.4f}")
env.close()
