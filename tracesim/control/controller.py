"""The controller: it drives a robot along paths, grasps and releases, and watches for disallowed contacts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np

from tracesim.control.answered_grasp import AnsweredGrasp
from tracesim.control.contact_watch import ContactWatch
from tracesim.control.grasp_planner import GraspPlan, backing_off
from tracesim.control.hand_path import APPROACH_M_S, lead_hand
from tracesim.control.held import Held
from tracesim.control.monitors import SLIP_M, SLIP_RAD, Hold, Interrupted, Monitor
from tracesim.control.planner import ArmPlanner, timed_in_step
from tracesim.failure import Failure, mention
from tracesim.geometry.body_path import BodyPath
from tracesim.geometry.rigid import FloatArray, inverse
from tracesim.layout.hand import Grasp
from tracesim.layout.layout import Body
from tracesim.simulation.recorder import Phase, Recorder
from tracesim.simulation.robot import Robot
from tracesim.simulation.scene import TIMESTEP_S, Scene

SETTLE_S: Final = 0.6
"""Time allowed for the scene to come to rest."""

SAMPLE_STEPS: Final = 3
"""Simulation steps between two recorded samples: 50 Hz."""

BRAKE_S: Final = 0.2
"""Time in which a motion that is interrupted comes to a stop, along its path."""


class Controller:
    """Moves a robot in a scene, records the motion, and ends the episode at a contact that is not allowed.

    It is used by a motion (`tracesim.motion`), and knows no motion by name.

    Attributes:
        scene: The scene in which the robot moves.
        robot: The robot, working with the arm that moves; see `work_with`.
        planner: The planner of that arm.
        repair: Whether a carried body may take detours where the straight way between keypoints is blocked.
        keypoint: Index of the keypoint that the robot is heading for, as it is recorded; -1 for none.
        deviations_m: Distances of the functional point from its path, metres, one for each sample on a trace.
        held: What the hand has closed on; None if it is empty.
        interrupts: Called after each sample of an approach and of a trace; returns whether to stop there. None never
            stops.
    """

    def __init__(self, scene: Scene, planner: ArmPlanner, recorder: Recorder, repair: bool = False) -> None:
        """Take control of the robot in a scene.

        Args:
            scene: The scene in which the robot moves.
            planner: The planner of the arm that moves first.
            recorder: Records the motion.
            repair: Whether a carried body may take detours.
        """
        self.scene = scene
        self.planner = planner
        self.repair = repair
        self.deviations_m: list[float] = []
        self.held: Held | None = None
        self.interrupts: Callable[[], bool] | None = None
        self.robot = planner.robot
        self._hand = planner.robot.arm.hand
        self._recorder = recorder
        self._steps = 0
        self._contacts = ContactWatch(scene)
        self._is_near = False
        self._led: str | None = None
        self._goals = planner.robot.qpos
        self._qpos = planner.robot.arm_qpos
        self._targets = planner.robot.arm.hand.open
        self.keypoint = -1
        self._phase = Phase.SETTLE

    def work_with(self, planner: ArmPlanner) -> None:
        """Move another arm of the robot from now on; the one that moved so far stays where it is.

        Args:
            planner: The planner of the arm.
        """
        self._goals[self.robot.arm_indices] = self._qpos
        self.planner, self.robot, self._hand = planner, planner.robot, planner.robot.arm.hand
        self._qpos = self._goals[self.robot.arm_indices]
        self._targets = self._hand.open

    # --- time

    def settle(self) -> None:
        """Let the scene come to rest."""
        self.wait(SETTLE_S)

    def stand(self) -> None:
        """Stand still until one more sample is recorded."""
        for _ in range(SAMPLE_STEPS):
            self._advance()

    def wait(self, seconds: float, monitor: Monitor | None = None) -> None:
        """Stand still for some time, watched by a monitor if one is given."""
        for _ in range(round(seconds / TIMESTEP_S)):
            self._advance(monitor)
            if self._is_interrupted():
                raise Interrupted

    def pause(self, seconds: float) -> None:
        """Stand still for some time, in which nothing interrupts."""
        for _ in range(round(seconds / TIMESTEP_S)):
            self._advance()

    @property
    def is_following(self) -> bool:
        """Whether the robot follows a trace now."""
        return self._phase == Phase.FOLLOW

    # --- the hand

    def body(self, body: Body) -> Body:
        """Return a body at its current pose."""
        return self.scene.at_present(body)

    def held_in_tcp(self, body: str) -> FloatArray:
        """Return the current pose (4, 4) of a body in the frame of the tool."""
        return inverse(self.robot.tcp_in_world) @ self.scene.body_in_world(body)

    def close_hand(self) -> None:
        """Close the empty hand."""
        self.planner.arm.open_to(self._hand.closed)
        self._grip(self._hand.closed, self._hand.close_s)

    def open_hand(self) -> None:
        """Open the empty hand as wide as it goes."""
        self.open_to(self._hand.open)

    def grasp(self, body: Body, plan: GraspPlan) -> Failure | None:
        """Close the fingers on a body, and return why it is not held as planned, or None if it is."""
        self._phase = Phase.CLOSE
        self.handle(body.name)
        self.held = Held(body.name, plan.grasp, body.body_in_world)
        self._grip(plan.grasp.closing, self._hand.close_s)
        if not self._hand.holds(self.robot.hand_qpos, plan.grasp):
            return Failure("grasp", "missed", f"the fingers closed beside {mention(body.name)}")
        moved_m, turned = Hold(inverse(plan.grasp.tcp_in_prop)).displacement(self.held_in_tcp(body.name))
        if moved_m > SLIP_M or turned > SLIP_RAD:
            moved = f"moved {moved_m * 1000:.0f} mm, {np.degrees(turned):.0f} deg as the fingers closed"
            return Failure("grasp", "gave_way", f"{mention(body.name)} {moved}")
        return None

    def release(self, body: Body, grasp: Grasp, answered: AnsweredGrasp | None = None) -> None:
        """Open the hand and retreat from a body that it holds in a grasp, whose contacts are no longer checked."""
        self.watch(body.name, moved=False)
        self.let_go(grasp, answered)

    def let_go(self, grasp: Grasp, answered: AnsweredGrasp | None = None) -> None:
        """Open the hand and retreat from what it holds in a grasp, straight back unless the answer says how."""
        self.held = None
        self._phase = Phase.OPEN
        self._grip(grasp.released, self._hand.open_s)
        self.planner.arm.open_to(grasp.released)
        self._back_off(None if answered is None else answered.leaving(self.robot.tcp_in_world))

    def _back_off(self, leaving: BodyPath | None = None) -> None:
        """Draw the hand back along a path of the tool, by default straight back from where it is."""
        self._phase = Phase.RETREAT
        if leaving is not None:
            lead_hand(self, leaving)
        elif len(back := self.trace(backing_off(self.robot.tcp_in_world))[0]):
            self._move(np.concatenate([[self._qpos], back]))
        self._is_near = False
        self._forget_contacts()

    def recover(self) -> None:
        """Prepare to follow another trace from here, after one that was interrupted or failed.

        What the hand holds it keeps. An empty hand opens and draws back from what it came near to.

        Raises:
            EpisodeEnded: a contact is not allowed.
        """
        self.keypoint = -1
        if self.held is not None and self._hand.holds(self.robot.hand_qpos, self.held.grasp):
            return
        if self._led is not None:
            self.watch(self._led, moved=False)
        if self.held is not None:
            self.let_go(self.held.grasp)
        elif self._is_near:
            self._back_off()

    def _grip(self, goal: FloatArray, seconds: float) -> None:
        """Ramp the targets of the hand's joints, (F,); this takes `seconds`, including the wait at the end."""
        start = self._hand.start(self.robot.hand_qpos, goal)
        for step in range(1, round(seconds / TIMESTEP_S) + 1):
            self.robot.grip(self._hand.ramp(start, goal, TIMESTEP_S * step))
            self._advance()

    # --- the arm

    def open_to(self, targets: FloatArray) -> None:
        """Set the targets of the hand's joints, (F,), and assume that they are reached in planning."""
        self.planner.arm.open_to(targets)
        self.robot.grip(targets)

    def approach(self, path: FloatArray, coming: BodyPath | None = None) -> Failure | None:
        """Move to the start of a joint path and along it; return a failure if there is no free way to its start.

        Args:
            path: Joint positions, (M, J), radians.
            coming: The path of the tool along the joint path, if the answer says it.
        """
        there = self.planner.connect(self._qpos, path[0])
        if there is None:
            return Failure("grasp", "no_free_approach", "no way to where the trace begins is free of contact")
        self._phase = Phase.APPROACH
        self.scene.set_out()
        self._move(there)
        self._is_near = True
        if coming is None:
            self._move(path, speed_m_s=APPROACH_M_S)
        else:
            lead_hand(self, coming, path)
        return None

    def follow(self, body: Body | None, *allowed: tuple[str, str]) -> None:
        """Begin to follow a trace; from now on the contacts of the body are checked.

        Args:
            body: The body that moves, None for the gripper itself.
            allowed: Pairs of names of bodies or links that may touch.
        """
        self._phase = Phase.FOLLOW
        if body is not None:
            self._contacts.begin(body.name)
            self._led = body.name
        self._contacts.allow(*allowed)

    def move_along(self, path: FloatArray, monitor: Monitor | None, speed_m_s: float, *, steady: bool = False) -> bool:
        """Move along a joint path from the arm's current position; return False if a landing ended the motion.

        Args:
            path: Joint positions, (M, J), radians.
            monitor: Watches the motion, if anything does.
            speed_m_s: Greatest speed of the tool.
            steady: Whether the tool goes at that speed wherever the arm can.
        """
        return self._move(np.concatenate([[self._qpos], path]), monitor, speed_m_s, steady)

    def move_in_step(
        self,
        planners: Sequence[ArmPlanner],
        paths: Sequence[FloatArray],
        monitor: Monitor,
        speed_m_s: float,
        held: Sequence[str],
    ) -> frozenset[str]:
        """Move several arms along joint paths from where they are, each the same share of its way at the same time.

        An arm whose body has landed stays where it is while the others move on. Return the names of what has landed.

        Args:
            planners: The planner of each arm.
            paths: Joint positions of each arm, (M, J), radians, for the same M.
            monitor: Watches the motion.
            speed_m_s: Greatest speed of a tool.
            held: Name of the body that each arm holds.
        """
        self._goals[self.robot.arm_indices] = self._qpos
        indices = [index for planner in planners for index in planner.robot.arm_indices]
        whole = np.concatenate([self._goals[indices][None], np.column_stack(paths)])
        ends = np.cumsum([len(planner.robot.arm_indices) for planner in planners])[:-1]
        landed: frozenset[str] = frozenset()
        for qpos, velocity in zip(*timed_in_step(planners, whole, speed_m_s), strict=True):
            positions, velocities = np.split(qpos, ends), np.split(velocity, ends)
            for number, planner in enumerate(planners):
                if held[number] not in landed:
                    self._drive(planner.robot, positions[number], velocities[number])
            landed |= self._advance(monitor).intersection(held)
            for planner in (planner for number, planner in enumerate(planners) if held[number] in landed):
                self._stay(planner.robot)
            if landed.issuperset(held):
                return landed
        for planner in planners:
            self._stay(planner.robot)
        return landed

    def _drive(self, robot: Robot, qpos: FloatArray, velocity: FloatArray) -> None:
        """Set the targets of one of the arms."""
        robot.drive(qpos, velocity)
        self._goals[robot.arm_indices] = qpos
        self._qpos = self._goals[self.robot.arm_indices]

    def _stay(self, robot: Robot) -> None:
        """Let one of the arms stay where it is driven to now."""
        self._drive(robot, self._goals[robot.arm_indices], np.zeros(len(robot.arm_indices)))

    def retreat(self, path: FloatArray, body: Body | None = None) -> None:
        """Retreat along a joint path and park the arm with an open hand.

        Args:
            path: Joint positions, (M, J), radians.
            body: The body that was moved, whose contacts are no longer checked.
        """
        self._phase = Phase.RETREAT
        if body is not None:
            self._contacts.cease(body.name)
        if len(path):
            self._move(np.concatenate([[self._qpos], path]))
        self._is_near = False
        self._forget_contacts()
        self.open_hand()
        self.go_home()

    def go_home(self) -> None:
        """Park the arm, if there is a free way, and let the scene settle."""
        self._phase = Phase.HOME
        self.planner.mirror()
        path = self.planner.connect(self._qpos, np.array(self.robot.arm.parked))
        if path is not None:
            self._move(path)
        self._phase = Phase.SETTLE
        self.wait(SETTLE_S)

    def trace(
        self, tcp_in_world: FloatArray, held_in_tcp: FloatArray | None = None, planned: FloatArray | None = None
    ) -> tuple[FloatArray, str]:
        """Return joint positions (M, J) along tool poses (M, 4, 4) from the current ones, and why they end early.

        The reason is one of `JointPath.blocked`, empty if the path is complete. See `Arm.trace` for the arguments.
        """
        path = self.planner.arm.trace(
            tcp_in_world, self._qpos, margin_rad=0.0, held_in_tcp=held_in_tcp, planned=planned
        )
        return path.qpos, path.blocked

    def allow(self, body: str, *others: str) -> None:
        """Allow a body to touch other bodies or links until it is released."""
        self._contacts.allow(*((other, body) for other in others))

    def _forget_contacts(self) -> None:
        """Allow no contacts any longer but those of what other hands hold."""
        others = [one.arm.hand for one in self.robot.by_arm if one.arm is not self.robot.arm]
        self._contacts.forget({link for hand in others for link in hand.links})

    def handle(self, body: str) -> None:
        """Allow the hand to touch a body until it is released."""
        self._contacts.handle(body, self._hand.links)

    def servo(self, goal: FloatArray, fingers: FloatArray, steps: int, phase: Phase, monitor: Monitor) -> None:
        """Drive the arm evenly towards joint positions, and the hand towards those of its joints, for some steps.

        Neither moves faster than it may: the goal may be reached by later calls only.

        Args:
            goal: Joint positions, (J,), radians.
            fingers: Positions of the hand's joints, (F,).
            steps: Number of simulation steps.
            phase: What the robot is doing.
            monitor: Watches the motion.

        Raises:
            EpisodeEnded: a contact is not allowed, or the monitor ended the episode.
        """
        self._phase = phase
        start, seconds = self._qpos, steps * TIMESTEP_S
        velocity = (goal - start) / seconds
        arm = self.robot.arm
        velocity *= min(1.0, float((arm.per_joint(arm.velocity_limit) / np.maximum(np.abs(velocity), 1e-9)).min()))
        for step in range(1, steps + 1):
            self._qpos = start + velocity * (step * TIMESTEP_S)
            self.robot.drive(self._qpos, velocity)
            self._targets = self._hand.ramp(self._targets, fingers, TIMESTEP_S)
            self.robot.grip(self._targets)
            self._advance(monitor)

    @property
    def goal_qpos(self) -> FloatArray:
        """Joint positions (J,), radians, to which the arm is driven now."""
        return self._qpos

    def watch(self, body: str, moved: bool) -> None:
        """Begin or cease to check the contacts of a body, as the robot moves it or not."""
        if moved:
            self._contacts.begin(body)
        else:
            self._contacts.cease(body)

    def _move(
        self,
        path: FloatArray,
        monitor: Monitor | None = None,
        speed_m_s: float | None = None,
        steady: bool = False,
    ) -> bool:
        """Drive the arm along a joint path; return False if the monitor reports a landing."""
        positions, velocities = self.planner.timed(path, speed_m_s, steady=steady)
        for step, (qpos, velocity) in enumerate(zip(positions, velocities, strict=True)):
            self.robot.drive(qpos, velocity)
            self._qpos = qpos
            if self._advance(monitor):
                self.robot.drive(self._qpos, np.zeros_like(velocity))
                return False
            if self._is_interrupted():
                self._brake(positions[step:], velocities[step:], monitor)
                raise Interrupted
        self.robot.drive(self._qpos, np.zeros_like(self._qpos))
        return True

    def _is_interrupted(self) -> bool:
        """Return whether a motion is to stop here: where there is a sample, on the way to something or on a trace."""
        under_way = self._phase in (Phase.APPROACH, Phase.FOLLOW) and not self._steps % SAMPLE_STEPS
        return under_way and self.interrupts is not None and self.interrupts()

    def _brake(self, positions: FloatArray, velocities: FloatArray, monitor: Monitor | None) -> None:
        """Come to a stop within `BRAKE_S` along the rest of a timed path (S, J), ever slower.

        Raises:
            EpisodeEnded: a contact is not allowed, or the monitor ended the episode.
        """
        steps, gone = round(BRAKE_S / TIMESTEP_S), 0.0
        for rate in 1.0 - np.arange(1, steps + 1) / steps:
            gone = min(gone + rate, len(positions) - 1.0)
            step = min(int(gone), max(0, len(positions) - 2))
            after = min(step + 1, len(positions) - 1)
            self._qpos = positions[step] + (gone - step) * (positions[after] - positions[step])
            self.robot.drive(self._qpos, rate * velocities[step])
            if self._advance(monitor):
                break
        self.robot.drive(self._qpos, np.zeros_like(self._qpos))

    def _advance(self, monitor: Monitor | None = None) -> frozenset[str]:
        """Simulate one step; return the names of what takes part in a contact that the monitor calls a landing."""
        self.scene.step()
        self._steps += 1
        touches = self._contacts.touches()
        if self._steps % SAMPLE_STEPS:
            self._contacts.pass_by(touches, monitor)
            return frozenset()
        self._recorder.sample(self._phase, self.keypoint)
        if monitor is not None:
            monitor.look(self.scene, self.robot.tcp_in_world)
            if monitor.deviation_m is not None:
                self.deviations_m.append(monitor.deviation_m)
        self._contacts.check(touches, monitor)
        landed = self._contacts.landed(touches, monitor)
        if monitor is not None:
            monitor.check(bool(landed))
        return landed
