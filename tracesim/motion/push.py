"""Push a body: shove it over what it stands on with the closed gripper."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

import numpy as np

from tracesim.control.closed_gripper import TipPath, plan_tip
from tracesim.control.controller import Controller
from tracesim.control.kinematics import Arm
from tracesim.failure import EpisodeEnded, Failure
from tracesim.geometry.body_path import BodyPath
from tracesim.geometry.trace import Trace
from tracesim.layout.layout import Body
from tracesim.motion.motion import Motion
from tracesim.motion.watching import BodyMonitor

if TYPE_CHECKING:
    from tracesim.motion.subtask import Subtask

ABOVE_M: Final = 0.08
"""From how far above the tip comes down behind a body, and how far it draws back."""

STANDOFF_M: Final = 0.02
"""How far behind a body the tip comes down."""

FINGER_M: Final = 0.011
"""Half a closed finger's thickness: distance of the tool's axis from what the finger touches."""

PUSH_HEIGHT: Final = 0.4
"""At most at what share of its height a body is pushed: about its centre of mass."""

STEADY: Final = 0.6
"""At most at what share of the height at which friction below would topple it a body is pushed."""

LOWEST_M: Final = 0.012
"""The least height of the tip above a body's underside."""


@dataclass(frozen=True)
class Push(Motion):
    """Put the closed gripper behind a body, seen along the first leg of the trace, and shove it along."""

    level: ClassVar[bool] = True

    def may_touch(self, subtask: Subtask, *, risen: bool, landing: bool) -> Collection[str]:
        """Return the support at all times, and the target at the end."""
        return (subtask.support, subtask.target) if landing else (subtask.support,)

    def is_feasible(self, arm: Arm, body: Body, trace: Trace, subtask: Subtask) -> bool:
        """Tell whether the closed gripper can follow behind the body free of contact."""
        arm.open_to(0.0)
        try:
            return plan_tip(arm, tip_paths(body, self.path(trace, body)), body.name).is_free
        except EpisodeEnded:
            return False

    def follow(self, controller: Controller, body: Body, trace: Trace, subtask: Subtask) -> None:
        """Push the body along a trace; see `Motion.follow`."""
        controller.planner.mirror()
        body = controller.body(body)
        path = self.path(trace, body)
        controller.close_hand()
        plan = plan_tip(controller.planner.arm, tip_paths(body, path), body.name)
        failure = controller.approach(plan.approach)
        if failure is not None:
            raise EpisodeEnded(failure)
        links = controller.scene.robot.arm.hand.links
        controller.follow(body, *((link, body.name) for link in links))
        monitor = BodyMonitor(body, path, subtask, links)
        monitor.last_leg = True  # it is pushed without a stop
        controller.move_along(plan.path, monitor, self.speed_m_s)
        controller.retreat(plan.retreat, body)


def tip_paths(body: Body, path: BodyPath) -> list[TipPath]:
    """Return the paths of the tip that push a body along its path, from behind along the first leg.

    Raises:
        EpisodeEnded: the first leg does not say which way the body goes.
    """
    start = path.body_in_world[0]
    moved = path.body_in_world[:, :3, 3] - start[:3, 3]
    ahead = moved[path.stops[1]] * (1.0, 1.0, 0.0)
    if np.linalg.norm(ahead) < 1e-3:
        raise EpisodeEnded(Failure("reach", "no_direction", f"the trace does not say which way {body.name} goes"))
    ahead /= np.linalg.norm(ahead)
    points = body.shape.points @ start[:3, :3].T
    behind_m = float((points @ -ahead).max())
    # Pushed at a height h over friction mu, a body topples over its front edge, d ahead, when h > d / mu.
    toppling_m = float((points @ ahead).max()) / body.prop.friction
    height_m = max(LOWEST_M, min(PUSH_HEIGHT * float(points[:, 2].max()), STEADY * toppling_m))
    touching = start[:3, 3] - (behind_m + FINGER_M) * ahead + (0.0, 0.0, height_m)
    begin = touching - STANDOFF_M * ahead
    down = begin + np.linspace(ABOVE_M, 0.0, 9)[:, None] * (0.0, 0.0, 1.0)
    along = np.concatenate([begin[None], touching + moved])
    back = along[-1] - np.array([STANDOFF_M * ahead, STANDOFF_M * ahead - (0.0, 0.0, ABOVE_M)])
    azimuth = float(np.arctan2(ahead[1], ahead[0]))
    return [TipPath(down, along, back, azimuth + flip) for flip in (0.0, np.pi)]
