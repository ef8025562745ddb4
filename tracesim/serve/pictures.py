"""Pictures from strangers: decoded within bounds, and read from one folder only."""

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
    """Return pictures as RGB from their files' bytes (PNG, JPEG, WebP, BMP), of 40 megapixels together at most.

    They are turned as their EXIF data says.
    """
    images = _loaded(files, what)
    return [Image.fromarray(Orientation.of(image).turned(np.asarray(image.convert("RGB")))) for image in images]


def check_depth(files: Sequence[bytes]) -> None:
    """Refuse what is no depth image in millimetres: one channel of 16 bits."""
    for image in _loaded(files, "depth"):
        if image.mode not in _DEPTH_MODES:
            raise RefusalError(422, f"a depth image has one channel of 16 bits, millimetres; this one is {image.mode}.")


def _loaded(files: Sequence[bytes], what: str) -> list[Image.Image]:
    opened: list[Image.Image] = []
    pixels = 0
    for number, file in enumerate(files):
        try:
            image: Image.Image = Image.open(io.BytesIO(file), formats=_FORMATS)
        except (Image.DecompressionBombError, Image.DecompressionBombWarning):
            raise _too_large(what, number) from None
        except Exception:  # a decoder raises whatever it likes about a stranger's bytes
            raise RefusalError(422, f"{what} {number} is not a picture ({', '.join(_FORMATS)}).") from None
        pixels += image.width * image.height  # known before any pixel is decoded
        if pixels > MOST_PIXELS:
            raise _too_large(what, number)
        opened.append(image)
    for number, image in enumerate(opened):
        try:
            image.load()
        except Exception:
            raise RefusalError(422, f"{what} {number} is a broken picture.") from None
    return opened


def _too_large(what: str, number: int) -> RefusalError:
    return RefusalError(413, f"{what} {number}: more than {MOST_PIXELS // 10**6} megapixels in one request.")


def from_base64(text: str, what: str) -> bytes:
    """Return the bytes of a picture in base64 (RFC 4648, 4), without a prefix."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise RefusalError(422, f"{what} is not base64.") from None


def from_data_url(url: str) -> bytes:
    """Return the bytes in a data: URL in base64; no other URL is followed."""
    head, comma, data = url.partition(",")
    if not head.startswith("data:image/") or not head.endswith(";base64") or not comma:
        raise RefusalError(422, "image_url is not data:image/...;base64,...: no other URL is followed here.")
    return from_base64(data, "image_url")


@dataclass(frozen=True)
class Allowed:
    """The one folder whose files clients may name; None: no file may be named."""

    folder: Path | None

    def read(self, name: str) -> bytes:
        """Return a file's bytes; links are followed only to what lies in the folder.

        A file outside is refused in the same words whether it exists or not.
        """
        if self.folder is None:
            raise RefusalError(
                403, "this server reads no files: start it with folder=DIR, a folder that both sides see."
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
            # Neither a link that was put there since, nor a pipe that nobody writes to.
            opened = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            raise RefusalError(422, f"{path} cannot be read ({error.strerror}).") from None
        try:
            about = os.fstat(opened)
            if not stat.S_ISREG(about.st_mode):
                raise RefusalError(422, f"{path} is not a file.")
            if about.st_size > LARGEST_FILE_BYTES:
                raise RefusalError(413, f"{path} has more than {LARGEST_FILE_BYTES // 2**20} MiB.")
            with open(opened, "rb", closefd=False) as file:
                return file.read(LARGEST_FILE_BYTES)
        finally:
            os.close(opened)
