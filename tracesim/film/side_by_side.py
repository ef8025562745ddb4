"""Films of one episode as several robots or policies played it, side by side in one film."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import zip_longest
from math import ceil, sqrt
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from tracesim.errors import TraceSimError
from tracesim.film.film import PANEL_PX
from tracesim.film.panel import Stamp, label
from tracesim.film.video import FPS, frames, writer

Pixels = npt.NDArray[np.uint8]

ROW: Final = 3
"""Number of films that stand in one row; more are arranged in a square."""


def side_by_side(films: Mapping[str, Path], path: Path) -> Path:
    """Write a film in which several films begin at once, without their panels; the shorter ones stay at their ends.

    Args:
        films: The films by what they are labelled with.
        path: Path of the film to write.

    Returns:
        The path.

    Raises:
        TraceSimError: A film cannot be read, has another size than the others, or ffmpeg failed.
    """
    pictures = [_pictures(name, film) for name, film in films.items()]
    first = [next(one) for one in pictures]
    if len({one.shape for one in first}) > 1:
        raise TraceSimError(f"The films differ in size: {', '.join(map(str, films.values()))}.")
    columns = len(first) if len(first) <= ROW else ceil(sqrt(len(first)))
    height, width = first[0].shape[:2]
    with writer(path, (columns * width, ceil(len(first) / columns) * height)) as write:
        shown = first
        write(_grid(shown, columns))
        for following in zip_longest(*pictures):
            shown = [after if after is not None else before for before, after in zip(shown, following, strict=True)]
            write(_grid(shown, columns))
    return path


def _pictures(name: str, film: Path) -> Iterator[Pixels]:
    """Yield the frames of a film, (H, W, 3), without the panel and with a label."""
    stamp: Stamp | None = None
    for frame in frames(film, FPS):
        height, width = frame.shape[0], frame.shape[1] - PANEL_PX
        picture = frame[:, :width].copy()
        stamp = stamp or label(name, width, height)
        stamp.over(picture)
        yield picture
    if stamp is None:
        raise TraceSimError(f"{film}: the film has no frames.")


def _grid(pictures: list[Pixels], columns: int) -> Pixels:
    """Return pictures of one size in rows; what is left over of the last row is black."""
    black = np.zeros_like(pictures[0])
    padded = pictures + [black] * (-len(pictures) % columns)
    return np.vstack([np.hstack(padded[at : at + columns]) for at in range(0, len(padded), columns)])
