"""Scenes: a layout and a robot in a SAPIEN simulation."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final, NamedTuple

import numpy as np
import sapien
from sapien import physx

from tracesim.assets.balls import ball
from tracesim.assets.person_hand import person_hand
from tracesim.assets.room import Room, pedestal
from tracesim.configuration.variation.light import DAYLIGHT, Light
from tracesim.geometry.contacts import TOUCHING_M, Penetration
from tracesim.geometry.rigid import FloatArray, transform
from tracesim.layout.beads import UNSEEN_M, Beads
from tracesim.layout.body import moved
from tracesim.layout.displacement import PERSON, SHIFT, Displacement
from tracesim.layout.embodiment import Embodiment
from tracesim.layout.layout import TABLE, TABLE_SIZE_M, Body, Layout
from tracesim.layout.prop import Surface
from tracesim.simulation.bead_world import BeadWorld
from tracesim.simulation.collision_shapes import convex_shape
from tracesim.simulation.contact_renewal import ContactRenewal
from tracesim.simulation.displacing import Displacing
from tracesim.simulation.joints import Friction, join
from tracesim.simulation.packed_poses import packed_poses, rows_of
from tracesim.simulation.renderer import light, render_body, render_system
from tracesim.simulation.robot import Robot, sapien_pose
from tracesim.simulation.robot_meshes import decimated_urdf

TIMESTEP_S: Final = 1 / 150
"""Time step of the simulation.

In 36 episodes of nine tasks, held objects turn in the fingers by at most 1.5 degrees, and the largest mean deviation
from a trace is 0.5 mm. A time step of 1/250 s is no better, and a simulated second takes 1.4 times as long.
"""

POSITION_ITERATIONS: Final = 15
"""Iterations of the solver in each time step.

In the same episodes, held objects turn by at most 5.5 degrees with 10 iterations, 1.5 with 15, and 1.4 with 25.
"""
VELOCITY_ITERATIONS: Final = 1
CONTACT_OFFSET_M: Final = 0.003
"""Distance below which pairs of shapes are passed to the solver; nothing moves this far in one step."""

LOOK_STEPS: Final = 10
"""Time steps between two looks for bodies that have fallen asleep."""

TABLE_FRICTION: Final = 0.8

DEPENETRATION_M_S: Final = 1.0
"""Greatest velocity at which overlapping bodies are pushed apart.

