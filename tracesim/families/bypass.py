"""Obstacles that stand where a straight line would pass, and the ways around them."""

from __future__ import annotations

from typing import Final

import numpy as np

from tracesim.errors import PlacementError
from tracesim.geometry.rigid import FloatArray
from tracesim.layout.layout import WORKSPACE, Body, Layout, standing
from tracesim.layout.prop import Prop

OBSTACLES: Final = ("book", "carton")
"""Kinds that stand high and broad: a path leads over them or around them, none through."""

LEAST_M: Final = 0.26
"""Between start and goal there has to be so much room for one."""

SHARES: Final = (0.4, 0.6)
"""Where an obstacle stands on the way."""

ASKEW: Final = 0.25
"""By how much an obstacle's broad side is turned from lying across, at most, radians."""

APART_M: Final = 0.035


def stand_between(
    layout: Layout, name: str, prop: Prop, start: FloatArray, goal: FloatArray, rng: np.random.Generator
) -> Body:
    """Stand an obstacle, its broad side across, about halfway between two points (3,), world, that it keeps clear of.

    Raises `PlacementError` where it has no room there.
    """
    way = goal - start
    x, y, _ = start + rng.uniform(*SHARES) * way
    heading = np.arctan2(way[1], way[0]) + rng.uniform(-ASKEW, ASKEW)
    pose = standing(float(x), float(y), float(heading))
    if not layout.fits(prop, pose, APART_M):
        raise PlacementError(f"{name} has no room between start and goal.")
    return layout.add(name, prop, pose)


def around(start: FloatArray, goal: FloatArray, middle: FloatArray, radius_m: float) -> FloatArray:
    """Return where a way from start to goal turns that stays `radius_m` away from a middle, all (3,): points (2, 3).

    It goes by on the side that is nearer to the middle of the workspace. Raises `PlacementError` where start or goal
    lies beside the middle, and not before or behind it.
    """
    along = (goal - start)[:2] / np.linalg.norm((goal - start)[:2])
    if min((middle - start)[:2] @ along, (goal - middle)[:2] @ along) < radius_m:
        raise PlacementError("There is no room between start and goal for a way around what lies there.")
    across = np.array([-along[1], along[0]])
    centre = np.array([np.mean(WORKSPACE.x), np.mean(WORKSPACE.y)])
    side = across if (centre - middle[:2]) @ across >= 0.0 else -across
    turns = middle[:2] + radius_m * np.array([side - along, side + along])
    return np.column_stack([turns, np.full(2, middle[2])])
