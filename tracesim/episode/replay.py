"""Replay of a recorded motion in a scene."""

from __future__ import annotations

import sapien

from tracesim.simulation.recorder import Recording
from tracesim.simulation.scene import Scene


class Replay:
    """Sets a scene to the states of a recorded motion."""

    def __init__(self, scene: Scene, motion: Recording) -> None:
        """Prepare the replay of a motion in the scene in which it was recorded."""
        self._scene = scene
        self._motion = motion
        self._bodies = [(entity, motion.names.index(name)) for name, entity in scene.entities.items()]

    def pose_at(self, sample: int) -> None:
        """Set the bodies and the robot to their state at a sample."""
        positions, quaternions = self._motion.positions[sample], self._motion.quaternions[sample]
        for entity, index in self._bodies:
            entity.pose = sapien.Pose(positions[index], quaternions[index])
        self._scene.robot.articulation.set_qpos(self._motion.qpos[sample])
