"""Verdict of the corrected scorer on one answer.

Thresholds and path errors are the published ones. Corrections: an answer without a trace gets the worst scores, no pair
of paths is dropped, the whole path is tested for collision with solid surfaces (`tracesim.tracespatial.space`), and the
cloud of a large object stays in one piece. Errors are capped, so that no answer scores worse than a missing one.
"""

from __future__ import annotations

import dataclasses
from typing import Final

import numpy as np

from tracesim.geometry.camera import IMAGE_SCALE
from tracesim.geometry.path_errors import PathErrors, resample_path
from tracesim.geometry.rigid import FloatArray
from tracesim.tracespatial.cloud import masked_points, object_cloud
from tracesim.tracespatial.space import CENTRE_PX, SeenSpace
from tracesim.tracespatial.verdict import WITHIN_M, Verdict
from tracesim.tracespatial.view import SampleView

WORST_M: Final = 5.0
"""Largest distance that counts: the range of the published scorer."""

WORST_3D: Final = PathErrors(WORST_M, WORST_M, WORST_M, WORST_M)
"""Largest path errors, metres."""

WORST_2D: Final = PathErrors(2.0**0.5, 2.0**0.5, 2.0**0.5, 1.0)
"""Largest path errors in the image: from one corner to the opposite one."""


def verdict_2d(view: SampleView, keypoints: FloatArray | None, fault: str | None) -> Verdict:
    """Return the verdict on a 2D answer.

    Args:
        view: SampleView of the sample.
        keypoints: (N, 2 or 3), u and v in 0-1000, or None without a trace.
        fault: Why the answer has no trace, or None.
    """
    if keypoints is None:
        return worst_verdict(view, fault, depth=False)
    pixels = keypoints[:, :2] / IMAGE_SCALE * view.size
    true = view.project(view.sample.trajectory)
    errors = PathErrors.of(resample_path(pixels) / view.size, resample_path(true) / view.size)
    return Verdict(
        view.sample.id,
        path_2d=errors.capped(WORST_2D),
        start_in_mask=_in_mask(view, keypoints[0]),
        end_in_rectangle=view.ends_in_box(pixels),
    )


def verdict_3d(view: SampleView, keypoints: FloatArray | None, fault: str | None) -> Verdict:
    """Return the verdict on a 3D answer.

    Args:
        view: SampleView of the sample; without its images, start, collision and success are not judged.
        keypoints: (N, 3), u and v in 0-1000 and depth in metres, above 0, or None without a trace.
        fault: Why the answer has no trace, or None.
    """
    if keypoints is None:
        return worst_verdict(view, fault, depth=True)
    sample = view.sample
    points = view.lift(keypoints)
    path, true_path = resample_path(points), resample_path(sample.trajectory)
    true_start_m = min(float(np.linalg.norm(points[0] - sample.trajectory[0])), WORST_M)
    end_m = min(view.end_distance_m(points), WORST_M)
    end = end_m < WITHIN_M
    start_m = start = collision = success = None
    if view.pixels is not None:
        cloud = object_cloud(masked_points(sample, view.pixels, CENTRE_PX))
        # If no pixel of the object has a depth, only the path itself is tested.
        near_m = float(np.linalg.norm(cloud - points[0], axis=1).min()) if len(cloud) else np.inf
        start_m = min(near_m, true_start_m)
        start = start_m < WITHIN_M
        collision = SeenSpace(sample, view.pixels).collides(cloud if len(cloud) else points[:1], points)
        success = start and end and not collision
    in_image = PathErrors.of(view.project(path) / view.size, view.project(true_path) / view.size)
    return Verdict(
        sample.id,
        path_3d=PathErrors.of(path, true_path).capped(WORST_3D),
        path_2d=in_image.capped(WORST_2D),
        start_in_mask=_in_mask(view, keypoints[0]),
        end_in_rectangle=view.ends_in_box(view.project(points)),
        start_m=start_m,
        true_start_m=true_start_m,
        end_m=end_m,
        start=start,
        end=end,
        collision=collision,
        success=success,
    )


def worst_verdict(view: SampleView, fault: str | None, *, depth: bool) -> Verdict:
    """Return the verdict on an answer without a trace: the largest errors, and nothing correct.

    Args:
        view: SampleView of the sample.
        fault: Why the answer has no trace.
        depth: Whether a 3D trace was asked for.
    """
    seen = None if view.pixels is None else False
    wrong = Verdict(view.sample.id, fault, path_2d=WORST_2D, start_in_mask=seen, end_in_rectangle=False)
    if not depth:
        return wrong
    return dataclasses.replace(
        wrong,
        path_3d=WORST_3D,
        start_m=None if seen is None else WORST_M,
        true_start_m=WORST_M,
        end_m=WORST_M,
        start=seen,
        end=False,
        collision=None if seen is None else True,
        success=seen,
    )


def _in_mask(view: SampleView, keypoint: FloatArray) -> bool | None:
    """Return whether the pixel that contains a keypoint is in the mask; keypoints outside are moved to the edge."""
    if view.pixels is None:
        return None
    mask = view.pixels.mask
    height, width = mask.shape
    column, row = np.clip((keypoint[:2] / IMAGE_SCALE * (width, height)).astype(int), 0, (width - 1, height - 1))
    return bool(mask[row, column] > 0)
