"""Universal Robots UR5 with a two-finger gripper, on a pedestal at the near edge of the table."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from math import pi
from pathlib import Path
from typing import Final

import numpy as np

from tracesim.assets.robots.attachment import with_links
from tracesim.assets.robots.description import robot_description
from tracesim.assets.robots.two_finger_gripper import HAND, two_finger_gripper
from tracesim.geometry.rigid import FloatArray, transform
from tracesim.layout.embodiment import Arm, Embodiment

APART: Final = (
    ("base_link", "upper_arm_link"),
    ("forearm_link", "wrist_1_link"),
    ("forearm_link", "wrist_2_link"),
    ("forearm_link", "wrist_3_link"),
    ("wrist_1_link", "wrist_3_link"),
    ("wrist_3_link", "gripper_base"),
    ("wrist_2_link", "gripper_base"),
    ("gripper_left_finger", "gripper_right_finger"),
)


@cache
def _urdf() -> Path:
    # Its joints turn by half a turn either way, so that no path to a posture leads round the long way.
    arm = robot_description("ur_description/urdf/ur5_joint_limited_robot.urdf")
    return with_links(arm, two_finger_gripper("tool0"), without=("ee_link", "base"))


# The arm leans back, its hand above the policy camera: neither is in view.
PARKED: Final = (0.0, -2.3, 1.05, -2.1, -pi / 2, 0.0)


def _starts(heading: float) -> Iterator[FloatArray]:
    """Yield postures that face a heading, elbow up: with the wrist to either side, at four turns of the hand."""
    for wrist in (-pi / 2, pi / 2):
        for turn in (0.0, pi / 2, -pi / 2, pi):
            yield np.array([heading, -1.2, 1.9, -2.27 if wrist < 0.0 else 0.87, wrist, turn])


UR5: Final = Embodiment(
    name="ur5",
    urdf=_urdf,
    base_in_world=transform(translation=(-0.6, 0.0, 0.0)),
    arms=(
        Arm(
            joints=tuple(
                f"{name}_joint" for name in ("shoulder_pan", "shoulder_lift", "elbow", "wrist_1", "wrist_2", "wrist_3")
            ),
            hand=HAND,
            parked=PARKED,
            starts=_starts,
            velocity_limit=1.2,
            acceleration_limit=3.0,
            stiffness=12000.0,
            damping=1200.0,
            force_limit=150.0,
            inner_links=("base_link", "shoulder_link", "upper_arm_link", "forearm_link"),
        ),
    ),
    mount_links=("base_link",),
    touching_links=APART,
    visual_share=0.2,
)
