"""Grasps of a parallel gripper from above: across a body or over a wall, upright first, then tilted."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from tracesim.geometry.rigid import rotation_about, transform
from tracesim.layout.prop import Grasp

TILTS = tuple(np.radians([0.0, 15.0, -15.0, 30.0, -30.0]))
"""Tilts about the closing axis, radians, in the order in which they are tried."""
SLIGHT = TILTS[:3]
"""Tilts at which the palm clears an object that extends 3 cm above the tool centre point and 3 cm to either side."""
TILTED = TILTS[1:3]
"""The slight tilts without the upright one, radians."""
ROUND_YAWS = (np.pi / 2.0, 0.0, np.pi / 4.0, 3.0 * np.pi / 4.0)
"""Azimuths of the closing axis around a round body, radians, in the order in which they are tried."""
SQUARE_YAWS = ROUND_YAWS[:2]
"""Azimuths of the closing axis across either pair of a square body's sides, radians."""


def from_above(
    position: npt.ArrayLike,
    width_m: float,
    yaws: Sequence[float] = (np.pi / 2.0,),
    tilts: Sequence[float] = TILTS,
) -> tuple[Grasp, ...]:
    """Return grasps whose fingers come down on a position; each yaw is included with its flip by 180 degrees.

    Args:
        position: Tool centre point, (3,), metres.
        width_m: Distance between the closed fingers, metres.
        yaws: Azimuths of the closing axis, radians.
        tilts: Tilts of the hand about the closing axis, radians.
    """
    turned = [rotation_about((0.0, 1.0, 0.0), tilt) for tilt in tilts]
    return tuple(
        Grasp(transform(_downward(yaw + flip) @ tilt_in_hand, position), width_m)
        for tilt_in_hand in turned
        for yaw in yaws
        for flip in (0.0, np.pi)
    )


def over_wall(
    z: float,
    hold: tuple[float, float, float],
    count: int = 8,
    start: float = 0.0,
    stop: float = 2.0 * np.pi,
    tilts: Sequence[float] = (0.0,),
) -> tuple[Grasp, ...]:
    """Return grasps with one finger inside and one outside a round wall; each is included with its flip by 180 degrees.

    Args:
        z: Height of the tool centre point, metres.
        hold: Radius of the tool centre point, metres; distance between the closed fingers, metres; and outward lean of
            the hand, radians: what `Vessel.wall_at` returns.
        count: Number of azimuths.
        start: First azimuth, radians.
        stop: End of the range of azimuths, radians, not included.
        tilts: Tilts of the hand about the closing axis, radians.
    """
    radius, width_m, lean = hold
    grasps = []
    for tilt in tilts:
        turned = [
            (flip, rotation_about((1.0, 0.0, 0.0), sign * lean) @ rotation_about((0.0, 1.0, 0.0), tilt))
            for flip, sign in ((0.0, 1.0), (np.pi, -1.0))
        ]
        for azimuth in np.linspace(start, stop, count, endpoint=False):
            position = (radius * np.cos(azimuth), radius * np.sin(azimuth), z)
            for flip, turn_in_hand in turned:
                grasps.append(Grasp(transform(_downward(azimuth + flip) @ turn_in_hand, position), width_m))
    return tuple(grasps)


def _downward(yaw: float) -> npt.NDArray[np.float64]:
    """Return the rotation whose z axis points down and whose y axis has the azimuth `yaw`."""
    cosine, sine = np.cos(yaw), np.sin(yaw)
    return np.array([[-sine, cosine, 0.0], [cosine, sine, 0.0], [0.0, 0.0, -1.0]])
