"""The camera whose pictures policies are shown."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tracesim.geometry.camera import Camera

POLICY_EYE = (-0.72, 0.0, 0.78)
POLICY_TARGET = (0.0, 0.0, 0.06)
"""The policy camera: about a metre from the table's centre, on the robot's side, pitched by 45 degrees."""

POLICY_FOVY = np.pi / 4


def policy_camera(
    eye: npt.ArrayLike = POLICY_EYE,
    target: npt.ArrayLike = POLICY_TARGET,
    fovy_rad: float = POLICY_FOVY,
    raised_m: float = 0.0,
) -> Camera:
    """Return the policy camera.

    Args:
        eye: Position over the usual table, (3,), metres, world frame.
        target: Point that it looks at, (3,), metres, world frame.
        fovy_rad: Vertical field of view.
        raised_m: Height of the table above the usual one; the camera stays where it is in the room.
    """
    lowered = np.array([0.0, 0.0, raised_m])
    return Camera.looking_at(np.asarray(eye) - lowered, np.asarray(target) - lowered, fovy_rad)
