"""Start state of an episode: settled bodies, robot, camera and instruction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final, Self

import numpy as np
from pydantic import BaseModel, ConfigDict, FiniteFloat

from tracesim.geometry.rigid import from_quaternion, to_quaternion
from tracesim.results.turn import Point

if TYPE_CHECKING:
    from tracesim.geometry.camera import Camera
    from tracesim.geometry.rigid import FloatArray
    from tracesim.simulation.scene import Scene
    from tracesim.task import Task

SAME: Final = 1e-6
"""Largest difference between equal states: of positions in metres, rotation entries, joint angles and intrinsics."""

DIGITS: Final = 9
"""Decimals of the numbers in a state; the last one is a thousandth of `SAME`."""

Quaternion = tuple[FiniteFloat, FiniteFloat, FiniteFloat, FiniteFloat]


class Pose(BaseModel):
    """A pose in the world frame."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    position: Point
    """Position in metres."""

    orientation: Quaternion
    """Unit quaternion wxyz."""

    @classmethod
    def of(cls, pose: FloatArray) -> Self:
        """Return the record of a pose (4, 4)."""
        x, y, z = _rounded(pose[:3, 3])
        w, i, j, k = _rounded(to_quaternion(pose))
        return cls(position=(x, y, z), orientation=(w, i, j, k))

    def difference(self, other: Pose) -> float:
        """Return the largest difference of the poses' positions in metres and of their rotation matrices' entries."""
        poses = [from_quaternion(one.position, one.orientation) for one in (self, other)]
        return float(np.abs(poses[0] - poses[1]).max())


class Placed(BaseModel):
    """A body at rest on the table."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    """Name of the body in the scene."""

    kind: str
    """Kind of prop."""

    color: str
    """Name of its colour."""

    extent_m: Point
    """Extent of its collision hulls along its own axes, in metres."""

    pose: Pose
    """Pose once it has settled."""


class Eye(BaseModel):
    """The policy camera."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    width: int
    """Width of its image in pixels."""

    height: int
    """Height of its image in pixels."""

    intrinsics: list[FiniteFloat]
    """Entries of the 3x3 intrinsic matrix, row by row, in pixels."""

    pose: Pose
    """Pose of the camera with OpenCV axes: x right, y down, z forward."""

    @classmethod
    def of(cls, camera: Camera) -> Self:
        """Return the record of a camera."""
        return cls(
            width=camera.width,
            height=camera.height,
            intrinsics=_rounded(camera.intrinsics),
            pose=Pose.of(camera.camera_in_world),
        )


class Start(BaseModel):
    """Start state of an episode, once everything has settled."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    instruction: str
    """First instruction."""

    words: dict[str, str]
    """Words that fill the instruction's template."""

    bodies: list[Placed]
    """Bodies on the table, in the order in which they were placed."""

    base: Pose
    """Pose of the robot's base."""

    qpos: list[FiniteFloat]
    """Joint positions: arm joints in radians, fingers in metres."""

    camera: Eye
    """Policy camera."""

    @classmethod
    def of(cls, task: Task, scene: Scene, camera: Camera) -> Self:
        """Return the start state of an episode that has not moved yet.

        Args:
            task: The task, as it was arranged.
            scene: The scene, settled.
            camera: The policy's camera.
        """
        bodies = []
        for body in task.layout:
            length, width, height = _rounded(np.ptp(np.concatenate(body.prop.hulls), axis=0))
            bodies.append(
                Placed(
                    name=body.name,
                    kind=body.prop.kind,
                    color=body.prop.color,
                    extent_m=(length, width, height),
                    pose=Pose.of(scene.body_in_world(body.name)),
                )
            )
        articulation = scene.robot.articulation
        return cls(
            instruction=task.said,
            words=dict(task.words()),
            bodies=bodies,
            base=Pose.of(np.asarray(articulation.root_pose.to_transformation_matrix(), float)),
            qpos=_rounded(scene.robot.qpos),
            camera=Eye.of(camera),
        )

    def differences(self, other: Start) -> Iterator[tuple[str, str]]:
        """Yield every difference from `other` above `SAME`: the part that differs, and how."""
        for name in ("instruction", "words"):
            there, here = getattr(self, name), getattr(other, name)
            if there != here:
                yield name, f"{there!r} there, {here!r} here"
        here = {body.name: body for body in other.bodies}
        if [body.name for body in self.bodies] != list(here):
            yield "bodies", f"{', '.join(body.name for body in self.bodies)} there, {', '.join(here)} here"
        for body in self.bodies:
            if body.name in here:
                yield from _body_differences(body, here[body.name])
        yield from _pose_difference("robot", self.base, other.base)
        yield from _difference("robot", "joints", self.qpos, other.qpos)
        if (self.camera.width, self.camera.height) != (other.camera.width, other.camera.height):
            yield "camera", f"{self.camera.width} x {self.camera.height} pixels there, another size here"
        yield from _difference("camera", "intrinsics", self.camera.intrinsics, other.camera.intrinsics)
        yield from _pose_difference("camera", self.camera.pose, other.camera.pose)

    def distance(self, other: Start) -> float:
        """Return the largest difference of poses and joints, leaving out bodies that only one of the states has."""
        here = {body.name: body.pose for body in other.bodies}
        poses = [(body.pose, here[body.name]) for body in self.bodies if body.name in here]
        poses += [(self.base, other.base), (self.camera.pose, other.camera.pose)]
        joints = np.abs(np.subtract(self.qpos, other.qpos)).max() if len(self.qpos) == len(other.qpos) else 0.0
        return max(float(joints), *(one.difference(another) for one, another in poses))


def _body_differences(there: Placed, here: Placed) -> Iterator[tuple[str, str]]:
    for name in ("kind", "color"):
        if getattr(there, name) != getattr(here, name):
            yield there.name, f"{name} {getattr(there, name)} there, {getattr(here, name)} here"
    yield from _difference(there.name, "extents", there.extent_m, here.extent_m)
    yield from _pose_difference(there.name, there.pose, here.pose)


def _pose_difference(what: str, there: Pose, here: Pose) -> Iterator[tuple[str, str]]:
    if (by := there.difference(here)) > SAME:
        metres = float(np.abs(np.subtract(there.position, here.position)).max())
        yield what, f"pose differs by {by:.2g} (position by {metres:.2g} m)"


def _difference(what: str, of: str, there: Iterable[float], here: Iterable[float]) -> Iterator[tuple[str, str]]:
    first, second = np.array(list(there)), np.array(list(here))
    if first.shape != second.shape:
        yield what, f"{len(first)} {of} there, {len(second)} here"
    elif (by := float(np.abs(first - second).max())) > SAME:
        yield what, f"{of} differ by {by:.2g}"


def _rounded(values: FloatArray) -> list[float]:
    return [float(value) + 0.0 for value in np.round(values.ravel(), DIGITS)]
