"""Prediction of what happens if a trace is followed exactly."""

from __future__ import annotations

from typing import Final

import numpy as np

from tracesim.geometry.clearance import ClearanceProbe
from tracesim.geometry.contacts import ContactRules
from tracesim.geometry.curve import Curve
from tracesim.geometry.rigid import FloatArray
from tracesim.geometry.trace import Trace
from tracesim.layout.layout import Body, Layout
from tracesim.motion.subtask import Subtask

STEP_M: Final = 0.005
"""Distance between neighbouring poses of a predicted path."""


def predicted(layout: Layout, body: Body, trace: Trace, subtask: Subtask) -> Curve:
    """Return the curve on which `body` follows `trace` exactly, at the pace of the motion, and nothing else moves."""
    times, poses = _followed(body, trace, subtask)
    bodies = {name: np.broadcast_to(pose, poses.shape) for name, pose in layout.poses.items()} | {body.name: poses}
    allowed = subtask.motion.allowed_contacts(subtask, body.name, poses)
    clearance = _probe(layout, body).over(layout.poses | {body.name: poses}, allowed)
    rules = ContactRules({body.name: np.ones(len(times), bool)}, tuple(bodies), allowed)
    return Curve(times, bodies, clearance.distance_m, carried=body.name, contact_rules=rules)


def end(body: Body, trace: Trace, subtask: Subtask) -> FloatArray:
    """Return the pose (4, 4) at which `body` ends if it follows `trace` exactly."""
    pose: FloatArray = subtask.motion.path(trace, body, STEP_M).body_in_world[-1]
    return pose


def keeps(layout: Layout, body: Body, trace: Trace, subtask: Subtask, gap_m: float) -> bool:
    """Return whether the predicted curve has a clearance of at least `gap_m`; faster than computing the curve."""
    _, poses = _followed(body, trace, subtask)
    contacts = subtask.motion.allowed_contacts(subtask, body.name, poses)
    return _probe(layout, body).keeps(gap_m, layout.poses | {body.name: poses}, contacts)


def obstacles(layout: Layout, body: Body, trace: Trace, subtask: Subtask) -> tuple[str, ...]:
    """Return the names of all bodies that `body` may not touch and would overlap on the predicted curve."""
    _, poses = _followed(body, trace, subtask)
    bodies, allowed = layout.poses | {body.name: poses}, subtask.motion.allowed_contacts(subtask, body.name, poses)
    return tuple(
        name
        for name, shape in layout.without(body.name).shapes.items()
        if not ClearanceProbe({body.name: body.shape}, {name: shape}).keeps(
            0.0, {one: bodies[one] for one in (body.name, name)}, allowed
        )
    )


def _followed(body: Body, trace: Trace, subtask: Subtask) -> tuple[FloatArray, FloatArray]:
    """Return the times (T,) and the poses (T, 4, 4) of a body that follows a trace exactly."""
    motion = subtask.motion
    return motion.path(trace, body, STEP_M).timed(motion.pace, motion.rest_s)


def _probe(layout: Layout, body: Body) -> ClearanceProbe:
    """Return the probe of a body's clearance from the table and all other bodies."""
    return ClearanceProbe({body.name: body.shape}, layout.without(body.name).shapes)
