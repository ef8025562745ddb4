"""What a policy is shown before it answers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tracesim.camera import Camera
from tracesim.rigid import FloatArray


@dataclass(frozen=True)
class Observation:
    """One look at the scene.

    camera: the policy camera. qpos: (D,) joint positions. tcp_in_world: (4, 4). rgb: (H, W, 3) uint8 and depth: (H, W)
    float32, metres, camera z, 0 where nothing was seen; None where nothing was drawn.
    """

    camera: Camera
    qpos: FloatArray
    tcp_in_world: FloatArray
    rgb: npt.NDArray[np.uint8] | None = None
    depth: npt.NDArray[np.float32] | None = None
