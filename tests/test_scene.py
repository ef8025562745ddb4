"""A simulated body collides with the hulls that its prop states, and that clearance is measured with."""

from __future__ import annotations

import numpy as np
import pytest
import sapien
from scipy.spatial import ConvexHull
from scipy.spatial.transform import Rotation

from tracesim.assets.props import PROPS
from tracesim.assets.robots import embodiment
from tracesim.geometry.clearance import bodies_distance
from tracesim.geometry.contacts import TOUCHING_M
from tracesim.geometry.hulls import HullShape
from tracesim.geometry.rigid import FloatArray, angle_between, apply, inverse, transform
from tracesim.layout.layout import Layout, standing
from tracesim.layout.randomness import Draw
from tracesim.simulation.collision_shapes import convex_shape
from tracesim.simulation.robot import Robot, sapien_pose
from tracesim.simulation.scene import Scene, configure_physics

AGREES_M = 1e-4
SETTLES_S = 0.6
STEADY_DEG = 0.1
STEADY_M = 2e-4


def scene_of(kind: str, seed: int) -> Scene:
    layout = Layout()
    layout.add("body", PROPS[kind](Draw.of(np.random.default_rng(seed))), standing(0.0, 0.0))
    return Scene(layout, embodiment("panda"))


@pytest.mark.one_in(4)
@pytest.mark.parametrize("kind", PROPS)
def test_physics_collides_with_the_hulls_of_the_prop(kind: str) -> None:
    for seed in range(3):
        scene = scene_of(kind, seed)
        component = scene.entities["body"].find_component_by_type(sapien.physx.PhysxRigidDynamicComponent)
        hulls = scene.layout["body"].prop.hulls
        for shape, hull in zip(component.collision_shapes, hulls, strict=True):
            in_body = np.asarray(shape.local_pose.to_transformation_matrix(), float)
            cooked = apply(in_body, np.asarray(shape.vertices, float) * np.asarray(shape.scale, float))
            for inner, outer in ((hull, cooked), (cooked, hull)):
                planes = ConvexHull(outer).equations
                assert (inner @ planes[:, :3].T + planes[:, 3]).max() < AGREES_M


@pytest.mark.one_in(4)
@pytest.mark.parametrize("kind", PROPS)
def test_a_body_stays_as_it_was_placed(kind: str) -> None:
    for seed in range(3):
        scene = scene_of(kind, seed)
        before = scene.body_in_world("body")
        while scene.time_s < SETTLES_S:
            scene.step()
        after = scene.body_in_world("body")
        assert np.degrees(angle_between(before, after)) < STEADY_DEG
        assert np.linalg.norm(after[:3, 3] - before[:3, 3]) < STEADY_M


@pytest.mark.parametrize("depth_m", [0.0004, 0.002])
def test_the_reported_penetration_is_how_deep_a_body_was_put_into_another(depth_m: float) -> None:
    scene = scene_of("block", 0)
    body_in_world = scene.body_in_world("body")
    body_in_world[2, 3] -= depth_m
    scene.entities["body"].pose = sapien_pose(body_in_world)
    scene.step()
    found = scene.penetration()
    assert found is not None
    assert {found.first, found.second} == {"body", "table"}
    assert abs(found.depth_m - depth_m) < AGREES_M
    assert found.time_s == scene.time_s


LOWERED = {
    "peach": ((2.88539, 0.04812, -0.28482), (-0.00682, -0.03312, 0.05891), (-0.11798, -0.00005, 0.99302)),
    "skillet": ((2.24829, -1.86730, -0.11447), (-0.02851, 0.09995, 0.00438), (0.21395, 0.08114, 0.97347)),
}
"""A rotation vector of the tool, where it ends over a prop, metres, and from which direction it is lowered."""


def hand_in_tool(robot: Robot) -> list[FloatArray]:
    world_in_tool = inverse(robot.tcp_in_world)
    return [
        apply(world_in_tool @ robot.links[name].entity_pose.to_transformation_matrix(), hull.points)
        for name in robot.arm.hand.links
        for hull in robot.shapes[name].hulls
    ]


