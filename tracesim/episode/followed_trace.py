"""Preparation of a trace before a robot follows it."""

from __future__ import annotations

from typing import Final

import numpy as np

from tracesim.answers.reading import REASONS
from tracesim.failure import Failure
from tracesim.geometry.trace import Trace
from tracesim.motion.motion import Motion

KEYPOINTS: Final = 64
"""Longer traces are simplified, within a millimetre, before they are followed; keypoints about which they say more are
kept."""


def as_followed(trace: Trace, motion: Motion) -> Trace:
    """Return a trace as a motion follows it: without repeated keypoints, and simplified if it has many.

    Args:
        trace: The trace.
        motion: The motion, which may not heed all that the trace says.
    """
    trace = motion.heeded(trace).deduplicated()
    return trace.simplified() if len(trace.keypoints) > KEYPOINTS else trace


def unfit(trace: Trace) -> Failure | None:
    """Return why a trace cannot be followed, or None; texts are checked when they are read, arrays only here."""
    if np.isnan(trace.keypoints).all():  # stands for an empty answer in an array of fixed size
        return Failure("answer", "no_points", REASONS["no_points"])
    if not np.isfinite(trace.keypoints).all():
        return Failure("answer", "not_finite", REASONS["not_finite"])
    return None
