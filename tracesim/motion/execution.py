"""The curve of a motion that a robot executed."""

from __future__ import annotations

import numpy as np

from tracesim.geometry.clearance import ClearanceProbe
from tracesim.geometry.contacts import ContactRules, DisallowedContact
from tracesim.geometry.curve import Curve
from tracesim.layout.gripper import GRIPPER
from tracesim.layout.layout import Layout
from tracesim.motion.subtask import Subtask
from tracesim.simulation.recorder import Phase, Recording
from tracesim.simulation.robot import Robot


def executed(
    layout: Layout,
    robot: Robot,
    recording: Recording,
    carried: str | None,
    subtask: Subtask,
    contacts: tuple[DisallowedContact, ...] = (),
) -> Curve:
    """Return the curve of a recorded motion: the paths of all bodies, and the clearance of the arm and its load.

    Where a robot has several arms, that includes the clearance between them.

    If the hand hits its own object on the approach, that is a disallowed contact, but does not reduce the clearance.

    Args:
        layout: The bodies on the table.
        robot: The robot that moved, working with the arm that moved the body.
        recording: The recorded motion, T samples.
        carried: Name of the body that was moved, None if there was none.
        subtask: The subtask that was executed.
        contacts: The contacts that were not allowed.
    """
    hand = robot.arm.hand
    links = {name: shape for name, shape in robot.shapes.items() if name not in robot.embodiment.mount_links}
    fixed = {**layout.shapes, **(robot.shapes if len(robot.by_arm) > 1 else {})}
    bodies = {name: recording.poses(name) for name in layout.shapes}
    if carried == GRIPPER:
        bodies[GRIPPER] = recording.poses(hand.tcp_link)
        bodies[GRIPPER][:, :3, 3] += robot.tip_m * bodies[GRIPPER][:, :3, 2]
    touched = {}
    if carried is not None:
        touched = subtask.motion.hand_contacts(subtask, carried, recording, bodies[carried])
    allowed = {(link, other): when for link in hand.links for other, when in touched.items()}
    always = np.ones(len(recording), bool)
    if len(robot.by_arm) > 1:
        allowed |= {
            (one, other): always for one in links for other in robot.shapes if not robot.is_between_arms(one, other)
        }
    moving = {link: np.ones(len(recording), bool) for link in links}
    poses = {**bodies, **{name: recording.poses(name) for name in robot.shapes}}
    clearance = ClearanceProbe(links, fixed).over(poses, allowed).distance_m
    following = recording.during(Phase.FOLLOW)
    if carried is not None and carried in layout and following.any():
        on_the_way = {name: track[following] for name, track in poses.items()}
        while_following = subtask.motion.allowed_contacts(subtask, carried, on_the_way[carried])
        while_following |= {(carried, link): always[following] for link in hand.links if link in fixed}
        others = {name: shape for name, shape in fixed.items() if name != carried}
        probe = ClearanceProbe({carried: layout[carried].shape}, others)
        body_clearance = probe.over(on_the_way, while_following).distance_m
        clearance[following] = np.minimum(clearance[following], body_clearance)
        moving[carried] = following
        for pair, when in while_following.items():
            allowed[pair] = np.zeros(len(recording), bool)
            allowed[pair][following] = when
    rules = ContactRules(moving, tuple(fixed), allowed)
    return Curve(recording.times_s, bodies, clearance, recording.qpos, carried, contacts, rules)
