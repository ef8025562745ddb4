"""What a robot did: the curve of a recorded motion."""

from __future__ import annotations

from typing import Final

import numpy as np

from tracesim.geometry.clearance import ClearanceProbe
from tracesim.geometry.contacts import BoolArray, ContactRules, DisallowedContact
from tracesim.geometry.curve import Curve
from tracesim.geometry.rigid import FloatArray
from tracesim.layout.gripper import GRIPPER
from tracesim.layout.layout import TABLE, TABLE_SHAPE, Layout
from tracesim.motion.prediction import NEAR_M, support_contacts
from tracesim.motion.stage import Stage
from tracesim.simulation.recorder import Motion
from tracesim.simulation.robot import Robot

CARRIED: Final = ("carry", "push")
HELD: Final = ("approach", "close", "carry", "push", "open", "retreat")
"""Phases in which the hand is about its object: their nearness is the purpose, not a lack of clearance."""
PRESSING: Final = ("press",)


def executed(
    layout: Layout,
    robot: Robot,
    motion: Motion,
    carried: str | None,
    stage: Stage,
    contacts: tuple[DisallowedContact, ...] = (),
) -> Curve:
    """Return the curve of a motion: every body's path, and the clearance of the arm, the hand and what they carry.

    contacts: those that were not allowed. A hand that knocks against its own object on the approach shows as one of
    them, and not in the clearance.
    """
    bodies: dict[str, FloatArray] = {name: motion.poses(name) for name in (TABLE, *(body.name for body in layout))}
    shapes = {TABLE: TABLE_SHAPE, **{body.name: body.shape for body in layout}}
    links = {name: shape for name, shape in robot.shapes.items() if name not in robot.embodiment.mount_links}
    hand = robot.arm.hand
    about: str | None
    if carried == GRIPPER:
        bodies[GRIPPER] = motion.poses(hand.tcp_link)
        bodies[GRIPPER][:, :3, 3] += robot.tip_m * bodies[GRIPPER][:, :3, 2]
        about, excepted_at = stage.target, _near_the_end(bodies[GRIPPER], np.isin(motion.phases, PRESSING))
    else:
        about, excepted_at = carried, np.isin(motion.phases, HELD)
    allowed = {(link, about): excepted_at for link in hand.links if about is not None}
    moving = {link: np.ones(len(motion), bool) for link in links}
    poses = {**bodies, **{name: motion.poses(name) for name in links}}
    clearance = ClearanceProbe(links, shapes).over(poses, allowed).distance_m
    is_carried = np.isin(motion.phases, CARRIED)
    if carried in shapes and is_carried.any():
        on_the_way = {name: track[is_carried] for name, track in bodies.items()}
        others = {name: shape for name, shape in shapes.items() if name != carried}
        at_support = support_contacts(carried, on_the_way[carried], stage)
        probe = ClearanceProbe({carried: shapes[carried]}, others)
        clearance[is_carried] = np.minimum(clearance[is_carried], probe.over(on_the_way, at_support).distance_m)
        moving[carried] = is_carried
        for pair, mask in at_support.items():
            allowed[pair] = np.zeros(len(motion), bool)
            allowed[pair][is_carried] = mask
    rules = ContactRules(moving, tuple(shapes), allowed)
    return Curve(motion.times_s, bodies, clearance, motion.qpos, carried, contacts, rules)


def _near_the_end(tip_in_world: FloatArray, pressing: BoolArray) -> BoolArray:
    """Return when the tip is so near to where its pressing ends that it may touch its target, (T,)."""
    if not pressing.any():
        return pressing
    end = tip_in_world[np.flatnonzero(pressing)[-1], :3, 3]
    return np.asarray(np.linalg.norm(tip_in_world[:, :3, 3] - end, axis=1) < NEAR_M)
