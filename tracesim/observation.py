"""Observation of the scene that a policy receives."""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image

from tracesim.geometry.camera import Camera
from tracesim.geometry.rigid import FloatArray

DEPTH_UNITS_PER_M: Final = 1000.0
"""Depth images are written in whole millimetres, as in published data sets and by depth cameras."""

_COMPRESSION: Final = 1
"""Fastest PNG compression; a higher level costs more time than it saves in transmission."""


@dataclass(frozen=True)
class Observation:
    """State of the robot and images of the scene, taken before the robot moves."""

    camera: Camera
    """Policy camera."""

    qpos: FloatArray
    """(D,), joint positions of the robot, arm by arm, radians or metres."""

    tcp_in_world: FloatArray
    """(4, 4), pose of the tool centre point in the world frame; (A, 4, 4) for a robot with A > 1 arms."""

    rgb: npt.NDArray[np.uint8] | None = None
    """(H, W, 3), colour image, or None if nothing was rendered."""

    depth: npt.NDArray[np.float32] | None = None
    """(H, W), metres, camera z, 0 where nothing was measured; None if nothing was rendered."""

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the images, pixels."""
        return self.camera.width, self.camera.height

    @cached_property
    def rgb_png(self) -> bytes:
        """Colour image as a PNG file."""
        assert self.rgb is not None
        return png(self.rgb)

    @cached_property
    def depth_png(self) -> bytes:
        """Depth image as a PNG file of 16-bit millimetres, 0 where nothing was measured."""
        assert self.depth is not None
        return png(to_millimetres(self.depth))


def to_millimetres(depth: npt.NDArray[np.float32]) -> npt.NDArray[np.uint16]:
    """Return a depth image (H, W), metres, in whole millimetres; depths beyond 65.535 m become 0, not measured."""
    millimetres = np.round(np.nan_to_num(depth, nan=0.0, posinf=0.0, neginf=0.0) * DEPTH_UNITS_PER_M)
    return np.where((millimetres >= 0) & (millimetres <= np.iinfo(np.uint16).max), millimetres, 0).astype(np.uint16)


def png(pixels: npt.NDArray[np.uint8] | npt.NDArray[np.uint16]) -> bytes:
    """Return an image (H, W, 3) or (H, W) as a PNG file."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG", compress_level=_COMPRESSION)
    return file.getvalue()
