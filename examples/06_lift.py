"""Read a model's answer, lift it into the world, and see what becomes of an answer that cannot be used.

No simulation: a camera and a depth image are all that lifting needs.
"""

import numpy as np

from tracesim.answers import REASONS, read
from tracesim.geometry.camera import Camera
from tracesim.lifting import lift

camera = Camera.looking_at(eye=(-0.7, 0.0, 0.7), target=(0.0, 0.0, 0.0))
rows, columns = np.mgrid[0:480, 0:640] + 0.5
eye = camera.camera_in_world[:3, 3]
rays = camera.lift(np.column_stack([columns.ravel(), rows.ravel(), np.ones(columns.size)])) - eye
depth = (-eye[2] / rays[:, 2]).reshape(480, 640).astype(np.float32)  # an empty table at z = 0

for text in (
    "```json\n[[500, 500, 0.99], [500, 300, 1.0], [600, 500, 0.99]]\n```",
    '[{"point_2d": [500, 500], "depth_cm": 99}, {"point_2d": [600, 500], "depth_cm": 99}]',
    "First grasp it at (500, 500, 0.99), then move it to (600, 500, 0.99).",
    "[(500, 500, 0.99), (500, 300, 1.",
):
    answer = read(text, size=(camera.width, camera.height))
    if answer.trace is None:
        print(f"{answer.reason}: {REASONS[answer.reason]}")
        continue
    lifted = lift(answer.trace, camera, depth, contact_depth="measured")
    print("keypoints in the world, metres:", np.round(lifted.keypoints, 3).tolist())
