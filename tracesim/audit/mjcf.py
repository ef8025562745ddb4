"""A scene and its robot as a MuJoCo model, which can be written as MJCF."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import mujoco
import numpy as np
from sapien import physx

from tracesim.geometry.rigid import FloatArray, inverse
from tracesim.layout.layout import TABLE, TABLE_SIZE_M
from tracesim.simulation.robot import Robot
from tracesim.simulation.scene import TABLE_FRICTION, Scene

if TYPE_CHECKING:
    import sapien

TIMESTEP_S: Final = 0.002
"""Time step of MuJoCo's simulation; a tenth of the time between two recorded samples."""

TORSION_M: Final = 0.02
"""Coefficient of torsional friction of finger pads, metres, in place of the patches that PhysX has for it."""

SPIN_M: Final = 0.005
"""The same of all other bodies: MuJoCo's default."""

STIFF: Final = {"solref": [0.005, 1.0], "solimp": [0.95, 0.99, 0.001, 0.5, 2.0]}
"""Contacts as stiff as the time step allows. With MuJoCo's defaults what is held creeps through the fingers, by up to
12 cm in an episode of `water_flowers`, which PhysX's rigid friction does not allow."""

_ROBOT: Final = 1
_REST: Final = 2
"""Bits of collision groups: the robot meets everything but itself."""


def model_of(scene: Scene) -> mujoco.MjSpec:
    """Return the model of a scene: table, bodies and robot, with one actuator for each driven joint.

    Hulls, masses, inertias, joints, limits and gains are those of the scene. An actuator holds its joint at a position;
    `command` gives the control that stands for a position and a velocity. Five things differ between the engines:

    - MuJoCo's contacts are soft, and friction is the larger of two coefficients instead of their mean. The table has
      none of its own and the fingers have priority, so that each contact gets PhysX's mean.
    - The patches of the finger pads are coefficients of torsional friction, and two fingers that slide are coupled, as
      those of the real hand are: their drives push with the same force, so that together they would give way.
    - Links of the robot do not collide with each other.
    - MuJoCo computes contact forces as if drives did not damp the arm within the time step, PhysX as if they did. The
      difference is added to each joint as armature; without it, what is held slips.
    - Angular damping of a free body is joint damping, which acts on its translation as well, but weakly: as on a point
      mass at the body's radius of gyration.

    Args:
        scene: The scene, not moved yet.
    """
    spec = mujoco.MjSpec()
    spec.modelname = "tracesim"
    spec.option.timestep = TIMESTEP_S
    spec.option.integrator = mujoco.mjtIntegrator.mjINT_IMPLICITFAST
    spec.option.cone = mujoco.mjtCone.mjCONE_ELLIPTIC
    spec.option.impratio = 10.0
    # What rests is not simulated: three to seven times as fast, with the same motion within 0.01 mm.
    spec.option.enableflags |= mujoco.mjtEnableBit.mjENBL_SLEEP
    spec.compiler.degree = False
    _add_table(spec)
    for body in scene.layout:
        component = scene.entities[body.name].find_component_by_type(physx.PhysxRigidDynamicComponent)
        added = spec.worldbody.add_body(name=body.name)
        _place(added, body.body_in_world)
        still = component.angular_damping * float(np.mean(component.inertia))
        added.add_joint(name=body.name, type=mujoco.mjtJoint.mjJNT_FREE, damping=still)
        _weigh(added, component.mass, component.inertia, component.cmass_local_pose)
        friction = (body.prop.friction + TABLE_FRICTION) / 2.0
        _add_hulls(spec, added, body.name, body.prop.hulls, _REST, friction)
    _add_robot(spec, scene)
    return spec


def command(robot: Robot) -> FloatArray:
    """Return the controls (U,) that stand for the targets of the drives now, in the order of the active joints."""
    return np.array([_control(joint) for joint in robot.articulation.active_joints])


def _control(joint: physx.PhysxArticulationJoint) -> float:
    """Return the position at which a spring pulls as hard as a drive with a target for the velocity as well."""
    target = float(np.ravel(joint.drive_target)[0])
    if joint.stiffness <= 0.0:
        return target
    return target + float(joint.damping / joint.stiffness) * float(np.ravel(joint.drive_velocity_target)[0])


def _add_table(spec: mujoco.MjSpec) -> None:
    x, y, z = TABLE_SIZE_M
    spec.worldbody.add_geom(
        name=TABLE,
        type=mujoco.mjtGeom.mjGEOM_BOX,
        size=[x / 2, y / 2, z / 2],
        pos=[0.0, 0.0, -z / 2],
        friction=[0.0, 0.0, 0.0],
        **STIFF,
        contype=_REST,
        conaffinity=_REST | _ROBOT,
    )


