"""Whether an arm can do what is asked on a layout, proved with the arm itself."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import numpy as np

from tracesim.assets.embodiments import embodiment
from tracesim.control.closed_gripper import Poking
from tracesim.control.grasp_planner import Grasping
from tracesim.control.planner import ArmPlanner
from tracesim.failure import EpisodeEnded
from tracesim.geometry.trace import Trace
from tracesim.layout.gripper import GRIPPER
from tracesim.layout.layout import TABLE, TABLE_SHAPE, Body, Layout
from tracesim.motion.body_path import Carry
from tracesim.motion.prediction import keeps
from tracesim.motion.stage import Stage
from tracesim.simulation.scene import Scene

REFERENCE: Final = "panda"
"""The robot that has to be able to do it, so that a scene is the same whatever robot plays it."""


def followable(layout: Layout, body: Body, trace: Trace, stage: Stage, raised_m: float = 0.0) -> bool:
    """Tell whether the reference robot has a grasp of `body` with which it can follow `trace`, free of contact.

    raised_m: by how much the table is higher than usual.
    """
    # Where a body leaves its support and where it comes down the arm's room is no measure: there it has to be free.
    if not keeps(layout, body, trace, stage, 0.0):
        return False
    planner, tip_m = _reference(raised_m)
    arm = planner.arm
    arm.surround(
        {TABLE: TABLE_SHAPE, **{one.name: one.shape for one in layout}},
        {TABLE: np.eye(4), **{one.name: one.body_in_world for one in layout}},
    )
    manner = stage.manner
    carry = Carry.along(trace, body.body_in_world, manner, body.pivot(manner.pivot))
    if body.name == GRIPPER or manner.way == "push":
        arm.open_to(0.0)
        poking = Poking(arm, tip_m)
        try:
            return (poking.press(trace, stage.target) if body.name == GRIPPER else poking.push(body, carry)).free
        except EpisodeEnded:
            return False
    over = stage.support if manner.way == "pull" else None
    return Grasping(arm, embodiment(REFERENCE).arms[0].hand, over).can(body, carry)


@lru_cache(maxsize=1)
def _reference(raised_m: float) -> tuple[ArmPlanner, float]:
    """Return the planner of a reference robot that stands alone, and its `Robot.tip_m`."""
    scene = Scene(Layout(), embodiment(REFERENCE), raised_m=raised_m)
    return ArmPlanner(scene, seed=0), scene.robot.tip_m
