"""Pictures whose EXIF data says how they are to be shown."""

from __future__ import annotations

import io

import numpy as np
import numpy.typing as npt
from PIL import ExifTags, Image

from tracesim.geometry.orientation import Orientation

_OPPOSITES = {6: 8, 8: 6}


def opposite(tag: int) -> Orientation:
    """Return the orientation that turns what is shown under a tag into what is stored."""
    return Orientation(_OPPOSITES.get(tag, tag))


def picture_file(shown: npt.NDArray[np.uint8], tag: int, kind: str = "PNG") -> bytes:
    """Return a file that stores the pixels (H, W, 3) turned, with the tag by which they are shown as given."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = tag
    file = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(opposite(tag).turned(shown))).save(file, kind, exif=exif)
    return file.getvalue()
