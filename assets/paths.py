"""Paths, (N, D) points in metres: Bezier curves, rounded corners and arcs, and polylines that approximate them."""

from __future__ import annotations

import itertools

import numpy as np
import numpy.typing as npt

from tracesim.geometry.path_errors import resample_path
from tracesim.geometry.rigid import FloatArray


def bezier(controls: npt.ArrayLike, count: int) -> FloatArray:
    """Return `count` points (count, D) of the Bezier curve with control points (N, D)."""
    share = np.linspace(0.0, 1.0, count)[:, None]
    points = [np.asarray(control, float)[None] for control in np.asarray(controls, float)]
    while len(points) > 1:
        points = [a * (1.0 - share) + b * share for a, b in itertools.pairwise(points)]
    return points[0]


def fillet(corners: npt.ArrayLike, radius: float, count: int = 5) -> FloatArray:
    """Return an open polyline (N, D) with its inner vertices rounded.

    Args:
        corners: The polyline, (N, D), metres.
        radius: Distance from a vertex at which the rounding begins, metres; at most half the shorter leg.
        count: Number of points of each rounded corner.
    """
    points = np.asarray(corners, float)
    rows = [points[:1]]
    for before, corner, after in zip(points[:-2], points[1:-1], points[2:], strict=True):
        legs = before - corner, after - corner
        reach = min(radius, *(0.49 * float(np.linalg.norm(leg)) for leg in legs))
        a, b = (corner + leg / np.linalg.norm(leg) * reach for leg in legs)
        rows.append(bezier([a, corner, b], count))
    return np.concatenate([*rows, points[-1:]])


def resample(path: npt.ArrayLike, count: int) -> FloatArray:
    """Return `count` points (count, D) at equal steps along a polyline (N, D)."""
    return resample_path(np.asarray(path, float), count)


def arc(centre: npt.ArrayLike, radius: float, start: float, stop: float, count: int) -> FloatArray:
    """Return points (count, 2) of a circular arc from angle `start` to `stop`, radians."""
    angles = np.linspace(start, stop, count)
    return np.asarray(np.asarray(centre, float) + radius * np.stack([np.cos(angles), np.sin(angles)], 1))


def tangents(path: npt.ArrayLike) -> FloatArray:
    """Return the unit tangents (N, 3) of a path."""
    legs = np.gradient(np.asarray(path, float), axis=0)
    return np.asarray(legs / np.linalg.norm(legs, axis=1, keepdims=True))


def outline(path: npt.ArrayLike, count: int) -> npt.NDArray[np.int_]:
    """Return the indices of the `count` points that approximate a sampled path (N, D) best, both ends included.

    The Ramer-Douglas-Peucker algorithm, with a fixed number of points; a straight path is bisected.
    """
    points = np.asarray(path, float)
    if count >= len(points):
        return np.arange(len(points))

    def farthest(first: int, last: int) -> tuple[float, int, int, int, int]:
        """Return the point of a span farthest from its chord.

        Returns:
            Squared distance, length of the span in samples, and indices of its start, the point and its end.
        """
        offset = points[first : last + 1] - points[first]
        along = offset @ offset[-1]
        away = offset - np.outer(along / max(float(along[-1]), 1e-18), offset[-1])
        # Rounding errors must not decide: distances are compared to a micrometre, ties between spans are broken by
        # length, and ties between points by nearness to the middle.
        squares = np.round(np.einsum("nd,nd->n", away, away), 12)[1:-1]
        ties = np.flatnonzero(squares == squares.max())
        index = int(ties[np.abs(2 * ties - len(squares) + 1).argmin()]) + 1
        return float(squares[index - 1]), last - first, first, first + index, last

    chosen, spans = [0, len(points) - 1], [farthest(0, len(points) - 1)] if count > 2 else []
    while len(chosen) < count:
        widest = max(spans)
        _, _, first, index, last = widest
        spans.remove(widest)
        spans += [farthest(*ends) for ends in ((first, index), (index, last)) if ends[1] - ends[0] > 1]
        chosen.append(index)
    return np.array(sorted(chosen))


def follow(path: npt.ArrayLike, joints: npt.NDArray[np.int_]) -> FloatArray:
    """Return a polyline (J, D) that approximates a sampled curve near its points `joints` (J,).

    At its vertices it lies as far outside the curve's bends as it lies inside them in between: half a sagitta.
    """
    points = np.asarray(path, float)
    sums = joints[:-1] + joints[1:]
    middles = (points[sums // 2] + points[(sums + 1) // 2]) / 2.0
    sagitta = middles - (points[joints[:-1]] + points[joints[1:]]) / 2.0
    push = (np.concatenate([sagitta[:1], sagitta]) + np.concatenate([sagitta, sagitta[-1:]])) / 4.0
    return np.asarray(points[joints] + push)
