"""Depth in 12 bits, as LeRobot stores it in videos.

The steps grow with the distance: 0.8 mm at arm's length. Source: `depth_utils.py` of LeRobot, after BEHAVIOR-1K.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

LEAST_M: Final = 0.01
"""Depth of the code 0; smaller depths, and pixels that hit nothing, have this code too."""

GREATEST_M: Final = 10.0
"""Depth of the greatest code; larger depths have this code too."""

SHIFT_M: Final = 3.5
"""Length that is added before the logarithm is taken."""

GREATEST_CODE: Final = 4095

_LOW: Final = np.log(LEAST_M + SHIFT_M)
_SPAN: Final = np.log(GREATEST_M + SHIFT_M) - _LOW


def encode(depth_m: npt.NDArray[np.float32]) -> npt.NDArray[np.uint16]:
    """Return the codes of depths (H, W), metres."""
    share = (np.log(depth_m + np.float32(SHIFT_M)) - _LOW) / _SPAN
    return np.asarray(np.rint(share * GREATEST_CODE).clip(0, GREATEST_CODE), np.uint16)


def decode(codes: npt.NDArray[np.uint16]) -> npt.NDArray[np.float32]:
    """Return the depths (H, W), metres, of codes."""
    return np.asarray(np.exp(_LOW + codes * (_SPAN / GREATEST_CODE)) - SHIFT_M, np.float32)
