"""What motions share in which a body is grasped: planning, taking hold, and leading it along its path."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

import numpy as np

from tracesim.control.controller import Controller
from tracesim.control.detours import Detours
from tracesim.control.grasp_planner import GraspPlan, GraspPlanner
from tracesim.control.kinematics import Arm
from tracesim.control.monitors import DEVIATION_M, SLIP_M, SLIP_RAD, displacement_in_hand
from tracesim.failure import EpisodeEnded, Failure
from tracesim.geometry.body_path import BodyPath, Turning
from tracesim.geometry.rigid import FloatArray, inverse, rotation_about, transform, yaw
from tracesim.geometry.trace import Trace
from tracesim.layout.layout import Body, Layout
from tracesim.layout.prop import Grasp
from tracesim.motion.handspace import free_grasp
from tracesim.motion.motion import Attitudes, Motion
from tracesim.motion.watching import BodyMonitor
from tracesim.simulation.scene import Scene

if TYPE_CHECKING:
    from tracesim.motion.subtask import Subtask

GRASPS: Final = 3
"""How many grasps are tried if a body gives way to the fingers."""

TURNS: Final = 5
"""A body that is turned on the way has to be free at so many attitudes everywhere."""


@dataclass(frozen=True)
class Grasped(Motion):
    """A motion of a body that is held between the fingers."""

    tilt: float = 0.0
    """Angle about `tilt_axis`, radians, held from the second keypoint to the last but one."""

    tilt_axis: tuple[float, float, float] = (0.0, 1.0, 0.0)
    """Axis of the tilt, in the body's frame."""

    turn: float = 0.0
    """Angle about the vertical, radians, by which the body is turned evenly along its path."""

    drags: ClassVar[bool] = False
    """Whether the body slides over its support while it is held."""

    @property
    def turning(self) -> Turning:
        """How the body is turned on the way."""
        return Turning(self.tilt, self.tilt_axis, self.turn)

    def attitudes(self, body: Body) -> Attitudes:
        """Return the attitudes that a body may have anywhere on its path."""

        def turned(tilt: float, *turns: float) -> FloatArray:
            tilted = body.body_in_world[:3, :3] @ rotation_about(self.tilt_axis, tilt)
            return np.array([transform(yaw(turn) @ tilted if turn else tilted) for turn in turns])

        on_the_way = np.linspace(0.0, self.turn, TURNS if self.turn else 1)
        return Attitudes(turned(0.0, 0.0), turned(self.tilt, *on_the_way), turned(0.0, self.turn))

    def has_hand_room(self, layout: Layout, body: Body, trace: Trace) -> bool:
        """Tell whether a grasp leaves a hand room along a trace."""
        return free_grasp(layout, body, self.path(trace, body, step_m=0.02)) is not None

    def is_feasible(self, arm: Arm, body: Body, trace: Trace, subtask: Subtask) -> bool:
        """Tell whether there is a grasp with which the whole path can be followed free of contact."""
        return GraspPlanner(arm, self._over(subtask)).can(body, self.path(trace, body))

    def _over(self, subtask: Subtask) -> str | None:
        return subtask.support if self.drags else None

    # --- a robot

    def take_hold(self, controller: Controller, body: Body, trace: Trace, subtask: Subtask) -> GraspPlan:
        """Take hold of a body; where no way leads to a grasp, or it gives way to the closing fingers, try another one.

        The functional point is led to where it was to go from where it stood first, wherever it stands by then.

        Raises:
            EpisodeEnded: the body cannot be held, or cannot be led along the trace.
        """
        pivot = np.append(body.pivot(self.pivot), 1.0)
        first = controller.body(body).body_in_world @ pivot
        tried: list[Grasp] = []
        failure: Failure | None = None
        while True:
            body = controller.body(body)
            keypoints = trace.keypoints.copy()
            keypoints[0] += (body.body_in_world @ pivot - first)[:3]
            try:
                plan = self._plan(controller, body, Trace(keypoints), subtask, tried)
            except EpisodeEnded as ended:
                raise ended if failure is None else EpisodeEnded(failure) from ended
            controller.open_to(plan.opening_m)
            failure = controller.approach(plan.approach)
            came = failure is None
            if came:
                failure = controller.grasp(body, plan)
            if failure is None:
                return plan
            tried.append(plan.grasp)
            if len(tried) == GRASPS:
                raise EpisodeEnded(failure)
            if came:
                controller.release(body, plan.opening_m)
                controller.planner.mirror()

    def _plan(
        self, controller: Controller, body: Body, trace: Trace, subtask: Subtask, tried: list[Grasp]
    ) -> GraspPlan:
        arm = controller.planner.arm
        planner = GraspPlanner(arm, self._over(subtask), tried)
        if controller.repair:
            return planner.plan_around(body, Detours(arm, body, trace, self.path))
        return planner.plan(body, self.path(trace, body))

    def lead(self, controller: Controller, body: Body, path: BodyPath, subtask: Subtask) -> GraspMonitor:
        """Lead a held body along its path, and return what watched it.

        Raises:
            EpisodeEnded: the path cannot be followed, or must not be followed any further.
        """
        controller.follow(body, (body.name, subtask.support))
        links = controller.scene.robot.arm.hand.links
        monitor = GraspMonitor(body, path, subtask, links, controller.held_in_tcp(body.name))
        for first, last in zip(path.stops[:-1], path.stops[1:], strict=True):
            controller.keypoint = int(path.keypoints[last])
            # A body settles in the hand when it is lifted: it is the body that is led along the path, not the hand.
            tool = path.body_in_world[first + 1 : last + 1] @ inverse(controller.held_in_tcp(body.name))
            joints, blocked = controller.trace(tool)
            if blocked:
                detail = f"{body.name} cannot be carried to keypoint {controller.keypoint}"
                raise EpisodeEnded(Failure("reach", blocked, detail))
            monitor.last_leg = last == path.stops[-1]
            if not controller.move_along(joints, monitor, self.speed_m_s):
                break
            controller.wait(self.dwell_s, monitor)
        controller.keypoint = -1
        return monitor


