"""Directions of instructions: those of the camera, projected onto the table."""

from __future__ import annotations

from typing import Final

import numpy as np

from tracesim.errors import unknown_name
from tracesim.geometry.camera import Camera
from tracesim.geometry.rigid import FloatArray

DIRECTIONS: Final = ("left", "right", "away", "towards")
"""Left and right in the image, away from the camera and towards it."""

RELATIONS: Final = {"left": "to the left of", "right": "to the right of", "away": "behind", "towards": "in front of"}
"""Words for the direction of one thing from another."""

MOTIONS: Final = {
    "left": "to the left",
    "right": "to the right",
    "away": "away from you",
    "towards": "towards you",
}
"""Words for the direction of a motion."""

OPPOSITE: Final = {"left": "right", "right": "left", "away": "towards", "towards": "away"}
"""The opposite of each direction."""


def direction(camera: Camera, word: str) -> FloatArray:
    """Return the unit vector (3,) of a direction, horizontal, in the world.

    Raises:
        ConfigurationError: `word` is not one of `DIRECTIONS`.
    """
    if word not in DIRECTIONS:
        raise unknown_name("direction", word, DIRECTIONS)
    axis = camera.camera_in_world[:3, 0 if word in ("left", "right") else 2].copy()
    axis[2] = 0.0
    sign = 1.0 if word in ("right", "away") else -1.0
    return np.asarray(sign * axis / np.linalg.norm(axis))
