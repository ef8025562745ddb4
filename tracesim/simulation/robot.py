"""A robot in a physics scene: its joints, drives and tool."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import sapien
from sapien import physx

from tracesim.geometry.hulls import HullShape
from tracesim.geometry.rigid import FloatArray, apply, to_quaternion
from tracesim.layout.embodiment import Embodiment
from tracesim.machine.stand_ins import stand_ins
from tracesim.simulation.robot_meshes import bare_urdf

POSITION_ITERATIONS = 4
"""Iterations of the solver in each time step while the robot touches nothing.

Where bodies touch, the solver takes the greatest number that one of them asks for, so that a held object counts as in
`tracesim.simulation.scene.POSITION_ITERATIONS`. In six episodes of six tasks, objects turn in the fingers as with 15
iterations, and the free tip of the gripper deviates from its path by 0.16 mm on average instead of 0.11.
"""

PATCH_RADIUS_M = 0.05
"""Radius of the torsional friction patch of a finger's pad; with a point contact a held object could spin."""

PAD_STIFFNESS_N_M = 3e5
"""Stiffness of the finger pads: like rubber, they are pressed in by tenths of a millimetre.

With hard fingers one or two points carry the load, different ones in each time step, and held objects turn little by
little. In twelve episodes of eight tasks, objects turn by at most 1.5 degrees with these pads, by 10 with hard ones, by
2.1 with 2e5 and by 1.7 with 5e5 N/m.
"""


def sapien_pose(pose: FloatArray) -> sapien.Pose:
    """Return a transform (4, 4) as SAPIEN's type."""
    return sapien.Pose(pose[:3, 3], to_quaternion(pose))


class Robot:
    """An articulated robot with position and velocity drives; its first arm does the work.

    Attributes:
        embodiment: Description of the robot.
        arm: The arm that does the work.
        articulation: SAPIEN's articulation.
        links: Links by name.
        shapes: Collision hulls by link, in the frame of the link.
        arm_indices: Indices of the arm's joints among the active joints.
        finger_indices: Indices of the finger joints among the active joints.
        tip_m: Distance by which the fingers extend beyond the tool centre point.
    """

    def __init__(self, scene: sapien.Scene, embodiment: Embodiment, visual_urdf: Path | None) -> None:
        """Load the robot with its arm parked and its hand open.

        Args:
            scene: Scene to load it into.
            embodiment: Description of the robot.
            visual_urdf: URDF with simplified visual meshes; None loads no visual meshes.
        """
        self.embodiment = embodiment
        self.arm = embodiment.arms[0]
        hand = self.arm.hand
        self.articulation = _load(scene, embodiment, visual_urdf)
        self.links = {link.name: link for link in self.articulation.links}
        joints = {joint.name: index for index, joint in enumerate(self.articulation.active_joints)}
        self.shapes = {name: shape for name, link in self.links.items() if (shape := _shape(link)) is not None}
        self.arm_indices = [joints[name] for name in self.arm.joints]
        self.finger_indices = [joints[name] for name in hand.finger_joints]
        self._arm_joints = [self.articulation.active_joints[index] for index in self.arm_indices]
        self._finger_joints = [self.articulation.active_joints[index] for index in self.finger_indices]
        self._tcp = self.links[hand.tcp_link]
        self.tip_m = self._tip_m()
        self._set_drives()
        self._park()

    def _set_drives(self) -> None:
        """Set the gains of all drives, and switch off gravity for the robot."""
        hand = self.arm.hand
        for joint in self._arm_joints:
            joint.set_drive_properties(self.arm.stiffness, self.arm.damping, self.arm.force_limit)
        for joint in self._finger_joints:
            joint.set_drive_properties(hand.stiffness, hand.damping, hand.force_limit)
            joint.set_armature(np.array([hand.armature], np.float32))
        # Like the real arm, which compensates for its own weight, so that the drives carry only the load.
        for link in self.articulation.links:
            link.disable_gravity = True

    def _park(self) -> None:
        """Put the arm into its parked posture with the hand open, and set the drives' targets there."""
        start = np.zeros(self.articulation.dof)
        start[self.arm_indices] = self.arm.parked
        start[self.finger_indices] = self.arm.hand.open
        self.articulation.set_qpos(start)
        self.drive(np.array(self.arm.parked), np.zeros(len(self._arm_joints)))
        self.grip(self.arm.hand.open)

    def drive(self, positions: FloatArray, velocities: FloatArray) -> None:
        """Set the targets of the arm's drives.

        Args:
            positions: Joint positions, (J,), radians.
            velocities: Joint velocities, (J,), rad/s.
        """
        for joint, position, velocity in zip(self._arm_joints, positions.tolist(), velocities.tolist(), strict=True):
            joint.set_drive_target(position)
            joint.set_drive_velocity_target(velocity)

    def grip(self, targets: FloatArray) -> None:
        """Set the targets of the hand's drives: positions of its joints, (F,)."""
        for joint, target in zip(self._finger_joints, targets.tolist(), strict=True):
            joint.set_drive_target(target)

    def _tip_m(self) -> float:
        """Return the distance by which the fingers extend beyond the tool centre point, metres."""
        tcp_in_world = self._tcp.entity_pose.to_transformation_matrix()
        points = []
        for link in self.arm.hand.finger_links:
            link_in_tcp = np.linalg.inv(tcp_in_world) @ self.links[link].entity_pose.to_transformation_matrix()
            points.append(apply(link_in_tcp, self.shapes[link].points))
        return float(np.concatenate(points)[:, 2].max())

    @property
    def tip_in_world(self) -> FloatArray:
        """Pose of the tips of the closed fingers, (4, 4), with the axes of the tool."""
        pose = self.tcp_in_world
        pose[:3, 3] += self.tip_m * pose[:3, 2]
        return pose

    @property
    def qpos(self) -> FloatArray:
        """Positions of all active joints, in the articulation's order."""
        return np.asarray(self.articulation.qpos, float)

    @property
    def arm_qpos(self) -> FloatArray:
        """Joint positions of the arm, (J,), radians."""
        return self.qpos[self.arm_indices]

    @property
    def hand_qpos(self) -> FloatArray:
        """Positions of the hand's joints, (F,)."""
        return self.qpos[self.finger_indices]

    @property
    def opening_m(self) -> float:
        """Distance between the finger tips."""
        return float(self.arm.hand.opening_m(self.hand_qpos))

    @property
    def tcp_in_world(self) -> FloatArray:
        """Pose of the tool centre point, (4, 4)."""
        return np.asarray(self._tcp.entity_pose.to_transformation_matrix(), float)


