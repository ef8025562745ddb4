"""Plans for one arm: joint positions for tool poses, free paths between them, and their timing."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np
from mplib.sapien_utils import SapienPlanner, SapienPlanningWorld
from mplib.sapien_utils.conversion import convert_object_name

from tracesim.clearance import ClearanceProbe
from tracesim.hulls import Facets
from tracesim.layout import TABLE, TABLE_SHAPE
from tracesim.plotless import fcl, mplib, toppra
from tracesim.rigid import FloatArray, inverse, to_quaternion, transforms
from tracesim.scene import TIMESTEP_S, Scene

ROOM_M: Final = 0.004
"""How far the arm stays from everything where it plans to be free: motion is not as exact as a plan."""

PADDING_M: Final = 0.008
"""How much thicker everything is where a detour is sought: what is found is then cut short, and grazes it."""

DETOURS: Final = 3
"""So many detours are sought: one that is cut short may come too near to something all the same."""

SPEED_LOOK_S: Final = 0.04
"""How often the tool's speed along a timed path is looked at."""

JUMP_RAD: Final = 0.4
"""Neighbouring poses of a path whose joints differ by more belong to different branches of the inverse kinematics."""

LIMIT_MARGIN_RAD: Final = 0.06
"""How far a plan stays from the joints' limits; what is executed later differs a little, and may use what is left."""

INTERPOLATION_RAD: Final = 0.05
DETOUR_LIMIT_S: Final = 5.0
"""How long a free path may be looked for: far more than it ever takes, so that a slow machine plans the same."""

toppra.setup_logging("ERROR")


@dataclass(frozen=True)
class JointPath:
    """Joint positions (M, J), radians, along a path; `blocked` names why it ends before its last pose, or is empty."""

    qpos: FloatArray
    blocked: str = ""


