"""Areas on surfaces that films mark as they are completed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tracesim.geometry.rigid import FloatArray


@dataclass(frozen=True, eq=False)
class Patch:
    """An area on a surface that a film marks as it is completed.

    Attributes:
        places: Points of the area, (N, 3), metres, world, close enough together to look like one.
        samples: The sample of a curve at which each point is completed, (N,).
    """

    places: FloatArray
    samples: npt.NDArray[np.intp]