def _load(scene: sapien.Scene, embodiment: Embodiment, visual_urdf: Path | None) -> physx.PhysxArticulation:
    """Return the articulation of a robot, added to a scene at its place."""
    hand = embodiment.arms[0].hand
    urdf = visual_urdf or bare_urdf(embodiment.urdf())
    with stand_ins("trimesh"):  # which SAPIEN's loader imports, but would only use to draw a robot by itself
        loader = scene.create_urdf_loader()
    for link in hand.finger_links:
        # PhysX takes a negative restitution for the stiffness of a soft contact.
        loader.set_link_material(link, hand.finger_friction, hand.finger_friction, -PAD_STIFFNESS_N_M)
        loader.set_link_patch_radius(link, PATCH_RADIUS_M)
        loader.set_link_min_patch_radius(link, PATCH_RADIUS_M)
    builder = loader.load_file_as_articulation_builder(str(urdf))
    builders = {link_builder.name: link_builder for link_builder in builder.link_builders}
    for number, pair in enumerate(embodiment.touching_links):
        for name in pair:  # links that share a bit of their third group do not collide
            builders[name].collision_groups[2] |= 1 << number
    if visual_urdf is None:
        for link_builder in builder.link_builders:
            link_builder.visual_records.clear()
    articulation: physx.PhysxArticulation = builder.build()
    articulation.name = embodiment.name
    articulation.set_solver_position_iterations(POSITION_ITERATIONS)
    articulation.set_root_pose(sapien_pose(embodiment.base_in_world))
    return articulation


def _shape(link: physx.PhysxArticulationLinkComponent) -> HullShape | None:
    """Return the collision hulls of a link in its frame; None if it has none."""
    hulls = []
    for shape in link.collision_shapes:
        local = np.asarray(shape.local_pose.to_transformation_matrix(), float)
        if isinstance(shape, physx.PhysxCollisionShapeBox):
            x, y, z = np.asarray(shape.half_size, float)
            vertices = np.array([(i * x, j * y, k * z) for i in (-1, 1) for j in (-1, 1) for k in (-1, 1)])
        else:
            vertices = np.asarray(shape.vertices, float) * np.asarray(shape.scale, float)
        hulls.append(apply(local, vertices))
    return HullShape(hulls) if hulls else None
