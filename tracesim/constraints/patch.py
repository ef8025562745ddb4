"""What films mark on surfaces as it is done."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tracesim.geometry.rigid import FloatArray


@dataclass(frozen=True, eq=False)
class Patch:
    """Places on a surface that a film marks from the moment at which they are done.

    Attributes:
        places: The places, (N, 3), metres, world; they lie so close together that they look like an area.
        samples: The sample of a curve at which each of them is done, (N,).
    """

    places: FloatArray
    samples: npt.NDArray[np.intp]
