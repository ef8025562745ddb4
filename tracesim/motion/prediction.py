"""What a trace would do if it were followed to the letter: the curve of the trace itself."""

from __future__ import annotations

from typing import Final

import numpy as np

from tracesim.geometry.clearance import ClearanceProbe
from tracesim.geometry.contacts import BoolArray, ContactRules, Pair
from tracesim.geometry.curve import Curve
from tracesim.geometry.rigid import FloatArray
from tracesim.geometry.trace import Trace
from tracesim.layout.layout import TABLE, TABLE_SHAPE, Body, Layout
from tracesim.motion.body_path import Carry
from tracesim.motion.stage import Stage

NEAR_M: Final = 0.01
"""A carried body may touch its support until it has risen so far, and its target when it is so near to its rest."""

STEP_M: Final = 0.005

REST_S: Final = 0.5
"""How long a body is thought to rest, at least, where it ends."""


def predicted(layout: Layout, body: Body, trace: Trace, stage: Stage) -> Curve:
    """Return the curve on which `body` follows `trace` exactly, at the manner's pace, and nothing else moves."""
    times, bodies = _followed(layout, body, trace, stage)
    allowed = support_contacts(body.name, bodies[body.name], stage)
    clearance = _probe(layout, body).over(bodies, allowed)
    rules = ContactRules({body.name: np.ones(len(times), bool)}, tuple(bodies), allowed)
    return Curve(times, bodies, clearance.distance_m, carried=body.name, contact_rules=rules)


def keeps(layout: Layout, body: Body, trace: Trace, stage: Stage, room_m: float) -> bool:
    """Tell whether the predicted curve has a clearance of at least `room_m`; quicker than the curve."""
    _, bodies = _followed(layout, body, trace, stage)
    return _probe(layout, body).keeps(room_m, bodies, support_contacts(body.name, bodies[body.name], stage))


def obstacles(layout: Layout, body: Body, trace: Trace, stage: Stage) -> tuple[str, ...]:
    """Return the names of all that `body` would overlap on the predicted curve and may not touch."""
    _, bodies = _followed(layout, body, trace, stage)
    allowed = support_contacts(body.name, bodies[body.name], stage)
    others = {TABLE: TABLE_SHAPE, **{other.name: other.shape for other in layout if other.name != body.name}}
    probes = {name: ClearanceProbe({body.name: body.shape}, {name: shape}) for name, shape in others.items()}
    return tuple(
        name
        for name, probe in probes.items()
        if not probe.keeps(0.0, {one: bodies[one] for one in (body.name, name)}, allowed)
    )


def _followed(layout: Layout, body: Body, trace: Trace, stage: Stage) -> tuple[FloatArray, dict[str, FloatArray]]:
    """Return times (T,) and every body's poses (T, 4, 4)."""
    manner = stage.manner
    carry = Carry.along(trace, body.body_in_world, manner, body.pivot(manner.pivot), STEP_M)
    times, poses = carry.timed(manner, max(REST_S, manner.dwell_s) if manner.way == "hold" else REST_S)
    still = {TABLE: np.eye(4), **{other.name: other.body_in_world for other in layout}}
    bodies: dict[str, FloatArray] = {name: np.broadcast_to(pose, (len(times), 4, 4)) for name, pose in still.items()}
    return times, bodies | {body.name: poses}


def _probe(layout: Layout, body: Body) -> ClearanceProbe:
    """Return what measures how far a body stays from the table and all others."""
    others = {TABLE: TABLE_SHAPE, **{other.name: other.shape for other in layout if other.name != body.name}}
    return ClearanceProbe({body.name: body.shape}, others)


def support_contacts(body: str, poses: FloatArray, stage: Stage) -> dict[Pair, BoolArray]:
    """Return, by pair of bodies, the samples (T,) at which a carried body may touch its support and its target.

    With its first support: until it has risen by `NEAR_M`, and always when it is dragged. With both: at the end, within
    `NEAR_M` of rest, unless it is held there.
    """
    at = poses[:, :3, 3]
    rising = np.cumsum(at[:, 2] - at[0, 2] > NEAR_M) == 0
    away = np.linalg.norm(at - at[-1], axis=1) > NEAR_M
    landing = np.cumsum(away[::-1])[::-1] == 0
    if stage.manner.way == "hold":
        landing[:] = False
    dragged = stage.manner.way in ("pull", "push")
    masks = {(body, stage.target): landing}
    masks[(body, stage.support)] = np.ones_like(rising) if dragged else rising | landing
    return masks
