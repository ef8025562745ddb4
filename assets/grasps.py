"""Grasps of a parallel gripper: from above, across a body or over a wall, upright first, then tilted."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from tracesim.geometry.rigid import rotation_about, transform
from tracesim.layout.prop import Grasp

TILTS = tuple(np.radians([0.0, 15.0, -15.0, 30.0, -30.0]))
"""About the closing axis, radians, in the order in which they are tried."""
SLIGHT = TILTS[:3]
"""Those by which a palm stays clear of what stands 3 cm above the tool centre point, and as far to either side."""


def from_above(
    position: npt.ArrayLike,
    width_m: float,
    yaws: Sequence[float] = (np.pi / 2.0,),
    tilts: Sequence[float] = TILTS,
) -> tuple[Grasp, ...]:
    """Return grasps whose fingers come down on `position` (3,), each yaw with both flips.

    yaws: azimuths of the closing axis, radians. tilts: about the closing axis, radians.
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
    """Return grasps with one finger inside and one outside a round wall, at `count` azimuths, each with both flips.

    z: height of the tool centre point. hold: its distance from the axis, the fingers' distance from each other, metres,
    and by how much, radians, the hand leans outward, as `Vessel.wall_at` tells. start, stop: the azimuths' range,
    radians, its end left out. tilts: about the closing axis.
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
    """Return the rotation with z down and y at the azimuth `yaw`."""
    cosine, sine = np.cos(yaw), np.sin(yaw)
    return np.array([[-sine, cosine, 0.0], [cosine, sine, 0.0], [0.0, 0.0, -1.0]])
