"""Obstacles in the way of a straight line, and detours around them."""

from __future__ import annotations

from typing import Final

import numpy as np

from tracesim.errors import PlacementError
from tracesim.geometry.rigid import FloatArray
from tracesim.layout.layout import WORKSPACE, Body, Layout, standing
from tracesim.layout.prop import Prop

OBSTACLES: Final = ("book", "carton")
"""Kinds of props that are tall and broad: a trace has to pass over or around them."""

LEAST_M: Final = 0.26
"""Least distance between start and goal that leaves room for an obstacle."""

SHARES: Final = (0.4, 0.6)
"""Between which shares of the way from start to goal an obstacle stands."""

ASKEW: Final = 0.25
"""Greatest angle between an obstacle's broad side and the perpendicular to the way, radians."""

APART_M: Final = 0.035
"""Least distance of an obstacle from every other body."""


def stand_between(
    layout: Layout, name: str, prop: Prop, start: FloatArray, goal: FloatArray, rng: np.random.Generator
) -> Body:
    """Place an obstacle about halfway between two points, its broad side across the way.

    Args:
        layout: The layout that the obstacle is added to.
        name: Name of the obstacle.
        prop: The obstacle.
        start: Where the way begins, (3,), metres, world.
        goal: Where the way ends, (3,), metres, world.
        rng: Draws the obstacle's pose.

    Raises:
        PlacementError: there is no room for the obstacle.
    """
    way = goal - start
    x, y, _ = start + rng.uniform(*SHARES) * way
    heading = np.arctan2(way[1], way[0]) + rng.uniform(-ASKEW, ASKEW)
    pose = standing(float(x), float(y), float(heading))
    if not layout.fits(prop, pose, APART_M):
        raise PlacementError(f"{name} has no room between start and goal.")
    return layout.add(name, prop, pose)


def around(start: FloatArray, goal: FloatArray, middle: FloatArray, radius_m: float) -> FloatArray:
    """Return the two corners (2, 3) of a detour around an obstacle, on the side nearer to the middle of the workspace.

    Args:
        start: Where the way begins, (3,), metres, world.
        goal: Where the way ends, (3,), metres, world.
        middle: Centre of the obstacle, (3,), metres, world.
        radius_m: Distance that the detour keeps from the centre.

    Raises:
        PlacementError: the start or the goal lies within `radius_m` of the centre, measured along the way.
    """
    along = (goal - start)[:2] / np.linalg.norm((goal - start)[:2])
    if min((middle - start)[:2] @ along, (goal - middle)[:2] @ along) < radius_m:
        raise PlacementError("There is no room for a path around the obstacle between start and goal.")
    across = np.array([-along[1], along[0]])
    centre = np.array([np.mean(WORKSPACE.x), np.mean(WORKSPACE.y)])
    side = across if (centre - middle[:2]) @ across >= 0.0 else -across
    turns = middle[:2] + radius_m * np.array([side - along, side + along])
    return np.column_stack([turns, np.full(2, middle[2])])
