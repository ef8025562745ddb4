"""Our verdict on one answer: what is published, without its faults.

Thresholds and path errors are the published ones. Mended: an answer that is no trace scores worst everywhere, no pair
of paths is dropped, the whole path is tested for collision and against solid surfaces (`tracesim.tracespatial.space`),
and a large object's cloud stays whole. So that nothing scores worse than no answer, errors are capped at the worst.
"""

from __future__ import annotations

import dataclasses
from typing import Final

import numpy as np

from tracesim.geometry.camera import IMAGE_SCALE
from tracesim.geometry.path_errors import PathErrors, resampled
from tracesim.geometry.rigid import FloatArray
from tracesim.tracespatial.cloud import object_cloud, seen_points
from tracesim.tracespatial.space import CENTRE_PX, SeenSpace
from tracesim.tracespatial.verdict import WITHIN_M, Verdict
from tracesim.tracespatial.view import View

WORST_M: Final = 5.0
"""So far the published scorer looks; no distance counts for more."""
WORST_3D: Final = PathErrors(WORST_M, WORST_M, WORST_M, WORST_M)
WORST_2D: Final = PathErrors(2.0**0.5, 2.0**0.5, 2.0**0.5, 1.0)
"""From one corner of the image to the opposite one."""


def verdict_2d(view: View, keypoints: FloatArray | None, fault: str | None) -> Verdict:
    """Return the verdict on a 2D answer: keypoints (N, 2 or more), u and v in 0-1000; None where it is no trace."""
    if keypoints is None:
        return worst(view, fault, depth=False)
    pixels = keypoints[:, :2] / IMAGE_SCALE * view.size
    true = view.project(view.sample.trajectory)
    errors = PathErrors.of(resampled(pixels) / view.size, resampled(true) / view.size)
    return Verdict(
        view.sample.id,
        path_2d=errors.capped(WORST_2D),
        start_in_mask=_in_mask(view, keypoints[0]),
        end_in_rectangle=view.ends_in_box(pixels),
    )


def verdict_3d(view: View, keypoints: FloatArray | None, fault: str | None) -> Verdict:
    """Return the verdict on a 3D answer: keypoints (N, 3), depths above 0, metres; None where it is no trace."""
    if keypoints is None:
        return worst(view, fault, depth=True)
    sample = view.sample
    points = view.lift(keypoints)
    path, true_path = resampled(points), resampled(sample.trajectory)
    true_start_m = min(float(np.linalg.norm(points[0] - sample.trajectory[0])), WORST_M)
    end_m = min(view.end_distance_m(points), WORST_M)
    end = end_m < WITHIN_M
    start_m = start = collision = success = None
    if view.pixels is not None:
        cloud = object_cloud(seen_points(sample, view.pixels, CENTRE_PX))
        # Of an object without depth nothing but its place is known: the path itself is tested.
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


def worst(view: View, fault: str | None, *, depth: bool) -> Verdict:
    """Return the verdict on what is no trace: the worst errors, and nothing right."""
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


def _in_mask(view: View, keypoint: FloatArray) -> bool | None:
    """Tell whether the pixel in which a keypoint lies is the object's; at the image's edge, the last one."""
    if view.pixels is None:
        return None
    mask = view.pixels.mask
    height, width = mask.shape
    column, row = np.clip((keypoint[:2] / IMAGE_SCALE * (width, height)).astype(int), 0, (width - 1, height - 1))
    return bool(mask[row, column] > 0)
