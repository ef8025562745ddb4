"""Directions in which instructions speak: the camera's, on the table."""

from __future__ import annotations

from typing import Final

import numpy as np

from tracesim.errors import unknown_name
from tracesim.geometry.camera import Camera
from tracesim.geometry.rigid import FloatArray

DIRECTIONS: Final = ("left", "right", "away", "towards")
"""To the picture's left and right, away from the camera and towards it."""

RELATIONS: Final = {"left": "to the left of", "right": "to the right of", "away": "behind", "towards": "in front of"}
"""A direction as an instruction names it that speaks of something else."""

MOTIONS: Final = {
    "left": "to the left",
    "right": "to the right",
    "away": "away from you",
    "towards": "towards you",
}
"""A direction as an instruction names it that speaks of the thing itself."""

OPPOSITE: Final = {"left": "right", "right": "left", "away": "towards", "towards": "away"}


def direction(camera: Camera, word: str) -> FloatArray:
    """Return a direction's unit vector (3,), world, horizontal; raises `ConfigurationError` for another word."""
    if word not in DIRECTIONS:
        raise unknown_name("direction", word, DIRECTIONS)
    axis = camera.camera_in_world[:3, 0 if word in ("left", "right") else 2].copy()
    axis[2] = 0.0
    sign = 1.0 if word in ("right", "away") else -1.0
    return np.asarray(sign * axis / np.linalg.norm(axis))
