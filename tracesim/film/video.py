"""Video files: encoding and decoding with ffmpeg, and animated previews."""

from __future__ import annotations

import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

import imageio_ffmpeg
import numpy as np
import numpy.typing as npt
from PIL import Image

from tracesim.errors import TraceSimError
from tracesim.files.whole_file import whole
from tracesim.machine.children import ending

Pixels = npt.NDArray[np.uint8]

FPS = 20
"""Frames per second of films."""
PREVIEW_BYTES = 3_000_000
"""Greatest size of a preview."""


@contextmanager
def writer(path: Path, size: tuple[int, int], fps: float = FPS) -> Iterator[Callable[[Pixels], None]]:
    """Provide a function that appends frames (H, W, 3) to an MP4 file (H.264, yuv420p).

    The file gets its name once it is complete; after an error or interruption it is removed.

    Args:
        path: Path of the file.
        size: Width and height of a frame, pixels.
        fps: Frames per second.

    Raises:
        TraceSimError: ffmpeg failed.
        ValueError: A frame has another size.
    """
    with whole(path) as unfinished, tempfile.TemporaryFile() as complaints:
        command = [
            *(imageio_ffmpeg.get_ffmpeg_exe(), "-y", "-loglevel", "error"),
            *("-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{size[0]}x{size[1]}", "-r", f"{fps:g}", "-i", "-"),
            *("-c:v", "libx264", "-preset", "superfast", "-crf", "21", "-pix_fmt", "yuv420p"),
            *("-threads", "1", "-movflags", "+faststart", str(unfinished.absolute())),
        ]
        # In a session of its own, ffmpeg does not receive Ctrl-C; this process ends it instead.
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=complaints, start_new_session=True
        )
        assert process.stdin is not None
        pipe = process.stdin
        try:
            try:
                yield lambda frame: _send(pipe, frame, size)
                pipe.close()
            except BrokenPipeError:
                pass  # the reason is read from ffmpeg's output below
            if process.wait() != 0 or not unfinished.exists():
                complaints.seek(0)
                said = complaints.read(1000).decode(errors="replace").split("\n")[0].strip()
                raise TraceSimError(f"ffmpeg could not write {path}: {said or _ended(process.returncode)}")
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
            with suppress(BrokenPipeError):
                pipe.close()


def _ended(status: int) -> str:
    """Return how ffmpeg ended, in words."""
    return f"killed by {signal.Signals(-status).name}" if status < 0 else f"exit status {status}"


def _send(pipe: IO[bytes], frame: Pixels, size: tuple[int, int]) -> None:
    """Pass a frame on to ffmpeg."""
    if frame.shape != (size[1], size[0], 3):
        raise ValueError(f"a frame of shape {frame.shape} does not fit a video of {size[0]} x {size[1]}")
    pipe.write(np.ascontiguousarray(frame).data)


def frames(video: Path, fps: float) -> Iterator[Pixels]:
    """Yield the frames (H, W, 3) of a video file at the given rate.

    Raises:
        TraceSimError: ffmpeg failed.
    """
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-loglevel", "error", "-i", str(video), "-vf", f"fps={fps:g}"]
    command += ["-f", "image2pipe", "-c:v", "ppm", "-"]
    with TemporaryFile() as said, subprocess.Popen(command, stdout=subprocess.PIPE, stderr=said) as process:
        assert process.stdout is not None
        while process.stdout.readline() == b"P6\n":
            width, height = (int(number) for number in process.stdout.readline().split())
            process.stdout.readline()  # maximum value, always 255
            yield np.frombuffer(process.stdout.read(3 * width * height), np.uint8).reshape(height, width, 3)
        if process.wait() != 0:
            said.seek(0)
            raise TraceSimError(f"ffmpeg could not read {video} ({ending(process.returncode, said.read())}).")


def preview(video: Path, path: Path, speed: float = 2.0) -> Path:
    """Save an animated WebP preview of a video.

    It has at most `PREVIEW_BYTES`, if that is possible with a width of at least 360 pixels.

    Args:
        video: Path of the video.
        path: Path of the preview.
        speed: Seconds of the video per second of the preview.

    Returns:
        The path of the preview.
    """
    fps = 10.0
    full = [Image.fromarray(frame) for frame in frames(video, fps / speed)]
    for width in (full[0].width, 720, 640, 480, 360):
        size = (width, round(width * full[0].height / full[0].width))
        first, *others = [frame.resize(size, Image.Resampling.LANCZOS) for frame in full]
        first.save(path, "WebP", save_all=True, append_images=others, duration=round(1000 / fps), quality=60, method=4)
        if path.stat().st_size <= PREVIEW_BYTES:
            break
    return path
