"""Spatial traces: ordered keypoints, in an image as answered, and in the world as lifted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, overload

import numpy as np

from tracesim.geometry.rigid import FloatArray

STRAIGHT_M: Final = 1e-9
"""Distance from a straight line up to which points count as lying on it."""


@dataclass(frozen=True)
class ImageTrace:
    """A trace in an image, as a model answers it.

    Source: RoboTracer, arXiv 2512.13660, section 3.1.
    """

    keypoints: FloatArray
    """u and v in thousandths of the image's width and height, and depth in metres, (N, 3); without depth, (N, 2)."""


ImageTraces = ImageTrace | Mapping[str, ImageTrace]
"""The same in an image."""


@dataclass(frozen=True)
class Trace:
    """A trace in the world, with straight segments between its keypoints."""

    keypoints: FloatArray
    """Keypoints, (N, 3), metres, world."""

    @property
    def length_m(self) -> float:
        """Length of the path."""
        return float(np.linalg.norm(np.diff(self.keypoints, axis=0), axis=1).sum())

    def deduplicated(self, tolerance_m: float = 1e-6) -> Trace:
        """Return the trace without keypoints that repeat their predecessor, with at least two keypoints."""
        kept = [self.keypoints[0]]
        for keypoint in self.keypoints[1:]:
            if np.linalg.norm(keypoint - kept[-1]) > tolerance_m:
                kept.append(keypoint)
        return Trace(np.array(kept if len(kept) > 1 else [*kept, *kept]))

    def raised(self, by_m: float) -> Trace:
        """Return the trace so much higher, joined to its two ends by vertical pieces."""
        higher = self.keypoints + np.array([0.0, 0.0, by_m])
        return Trace(np.concatenate([self.keypoints[:1], higher, self.keypoints[-1:]]))

    def resampled(self, step_m: float = 0.005) -> FloatArray:
        """Return points (M, 3) at most `step_m` apart along the path, including every keypoint."""
        pieces = [self.keypoints[:1]]
        for start, end in zip(self.keypoints[:-1], self.keypoints[1:], strict=True):
            count = max(1, int(np.ceil(np.linalg.norm(end - start) / step_m - 1e-9)))
            pieces.append(start + (end - start) * (np.arange(1, count + 1) / count)[:, None])
        return np.concatenate(pieces)

    def simplified(self, tolerance_m: float = 0.001) -> Trace:
        """Return a trace with fewer keypoints that stays within `tolerance_m` of this one.

        Source: Ramer 1972; Douglas and Peucker 1973.
        """
        points = self.keypoints
        kept = np.zeros(len(points), bool)
        kept[[0, -1]] = True
        spans = [(0, len(points) - 1)]
        while spans:
            first, last = spans.pop()
            inner = points[first + 1 : last]
            if not len(inner):
                continue
            distance = distance_to_segment(inner, points[first], points[last])
            farthest = int(np.argmax(distance))
            if distance[farthest] > tolerance_m:
                middle = first + 1 + farthest
                kept[middle] = True
                spans += [(first, middle), (middle, last)]
        return Trace(points[kept])


Traces = Trace | Mapping[str, Trace]
"""What an instruction is answered with: a trace, or a trace for each of several arms, by the arm's name."""


@overload
def each(traces: Traces) -> tuple[Trace, ...]: ...
@overload
def each(traces: ImageTraces) -> tuple[ImageTrace, ...]: ...
def each(traces: Traces | ImageTraces) -> tuple[Trace, ...] | tuple[ImageTrace, ...]:
    """Return the one trace, or the trace of each arm."""
    return tuple(traces.values()) if isinstance(traces, Mapping) else (traces,)  # type: ignore[return-value]


def distance_to_segment(points: FloatArray, start: FloatArray, end: FloatArray) -> FloatArray:
    """Return the distances (N,) of points (N, 3) from the segment between two points (3,)."""
    along = end - start
    fraction = np.clip((points - start) @ along / max(float(along @ along), 1e-18), 0.0, 1.0)
    return np.asarray(np.linalg.norm(points - start - fraction[:, None] * along, axis=1))


class Polyline:
    """A path of straight segments."""

    def __init__(self, points: FloatArray) -> None:
        """Join points by straight segments.

        Args:
            points: At least two points, (M, 3), metres. Those on a straight line between others are left out.
        """
        corners = Trace(points).simplified(STRAIGHT_M).keypoints
        self._starts, self._along = corners[:-1], np.diff(corners, axis=0)
        self._squared = np.maximum((self._along * self._along).sum(1), 1e-18)

    def distance_m(self, point: FloatArray) -> float:
        """Return the distance of a point (3,) from the path, metres."""
        off = point - self._starts
        fraction = np.clip((off * self._along).sum(1) / self._squared, 0.0, 1.0)
        off -= fraction[:, None] * self._along
        return float(np.sqrt((off * off).sum(1).min()))
