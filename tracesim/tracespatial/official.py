"""The published scorer's verdict on one answer, its faults included.

Source: the scorer in RoboTracer's public repository at commit 11f09e1. Its faults: an answer without a depth is left
out of a 3D file's rates, an empty one out of its path errors; a 2D answer without points is two points in the image's
corner; only keypoints are tested for collision, against a thin shell, and what cannot be tested does not collide.
"""

from __future__ import annotations

import numpy as np

from tracesim.geometry.camera import IMAGE_SCALE
from tracesim.geometry.path_errors import PathErrors, resampled
from tracesim.geometry.rigid import FloatArray
from tracesim.tracespatial import cloud
from tracesim.tracespatial.fusion import Fusion
from tracesim.tracespatial.verdict import WITHIN_M, Verdict
from tracesim.tracespatial.view import View

COLLIDING_SHARE = 0.20
"""More than this share of the object's points in occupied voxels is a collision."""
FARTHEST = 100.0
"""A pair of paths with a larger Frechet distance is dropped."""


def verdict_2d(view: View, keypoints: FloatArray, fault: str | None) -> Verdict:
    """Return the verdict on a 2D answer: keypoints (N, 2) as parsed, u and v in 0-1000, none where it has no points."""
    pixels = keypoints / IMAGE_SCALE * view.size
    if len(pixels) < 2:
        pixels = np.repeat(pixels, 2, axis=0) if len(pixels) else np.zeros((2, 2))
    true = view.project(view.sample.trajectory)
    return Verdict(
        view.sample.id,
        fault,
        path_2d=_errors(_resampled(pixels) / view.size, _resampled(true) / view.size),
        start_in_mask=_in_mask(view, pixels[0]),
        end_in_rectangle=view.ends_in_box(pixels),
    )


def verdict_3d(view: View, keypoints: FloatArray | None, fault: str | None, fusion: Fusion | None) -> Verdict:
    """Return the verdict on a 3D answer: keypoints (N, 3) as parsed, or None where the published scorer skips it.

    fusion: None leaves out collision and success; without pixels start is left out too.
    """
    sample, pixels = view.sample, view.pixels
    complete = pixels is not None and fusion is not None
    if keypoints is None:
        return Verdict(sample.id, fault, counted=False, success=False if complete else None)
    if not len(keypoints):
        seen = None if pixels is None else False
        return Verdict(
            sample.id,
            fault,
            start_in_mask=seen,
            end_in_rectangle=False,
            start=seen,
            end=False,
            collision=False if complete else None,
            success=False if complete else None,
        )
    points = view.lift(keypoints)
    path, true_path = _resampled(points), _resampled(sample.trajectory)
    true_start_m = float(np.linalg.norm(points[0] - sample.trajectory[0]))
    start_m = start = collision = success = None
    end_m = view.end_distance_m(points)
    end = end_m < WITHIN_M
    if pixels is not None:
        object_points = object_cloud(view, fusion)
        if len(object_points):
            start_m = min(float(np.linalg.norm(object_points - points[0], axis=1).min()), true_start_m)
        start = start_m is not None and start_m < WITHIN_M
        if fusion is not None:
            obstacles = fusion.obstacles(sample, pixels)
            collision = obstacles is not None and bool(
                (obstacles.shares(object_points, points) > COLLIDING_SHARE).any()
            )
            success = start and end and not collision
    in_image = view.project(points)
    return Verdict(
        sample.id,
        fault,
        path_3d=_errors(path, true_path),
        path_2d=_errors(view.project(path) / view.size, view.project(true_path) / view.size),
        start_in_mask=_in_mask(view, in_image[0]),
        end_in_rectangle=view.ends_in_box(in_image),
        start_m=start_m,
        true_start_m=true_start_m,
        end_m=end_m,
        start=start,
        end=end,
        collision=collision,
        success=success,
    )


def object_cloud(view: View, fusion: Fusion | None) -> FloatArray:
    """Return the object's cloud as published; without Open3D the same filters, which join clusters otherwise."""
    assert view.pixels is not None
    if fusion is not None:
        return fusion.object_cloud(view.sample, view.pixels)
    return cloud.object_cloud(cloud.seen_points(view.sample, view.pixels), cloud.CLUSTER_REACH_M)


def _in_mask(view: View, pixel: FloatArray) -> bool | None:
    """Tell whether the pixel that a place (2,) is rounded to lies in the mask."""
    if view.pixels is None:
        return None
    mask = view.pixels.mask
    column, row = np.rint(pixel)
    inside = 0.0 <= row < mask.shape[0] and 0.0 <= column < mask.shape[1]
    return bool(inside and mask[int(row), int(column)] > 0)


def _errors(path: FloatArray, true_path: FloatArray) -> PathErrors | None:
    """Return a path's errors, or None for a pair that is dropped.

    Where a coordinate is not a number, the published scorer drops a 2D pair and never comes to an end with a 3D one.
    """
    if not (np.isfinite(path).all() and np.isfinite(true_path).all()):
        return None
    errors = PathErrors.of(path, true_path)
    return None if errors.frechet > FARTHEST else errors


def _resampled(path: FloatArray) -> FloatArray:
    """Return a path evenly resampled; its first point is not a number where the path begins with two equal ones.

    The published scorer divides zero by zero there, and drops the pair.
    """
    single = path.astype(np.float32)
    result = resampled(path)
    if len(path) > 1 and np.array_equal(single[0], single[1]) and not (single == single[0]).all():
        result[0] = np.nan
    return result
