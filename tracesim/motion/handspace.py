"""The room that a hand needs around a grasp."""

from __future__ import annotations

from typing import Final

import numpy as np

from tracesim.geometry.body_path import BodyPath
from tracesim.geometry.clearance import ClearanceProbe
from tracesim.geometry.rigid import FloatArray
from tracesim.layout.hand import Grasp, Grasping
from tracesim.layout.layout import Body, Layout

HAND: Final = "hand"
"""Name of the envelope of the hand among the bodies of a scene."""

GAP_M: Final = 0.01
"""Least distance of the envelope from everything except the body that it holds."""

BACK_OFF_M: Final = (0.0, 0.04, 0.08)
"""Distances from the grasp, against the approach, at which the hand needs room before closing and after opening."""


def free_grasp(layout: Layout, body: Body, path: BodyPath, hand: Grasping) -> Grasp | None:
    """Return the first grasp of `body` that leaves room for a hand on the approach and along a path, or None."""
    probe = ClearanceProbe({HAND: hand.envelope}, layout.without(body.name).shapes)
    for grasp in hand.grasps(body.prop):
        if probe.keeps(GAP_M, {**layout.poses, HAND: _hand_in_world(path, grasp)}):
            return grasp
    return None


def hand_obstacles(layout: Layout, body: Body, path: BodyPath, hand: Grasping) -> tuple[str, ...]:
    """Return the names of all bodies that a hand would overlap along a path, with any of its grasps of `body`."""
    hands = np.concatenate([_hand_in_world(path, grasp) for grasp in hand.grasps(body.prop)])
    return tuple(
        other.name
        for other in layout.without(body.name)
        if not ClearanceProbe({HAND: hand.envelope}, {other.name: other.shape}).keeps(
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
