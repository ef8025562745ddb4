"""Recording of the bodies and links of a scene."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from tracesim.geometry.rigid import FloatArray, transforms
from tracesim.simulation.scene import Scene


@dataclass(frozen=True)
class Motion:
    """A recorded motion."""

    times_s: FloatArray
    """Time of each sample, (T,)."""
    names: tuple[str, ...]
    """Names of the bodies, then of the links, (B,)."""
    positions: FloatArray
    """Positions, (T, B, 3), metres, world."""
    quaternions: FloatArray
    """Orientations, (T, B, 4), wxyz, body to world."""
    qpos: FloatArray
    """Positions of all active joints, (T, D), radians, or metres for fingers."""
    phases: npt.NDArray[np.str_]
    """Name of the phase at each sample, (T,)."""
    keypoints: npt.NDArray[np.int64]
    """Index of the keypoint that the motion is heading for at each sample, (T,); -1 for none."""

    def __len__(self) -> int:
        """Return the number of samples."""
        return len(self.times_s)

    def since(self, sample: int) -> Motion:
        """Return the motion from a sample on."""
        fields = ("times_s", "positions", "quaternions", "qpos", "phases", "keypoints")
        return replace(self, **{name: getattr(self, name)[sample:] for name in fields})

    def poses(self, name: str) -> FloatArray:
        """Return the poses of a body or link, (T, 4, 4), world."""
        index = self.names.index(name)
        return transforms(self.positions[:, index], self.quaternions[:, index])


class Recorder:
    """Records the bodies and links of a scene; cheap enough to be called every few steps."""

    def __init__(self, scene: Scene) -> None:
        """Prepare a recording.

        Args:
            scene: Scene to record.
        """
        self._scene = scene
        self._entities = [*scene.entities.values(), *(link.entity for link in scene.robot.links.values())]
        self._names = (*scene.entities, *scene.robot.links)
        self._rows: list[tuple[float, list[npt.NDArray[np.float32]], npt.NDArray[np.float32], str, int]] = []

    def sample(self, phase: str, keypoint: int = -1) -> None:
        """Record the current state.

        Args:
            phase: Name of the current phase.
            keypoint: Index of the keypoint that the motion is heading for; -1 for none.
        """
        poses = [entity.pose for entity in self._entities]
        values = [array for pose in poses for array in (pose.p, pose.q)]
        self._rows.append((self._scene.time_s, values, self._scene.robot.articulation.qpos, phase, keypoint))

    def motion(self) -> Motion:
        """Return everything recorded so far."""
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
