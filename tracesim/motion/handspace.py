"""The room that a hand needs around a grasp, as an envelope that does not depend on the robot."""

from __future__ import annotations

from typing import Final

import numpy as np

from tracesim.geometry.body_path import BodyPath
from tracesim.geometry.clearance import ClearanceProbe
from tracesim.geometry.hulls import HullShape
from tracesim.geometry.rigid import FloatArray
from tracesim.layout.layout import Body, Layout
from tracesim.layout.prop import Grasp


def _box(x_m: float, y_m: float, low_m: float, high_m: float) -> FloatArray:
    return np.array([(x, y, z) for x in (-x_m, x_m) for y in (-y_m, y_m) for z in (low_m, high_m)])


HAND: Final = "hand"
"""Name of the envelope among the bodies of a scene."""

HAND_SHAPE: Final = HullShape([_box(0.012, 0.055, -0.05, 0.008), _box(0.035, 0.105, -0.17, -0.05)])
"""Fingers and palm of a parallel gripper opened to 8 cm, in the tool's frame: z the approach, y the closing axis."""

GAP_M: Final = 0.01
"""Least distance of the envelope from everything except the body that it holds."""

BACK_OFF_M: Final = (0.0, 0.04, 0.08)
"""Distances from the grasp, against the approach, at which the hand needs room before closing and after opening."""


def free_grasp(layout: Layout, body: Body, path: BodyPath) -> Grasp | None:
    """Return the first grasp of `body` that leaves room for a hand on the approach and along a path, or None."""
    probe = ClearanceProbe({HAND: HAND_SHAPE}, layout.without(body.name).shapes)
    for grasp in body.prop.grasps:
        if probe.keeps(GAP_M, {**layout.poses, HAND: _hand_in_world(path, grasp)}):
            return grasp
    return None


def hand_obstacles(layout: Layout, body: Body, path: BodyPath) -> tuple[str, ...]:
    """Return the names of all bodies that a hand would overlap along a path, with any of the grasps of `body`."""
    hands = np.concatenate([_hand_in_world(path, grasp) for grasp in body.prop.grasps])
    return tuple(
        other.name
        for other in layout.without(body.name)
        if not ClearanceProbe({HAND: HAND_SHAPE}, {other.name: other.shape}).keeps(
            0.0, {HAND: hands, other.name: other.body_in_world}
        )
    )


def _hand_in_world(path: BodyPath, grasp: Grasp) -> FloatArray:
    hand = path.body_in_world @ grasp.tcp_in_prop
    backing_off = []
    for end in (hand[0], hand[-1]):
        poses = np.repeat(end[None], len(BACK_OFF_M), axis=0)
        poses[:, :3, 3] -= np.array(BACK_OFF_M)[:, None] * end[:3, 2]
        backing_off.append(poses)
    return np.concatenate([backing_off[0], hand, backing_off[1]])
