"""The physics of beads: a world of their own, in which everything else moves as it does in the scene."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import sapien
from sapien import physx

from tracesim.geometry.hulls import HullShape
from tracesim.layout.beads import Beads
from tracesim.simulation.mirrored_solids import MirroredSolids
from tracesim.simulation.packed_poses import POSITION, Poses, packed_poses, unpacked

SUBSTEPS: Final = 2
"""Time steps of the beads in one of the scene.

A bead that falls 15 cm comes with 1.7 m/s and moves 6 mm in such a step. It is noticed 4 mm before it touches a wall,
and is never so deep in it that its centre would be on the other side.
"""

CONTACT_OFFSET_M: Final = 0.002
"""Distance around a bead and around a body within which contacts are passed to the solver."""

ITERATIONS: Final = 8
"""Iterations of the solver in each time step."""

DEPENETRATION_M_S: Final = 0.5
"""Greatest velocity at which a bead is pushed out of what it overlaps."""


class BeadWorld:
    """Beads in physics.

    Beads feel the bodies, the table, the hands of the robot and each other. Nothing else feels beads: whatever else
    happens in a scene is the same without them, to the last bit.

    No time step is taken while all beads sleep and nothing moves near them.

    Attributes:
        solids: Names of what beads collide with or fall from.
    """

    def __init__(
        self,
        groups: Sequence[Beads],
        solids: Mapping[str, tuple[HullShape, float]],
        timestep_s: float,
    ) -> None:
        """Lay out the beads.

        PhysX's parameters, which are global, are those of beads afterwards.

        Args:
            groups: The beads.
            solids: Hulls and friction coefficients of what beads collide with, by name.
            timestep_s: Time step of the scene.
        """
        _configure_physics()
        self.solids = tuple(solids)
        self._system = physx.PhysxCpuSystem()
        self._system.timestep = timestep_s / SUBSTEPS
        self._world = sapien.Scene([self._system])
        self._step_s = timestep_s
        sources = {beads.drip.body for beads in groups if beads.drip is not None}
        felt = [row for row, name in enumerate(solids) if name not in sources]
        self._felt = np.array(felt, np.int64)
        self._mirrored = MirroredSolids([solids[self.solids[row]] for row in felt], self._world)
        self._names: list[str] = []
        self._beads: list[physx.PhysxRigidDynamicComponent] = []
        self._awake: list[physx.PhysxRigidDynamicComponent] = []
        self._centres = self._shown = np.zeros((0, 3), np.float32)
        for beads in groups:
            if beads.drip is None:
                for name, centre in zip(beads.names, beads.centres_in_world, strict=True):
                    self._add(name, beads, sapien.Pose(centre))
        self._dripping = [_Dripping(beads, self.solids) for beads in groups if beads.drip is not None]

    def step(self, poses: Poses) -> None:
        """Advance by one time step of the scene.

        Args:
            poses: Poses of the S `solids` at the end of the step, (S, 7), in their order.
        """
        for dripping in self._dripping:
            fallen = dripping.next(poses, self._step_s)
            if fallen is not None:
                self._add(*fallen)
        if not self._beads:
            return
        moving = self._mirrored.head_for(poses[self._felt], self._centres)
        if len(moving) == 0 and not self._awake:
            return
        for substep in range(1, SUBSTEPS + 1):
            self._mirrored.move(moving, substep / SUBSTEPS)
            self._system.step()
        self._centres = packed_poses(self._world)[len(self._felt) :, POSITION]
        # What sleeps is woken only by what moves or is awake itself.
        self._awake = _awake(self._beads if len(moving) else self._awake) or _awake(self._beads)

    def moved(self) -> list[tuple[str, sapien.Pose]]:
        """Return the beads that have moved since this was last called: their names, and where they are."""
        centres, known = self._centres, len(self._shown)
        is_moved = np.ones(len(centres), bool)
        is_moved[:known] = (centres[:known] != self._shown).any(axis=1)
        self._shown = centres
        return [(self._names[row], sapien.Pose(centres[row])) for row in np.flatnonzero(is_moved).tolist()]

    def _add(self, name: str, beads: Beads, pose: sapien.Pose) -> None:
        """Add a bead of a group."""
        component = physx.PhysxRigidDynamicComponent()
        material = physx.PhysxMaterial(beads.friction, beads.friction, 0.0)
        component.attach(physx.PhysxCollisionShapeSphere(beads.radius_m, material))
        component.mass = beads.mass_kg
        component.inertia = np.full(3, 0.4 * beads.mass_kg * beads.radius_m**2, np.float32)
        component.angular_damping = beads.rolling_damping_1_s
        component.max_depenetration_velocity = DEPENETRATION_M_S
        entity = sapien.Entity()
        entity.add_component(component)
        entity.pose = pose
        self._world.add_entity(entity)
        self._names.append(name)
        self._beads.append(component)
        self._awake.append(component)
        self._centres = np.concatenate([self._centres, pose.p[None]])
        self._mirrored.look()


class _Dripping:
    """The beads of a group that still wait to fall."""

    def __init__(self, beads: Beads, solids: Sequence[str]) -> None:
        assert beads.drip is not None
        self._beads = beads
        self._drip = beads.drip
        self._row = solids.index(beads.drip.body)
        self._waiting = list(reversed(beads.names))
        self._wait_steps = 0

    def next(self, poses: Poses, step_s: float) -> tuple[str, Beads, sapien.Pose] | None:
        """Return the bead that falls at the beginning of a time step of the scene, and from where; None if none does.

        Args:
            poses: Poses of the solids, (S, 7).
            step_s: Time step of the scene.
        """
        self._wait_steps -= 1
        if not self._waiting or self._wait_steps > 0:
            return None
        source = unpacked(poses[self._row])
        if not self._drip.falls(np.asarray(source.to_transformation_matrix(), float)):
            return None
        self._wait_steps = round(self._drip.every_s / step_s)
        return self._waiting.pop(), self._beads, sapien.Pose((source * sapien.Pose(self._drip.outlet)).p)


def _awake(beads: Sequence[physx.PhysxRigidDynamicComponent]) -> list[physx.PhysxRigidDynamicComponent]:
    return [bead for bead in beads if not bead.is_sleeping]


def _configure_physics() -> None:
    """Set PhysX's parameters for what is created from now on.

    Contacts are persistent manifolds (PCM): those of spheres are computed anew in each step.
    """
    scene = physx.get_scene_config()
    scene.enable_pcm = True
    scene.enable_enhanced_determinism = True
    physx.set_scene_config(scene)
    body = physx.get_body_config()
    body.solver_position_iterations = ITERATIONS
    body.solver_velocity_iterations = 1
    physx.set_body_config(body)
    shape = physx.get_shape_config()
    shape.contact_offset = CONTACT_OFFSET_M
    shape.rest_offset = 0.0
    physx.set_shape_config(shape)
