"""How a trace is to be followed: all that an answer cannot say and the task therefore states."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Way = Literal["carry", "hold", "pull", "push"]


@dataclass(frozen=True)
class Manner:
    """The way in which a body is carried along a trace.

    way: "carry" lifts the body and puts it down, "hold" lifts it and holds it at the end, "pull" drags it over what it
    stands on, "push" shoves it there with the closed gripper. pivot: the named point of the carried body about which it
    is turned; its path is the trace's shape. tilt: radians about `tilt_axis` (body frame), held from the second
    keypoint to the last but one. turn: radians about the vertical, evenly along the way: how the body is turned when it
    is put down. dwell_s: how long the body rests at every keypoint. speed_m_s and turn_rad_s: the pace that a predicted
    trace is timed with; a robot may be slower.
    """

    way: Way = "carry"

    pivot: str = "base"
    tilt: float = 0.0
    tilt_axis: tuple[float, float, float] = (0.0, 1.0, 0.0)
    turn: float = 0.0
    dwell_s: float = 0.0
    speed_m_s: float = 0.25
    turn_rad_s: float = 0.8
