"""Solids in the world of beads that follow those of the scene."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import sapien
from sapien import physx

from tracesim.geometry.hulls import HullShape
from tracesim.simulation.collision_shapes import convex_shape
from tracesim.simulation.packed_poses import ATTITUDE, POSITION, Poses, unpacked

Rows = npt.NDArray[np.int64]
Points = npt.NDArray[np.float32]

REACH_M: Final = 0.05
"""Distance around a solid's bounding box within which a bead may touch it in the next time step of the scene.

To touch from further away, a bead and a solid would have to approach each other with 7 m/s.
"""


class MirroredSolids:
    """Solids that beads collide with, each of which moves as it is told once a bead is within its reach.

    Until then it stays where it was last, which no bead notices.
    """

    def __init__(self, solids: Sequence[tuple[HullShape, float]], world: sapien.Scene) -> None:
        """Add solids to the world of beads.

        Args:
            solids: Hulls and friction coefficient of each of the S solids.
            world: The world of beads.
        """
        self._components = [_added(shape, friction, world) for shape, friction in solids]
        self._centres = np.array([shape.centre for shape, _ in solids], np.float32).reshape(-1, 3)
        self._halves_m = np.array([shape.half_extents for shape, _ in solids], np.float32).reshape(-1, 3)
        self._due = np.zeros(len(solids), np.int64)
        self._steps = 0
        self._placed: Poses | None = None
        self._start = self._goal = np.zeros((len(solids), 7), np.float32)

    def head_for(self, goal: Poses, beads: Points) -> Rows:
        """Return which solids have to move in a time step of the scene; at first all of them are placed.

        Args:
            goal: Poses of the solids at the end of the step, (S, 7).
            beads: Centres of the beads at its beginning, (N, 3), metres.
        """
        self._start, self._goal = self._goal, goal
        if self._placed is None:
            self._place(np.arange(len(self._components)), goal)
            self._placed = goal.copy()
        self._steps += 1
        due = np.flatnonzero((goal != self._placed).any(axis=1) & (self._due <= self._steps))
        if len(due) == 0:
            return due
        away_m = np.array([self._away_m(solid, (goal, self._placed), beads) for solid in due.tolist()])
        # In each step, a bead and a solid come nearer to each other by less than the reach.
        self._due[due] = self._steps + np.floor(away_m / REACH_M).astype(np.int64)
        near = due[away_m <= REACH_M]
        self._place(near[(self._placed[near] != self._start[near]).any(axis=1)], self._start)
        self._placed[near] = goal[near]
        return near

    def look(self) -> None:
        """Take note that there is a new bead, which may be anywhere."""
        self._due[:] = 0

    def move(self, solids: Rows, share: float) -> None:
        """Move some solids to a share of their way in the next time step of the beads."""
        if len(solids) == 0:
            return
        start, goal = self._start[solids], self._goal[solids]
        if share < 1.0:
            goal[(start[:, ATTITUDE] * goal[:, ATTITUDE]).sum(axis=1) < 0.0, ATTITUDE] *= -1.0
            goal = start + np.float32(share) * (goal - start)
            goal[:, ATTITUDE] /= np.linalg.norm(goal[:, ATTITUDE], axis=1, keepdims=True)
        for solid, row in zip(solids.tolist(), goal, strict=True):
            self._components[solid].kinematic_target = unpacked(row)

    def _place(self, solids: Rows, poses: Poses) -> None:
        for solid in solids.tolist():
            self._components[solid].entity.pose = unpacked(poses[solid])

    def _away_m(self, solid: int, poses: Sequence[Poses], beads: Points) -> float:
        """Return the distance from the bounding box of a solid, in any of its poses, to the nearest bead, metres."""
        squares = []
        for at in poses:
            rotation = unpacked(at[solid]).to_transformation_matrix()[:3, :3]
            in_solid = (beads - at[solid, POSITION]) @ rotation
            outside = np.maximum(np.abs(in_solid - self._centres[solid]) - self._halves_m[solid], 0.0)
            squares.append(np.einsum("nd,nd->n", outside, outside).min())
        return float(np.sqrt(min(squares)))


def _added(shape: HullShape, friction: float, world: sapien.Scene) -> physx.PhysxRigidDynamicComponent:
    """Add a solid to the world of beads."""
    component = physx.PhysxRigidDynamicComponent()
    material = physx.PhysxMaterial(friction, friction, 0.0)
    for hull in shape.hulls:
        component.attach(convex_shape(hull.points, material))
    component.kinematic = True
    entity = sapien.Entity()
    entity.add_component(component)
    world.add_entity(entity)
    return component
