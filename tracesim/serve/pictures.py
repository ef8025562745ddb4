"""Images from untrusted clients, decoded within limits and read from one folder only."""

from __future__ import annotations

import base64
import binascii
import io
import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image

from tracesim.geometry.orientation import Orientation
from tracesim.serve.refusal import RefusalError

LARGEST_FILE_BYTES: Final = 32 * 1024 * 1024
MOST_PIXELS: Final = 40_000_000
_FORMATS: Final = ("PNG", "JPEG", "WEBP", "BMP")
_DEPTH_MODES: Final = ("I;16", "I;16B", "I")


def pictures(files: Sequence[bytes], what: str = "image") -> list[Image.Image]:
    """Return decoded RGB images (PNG, JPEG, WebP, BMP), rotated as their EXIF data says.

    Args:
        files: Contents of the files.
        what: Name of the images in messages.

    Raises:
        RefusalError: A file is not an image, or the images have more than 40 megapixels together.
    """
    images = _load(files, what)
    return [Image.fromarray(Orientation.of(image).turned(np.asarray(image.convert("RGB")))) for image in images]


def check_depth(files: Sequence[bytes]) -> None:
    """Check that files are depth images in millimetres: one channel of 16 bits.

    Raises:
        RefusalError: A file is not such an image.
    """
    for image in _load(files, "depth"):
        if image.mode not in _DEPTH_MODES:
            raise RefusalError(
                422,
                f"a depth image needs one channel of 16 bits, in millimetres; this one has mode {image.mode}.",
            )


def _load(files: Sequence[bytes], what: str) -> list[Image.Image]:
    opened: list[Image.Image] = []
    pixels = 0
    for number, file in enumerate(files):
        try:
            image: Image.Image = Image.open(io.BytesIO(file), formats=_FORMATS)
        except (Image.DecompressionBombError, Image.DecompressionBombWarning):
            raise _too_large(what, number) from None
        except Exception:  # a decoder may raise any exception for malformed data
            raise RefusalError(422, f"{what} {number} is not an image. Valid: {', '.join(_FORMATS)}.") from None
        pixels += image.width * image.height  # known before pixels are decoded
        if pixels > MOST_PIXELS:
            raise _too_large(what, number)
        opened.append(image)
    for number, image in enumerate(opened):
        try:
            image.load()
        except Exception:
            raise RefusalError(422, f"{what} {number} is a damaged image.") from None
    return opened


def _too_large(what: str, number: int) -> RefusalError:
    return RefusalError(413, f"{what} {number}: more than {MOST_PIXELS // 10**6} megapixels in one request.")


def from_base64(text: str, what: str) -> bytes:
    """Return the bytes of an image in base64 (RFC 4648, 4), without a prefix.

    Args:
        text: Encoded image.
        what: Name of the field in messages.

    Raises:
        RefusalError: The text is not base64.
    """
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise RefusalError(422, f"{what} is not base64.") from None


def from_data_url(url: str) -> bytes:
    """Return the bytes in a data: URL in base64.

    Raises:
        RefusalError: It is another kind of URL, which is not followed.
    """
    head, comma, data = url.partition(",")
    if not head.startswith("data:image/") or not head.endswith(";base64") or not comma:
        raise RefusalError(422, "image_url has to be data:image/...;base64,...; no other URL is followed.")
    return from_base64(data, "image_url")


@dataclass(frozen=True)
class Allowed:
    """Permission to read files from one folder."""

    folder: Path | None
    """Only folder from which files are read, or None to read none."""

    def read(self, name: str) -> bytes:
        """Return the content of a file; symbolic links are only followed to files in the folder.

        The refusal of a file outside the folder does not reveal whether it exists.

        Args:
            name: Absolute path of the file, as given by a client.

        Raises:
            RefusalError: The file is outside the folder, too large, or cannot be read.
        """
        if self.folder is None:
            raise RefusalError(
                403, "this server reads no files: start it with folder=DIR, a folder that both sides can access."
            )
        folder = self.folder.resolve()
        try:
            path = Path(name).resolve()
            inside = Path(name).is_absolute() and path.is_relative_to(folder)
        except (OSError, RuntimeError, ValueError):
            inside = False
        if not inside:
            raise RefusalError(403, f"only absolute paths of files under {folder} are read.")
        try:
            # Do not follow a link created since the check, and do not block on a pipe.
            opened = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            raise RefusalError(422, f"{path} cannot be read ({error.strerror}).") from None
        try:
            about = os.fstat(opened)
            if not stat.S_ISREG(about.st_mode):
                raise RefusalError(422, f"{path} is not a file.")
            if about.st_size > LARGEST_FILE_BYTES:
                raise RefusalError(413, f"{path} is larger than {LARGEST_FILE_BYTES // 2**20} MiB.")
            with open(opened, "rb", closefd=False) as file:
                return file.read(LARGEST_FILE_BYTES)
        finally:
            os.close(opened)
