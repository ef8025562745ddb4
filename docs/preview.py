"""Makes the picture at the top of the README from a film: `python docs/preview.py FILM.mp4 PREVIEW.webp`."""

from __future__ import annotations

import sys
from pathlib import Path

import imageio.v3 as iio
from PIL import Image

WIDTH_PX = 854
EVERY = 4
"""Of a film's frames, so many make one of the preview."""
FRAME_MS = 100
QUALITY = 42
LAST_MS = 2500


def main(film: Path, preview: Path) -> None:
    """Write an animated WebP that shows a film at twice its speed, and stays on its last frame for a while."""
    frames = [Image.fromarray(frame) for frame in list(iio.imiter(film))[::EVERY]]
    size = (WIDTH_PX, round(WIDTH_PX * frames[0].height / frames[0].width))
    first, *others = [frame.resize(size, Image.Resampling.LANCZOS) for frame in frames]
    durations = [FRAME_MS] * len(others) + [LAST_MS]
    first.save(preview, save_all=True, append_images=others, duration=durations, loop=0, quality=QUALITY, method=6)
    print(f"{preview}: {len(frames)} frames, {preview.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
