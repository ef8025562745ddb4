"""What a policy is shown before it answers."""

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
"""Depth images are written in whole millimetres, as published data sets and depth cameras have them."""

_COMPRESSION: Final = 1
"""The fastest that PNG offers: pictures are sent over wires that are faster than a better one."""


@dataclass(frozen=True)
class Observation:
    """One look at the scene.

    camera: the policy camera. qpos: (D,) joint positions. tcp_in_world: (4, 4). rgb: (H, W, 3) uint8 and depth: (H, W)
    float32, metres, camera z, 0 where nothing was seen; None where nothing was drawn.
    """

    camera: Camera
    qpos: FloatArray
    tcp_in_world: FloatArray
    rgb: npt.NDArray[np.uint8] | None = None
    depth: npt.NDArray[np.float32] | None = None

    @property
    def size(self) -> tuple[int, int]:
        """The picture's width and height, pixels."""
        return self.camera.width, self.camera.height

    @cached_property
    def rgb_png(self) -> bytes:
        """The picture as a PNG file; encoded once, whoever asks."""
        assert self.rgb is not None
        return png(self.rgb)

    @cached_property
    def depth_png(self) -> bytes:
        """The depth image as a PNG file of 16-bit millimetres, 0 where nothing was seen; encoded once."""
        assert self.depth is not None
        return png(in_millimetres(self.depth))


def in_millimetres(depth: npt.NDArray[np.float32]) -> npt.NDArray[np.uint16]:
    """Return a depth image in whole millimetres (H, W); what is farther than 65.535 m reads as unseen."""
    millimetres = np.round(np.nan_to_num(depth, nan=0.0, posinf=0.0, neginf=0.0) * DEPTH_UNITS_PER_M)
    return np.where((millimetres >= 0) & (millimetres <= np.iinfo(np.uint16).max), millimetres, 0).astype(np.uint16)


def png(pixels: npt.NDArray[np.uint8] | npt.NDArray[np.uint16]) -> bytes:
    """Return pixels (H, W, 3) or (H, W) as a PNG file."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG", compress_level=_COMPRESSION)
    return file.getvalue()
