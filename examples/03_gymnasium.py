"""From a model's text to an action: read an answer, lift it, follow it, and save the pictures before and after.

The answer is the expert's, format_trace as a model would write it.
"""

import gymnasium as gym
import numpy as np
from PIL import Image

import tracesim  # noqa: F401 - registers the environments
from tracesim.answers import format_trace, read
from tracesim.geometry.camera import Camera
from tracesim.lifting import lift

env = gym.make("TraceSim-ClickBell-v1", render_mode="rgb_array")
observation, info = env.reset(seed=0)
Image.fromarray(observation["rgb"]).save("seen.png")

height, width = observation["depth"].shape
camera = Camera(width, height, observation["intrinsics"], observation["camera_in_world"])
text = format_trace(camera.see(env.unwrapped.episode.task.expert()))  # replace by your model's answer
print(info["instruction"], "->", text)

answer = read(text, size=(width, height))
trace = lift(answer.trace, camera, observation["depth"], contact_depth="predicted")
action = np.pad(trace.keypoints, ((0, 64 - len(trace.keypoints)), (0, 0)), mode="edge").astype(np.float32)
observation, reward, terminated, truncated, info = env.step(action)
print("reward", reward, info["failure"])
Image.fromarray(env.render()).save("after.png")
env.close()
