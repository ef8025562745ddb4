"""The closed gripper as a body that follows end-effector-centric traces, the same for every robot."""

from __future__ import annotations

from typing import Final

import numpy as np

from tracesim.geometry.hulls import box_corners
from tracesim.geometry.rigid import FloatArray, transform
from tracesim.layout.layout import Body
from tracesim.layout.prop import Prop

GRIPPER: Final = "gripper"
"""Name of the closed gripper on curves and in subtasks; its origin is the tip."""

PROP: Final = Prop(
    kind=GRIPPER,
    noun="gripper",
    color="white",
    surfaces=(),
    hulls=(
        box_corners((-0.012, -0.024, 0.0), (0.012, 0.024, 0.05)),
        box_corners((-0.035, -0.105, 0.05), (0.035, 0.105, 0.17)),
    ),
    points={"base": np.zeros(3), "tip": np.zeros(3)},
)
"""An envelope of the closed fingers and the palm, pointing down."""


def gripper_at(tip_in_world: FloatArray) -> Body:
    """Return the gripper with its tip at a point (3,), metres, world."""
    return Body(GRIPPER, PROP, transform(translation=tip_in_world))
