"""TraceSim's values as Foxglove's messages."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt
from foxglove.messages import (
    CameraCalibration,
    Color,
    FrameTransform,
    LinePrimitive,
    LinePrimitiveLineType,
    Log,
    LogLevel,
    Point3,
    Pose,
    Quaternion,
    RawImage,
    SceneEntity,
    SpherePrimitive,
    Timestamp,
    TriangleListPrimitive,
    Vector3,
)

from tracesim.geometry.camera import Camera
from tracesim.geometry.hulls import HullShape
from tracesim.geometry.rigid import FloatArray, to_quaternion
from tracesim.observation import to_millimetres

WORLD: Final = "world"
"""Name of the world's frame, of which all others are children."""

Rgb = tuple[float, float, float]
"""sRGB, 0 to 1."""


def timestamp(time_s: float) -> Timestamp:
    """Return a time after the beginning of an episode."""
    whole, nanoseconds = divmod(round(time_s * 1e9), 10**9)
    return Timestamp(sec=whole, nsec=nanoseconds)


def frame(name: str, position: FloatArray, quaternion: FloatArray, time_s: float) -> FrameTransform:
    """Return a frame in the world.

    Args:
        name: Name of the frame.
        position: Its origin, (3,), metres, world.
        quaternion: Its attitude, (4,), wxyz.
        time_s: Time.
    """
    x, y, z = position.tolist()
    w, i, j, k = quaternion.tolist()
    return FrameTransform(
        timestamp=timestamp(time_s),
        parent_frame_id=WORLD,
        child_frame_id=name,
        translation=Vector3(x=x, y=y, z=z),
        rotation=Quaternion(x=i, y=j, z=k, w=w),
    )


def pose_frame(name: str, pose: FloatArray, time_s: float) -> FrameTransform:
    """Return a frame in the world, given by its pose (4, 4)."""
    return frame(name, pose[:3, 3], to_quaternion(pose), time_s)


def calibration(camera: Camera, frame_id: str, time_s: float) -> CameraCalibration:
    """Return the calibration of a camera without distortion."""
    k = camera.intrinsics
    projection = np.column_stack([k, np.zeros(3)])
    return CameraCalibration(
        timestamp=timestamp(time_s),
        frame_id=frame_id,
        width=camera.width,
        height=camera.height,
        distortion_model="plumb_bob",
        D=[0.0] * 5,
        K=k.ravel().tolist(),
        R=np.eye(3).ravel().tolist(),
        P=projection.ravel().tolist(),
    )


def depth_image(depth: npt.NDArray[np.float32], frame_id: str, time_s: float) -> RawImage:
    """Return a depth image (H, W), metres, in whole millimetres; 0 where nothing was hit."""
    height, width = depth.shape
    return RawImage(
        timestamp=timestamp(time_s),
        frame_id=frame_id,
        width=width,
        height=height,
        encoding="16UC1",
        step=2 * width,
        data=to_millimetres(depth).astype("<u2").tobytes(),
    )


def color(rgb: Rgb, opacity: float = 1.0) -> Color:
    """Return a colour."""
    r, g, b = (float(value) for value in rgb)
    return Color(r=r, g=g, b=b, a=opacity)


def solid(name: str, shape: HullShape, rgb: Rgb, opacity: float = 1.0) -> SceneEntity:
    """Return the hulls of a body or link, fixed to the frame of its name."""
    triangles = [
        TriangleListPrimitive(
            pose=_ORIGIN, points=_points(hull.facets.vertices[hull.facets.triangles.ravel()]), color=color(rgb, opacity)
        )
        for hull in shape.hulls
    ]
    return SceneEntity(timestamp=timestamp(0.0), frame_id=name, id=name, frame_locked=True, triangles=triangles)


def path(
    name: str, points: FloatArray, rgb: Rgb, time_s: float, thickness_m: float, beads: bool = False
) -> SceneEntity:
    """Return a path in the world; one of the same name replaces it.

    Args:
        name: Name of the path.
        points: The path, (N, 3), metres, world.
        rgb: Colour.
        time_s: Time from which it is shown.
        thickness_m: Thickness of the line.
        beads: Whether each point is a ball.
    """
    line = LinePrimitive(
        type=LinePrimitiveLineType.LineStrip,
        pose=_ORIGIN,
        thickness=thickness_m,
        points=_points(points),
        color=color(rgb),
    )
    size = Vector3(x=3 * thickness_m, y=3 * thickness_m, z=3 * thickness_m)
    balls = [SpherePrimitive(pose=_at(point), size=size, color=color(rgb)) for point in points] if beads else []
    return SceneEntity(
        timestamp=timestamp(time_s), frame_id=WORLD, id=name, lines=[line] if len(points) > 1 else [], spheres=balls
    )


def message(name: str, text: str, time_s: float, wrong: bool = False) -> Log:
    """Return a line of a log.

    Args:
        name: What it is about.
        text: What is said.
        time_s: Time.
        wrong: Whether it tells of a failure.
    """
    level = LogLevel.Error if wrong else LogLevel.Info
    return Log(timestamp=timestamp(time_s), level=level, name=name, message=text)


def _points(points: FloatArray) -> list[Point3]:
    return [Point3(x=x, y=y, z=z) for x, y, z in points.tolist()]


def _at(point: FloatArray) -> Pose:
    x, y, z = point.tolist()
    return Pose(position=Vector3(x=x, y=y, z=z), orientation=_NO_TURN)


_NO_TURN: Any = Quaternion(x=0.0, y=0.0, z=0.0, w=1.0)
_ORIGIN: Final = Pose(position=Vector3(x=0.0, y=0.0, z=0.0), orientation=_NO_TURN)
