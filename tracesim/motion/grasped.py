"""Base class of motions in which a body is grasped: planning, grasping, and moving along its path."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Final

import numpy as np

from tracesim.control.answered_grasp import AnsweredGrasp
from tracesim.control.controller import Controller
from tracesim.control.detours import Detours
from tracesim.control.grasp_planner import GraspPlan, GraspPlanner
from tracesim.control.held import Held
from tracesim.control.kinematics import Arm
from tracesim.control.monitors import DEVIATION_M, SLIP_M, SLIP_RAD, Hold
from tracesim.failure import EpisodeEnded, Failure, mention
from tracesim.geometry.body_path import BodyPath, Turning
from tracesim.geometry.rigid import FloatArray, apply, inverse, rotation_about, rotation_vector, transform, yaw
from tracesim.geometry.trace import Trace
from tracesim.layout.hand import Grasp, Grasping
from tracesim.layout.layout import Body, Layout
from tracesim.layout.nominal_hand import NOMINAL_HAND
from tracesim.motion.handspace import free_grasp
from tracesim.motion.motion import Attitudes, Motion
from tracesim.motion.watching import BodyMonitor
from tracesim.simulation.scene import Scene

if TYPE_CHECKING:
    from tracesim.motion.subtask import Subtask

GRASPS: Final = 3
"""Number of grasps that are tried if there is no free approach or the body moves as the fingers close."""

TURNS: Final = 5
"""Number of attitudes at which a body that is turned on the way has to be collision-free."""


@dataclass(frozen=True)
class Grasped(Motion):
    """A motion in which the body is held between the fingers."""

    tilt: float = 0.0
    """Angle about `tilt_axis`, radians, held from the second keypoint to the last but one."""

    tilt_axis: tuple[float, float, float] = (0.0, 1.0, 0.0)
    """Axis of the tilt, in the body's frame."""

    turn: float = 0.0
    """Angle about the vertical, radians, by which the body is turned evenly along its path."""

    grasps: ClassVar[bool] = True
    drags: ClassVar[bool] = False
    """Whether the body slides over its support while it is held."""

    @property
    def turning(self) -> Turning:
        """How the body is turned on the way."""
        return Turning(self.tilt, self.tilt_axis, self.turn)

    def attitudes(self, body: Body) -> Attitudes:
        """Return the attitudes that a body may take on its path."""

        def turned(tilt: float, *turns: float) -> FloatArray:
            tilted = body.body_in_world[:3, :3] @ rotation_about(self.tilt_axis, tilt)
            return np.array([transform(yaw(turn) @ tilted if turn else tilted) for turn in turns])

        on_the_way = np.linspace(0.0, self.turn, TURNS if self.turn else 1)
        return Attitudes(turned(0.0, 0.0), turned(self.tilt, *on_the_way), turned(0.0, self.turn))

    def has_hand_room(self, layout: Layout, body: Body, trace: Trace, hand: Grasping = NOMINAL_HAND) -> bool:
        """Return whether some grasp leaves room for a hand along a trace."""
        return free_grasp(layout, body, self.path(trace, body, step_m=0.02), hand) is not None

    def is_feasible(self, arm: Arm, body: Body, trace: Trace, subtask: Subtask) -> bool:
        """Return whether there is a grasp with which the whole path can be followed without disallowed contact."""
        planner = GraspPlanner(arm, self._over(subtask), answered=AnsweredGrasp.of(trace))
        return planner.can(body, self.path(trace, body))

    def _over(self, subtask: Subtask) -> str | None:
        return subtask.support if self.drags else None

    # --- a robot

    def take_hold(self, controller: Controller, body: Body, trace: Trace, subtask: Subtask) -> GraspPlan:
        """Grasp a body and return the plan; if the approach is blocked or the grasp fails, try another grasp.

        A hand that already holds the body does not grasp it again. A failed attempt may displace the body. The
        functional point then still goes to the same goal.

        Args:
            controller: Moves the robot.
            body: The body to grasp.
            trace: The trace to follow.
            subtask: The subtask that the trace is for.

        Raises:
            EpisodeEnded: the body cannot be grasped, or cannot be moved along the trace.
        """
        if controller.held is not None and controller.held.body == body.name:
            return self._go_on(controller, body, trace, controller.held)
        pivot = np.append(body.pivot(self.pivot), 1.0)
        first = controller.body(body).body_in_world @ pivot
        tried: list[Grasp] = []
        failure: Failure | None = None
        while True:
            body = controller.body(body)
            keypoints = trace.keypoints.copy()
            keypoints[trace.taken_at] += (body.body_in_world @ pivot - first)[:3]
            try:
                plan = self._plan(controller, body, replace(trace, keypoints=keypoints), subtask, tried)
            except EpisodeEnded as ended:
                raise ended if failure is None else EpisodeEnded(failure) from ended
            controller.open_to(plan.grasp.opened)
            failure = controller.approach(plan.approach, plan.coming)
            came = failure is None
            if came:
                failure = controller.grasp(body, plan)
            if failure is None:
                return plan
            tried.append(plan.grasp)
            if len(tried) == GRASPS or controller.scene.has_displaced(body.name):
                raise EpisodeEnded(failure)
            if came:
                controller.release(body, plan.grasp)
                controller.planner.mirror()

    def _go_on(self, controller: Controller, body: Body, trace: Trace, held: Held) -> GraspPlan:
        """Return the plan by which a body that the hand already holds follows a trace, from wherever it is by now.

        The trace takes the body where the policy saw it. It has been carried on since, and goes straight to the next
        keypoint; what the trace says before is left out. What the body has been turned so far is left out, too.
        Orientations that the trace says are still rotations since the hand closed.
        """
        now = controller.body(body)
        point = self.leading(trace, body)
        moved_m = apply(now.body_in_world, point) - apply(body.body_in_world, point)
        turned = now.body_in_world[:3, :3] @ held.taken_in_world[:3, :3].T
        turning = self._left(held.taken_in_world, now.body_in_world)
        path = self.path(trace.resumed(moved_m, turned), now, turning=turning)
        nowhere = np.zeros((0, len(controller.goal_qpos)))
        return GraspPlan(held.grasp, nowhere, path, nowhere, nowhere, 0.0)

    def _left(self, taken_in_world: FloatArray, now_in_world: FloatArray) -> Turning:
        """Return how a body is still to be turned, given its poses (4, 4) when it was grasped and now."""
        tilted = np.array(self.tilt_axis) @ rotation_vector(inverse(taken_in_world) @ now_in_world)
        turned = rotation_vector(now_in_world @ inverse(taken_in_world))[2]
        begun, gained = (tilted, 0.0) if self.tilt else (0.0, turned) if self.turn else (0.0, 0.0)
        return replace(self.turning, turn=self.turn - float(gained), begun=float(begun))

    def _plan(
        self, controller: Controller, body: Body, trace: Trace, subtask: Subtask, tried: list[Grasp]
    ) -> GraspPlan:
        arm = controller.planner.arm
        planner = GraspPlanner(arm, self._over(subtask), tried, answered=AnsweredGrasp.of(trace))
        if controller.repair:
            return planner.plan_around(body, Detours(arm, body, trace, self.path))
        return planner.plan(body, self.path(trace, body))

    def lead(self, controller: Controller, body: Body, plan: GraspPlan, subtask: Subtask) -> GraspMonitor:
        """Move a held body along its path, and return the monitor that watched it.

        Args:
            controller: Moves the robot.
            body: The body that is held.
            plan: The plan by which it was grasped.
            subtask: The subtask that the plan is for.

        Raises:
            EpisodeEnded: the path cannot be followed, or the monitor ended the episode.
        """
        path = plan.body_path
        planned = plan.path if len(plan.path) == len(path.body_in_world) else None
        controller.follow(body, (body.name, subtask.support))
        links = controller.robot.arm.hand.links
        monitor = GraspMonitor(body, path, subtask, links, controller.held_in_tcp(body.name))
        controller.wait(path.dwell_s(0) or 0.0, monitor)
        for first, last in zip(path.stops[:-1], path.stops[1:], strict=True):
            controller.keypoint = int(path.keypoints[last])
            # A body settles in the hand when it is lifted, so the path of the tool is derived from the body's.
            leg, held = slice(first + 1, last + 1), controller.held_in_tcp(body.name)
            tool = path.body_in_world[leg] @ inverse(held)
            joints, blocked = controller.trace(tool, held, None if planned is None else planned[leg])
            if blocked:
                detail = f"{mention(body.name)} cannot be carried to keypoint {controller.keypoint}"
                raise EpisodeEnded(Failure("reach", blocked, detail))
            monitor.last_leg = last == path.stops[-1]
            said_m_s, said_s = path.speed_m_s(last), path.dwell_s(last)
            if not controller.move_along(joints, monitor, said_m_s or self.speed_m_s, steady=said_m_s is not None):
                controller.wait(said_s or 0.0, monitor)
                break
            controller.wait(self.dwell_s if said_s is None else said_s, monitor)
        controller.keypoint = -1
        return monitor