class ArmPlanner:
    """mplib's planning world over a scene, for the embodiment's working arm."""

    def __init__(self, scene: Scene, seed: int) -> None:
        """Mirror the scene as it stands; `seed` makes sampling-based plans repeatable."""
        mplib.set_global_seed(seed % (2**31 - 1) + 1)
        self._scene = scene
        robot = scene.robot
        self._arm = robot.arm
        joints = len(self._arm.joints)
        self._world = SapienPlanningWorld(scene.sapien, [robot.articulation])
        self._planner = SapienPlanner(
            self._world,
            self._arm.hand.tcp_link,
            joint_vel_limits=np.full(joints, self._arm.velocity_limit),
            joint_acc_limits=np.full(joints, self._arm.acceleration_limit),
        )
        allowed = self._world.get_allowed_collision_matrix()
        for first, second in robot.embodiment.touching_links:
            allowed.set_entry(first, second, True)
        for link in robot.embodiment.mount_links:
            allowed.set_entry(link, self._name(TABLE), True)
        self._moving = [name for name in robot.shapes if name not in robot.embodiment.mount_links]
        self._shapes = {TABLE: TABLE_SHAPE, **{body.name: body.shape for body in scene.layout}}
        self._fingers = self._arm.hand.open_m
        self.reproducible = True
        """Whether no plan ended by its time limit, which another machine might not have reached."""
        self._names = {self._name(body.name): body.name for body in scene.layout}
        self._simplify(scene)
        self._tcp_index = self._planner.move_group_link_id
        self._limits = self._planner.joint_limits[robot.arm_indices]
        self._world_in_base = inverse(robot.embodiment.base_in_world)
        self._fixed = np.array([index not in robot.arm_indices for index in range(robot.articulation.dof)])

    def _name(self, entity: str) -> str:
        return str(convert_object_name(self._scene.entities[entity]))

    def _simplify(self, scene: Scene) -> None:
        """Give the sampling-based planner one hull a body: without a broad phase it looks at every pair of hulls."""
        padding = PADDING_M * np.concatenate([np.eye(3), -np.eye(3)])
        for body in scene.layout:
            facets = Facets.of((body.shape.points[:, None] + padding).reshape(-1, 3))
            self._put(body.name, [fcl.Convex(facets.vertices, facets.triangles)])

    def _detail(self, *ends: FloatArray) -> None:
        """Give it all hulls of the bodies whose one hull the arm is in where a way starts or ends: (J,) each."""
        for qpos in ends:
            self._world.set_qpos_all(qpos)
            for hit in self._world.check_collision():
                for name in {hit.link_name1, hit.link_name2} & set(self._names):
                    self._put(self._names[name], [hull.convex for hull in self._shapes[self._names[name]].hulls])

    def _put(self, body: str, pieces: list[fcl.Convex]) -> None:
        pose = self._scene.body_in_world(body)
        shapes = [fcl.CollisionObject(piece) for piece in pieces]
        at = mplib.Pose(pose[:3, 3], to_quaternion(pose))
        self._world.add_object(fcl.FCLObject(self._name(body), at, shapes, [mplib.Pose()] * len(shapes)))

    def mirror(self) -> None:
        """Take over where everything stands now."""
        self._world.update_from_simulation()
        self._poses = {name: self._scene.body_in_world(name) for name in self._shapes}

    def open_to(self, opening_m: float) -> None:
        """Plan with every finger at that travel, metres."""
        self._fingers = opening_m

    def tool(
        self, tcp_in_world: FloatArray, start: FloatArray, margin_rad: float = LIMIT_MARGIN_RAD
    ) -> FloatArray | None:
        """Return joint positions (J,) near `start` that bring the tool to a pose, or None."""
        tcp_in_base = self._world_in_base @ tcp_in_world
        full = self._scene.robot.qpos
        full[self._scene.robot.arm_indices] = start
        target = mplib.Pose(tcp_in_base[:3, 3], to_quaternion(tcp_in_base))
        found, converged, _ = self._planner.pinocchio_model.compute_IK_CLIK(
            self._tcp_index, target, full, self._fixed.tolist()
        )
        qpos = np.asarray(found)[self._scene.robot.arm_indices]
        # The iteration runs freely: a joint that went round is the same posture a turn back.
        qpos = np.where(
            qpos > self._limits[:, 1], qpos - 2 * np.pi * np.ceil((qpos - self._limits[:, 1]) / (2 * np.pi)), qpos
        )
        qpos = np.where(
            qpos < self._limits[:, 0], qpos + 2 * np.pi * np.ceil((self._limits[:, 0] - qpos) / (2 * np.pi)), qpos
        )
        return qpos if converged and self._within_limits(qpos, margin_rad) else None

    def _within_limits(self, qpos: FloatArray, margin_rad: float) -> bool:
        low, high = self._limits.T
        return bool((qpos >= low + margin_rad).all() and (qpos <= high - margin_rad).all())

    def postures(self, tcp_in_world: FloatArray) -> Iterator[FloatArray]:
        """Yield joint positions that bring the tool to a pose, from several starts, the most relaxed first."""
        base = self._scene.robot.embodiment.base_in_world
        target = inverse(base) @ tcp_in_world
        heading = float(np.arctan2(target[1, 3], target[0, 3]))
        found: list[FloatArray] = []
        for start in self._starts(heading):
            qpos = self.tool(tcp_in_world, start)
            if qpos is not None and all(np.abs(qpos - other).max() > 0.05 for other in found):
                found.append(qpos)
        middle = self._limits.mean(axis=1)
        reach = (self._limits[:, 1] - self._limits[:, 0]) / 2
        yield from sorted(found, key=lambda qpos: float((np.abs(qpos - middle) / reach).max()))

    def _starts(self, heading: float) -> Iterator[FloatArray]:
        ready = np.array(self._arm.parked)
        for elbow in (0.0, 0.5, -0.5):
            for twist in (0.0, np.pi / 2, -np.pi / 2, np.pi, -np.pi):
                start = ready.copy()
                start[0] = heading - elbow
                start[2] = elbow
                start[-1] += twist
                if self._within_limits(start, LIMIT_MARGIN_RAD):
                    yield start

    def trace(self, tcp_in_world: FloatArray, start: FloatArray, margin_rad: float = LIMIT_MARGIN_RAD) -> JointPath:
        """Return the joint path along tool poses (M, 4, 4) from `start` (J,), as far as it can be followed.

        margin_rad: how far it has to stay from the joints' limits.
        """
        path = [start]
        for pose in tcp_in_world:
            qpos = self.tool(pose, path[-1], margin_rad)
            if qpos is None:
                return JointPath(np.array(path)[1:], "unreachable")
            if np.abs(qpos - path[-1]).max() > JUMP_RAD:
                return JointPath(np.array(path)[1:], "joint_jump")
            path.append(qpos)
        return JointPath(np.array(path)[1:])

    def dexterity(self, path: FloatArray) -> float:
        """Return how well the arm can still move everywhere on joint positions (M, J): 0 where it is singular.

        The least singular value of the tool's Jacobian, in metres and radians a radian. Source: Klein and Blaho,
        "Dexterity Measures for the Design and Control of Kinematically Redundant Manipulators", IJRR 1987.
        """
        model, robot = self._planner.pinocchio_model, self._scene.robot
        full = robot.qpos
        jacobians = []
        for qpos in path:
            full[robot.arm_indices] = qpos
            model.compute_forward_kinematics(full)
            jacobians.append(model.compute_single_link_jacobian(full, self._tcp_index, False)[:, robot.arm_indices])
        return float(np.linalg.svd(np.array(jacobians), compute_uv=False)[:, -1].min())

    def keeps(
        self, room_m: float, path: FloatArray, held: str | None = None, held_in_tcp: FloatArray | None = None
    ) -> bool:
        """Tell whether arm and hand stay `room_m` away from everything at joint positions (M, J).

        held: a body that the hand is about, whose nearness to the hand does not count. held_in_tcp: its pose (4, 4)
        when it is carried; then it has to stay away from all else, too.
        """
        if not len(path):
            return True
        poses = {**self._poses, **self._links_in_world(path)}
        hand = self._scene.robot.arm.hand
        links = {name: shape for name, shape in self._scene.robot.shapes.items() if name in self._moving}
        if held is None or held_in_tcp is None:
            excepted = [(link, held) for link in hand.links] if held is not None else []
            return ClearanceProbe(links, self._shapes, excepted).keeps(room_m, poses)
        poses[held] = poses[hand.tcp_link] @ held_in_tcp
        others = {name: shape for name, shape in self._shapes.items() if name != held}
        return ClearanceProbe({**links, held: self._shapes[held]}, others).keeps(room_m, poses)

    def body_keeps(self, room_m: float, body: str, body_in_world: FloatArray) -> bool:
        """Tell whether a body alone stays `room_m` away from all others at poses (M, 4, 4)."""
        if not len(body_in_world):
            return True
        others = {name: shape for name, shape in self._shapes.items() if name != body}
        return ClearanceProbe({body: self._shapes[body]}, others).keeps(room_m, {**self._poses, body: body_in_world})

    def _links_in_world(self, path: FloatArray) -> dict[str, FloatArray]:
        """Return the poses (M, 4, 4) of the moving links and the tool at joint positions (M, J)."""
        model, robot = self._planner.pinocchio_model, self._scene.robot
        full = robot.qpos
        full[robot.finger_indices] = self._fingers
        names = [*self._moving, robot.arm.hand.tcp_link]
        indices = [self._planner.link_name_2_idx[name] for name in names]
        rows = []
        for qpos in path:
            full[robot.arm_indices] = qpos
            model.compute_forward_kinematics(full)
            rows.append([np.concatenate([pose.p, pose.q]) for pose in map(model.get_link_pose, indices)])
        values = np.array(rows)
        base = robot.embodiment.base_in_world
        return {name: base @ transforms(values[:, k, :3], values[:, k, 3:]) for k, name in enumerate(names)}

    def connect(self, start: FloatArray, goal: FloatArray, held: str | None = None) -> FloatArray | None:
        """Return a free joint path (M, J) from `start` to `goal`: straight where that is free, else RRT-Connect's."""
        straight = _interpolated(np.array([start, goal]))
        # The ends are given: a path may start and end nearer to things than it may pass them.
        if self.keeps(ROOM_M, straight[1:-1], held):
            return straight
        full = self._scene.robot.qpos
        full[self._scene.robot.finger_indices] = self._fingers
        full[self._scene.robot.arm_indices] = start
        self._planner.robot.set_qpos(full, True)
        self._detail(start, goal)
        for _ in range(DETOURS):
            started = time.monotonic()
            path: Any
            status, path = self._planner.planner.plan(start, [goal], time=DETOUR_LIMIT_S, range=0.1, simplify=True)
            self.reproducible &= time.monotonic() - started < DETOUR_LIMIT_S
            if status == "Exact solution":
                detour = _interpolated(np.asarray(path))
                if self.keeps(ROOM_M, detour[1:-1], held):
                    return detour
        return None

    def timed(self, path: FloatArray, tool_speed_m_s: float | None = None) -> tuple[FloatArray, FloatArray]:
        """Return positions and velocities (S, J) at every time step along a joint path (M, J), at rest at both ends.

        Time-optimal within the arm's limits, slowed down as a whole where the tool would be faster than asked.
        Source: Pham and Pham, "A New Approach to Time-Optimal Path
        Parameterization Based on Reachability Analysis", T-RO 2018.
        """
        moved = np.abs(np.diff(path, axis=0)).max(axis=1) > 1e-6
        path = path[np.concatenate([[True], moved])]
        if len(path) < 2:
            return path, np.zeros_like(path)
        if len(path) == 2:
            path = np.array([path[0], path.mean(axis=0), path[1]])
        arclength = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(path, axis=0), axis=1))])
        spline = toppra.SplineInterpolator(arclength / arclength[-1], path, bc_type="natural")
        joints = path.shape[1]
        limits = [
            toppra.constraint.JointVelocityConstraint(np.tile([-1.0, 1.0], (joints, 1)) * self._arm.velocity_limit),
            toppra.constraint.JointAccelerationConstraint(
                np.tile([-1.0, 1.0], (joints, 1)) * self._arm.acceleration_limit
            ),
        ]
        timing = toppra.algorithm.TOPPRA(limits, spline, parametrizer="ParametrizeConstAccel").compute_trajectory()
        if timing is None:
            raise RuntimeError("a joint path cannot be timed within the arm's limits")
        slower = 1.0
        if tool_speed_m_s is not None:
            looks = np.linspace(0.0, timing.duration, max(3, int(timing.duration / SPEED_LOOK_S)))
            tool = self._links_in_world(timing(looks))[self._arm.hand.tcp_link][:, :3, 3]
            fastest = np.linalg.norm(np.diff(tool, axis=0), axis=1).max() / (looks[1] - looks[0])
            slower = max(1.0, float(fastest) / tool_speed_m_s)
        duration = timing.duration * slower
        times = np.append(np.arange(TIMESTEP_S, duration, TIMESTEP_S), duration) / slower
        return timing(times), timing(times, 1) / slower


def _interpolated(path: FloatArray) -> FloatArray:
    """Return a joint path with steps of at most `INTERPOLATION_RAD`."""
    pieces = [path[:1]]
    for start, goal in pairwise(path):
        count = max(1, int(np.ceil(np.abs(goal - start).max() / INTERPOLATION_RAD)))
        pieces.append(start + (goal - start) * (np.arange(1, count + 1) / count)[:, None])
    return np.concatenate(pieces)
