"""Video files that hold several episodes each, one after another."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from tracesim.machine.extras import optional

FILES_IN_CHUNK: Final = 1000
"""Number of files in a folder."""


@dataclass(frozen=True)
class Codec:
    """How pictures are encoded."""

    encoder: str
    """Name of the encoder in FFmpeg."""

    pixels: str
    """Pixel format of the video."""

    given: str
    """Pixel format of the pictures that are given."""

    options: Mapping[str, str]
    """Options of the encoder."""


COLORS: Final = Codec("libsvtav1", "yuv420p", "rgb24", {"g": "2", "crf": "30", "preset": "12"})
"""LeRobot's encoding of colours: every other frame is a key frame, so that single frames are decoded quickly."""

DEPTHS: Final = Codec("libx265", "gray12le", "gray12le", {"g": "2", "x265-params": "lossless=1:log-level=error"})
"""LeRobot's encoding of depth codes, which loses nothing."""


@dataclass(frozen=True)
class Place:
    """Where in the video files an episode is."""

    chunk: int
    """Number of the folder."""

    file: int
    """Number of the file in the folder."""

    start_s: float
    """Time of the first frame in the file."""

    end_s: float
    """Time at which the last frame has been shown."""


def numbered(count: int) -> tuple[int, int]:
    """Return the number of the folder and of the file in it, of a file with `count` files before it."""
    return divmod(count, FILES_IN_CHUNK)


class VideoFiles:
    """Encodes the pictures of one camera; a file that has become too large is followed by another."""

    def __init__(self, folder: Path, codec: Codec, fps: int, limit_bytes: int) -> None:
        """Prepare to write.

        Args:
            folder: Folder for `chunk-000/file-000.mp4` and so on.
            codec: How pictures are encoded.
            fps: Pictures per second.
            limit_bytes: Size at which the next episode begins a new file.
        """
        self._folder = folder
        self._codec = codec
        self._fps = fps
        self._limit_bytes = limit_bytes
        self._av = optional("av", "export", "form=lerobot")
        self._finished = 0
        self._container: Any = None
        self._frames = self._begun = self._bytes = 0

    def add(self, picture: npt.NDArray[np.uint8] | npt.NDArray[np.uint16]) -> None:
        """Append a picture of the current episode, (H, W, 3) or (H, W)."""
        if self._container is None:
            self._open(width=picture.shape[1], height=picture.shape[0])
        frame = self._av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format=self._codec.given)
        frame.pts, frame.time_base = self._frames, Fraction(1, self._fps)
        self._mux(self._stream.encode(frame))
        self._frames += 1

    def end_episode(self) -> Place:
        """End the current episode, and return where it is."""
        chunk, file = numbered(self._finished)
        place = Place(chunk, file, self._begun / self._fps, self._frames / self._fps)
        self._begun = self._frames
        if self._bytes >= self._limit_bytes:
            self.close()
        return place

    def close(self) -> None:
        """Complete the current file, if there is one."""
        if self._container is None:
            return
        container, self._container = self._container, None
        with container:
            container.mux(self._stream.encode(None))
        self._finished += 1

    def _open(self, width: int, height: int) -> None:
        os.environ.setdefault("SVT_LOG", "1")  # SVT-AV1 reports its settings otherwise
        chunk, file = numbered(self._finished)
        path = self._folder / f"chunk-{chunk:03d}" / f"file-{file:03d}.mp4"
        path.parent.mkdir(parents=True, exist_ok=True)
        self._frames = self._begun = self._bytes = 0
        self._container = self._av.open(str(path), "w")
        self._stream = self._container.add_stream(
            self._codec.encoder, rate=self._fps, options=dict(self._codec.options)
        )
        self._stream.width, self._stream.height, self._stream.pix_fmt = width, height, self._codec.pixels

    def _mux(self, packets: list[Any]) -> None:
        self._bytes += sum(packet.size for packet in packets)
        self._container.mux(packets)
