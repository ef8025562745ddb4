"""Measured depth at the point where a trace touches an object."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from tracesim.geometry.camera import IMAGE_SCALE
from tracesim.geometry.rigid import FloatArray

NEIGHBOURHOOD: Final = 0.01
"""Radius around a contact in which depths are considered, as a fraction of the image's width.

It is 6.4 pixels of 640, or 1.1 cm at a distance of 1 m.
"""

SURFACE_GAP_M: Final = 0.005
"""Depths belong to different surfaces if they differ by more than this and no nearby depth lies between them."""

TRUSTED_M: Final = 0.02
"""Largest distance between a predicted depth and a surface at which the prediction selects that surface.

It is also the distance within which an object counts as touched.
"""


@dataclass(frozen=True)
class MeasuredContact:
    """Depth at a contact, read from a depth image."""

    pixel: tuple[int, int]
    """Column and row of the pixel that was read."""

    depth_m: float
    """Depth of that pixel, metres, camera z."""


def measure_contact(
    depth: npt.NDArray[np.float32], keypoint_px: FloatArray, predicted_m: float | None
) -> MeasuredContact | None:
    """Return the measured depth of the surface that a keypoint is meant to touch, or None if nothing was measured.

    A keypoint on a thin rim or near an edge may miss its surface by a pixel because coordinates are rounded; its pixel
    then shows whatever is behind. Therefore the depths within `NEIGHBOURHOOD` are grouped into surfaces. The surface
    nearest to the predicted depth is chosen if it is within `TRUSTED_M`. Otherwise the prediction is ignored, and the
    frontmost surface within the rounding of the coordinates is chosen. On the chosen surface, the pixel nearest to the
    keypoint is read: the keypoint's own pixel, unless that one shows another surface.

    The rule that contact points take the measured depth is RoboTracer's, arXiv 2512.13660, appendix E.8. The paper does
    not say how pixels at an edge are read; the neighbourhood is TraceSim's addition.

    Args:
        depth: (H, W), metres, camera z; 0 or not finite where nothing was measured.
        keypoint_px: (2,), column and row in pixels; it may lie slightly outside the image.
        predicted_m: Depth in the answer, metres, or None for a 2D answer.
    """
    height, width = depth.shape
    own_px = np.clip(np.floor(keypoint_px), 0, (width - 1, height - 1))
    radius_px = NEIGHBOURHOOD * width
    rounding_px = int(np.ceil(width / IMAGE_SCALE / 2.0))
    low = np.maximum(np.floor(keypoint_px - radius_px), 0).astype(int)
    high = np.maximum(np.minimum(np.ceil(keypoint_px + radius_px), (width, height)), low).astype(int)
    rows, columns = (index.ravel() for index in np.mgrid[low[1] : high[1], low[0] : high[0]])
    seen_m = np.asarray(depth[rows, columns], float)
    from_keypoint_px = np.hypot(columns + 0.5 - keypoint_px[0], rows + 0.5 - keypoint_px[1])
    from_own_px = np.maximum(np.abs(columns - own_px[0]), np.abs(rows - own_px[1]))
    from_keypoint_px[from_own_px == 0] = 0.0
    rounded = from_own_px <= rounding_px
    near = np.isfinite(seen_m) & (seen_m > 0.0) & (rounded | (from_keypoint_px <= radius_px))
    if not near.any():
        return None
    pixels, seen_m, from_keypoint_px = np.column_stack([columns, rows])[near], seen_m[near], from_keypoint_px[near]
    surface = _surfaces(seen_m)
    chosen = surface == _choose(seen_m, surface, rounded[near], predicted_m)
    nearest = np.flatnonzero(chosen)[np.argmin(from_keypoint_px[chosen])]
    column, row = pixels[nearest]
    return MeasuredContact((int(column), int(row)), float(seen_m[nearest]))


def _surfaces(depth_m: FloatArray) -> npt.NDArray[np.int64]:
    """Return the index (N,) of the surface of each depth (N,), counted from the front."""
    order = np.argsort(depth_m, kind="stable")
    number = np.empty(len(depth_m), np.int64)
    number[order] = np.cumsum(np.diff(depth_m[order], prepend=depth_m[order[0]]) > SURFACE_GAP_M)
    return number


def _choose(
    depth_m: FloatArray, surface: npt.NDArray[np.int64], rounded: npt.NDArray[np.bool_], predicted_m: float | None
) -> int:
    """Return the index of the surface of a contact.

    Args:
        depth_m: (N,), depths in the neighbourhood, metres.
        surface: (N,), index of each depth's surface.
        rounded: (N,), whether a pixel is within the rounding of the keypoint.
        predicted_m: Depth in the answer, metres, or None.
    """
    if predicted_m is not None:
        off_m = np.abs(depth_m - predicted_m)
        nearest = int(np.argmin(off_m))
        if off_m[nearest] <= TRUSTED_M:
            return int(surface[nearest])
    candidates = surface[rounded] if rounded.any() else surface
    return int(candidates.min())
