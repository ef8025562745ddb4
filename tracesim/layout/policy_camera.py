"""The camera whose pictures policies are shown."""

from __future__ import annotations

import numpy as np

from tracesim.geometry.camera import Camera

POLICY_EYE = (-0.72, 0.0, 0.78)
POLICY_TARGET = (0.0, 0.0, 0.06)
"""The policy camera: about a metre from the table's centre, on the robot's side, pitched by 45 degrees."""

POLICY_FOVY = np.pi / 4


def policy_camera(
    pose_rng: np.random.Generator | None = None, lens_rng: np.random.Generator | None = None, raised_m: float = 0.0
) -> Camera:
    """Return the policy camera.

    With `pose_rng` its place varies by up to 3 cm and its target by up to 2 cm on each axis, with `lens_rng` its field
    of view by up to 8 %. raised_m: by how much the table is higher than usual; the camera is not.
    """
    eye, target = np.array(POLICY_EYE), np.array(POLICY_TARGET)
    if pose_rng is not None:
        eye += pose_rng.uniform(-0.03, 0.03, 3)
        target += pose_rng.uniform(-0.02, 0.02, 3)
    fovy = POLICY_FOVY if lens_rng is None else POLICY_FOVY * lens_rng.uniform(0.92, 1.08)
    lowered = np.array([0.0, 0.0, raised_m])
    return Camera.looking_at(eye - lowered, target - lowered, fovy)