Once in thousands of episodes PhysX mistakes the contact of two hulls for an overlap of centimetres, and would eject a
cup from its plate. No grip needs a higher value.
"""


class Touch(NamedTuple):
    """Two bodies or links that press on each other, and where, (3,), metres, world."""

    first: str
    second: str
    position: FloatArray


class Scene:
    """The physics of one episode.

    It is built anew for each episode, because a rebuilt scene is reproducible where a restored one is not.

    Attributes:
        layout: Bodies on the table, as placed.
        system: SAPIEN's physics system.
        sapien: SAPIEN's scene.
        entities: Entities of the table and the bodies, by name.
        robot: The robot.
        time_s: Time simulated so far.
    """

    def __init__(
        self,
        layout: Layout,
        embodiment: Embodiment,
        room: Room | None = None,
        source: Light = DAYLIGHT,
        raised_m: float = 0.0,
        displacement: Displacement | None = None,
        beads: Sequence[Beads] = (),
    ) -> None:
        """Build the table, the bodies in the layout's order, then the robot with its arm parked.

        Args:
            layout: Bodies on the table.
            embodiment: Description of the robot.
            room: Visible surroundings; None builds a scene that cannot be rendered and needs no Vulkan device.
            source: The light of a scene that can be rendered.
            raised_m: Height of the table above its usual one. The world's origin stays on the table, so the robot and
                the room are lowered instead.
            displacement: What something other than the robot moves, None if nothing is.
            beads: Small spheres, which nothing else feels.
        """
        self.layout = layout
        embodiment = embodiment.lowered(raised_m)
        configure_physics()
        self.system = physx.PhysxCpuSystem()
        self.system.timestep = TIMESTEP_S
        visual_urdf = None
        if room is None:
            self.sapien = sapien.Scene([self.system])
        else:
            render_system()
            self.sapien = sapien.Scene([self.system, sapien.render.RenderSystem()])
            visual_urdf = decimated_urdf(embodiment.urdf(), embodiment.visual_share)
            light(self.sapien, source)
        self.entities = {TABLE: self._table()}
        self._frictions: list[Friction] = []
        for body in layout:
            self.entities[body.name] = self._body(body, visible=room is not None)
            if body.joining is not None:
                parent = self.entities[body.joining.parent]
                self._frictions.append(join(self.entities[body.name], parent, body.joining, TIMESTEP_S))
        self.robot = Robot(self.sapien, embodiment, visual_urdf)
        if room is not None:
            self._furnish(room, embodiment, raised_m)
        # Looking up names through each contact's entities would take most of the time spent on contacts.
        self._components: dict[str, physx.PhysxRigidBaseComponent] = {
            **{
                name: entity.find_component_by_type(physx.PhysxRigidBaseComponent)
                for name, entity in self.entities.items()
            },
            **self.robot.links,
        }
        self._displacing = self._displaced(displacement, visible=room is not None) if displacement else None
        self._named = {component: name for name, component in self._components.items()}
        self._sleepers = [(body.name, self._components[body.name]) for body in layout]
        bodies = {body.name: self.entities[body.name] for body in layout}
        self._renewal = ContactRenewal(self.system, bodies)
        self._contacts: list[physx.PhysxContact] = []
        self._looked_for: Collection[str] = ()
        self._look_in = 0
        self._quiet: set[physx.PhysxContact] = set()
        self._component_sets: dict[frozenset[str], frozenset[physx.PhysxRigidBaseComponent]] = {}
        self.time_s = 0.0
        self._bead_world = self._with_beads(beads, visible=room is not None) if beads else None

    def _furnish(self, room: Room, embodiment: Embodiment, raised_m: float) -> None:
        """Add everything that is seen but never touched.

        Entities added last are rendered last, and their hidden parts are not shaded, which saves a third of the
        rendering time.
        """
        for name, surfaces, pose in (
            ("table top", room.table, np.eye(4)),
            ("pedestal", (embodiment.mount or pedestal)(), embodiment.base_in_world),
            ("room", room.surroundings, transform(translation=(0.0, 0.0, -raised_m))),
        ):
            entity = sapien.Entity()
            entity.name = name
            entity.add_component(render_body(surfaces))
            entity.pose = sapien_pose(pose)
            self.sapien.add_entity(entity)

    def _displaced(self, displacement: Displacement, visible: bool) -> Displacing:
        """Prepare a displacement, and add what is recorded of it."""
        name = displacement.body
        displacing = Displacing(displacement, self.layout[name], self.entities[name])
        if visible:
            displacing.person.add_component(render_body(person_hand()))
        for name, entity in ((SHIFT, displacing.shift), (PERSON, displacing.person)):
            entity.name = name
            self.sapien.add_entity(entity)
            self.entities[name] = entity
        return displacing

    def _with_beads(self, groups: Sequence[Beads], visible: bool) -> BeadWorld:
        """Prepare the physics of beads, and add what is recorded and seen of them."""
        hands = {link for robot in self.robot.by_arm for link in robot.arm.hand.links if link in self.robot.shapes}
        solids = {name: (shape, TABLE_FRICTION) for name, shape in self.layout.shapes.items()}
        solids |= {body.name: (body.shape, body.prop.friction) for body in self.layout}
        solids |= {link: (self.robot.shapes[link], TABLE_FRICTION) for link in sorted(hands)}
        self._solid_rows = rows_of(self.sapien, [self._components[name].entity for name in solids])
        world = BeadWorld(groups, solids, TIMESTEP_S)
        configure_physics()
        for beads in groups:
            surfaces = (ball(beads.radius_m, beads.color),)
            for name in beads.names:
                self.entities[name] = entity = sapien.Entity()
                entity.name = name
                if visible:
                    entity.add_component(render_body(surfaces))
                self.sapien.add_entity(entity)
                entity.pose = sapien.Pose(UNSEEN_M)
        return world

    def show_beads(self) -> None:
        """Bring what is recorded and seen of the beads to where they are now."""
        if self._bead_world is not None:
            for name, pose in self._bead_world.moved():
                self.entities[name].pose = pose

    def set_out(self) -> None:
        """Take note that the robot sets out: from then on something may be moved by something else."""
        if self._displacing is not None:
            self._displacing.set_out(self.time_s)

    def has_displaced(self, body: str) -> bool:
        """Return whether something other than the robot has begun to move a body."""
        return self._displacing is not None and self._displacing.has_moved(body)

    def _table(self) -> sapien.Entity:
        """Add the table."""
        component = physx.PhysxRigidStaticComponent()
        x, y, z = TABLE_SIZE_M
        shape = physx.PhysxCollisionShapeBox(
            np.array([x / 2, y / 2, z / 2], np.float32), physx.PhysxMaterial(TABLE_FRICTION, TABLE_FRICTION, 0.0)
        )
        shape.local_pose = sapien.Pose([0.0, 0.0, -z / 2])
        component.attach(shape)
        return self._add(TABLE, component, sapien.Pose(), ())

    def _body(self, body: Body, visible: bool) -> sapien.Entity:
        """Add a body of the layout."""
        component = physx.PhysxRigidDynamicComponent()
        material = physx.PhysxMaterial(body.prop.friction, body.prop.friction, 0.0)
        for hull in body.prop.hulls:
            component.attach(convex_shape(hull, material))
        component.max_depenetration_velocity = DEPENETRATION_M_S
        scale = body.prop.mass_kg / component.mass
        inertia = component.inertia * scale
        component.mass = body.prop.mass_kg
        component.inertia = inertia
        component.angular_damping = body.prop.turning_damping_1_s
        return self._add(body.name, component, sapien_pose(body.body_in_world), body.prop.surfaces if visible else ())

    def _add(
        self, name: str, component: physx.PhysxRigidBaseComponent, pose: sapien.Pose, surfaces: Sequence[Surface]
    ) -> sapien.Entity:
        """Add an entity with physics, and with surfaces if there are any."""
        entity = sapien.Entity()
        entity.name = name
        if surfaces:
            entity.add_component(render_body(surfaces))
        entity.add_component(component)
        entity.pose = pose
        self.sapien.add_entity(entity)
        return entity

    def step(self) -> None:
        """Advance the simulation by one time step."""
        self._renewal.renew()
        for friction in self._frictions:
            friction.advance()
        if self._displacing is not None:
            self._displacing.advance(self.time_s + TIMESTEP_S)
        self.sapien.step()
        self.time_s += TIMESTEP_S
        if self._bead_world is not None:
            self._bead_world.step(packed_poses(self.sapien)[self._solid_rows])

    def body_in_world(self, name: str) -> FloatArray:
        """Return the pose of a body, (4, 4)."""
        return np.asarray(self.entities[name].pose.to_transformation_matrix(), float)

    def at_present(self, body: Body) -> Body:
        """Return a body at its current pose, joined to its parent at the current pose of that."""
        names = [body.name] if body.joining is None else [body.name, body.joining.parent]
        return moved(body, {name: self.body_in_world(name) for name in names})

    def touching(self, moving: Collection[str], together: Collection[str] = ()) -> list[Touch]:
        """Return every two bodies or links that press on each other now, one of them in `moving`, ordered by name.

        The solver pushes bodies apart that would meet within the next step: they touch when they are nearer than
        `TOUCHING_M`. Bodies that overlap touch in any case, as a soft contact pushes no longer once they are apart.

        Args:
            moving: Names of the bodies and links whose contacts are looked for.
            together: Names of bodies and links, such as a hand and what it holds, of which contacts with each other are
                left out.
        """
        watched, apart = self._components_of(frozenset(moving)), self._components_of(frozenset(together))
        touches = []
        for contact in self._current(moving):
            first, second = bodies = contact.bodies
            if watched.isdisjoint(bodies) or (first in apart and second in apart):
                continue
            for point in contact.points:
                if _touches(point):
                    position = np.asarray(point.position, float)
                    touches.append(Touch(self._named[first], self._named[second], position))
                    break
        # SAPIEN orders contacts by their addresses in memory, which differ between processes.
        return sorted(touches, key=lambda touch: (touch.first, touch.second, *touch.position.tolist()))

    def penetration(self) -> Penetration | None:
        """Return the deepest overlap of two bodies or links in the last step, at least one of which is awake.

        It is None if there is none. Bodies that sleep overlap as they did when they were last awake.
        """
        depth_m, deepest = 0.0, None
        for contact in self.system.get_contacts():
            if contact not in self._quiet:
                separation_m = min((point.separation for point in contact.points), default=0.0)
                if -separation_m > depth_m:
                    depth_m, deepest = -separation_m, contact
        if deepest is None:
            return None
        first, second = sorted(self._named[body] for body in deepest.bodies)
        return Penetration(depth_m, first, second, self.time_s)

    def _components_of(self, names: frozenset[str]) -> frozenset[physx.PhysxRigidBaseComponent]:
        """Return the components of bodies and links by name; kept, as the same are asked for in each step."""
        if names not in self._component_sets:
            self._component_sets[names] = frozenset(self._components[name] for name in names)
        return self._component_sets[names]

    def _current(self, moving: Collection[str]) -> list[physx.PhysxContact]:
        """Return the contacts, except those of bodies that sleep and are not in `moving` with the table or each other.

        To ask a contact for its bodies takes most of the time, and most contacts are those of sleeping bodies. SAPIEN
        keeps these contacts, as the same Python objects, until a body of theirs wakes up, so that it is enough to look
        now and then for bodies that have fallen asleep.
        """
        # Python objects of contacts would be made anew if those of the last step were not kept.
        self._contacts = self.system.get_contacts()
        if self._look_in == 0 or moving != self._looked_for:
            self._look_in, self._looked_for = LOOK_STEPS, moving
            still = {component for name, component in self._sleepers if name not in moving and component.is_sleeping}
            still.add(self._components[TABLE])
            self._quiet = {contact for contact in self._contacts if still.issuperset(contact.bodies)}
        self._look_in -= 1
        return [contact for contact in self._contacts if contact not in self._quiet]


def _touches(point: physx.PhysxContactPoint) -> bool:
    separation_m = point.separation
    return separation_m < 0.0 or (separation_m < TOUCHING_M and bool(point.impulse.any()))


def configure_physics() -> None:
    """Set PhysX's parameters for what is created from now on; they are global, so every scene sets them.

    With enhanced determinism, how some bodies move does not depend on others that are far away.

    Contacts are those of whole shapes (PCM is off). PhysX's persistent contact manifolds, its default, sometimes report
    an overlap of centimetres between convex hulls that are millimetres apart.
    """
    scene = physx.get_scene_config()
    scene.enable_pcm = False
    scene.enable_enhanced_determinism = True
    physx.set_scene_config(scene)
    body = physx.get_body_config()
    body.solver_position_iterations = POSITION_ITERATIONS
    body.solver_velocity_iterations = VELOCITY_ITERATIONS
    physx.set_body_config(body)
    shape = physx.get_shape_config()
    shape.contact_offset = CONTACT_OFFSET_M
    shape.rest_offset = 0.0
    physx.set_shape_config(shape)