class GraspMonitor(BodyMonitor):
    """Watches a held body, which must not slip in the hand nor stray from its path."""

    def __init__(
        self, body: Body, path: BodyPath, subtask: Subtask, hand_links: tuple[str, ...], held_in_tcp: FloatArray
    ) -> None:
        """Watch a body; see `BodyMonitor`.

        Args:
            body: The body that is held.
            path: Its path.
            subtask: What is asked for.
            hand_links: Links of the hand that holds it.
            held_in_tcp: Pose (4, 4) of the body in the tool's frame.
        """
        super().__init__(body, path, subtask, hand_links)
        self._held = held_in_tcp
        self._slip_m = self._slip_rad = 0.0

    def look(self, scene: Scene, tcp_in_world: FloatArray) -> None:
        """Take in where body and tool are now."""
        super().look(scene, tcp_in_world)
        held_in_tcp = inverse(tcp_in_world) @ scene.body_in_world(self._name)
        self._slip_m, self._slip_rad = displacement_in_hand(held_in_tcp, self._held)

    def check(self, landed: bool) -> None:
        """Check that the body has not slipped in the hand nor strayed from its path.

        Raises:
            EpisodeEnded: it has.
        """
        if landed:
            return
        if self._slip_m > SLIP_M or self._slip_rad > SLIP_RAD:
            moved = f"moved {self._slip_m * 1000:.0f} mm, {np.degrees(self._slip_rad):.0f} deg in the hand"
            raise EpisodeEnded(Failure("slip", "slipped", f"{self._name} {moved}"))
        if self.deviation_m > DEVIATION_M:
            strayed = f"{self._name} strayed {self.deviation_m * 1000:.0f} mm from its path"
            raise EpisodeEnded(Failure("track", "deviation", strayed))
