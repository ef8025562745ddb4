"""Films of a report: copies beside its pages, each with a still picture that stands for it until it is played."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

from PIL import Image

from tracesim.errors import TraceSimError
from tracesim.film.video import frames

POSTER_HZ: Final = 0.4
"""Rate at which frames are read for a poster: the first one is past the introduction, so that it shows the trace."""


def copy_film(film: Path, folder: Path, name: str) -> None:
    """Copy a film as `NAME.mp4`, with its poster `NAME.webp`; a film of which no frame can be read gets no poster."""
    shutil.copyfile(film, folder / f"{name}.mp4")
    try:
        first = next(frames(film, POSTER_HZ), None)
    except TraceSimError:
        return
    if first is not None:
        Image.fromarray(first).save(folder / f"{name}.webp", "WebP", quality=70)