class GraspMonitor(BodyMonitor):
    """Watches a held body, which must neither slip in the hand nor stray from its path."""

    def __init__(
        self, body: Body, path: BodyPath, subtask: Subtask, hand_links: tuple[str, ...], held_in_tcp: FloatArray
    ) -> None:
        """Watch a body; see `BodyMonitor`.

        Args:
            body: The body that is held.
            path: The path of the body.
            subtask: The subtask that the path is for.
            hand_links: Links of the hand that holds it.
            held_in_tcp: Pose (4, 4) of the body in the tool's frame.
        """
        super().__init__(body, path, subtask, hand_links)
        self._hold = Hold(held_in_tcp)
        self._slip_m = self._slip_rad = 0.0

    def look(self, scene: Scene, tcp_in_world: FloatArray) -> None:
        """Update from the current poses of the body and the tool."""
        super().look(scene, tcp_in_world)
        self._slip_m, self._slip_rad = self._hold.displacement(inverse(tcp_in_world) @ self._body_in_world)

    def check(self, landed: bool) -> None:
        """Check that the body has neither slipped in the hand nor strayed from its path.

        Args:
            landed: Whether the body has landed; nothing is checked then.

        Raises:
            EpisodeEnded: the body has slipped or strayed.
        """
        if landed:
            return
        if self._slip_m > SLIP_M or self._slip_rad > SLIP_RAD:
            moved = f"moved {self._slip_m * 1000:.0f} mm, {np.degrees(self._slip_rad):.0f} deg in the hand"
            raise EpisodeEnded(Failure("slip", "slipped", f"{mention(self._name)} {moved}"))
        if self.deviation_m > DEVIATION_M:
            strayed = f"{mention(self._name)} strayed {self.deviation_m * 1000:.0f} mm from its path"
            raise EpisodeEnded(Failure("track", "deviation", strayed))