def _add_robot(spec: mujoco.MjSpec, scene: Scene) -> None:
    robot = scene.robot
    hands = {link: one.arm.hand for one in robot.by_arm for link in one.arm.hand.finger_links}
    rubbed = float(np.mean([body.prop.friction for body in scene.layout]))
    added: dict[str, mujoco.MjsBody] = {}
    for link in robot.articulation.links:
        joint = link.joint
        parent = spec.worldbody if link.parent is None else added[link.parent.name]
        body = added[link.name] = parent.add_body(name=link.name, gravcomp=1.0)
        in_joint = _matrix(joint.pose_in_child)
        _place(body, robot_pose(robot) if link.parent is None else _matrix(joint.pose_in_parent) @ inverse(in_joint))
        _weigh(body, link.mass, link.inertia, link.cmass_local_pose)
        if joint.type != "fixed" and link.parent is not None:
            _add_joint(spec, body, joint, in_joint)
        if link.name in robot.shapes:
            pad = hands.get(link.name)
            friction = TABLE_FRICTION if pad is None else (pad.finger_friction + rubbed) / 2.0
            hulls = [hull.points for hull in robot.shapes[link.name].hulls]
            _add_hulls(spec, body, link.name, hulls, _ROBOT, friction, is_pad=pad is not None)
    sliding = {joint.name for joint in robot.articulation.active_joints if joint.type == "prismatic"}
    for hand in (one.arm.hand for one in robot.by_arm):
        if len(hand.finger_joints) == 2 and sliding.issuperset(hand.finger_joints):
            _couple(spec, *hand.finger_joints)


def _couple(spec: mujoco.MjSpec, first: str, second: str) -> None:
    """Let two joints always have the same position."""
    equality = spec.add_equality(
        name=first,
        type=mujoco.mjtEq.mjEQ_JOINT,
        objtype=mujoco.mjtObj.mjOBJ_JOINT,
        name1=first,
        name2=second,
        **STIFF,
    )
    equality.data[:5] = [0.0, 1.0, 0.0, 0.0, 0.0]  # a polynomial of the second position


def robot_pose(robot: Robot) -> FloatArray:
    """Return the pose (4, 4) of a robot's root link, world."""
    return _matrix(robot.articulation.root_pose)


def _add_joint(
    spec: mujoco.MjSpec, body: mujoco.MjsBody, joint: physx.PhysxArticulationJoint, in_child: FloatArray
) -> None:
    """Add a joint, which turns or slides along the x axis of its frame, with the actuator of its drive."""
    low, high = (float(value) for value in joint.limits[0])
    is_limited = bool(np.isfinite([low, high]).all()) and high - low < 1e3
    body.add_joint(
        name=joint.name,
        type=mujoco.mjtJoint.mjJNT_SLIDE if joint.type == "prismatic" else mujoco.mjtJoint.mjJNT_HINGE,
        pos=in_child[:3, 3],
        axis=in_child[:3, 0],
        range=[low, high] if is_limited else [0.0, 0.0],
        limited=mujoco.mjtLimited.mjLIMITED_TRUE if is_limited else mujoco.mjtLimited.mjLIMITED_FALSE,
        armature=max(float(np.ravel(joint.armature)[0]), TIMESTEP_S * float(joint.damping)),
    )
    gain, damping, limit = float(joint.stiffness), float(joint.damping), float(joint.force_limit)
    spec.add_actuator(
        name=joint.name,
        target=joint.name,
        trntype=mujoco.mjtTrn.mjTRN_JOINT,
        gaintype=mujoco.mjtGain.mjGAIN_FIXED,
        biastype=mujoco.mjtBias.mjBIAS_AFFINE,
        gainprm=[gain, *[0.0] * 9],
        biasprm=[0.0, -gain, -damping, *[0.0] * 7],
        forcelimited=mujoco.mjtLimited.mjLIMITED_TRUE if limit < 1e9 else mujoco.mjtLimited.mjLIMITED_FALSE,
        forcerange=[-limit, limit] if limit < 1e9 else [0.0, 0.0],
    )


def _add_hulls(
    spec: mujoco.MjSpec,
    body: mujoco.MjsBody,
    name: str,
    hulls: list[FloatArray] | tuple[FloatArray, ...],
    group: int,
    friction: float,
    is_pad: bool = False,
) -> None:
    """Add convex hulls, each a mesh of its own, to a body."""
    for number, points in enumerate(hulls):
        mesh = f"{name}/{number}"
        spec.add_mesh(
            name=mesh,
            uservert=np.asarray(points, float).ravel(),
            inertia=mujoco.mjtMeshInertia.mjMESH_INERTIA_SHELL,  # flat hulls have no volume; bodies state their own
        )
        body.add_geom(
            name=mesh,
            type=mujoco.mjtGeom.mjGEOM_MESH,
            meshname=mesh,
            contype=group,
            conaffinity=_REST if group == _ROBOT else _REST | _ROBOT,
            friction=[friction, TORSION_M if is_pad else SPIN_M, 1e-4],
            condim=4 if is_pad else 3,
            priority=1 if is_pad else 0,
            mass=0.0,
            **STIFF,
        )


def _place(body: mujoco.MjsBody, pose: FloatArray) -> None:
    quaternion = np.zeros(4)
    mujoco.mju_mat2Quat(quaternion, np.ascontiguousarray(pose[:3, :3]).ravel())
    body.pos, body.quat = pose[:3, 3], quaternion


def _weigh(body: mujoco.MjsBody, mass: float, inertia: FloatArray, at: sapien.Pose) -> None:
    body.explicitinertial = True
    body.mass, body.inertia = float(mass), np.maximum(np.asarray(inertia, float), 1e-9)
    body.ipos, body.iquat = np.asarray(at.p, float), np.asarray(at.q, float)


def _matrix(pose: sapien.Pose) -> FloatArray:
    return np.asarray(pose.to_transformation_matrix(), float)
