"""Where a body has to stand for a gap of a given width between it and another."""

from __future__ import annotations

from typing import Final

import numpy as np

from tracesim.geometry.clearance import bodies_distance
from tracesim.geometry.rigid import FloatArray
from tracesim.layout.layout import Body

TRIES: Final = 6
"""Each corrects what the last one missed: the gap grows as the way does, all but for its direction."""

FAR_M: Final = 2.0
"""Farther apart no two things on the table are."""


def apart(body: Body, other: Body, gap_m: float) -> FloatArray:
    """Return where a body's origin stands, (3,), world, so that a gap of `gap_m` is left, hull to hull.

    The body comes straight to the other, or goes straight away from it, along the table and without turning.
    """
    way = (body.body_in_world - other.body_in_world)[:3, 3] * (1.0, 1.0, 0.0)
    pose, missing_m = body.body_in_world.copy(), 0.0
    for _ in range(TRIES):
        pose[:3, 3] += missing_m * way / np.linalg.norm(way)
        missing_m = gap_m - bodies_distance(body.shape, pose, other.shape, other.body_in_world, FAR_M)
    return np.asarray(pose[:3, 3])
