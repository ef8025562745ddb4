"""A spatial trace: ordered keypoints, as answered in an image and as lifted into the world."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tracesim.geometry.rigid import FloatArray


@dataclass(frozen=True)
class ImageTrace:
    """Keypoints as a model answers them: (N, 3) of u, v in 0-1000 of the image's width and height, and depth in metres.

    A 2D answer has (N, 2). Source: RoboTracer, arXiv 2512.13660, section 3.1.
    """

    keypoints: FloatArray


@dataclass(frozen=True)
class Trace:
    """Keypoints (N, 3), metres, world; straight between them."""

    keypoints: FloatArray

    @property
    def length_m(self) -> float:
        """The length of the path."""
        return float(np.linalg.norm(np.diff(self.keypoints, axis=0), axis=1).sum())

    def deduplicated(self, tolerance_m: float = 1e-6) -> Trace:
        """Return the trace without keypoints that repeat their predecessor, but at least two."""
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
        """Return points (M, 3) at most `step_m` apart along the path, every keypoint among them."""
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


def distance_to_segment(points: FloatArray, start: FloatArray, end: FloatArray) -> FloatArray:
    """Return the distance (N,) of points (N, 3) from the segment between two points (3,)."""
    along = end - start
    fraction = np.clip((points - start) @ along / max(float(along @ along), 1e-18), 0.0, 1.0)
    return np.asarray(np.linalg.norm(points - start - fraction[:, None] * along, axis=1))


def distance_to_path(point: FloatArray, path: FloatArray) -> float:
    """Return how far a point (3,) is from the straight pieces between points (M, 3), metres."""
    starts = path[:-1]
    along = path[1:] - starts
    fraction = np.clip(((point - starts) * along).sum(1) / np.maximum((along * along).sum(1), 1e-18), 0.0, 1.0)
    return float(np.linalg.norm(point - starts - fraction[:, None] * along, axis=1).min())
