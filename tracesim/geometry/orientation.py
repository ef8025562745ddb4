"""The orientation that a picture's EXIF data states, and turning pixels, cameras and points accordingly.

Cameras and telephones store what their sensor saw and note how it is to be shown. Viewers turn pictures accordingly,
and so models are shown them here.
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
"""By the value of the EXIF tag: the stored column and row of which the shown column, and the shown row, are made."""


@dataclass(frozen=True)
class Orientation:
    """How a stored picture is to be shown. tag: of EXIF, 1 to 8; 1 as stored."""

    tag: int = 1

    @classmethod
    def of(cls, image: Image.Image) -> Orientation:
        """Return the orientation that a picture states; as stored where it states none, or nonsense."""
        if image.format == "PNG" and "exif" not in image.info:
            return cls()  # to look for it behind the pixels, Pillow would decode them all
        try:
            tag = image.getexif().get(ExifTags.Base.Orientation)
        except Exception:  # damaged EXIF data says nothing about the pixels
            return cls()
        return cls(tag) if isinstance(tag, int) and tag in _AXES else cls()

    @property
    def axes(self) -> npt.NDArray[np.int_]:
        """The matrix (2, 2) that turns a stored direction (column, row) into the shown one."""
        return np.array(_AXES[self.tag])

    @property
    def swaps_sides(self) -> bool:
        """Whether a stored column becomes a row, so that width and height change places."""
        return self.tag >= 5

    def size(self, stored: tuple[int, int]) -> tuple[int, int]:
        """Return the width and height of what is shown."""
        width, height = stored
        return (height, width) if self.swaps_sides else (width, height)

    def turned(self, pixels: npt.NDArray[Scalar]) -> npt.NDArray[Scalar]:
        """Return stored pixels (H, W, ...) as they are to be shown."""
        shown = np.swapaxes(pixels, 0, 1) if self.swaps_sides else pixels
        column, row = self.axes.sum(axis=1)
        return shown[::row, ::column]

    def for_beside(self, stored: tuple[int, int], beside: tuple[int, int]) -> Orientation:
        """Return how a depth image or a mask beside a picture is to be turned; sizes are width and height.

        It states no orientation of its own. Where its longer side lies as that of the stored picture does, and not as
        that of the shown one, it is turned along; else it is taken as it is.
        """
        lies_as_stored = (stored[0] - stored[1]) * (beside[0] - beside[1]) > 0
        return self if self.swaps_sides and lies_as_stored else Orientation()

    def intrinsics(self, stored: FloatArray, size: tuple[int, int]) -> FloatArray:
        """Return the intrinsics (3, 3) of the shown picture for those of the stored one, which has this size."""
        image = np.eye(3)
        image[:2, :2] = self.axes
        image[:2, 2] = np.where(self.axes.sum(axis=1) < 0, self.size(size), 0)
        return np.asarray(image @ stored @ self.camera.T)

    @property
    def camera(self) -> FloatArray:
        """The matrix (3, 3) that turns points in the stored picture's camera frame into the shown one's.

        A reflection for the mirrored orientations.
        """
        matrix = np.eye(3)
        matrix[:2, :2] = self.axes
        return matrix