@pytest.mark.parametrize("kind", LOWERED)
def test_contacts_are_as_far_apart_as_the_hulls(kind: str) -> None:
    """A hand is lowered onto a prop until it is a millimetre away."""
    prop = PROPS[kind](Draw.of(np.random.default_rng(1)))
    rotation, end, back = (np.array(vector) for vector in LOWERED[kind])
    scene = scene_of("block", 0)
    pieces = hand_in_tool(scene.robot)
    configure_physics()
    world = sapien.Scene([sapien.physx.PhysxCpuSystem()])
    material = sapien.physx.PhysxMaterial(0.5, 0.5, 0.0)
    bodies = []
    for hulls in (pieces, prop.hulls):
        component, entity = sapien.physx.PhysxRigidDynamicComponent(), sapien.Entity()
        for hull in hulls:
            component.attach(convex_shape(hull, material))
        component.disable_gravity = True
        entity.add_component(component)
        world.add_entity(entity)
        bodies.append((entity, component))
    shapes = HullShape(pieces), HullShape(prop.hulls)
    least_m = []
    for gone_m in np.arange(0.02, 0.0, -0.0003):
        pose = transform(Rotation.from_rotvec(rotation).as_matrix(), end + gone_m * back)
        for (entity, component), body_in_world in zip(bodies, (pose, np.eye(4)), strict=True):
            entity.pose = sapien_pose(body_in_world)
            component.linear_velocity = component.angular_velocity = np.zeros(3)
            component.wake_up()
        apart_m = bodies_distance(shapes[0], pose, shapes[1], np.eye(4))
        world.step()
        for contact in world.physx_system.get_contacts():
            assert all(point.separation > apart_m - AGREES_M for point in contact.points)
            least_m.append(apart_m)
    assert min(least_m) < 0.002


def rigid(scene: Scene, name: str) -> sapien.physx.PhysxRigidBaseComponent:
    return scene.entities[name].find_component_by_type(sapien.physx.PhysxRigidBaseComponent)


def pressing(scene: Scene, moving: set[str]) -> list[tuple[str, ...]]:
    """Return the names of all pairs that touch, one of them in `moving`, read from every contact."""
    names = {
        entity.find_component_by_type(sapien.physx.PhysxRigidBaseComponent): name
        for name, entity in scene.entities.items()
    }
    pairs = []
    for contact in scene.system.get_contacts():
        pair = tuple(names.get(body, "robot") for body in contact.bodies)
        near = [one for one in contact.points if one.separation < TOUCHING_M]
        if moving & set(pair) and any(one.separation < 0.0 or one.impulse.any() for one in near):
            pairs.append(pair)
    return sorted(pairs)


def test_every_contact_is_read_while_bodies_fall_asleep_and_wake_up() -> None:
    rng = np.random.default_rng(3)
    layout = Layout()
    for number in range(6):
        at = (0.05 * rng.normal(), 0.05 * rng.normal(), 0.06 + 0.07 * number)
        rotation = Rotation.random(random_state=number).as_matrix()
        layout.add(f"block_{number}", PROPS["block"](Draw.of(rng)), transform(rotation, at))
    scene = Scene(layout, embodiment("panda"))
    blocks = [
        scene.entities[body.name].find_component_by_type(sapien.physx.PhysxRigidDynamicComponent) for body in layout
    ]
    asleep = set()
    for step in range(900):
        scene.step()
        if step == 600:  # wakes up those that it falls upon
            blocks[0].set_entity_pose(sapien.Pose([*blocks[1].entity_pose.p[:2], 0.3]))
        moving = {f"block_{number}" for number in range(6) if rng.random() < 0.3}
        touches = [(touch.first, touch.second) for touch in scene.touching(moving)]
        assert sorted(touches) == pressing(scene, moving)
        asleep.add(sum(block.is_sleeping for block in blocks))
    assert {0, 6} <= asleep
    assert len(asleep) > 2
