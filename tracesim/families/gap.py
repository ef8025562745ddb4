"""The position of a body that leaves a gap of a given width to another body."""

from __future__ import annotations

from typing import Final

import numpy as np

from tracesim.geometry.clearance import bodies_distance
from tracesim.geometry.rigid import FloatArray
from tracesim.layout.layout import Body

TRIES: Final = 6
"""Number of corrections; each moves the body by what is missing from the gap, which converges quickly."""

FAR_M: Final = 2.0
"""A distance that no two bodies on the table exceed."""


def apart(body: Body, other: Body, gap_m: float) -> FloatArray:
    """Return the position of a body's origin, (3,), metres, world, that leaves a gap to another body.

    The body is moved along the table, straight towards the other or away from it, without being turned.

    Args:
        body: The body to move.
        other: The other body.
        gap_m: Width of the gap, hull to hull.
    """
    way = (body.body_in_world - other.body_in_world)[:3, 3] * (1.0, 1.0, 0.0)
    pose, missing_m = body.body_in_world.copy(), 0.0
    for _ in range(TRIES):
        pose[:3, 3] += missing_m * way / np.linalg.norm(way)
        missing_m = gap_m - bodies_distance(body.shape, pose, other.shape, other.body_in_world, FAR_M)
    return np.asarray(pose[:3, 3])
