"""What a trace would do if it were followed exactly."""

from __future__ import annotations

from typing import Final

import numpy as np

from tracesim.geometry.clearance import ClearanceProbe
from tracesim.geometry.curve import Curve
from tracesim.geometry.rigid import FloatArray
from tracesim.geometry.trace import Trace
from tracesim.layout.layout import Body, Layout
from tracesim.motion.subtask import Subtask

STEP_M: Final = 0.005


def predicted(layout: Layout, body: Body, trace: Trace, subtask: Subtask) -> Curve:
    """Return the curve on which `body` follows `trace` exactly, at the motion's pace, and nothing else moves."""
    times, poses = _followed(body, trace, subtask)
    bodies = _bodies(layout, body, poses)
    contacts = subtask.motion.allowed_contacts(subtask, body.name, poses)
    clearance = _probe(layout, body).over(bodies, contacts)
    return Curve(times, bodies, clearance.distance_m, carried=body.name)


def keeps(layout: Layout, body: Body, trace: Trace, subtask: Subtask, gap_m: float) -> bool:
    """Tell whether the predicted curve has a clearance of at least `gap_m`; quicker than the curve."""
    _, poses = _followed(body, trace, subtask)
    contacts = subtask.motion.allowed_contacts(subtask, body.name, poses)
    return _probe(layout, body).keeps(gap_m, _bodies(layout, body, poses), contacts)


def _followed(body: Body, trace: Trace, subtask: Subtask) -> tuple[FloatArray, FloatArray]:
    """Return times (T,) and the body's poses (T, 4, 4)."""
    motion = subtask.motion
    return motion.path(trace, body, STEP_M).timed(motion.pace, motion.rest_s)


def _bodies(layout: Layout, body: Body, poses: FloatArray) -> dict[str, FloatArray]:
    """Return the poses (T, 4, 4) of all bodies, of which only one moves."""
    still = {name: np.broadcast_to(pose, poses.shape) for name, pose in layout.poses.items()}
    return {**still, body.name: poses}


def _probe(layout: Layout, body: Body) -> ClearanceProbe:
    """Return what measures how far a body stays from the table and all others."""
    return ClearanceProbe({body.name: body.shape}, layout.without(body.name).shapes)
