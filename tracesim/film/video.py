"""Video files: written frame by frame beside the process that draws, and made small for a page."""

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
PREVIEW_BYTES = 3_000_000


@contextmanager
def writer(path: Path, size: tuple[int, int], fps: float = FPS) -> Iterator[Callable[[Pixels], None]]:
    """Give a function that appends a frame (H, W, 3) to an MP4 file (H.264, yuv420p) of this width and height.

    The file is renamed to `path` when all went well, and removed when not, also when interrupted.
    """
    with whole(path) as unfinished, tempfile.TemporaryFile() as complaints:
        command = [
            *(imageio_ffmpeg.get_ffmpeg_exe(), "-y", "-loglevel", "error"),
            *("-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{size[0]}x{size[1]}", "-r", f"{fps:g}", "-i", "-"),
            *("-c:v", "libx264", "-preset", "superfast", "-crf", "21", "-pix_fmt", "yuv420p"),
            *("-threads", "1", "-movflags", "+faststart", str(unfinished.absolute())),
        ]
        # a session of its own: Ctrl-C is for us, and we tell ffmpeg
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
                pass  # ffmpeg says below why it left
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
    return f"killed by {signal.Signals(-status).name}" if status < 0 else f"exit status {status}"


def _send(pipe: IO[bytes], frame: Pixels, size: tuple[int, int]) -> None:
    if frame.shape != (size[1], size[0], 3):
        raise ValueError(f"a frame of shape {frame.shape} does not fit a video of {size[0]} x {size[1]}")
    pipe.write(np.ascontiguousarray(frame).data)


def frames(video: Path, fps: float) -> Iterator[Pixels]:
    """Yield the frames (H, W, 3) of a video file, thinned to a rate; raises `TraceSimError` where ffmpeg fails."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-loglevel", "error", "-i", str(video), "-vf", f"fps={fps:g}"]
    command += ["-f", "image2pipe", "-c:v", "ppm", "-"]
    with TemporaryFile() as said, subprocess.Popen(command, stdout=subprocess.PIPE, stderr=said) as process:
        assert process.stdout is not None
        while process.stdout.readline() == b"P6\n":
            width, height = (int(number) for number in process.stdout.readline().split())
            process.stdout.readline()  # the greatest value, always 255
            yield np.frombuffer(process.stdout.read(3 * width * height), np.uint8).reshape(height, width, 3)
        if process.wait() != 0:
            said.seek(0)
            raise TraceSimError(f"ffmpeg could not read {video} ({ending(process.returncode, said.read())}).")


def preview(video: Path, path: Path, speed: float = 2.0) -> Path:
    """Write an animated WebP picture of a video, of at most `PREVIEW_BYTES` where that can be had at 360 pixels' width.

    speed: how much faster it plays.
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
