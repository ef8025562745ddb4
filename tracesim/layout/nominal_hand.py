"""The hand for which scenes are drawn, whichever robot plays: so a seed gives every robot the same scene."""

from __future__ import annotations

from typing import Final

from tracesim.layout.parallel_hand import Fingers

NOMINAL_HAND: Final = Fingers(
    open_m=0.04,
    tip_m=0.009,
    half_width_m=0.010,
    finger_box_m=(0.012, 0.055, 0.008),
    palm_box_m=(0.035, 0.105, 0.12),
    root_m=0.05,
)
"""A parallel gripper of a common size, opened to 8 cm."""
