"""The policy camera, whose images policies are shown."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tracesim.geometry.camera import Camera

POLICY_EYE = (-0.72, 0.0, 0.78)
"""Position of the policy camera, metres, world: on the robot's side, about a metre from the centre of the table."""

POLICY_TARGET = (0.0, 0.0, 0.06)
"""Point that the policy camera looks at, metres, world; the camera is pitched by 45 degrees."""

POLICY_FOVY = np.pi / 4
"""Vertical field of view of the policy camera, radians."""


def policy_camera(
    eye: npt.ArrayLike = POLICY_EYE,
    target: npt.ArrayLike = POLICY_TARGET,
    fovy_rad: float = POLICY_FOVY,
    raised_m: float = 0.0,
) -> Camera:
    """Return the policy camera.

    Args:
        eye: Position above a table of the default height, (3,), metres, world.
        target: Point that the camera looks at, (3,), metres, world.
        fovy_rad: Vertical field of view, radians.
        raised_m: By how much the table is higher than by default; the camera does not move with it.
    """
    lowered = np.array([0.0, 0.0, raised_m])
    return Camera.looking_at(np.asarray(eye) - lowered, np.asarray(target) - lowered, fovy_rad)
