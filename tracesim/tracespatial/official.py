"""Verdict of the published scorer on one answer, including the faults of that scorer.

Source: the scorer in RoboTracer's public repository at commit 11f09e1. Its faults:

- In a 3D file, an answer without depths is left out of the rates, and an empty one is left out of the path errors.
- A 2D answer without points counts as two points in the corner of the image.
- Only keypoints are tested for collision, against a thin shell; an answer that cannot be tested does not collide.
"""

from __future__ import annotations

import numpy as np

from tracesim.geometry.camera import IMAGE_SCALE
from tracesim.geometry.path_errors import PathErrors, resample_path
from tracesim.geometry.rigid import FloatArray
from tracesim.tracespatial import cloud
from tracesim.tracespatial.fusion import Fusion, Obstacles
from tracesim.tracespatial.verdict import WITHIN_M, Verdict
from tracesim.tracespatial.view import SampleView

COLLIDING_SHARE = 0.20
"""Share of the object's points in occupied voxels above which it collides."""

FARTHEST = 100.0
"""Frechet distance above which a pair of paths is dropped."""


def verdict_2d(view: SampleView, keypoints: FloatArray, fault: str | None) -> Verdict:
    """Return the verdict on a 2D answer.

    Args:
        view: SampleView of the sample.
        keypoints: (N, 2) as parsed, u and v in 0-1000; N may be 0.
        fault: Why the answer has no trace, or None.
    """
    pixels = keypoints / IMAGE_SCALE * view.size
    if len(pixels) < 2:
        pixels = np.repeat(pixels, 2, axis=0) if len(pixels) else np.zeros((2, 2))
    true = view.project(view.sample.trajectory)
    return Verdict(
        view.sample.id,
        fault,
        path_2d=_errors(_resample_published(pixels) / view.size, _resample_published(true) / view.size),
        start_in_mask=_in_mask(view, pixels[0]),
        end_in_rectangle=view.ends_in_box(pixels),
    )


def verdict_3d(view: SampleView, keypoints: FloatArray | None, fault: str | None, fusion: Fusion | None) -> Verdict:
    """Return the verdict on a 3D answer.

    Args:
        view: SampleView of the sample; without its images, start, collision and success are not judged.
        keypoints: (N, 3) as parsed, u and v in 0-1000 and depth in metres, or None if the published scorer skips it.
        fault: Why the answer has no trace, or None.
        fusion: Open3D, or None to leave out collision and success.
    """
    sample, pixels = view.sample, view.pixels
    complete = pixels is not None and fusion is not None
    if keypoints is None:
        return Verdict(sample.id, fault, counted=False, success=False if complete else None)
    if not len(keypoints):
        return _empty_verdict(view, fault, complete)
    points = view.lift(keypoints)
    path, true_path = _resample_published(points), _resample_published(sample.trajectory)
    true_start_m = float(np.linalg.norm(points[0] - sample.trajectory[0]))
    end_m = view.end_distance_m(points)
    end = end_m < WITHIN_M
    start_m = start = collision = success = None
    if pixels is not None:
        object_points = object_cloud(view, fusion)
        if len(object_points):
            start_m = min(float(np.linalg.norm(object_points - points[0], axis=1).min()), true_start_m)
        start = start_m is not None and start_m < WITHIN_M
        if fusion is not None:
            collision = _collides(fusion.obstacles(sample, pixels), object_points, points)
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


def _empty_verdict(view: SampleView, fault: str | None, complete: bool) -> Verdict:
    """Return the verdict on a 3D answer without points; `complete`: whether collision is judged."""
    start = None if view.pixels is None else False
    return Verdict(
        view.sample.id,
        fault,
        start_in_mask=start,
        end_in_rectangle=False,
        start=start,
        end=False,
        collision=False if complete else None,
        success=False if complete else None,
    )


def _collides(obstacles: Obstacles | None, object_points: FloatArray, keypoints: FloatArray) -> bool:
    return obstacles is not None and bool((obstacles.shares(object_points, keypoints) > COLLIDING_SHARE).any())


def object_cloud(view: SampleView, fusion: Fusion | None) -> FloatArray:
    """Return the object's cloud (N, 3), metres, camera, as published.

    Without Open3D, the same filters are used, but clusters may be joined differently.

    Args:
        view: SampleView of the sample, with its images.
        fusion: Open3D, or None.
    """
    assert view.pixels is not None
    if fusion is not None:
        return fusion.object_cloud(view.sample, view.pixels)
    return cloud.object_cloud(cloud.masked_points(view.sample, view.pixels), cloud.CLUSTER_REACH_M)


def _in_mask(view: SampleView, pixel: FloatArray) -> bool | None:
    """Return whether the pixel to which a position (2,) is rounded is in the mask."""
    if view.pixels is None:
        return None
    mask = view.pixels.mask
    column, row = np.rint(pixel)
    inside = 0.0 <= row < mask.shape[0] and 0.0 <= column < mask.shape[1]
    return bool(inside and mask[int(row), int(column)] > 0)


def _errors(path: FloatArray, true_path: FloatArray) -> PathErrors | None:
    """Return the errors of a path, or None if the pair is dropped.

    For a coordinate that is NaN, the published scorer drops a 2D pair, and never terminates for a 3D pair.
    """
    if not (np.isfinite(path).all() and np.isfinite(true_path).all()):
        return None
    errors = PathErrors.of(path, true_path)
    return None if errors.frechet > FARTHEST else errors


def _resample_published(path: FloatArray) -> FloatArray:
    """Return an evenly resampled path; its first point is NaN if the path begins with two equal points.

    In that case the published scorer divides zero by zero, and drops the pair.
    """
    single = path.astype(np.float32)
    result = resample_path(path)
    if len(path) > 1 and np.array_equal(single[0], single[1]) and not (single == single[0]).all():
        result[0] = np.nan
    return result
