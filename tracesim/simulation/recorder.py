"""Writes down what moves while it moves."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from tracesim.geometry.rigid import FloatArray, transforms
from tracesim.simulation.scene import Scene


@dataclass(frozen=True)
class Motion:
    """A recorded motion.

    times_s: (T,). names: (B,) of bodies, then links. positions: (T, B, 3), metres, world. quaternions: (T, B, 4),
    wxyz. qpos: (T, D). phases: (T,) of names. keypoints: (T,), the index of the keypoint headed for, -1 where none.
    """

    times_s: FloatArray
    names: tuple[str, ...]
    positions: FloatArray
    quaternions: FloatArray
    qpos: FloatArray
    phases: npt.NDArray[np.str_]
    keypoints: npt.NDArray[np.int64]

    def __len__(self) -> int:
        """Return the number of samples."""
        return len(self.times_s)

    def since(self, sample: int) -> Motion:
        """Return the motion from a sample on."""
        fields = ("times_s", "positions", "quaternions", "qpos", "phases", "keypoints")
        return replace(self, **{name: getattr(self, name)[sample:] for name in fields})

    def poses(self, name: str) -> FloatArray:
        """Return a body's or link's poses in the world, (T, 4, 4)."""
        index = self.names.index(name)
        return transforms(self.positions[:, index], self.quaternions[:, index])


class Recorder:
    """Samples a scene's bodies and links; cheap enough for every few steps."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._entities = [*scene.entities.values(), *(link.entity for link in scene.robot.links.values())]
        self._names = (*scene.entities, *scene.robot.links)
        self._rows: list[tuple[float, list[npt.NDArray[np.float32]], npt.NDArray[np.float32], str, int]] = []

    def sample(self, phase: str, keypoint: int = -1) -> None:
        """Record the scene as it stands."""
        poses = [entity.pose for entity in self._entities]
        values = [array for pose in poses for array in (pose.p, pose.q)]
        self._rows.append((self._scene.time_s, values, self._scene.robot.articulation.qpos, phase, keypoint))

    def motion(self) -> Motion:
        """Return what was recorded so far."""
        times, values, qpos, phases, keypoints = zip(*self._rows, strict=True)
        poses = np.array([np.concatenate(row) for row in values], float).reshape(len(times), len(self._names), 7)
        return Motion(
            times_s=np.array(times),
            names=self._names,
            positions=poses[..., :3],
            quaternions=poses[..., 3:],
            qpos=np.array(qpos, float),
            phases=np.array(phases),
            keypoints=np.array(keypoints),
        )
