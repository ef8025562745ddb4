"""Picture orientations from EXIF data, applied to pixels, cameras and points.

Cameras and phones store what their sensor saw and note how to display it. Viewers apply that orientation, so it is
applied here, too, before a model is shown a picture.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeVar

import numpy as np
import numpy.typing as npt
from PIL import ExifTags, Image

from tracesim.geometry.rigid import FloatArray

Scalar = TypeVar("Scalar", bound=np.generic)

_AXES: Final = {
    1: ((1, 0), (0, 1)),
    2: ((-1, 0), (0, 1)),
    3: ((-1, 0), (0, -1)),
    4: ((1, 0), (0, -1)),
    5: ((0, 1), (1, 0)),
    6: ((0, -1), (1, 0)),
    7: ((0, -1), (-1, 0)),
    8: ((0, 1), (-1, 0)),
}
"""Axes of the displayed picture by value of the EXIF tag: its column and its row in terms of the stored ones."""


@dataclass(frozen=True)
class Orientation:
    """How a stored picture is to be displayed."""

    tag: int = 1
    """Value of the EXIF tag, 1 to 8; 1 means as stored."""

    @classmethod
    def of(cls, image: Image.Image) -> Orientation:
        """Return the orientation stated by a picture's EXIF data; as stored if it states none or an invalid one."""
        if image.format == "PNG" and "exif" not in image.info:
            return cls()  # Pillow would decode all pixels to look for EXIF data behind them
        try:
            tag = image.getexif().get(ExifTags.Base.Orientation)
        except Exception:  # damaged EXIF data; the pixels may be fine
            return cls()
        return cls(tag) if isinstance(tag, int) and tag in _AXES else cls()

    @property
    def axes(self) -> npt.NDArray[np.int_]:
        """Matrix (2, 2) that maps a stored direction (column, row) to the displayed one."""
        return np.array(_AXES[self.tag])

    @property
    def swaps_sides(self) -> bool:
        """Whether width and height are swapped."""
        return self.tag >= 5

    def size(self, stored: tuple[int, int]) -> tuple[int, int]:
        """Return the width and height of the displayed picture, given those of the stored one."""
        width, height = stored
        return (height, width) if self.swaps_sides else (width, height)

    def turned(self, pixels: npt.NDArray[Scalar]) -> npt.NDArray[Scalar]:
        """Return stored pixels (H, W, ...) as they are displayed."""
        shown = np.swapaxes(pixels, 0, 1) if self.swaps_sides else pixels
        column, row = self.axes.sum(axis=1)
        return shown[::row, ::column]

    def for_beside(self, stored: tuple[int, int], beside: tuple[int, int]) -> Orientation:
        """Return the orientation for a depth image or mask that accompanies the picture and states none of its own.

        If the orientation swaps width and height and the image's longer side matches the stored picture, it is turned,
        too; otherwise it is taken as displayed.

        Args:
            stored: Width and height of the stored picture.
            beside: Width and height of the depth image or mask.
        """
        lies_as_stored = (stored[0] - stored[1]) * (beside[0] - beside[1]) > 0
        return self if self.swaps_sides and lies_as_stored else Orientation()

    def intrinsics(self, stored: FloatArray, size: tuple[int, int]) -> FloatArray:
        """Return the intrinsics (3, 3) of the displayed picture.

        Args:
            stored: Intrinsics of the stored picture, (3, 3).
            size: Width and height of the stored picture.
        """
        image = np.eye(3)
        image[:2, :2] = self.axes
        image[:2, 2] = np.where(self.axes.sum(axis=1) < 0, self.size(size), 0)
        return np.asarray(image @ stored @ self.camera.T)

    @property
    def camera(self) -> FloatArray:
        """Matrix (3, 3) that maps points from the stored picture's camera frame to the displayed one's.

        It is a reflection for mirrored orientations.
        """
        matrix = np.eye(3)
        matrix[:2, :2] = self.axes
        return matrix
