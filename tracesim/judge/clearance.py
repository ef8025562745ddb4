"""Clearance over a whole motion, from hulls and poses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import product
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from tracesim.judge.evidence import Evidence, FloatArray
from tracesim.judge.hulls import DIRECTIONS, extreme, separation

BEYOND_M: Final = 0.05
"""Greatest clearance that is measured; larger ones count as this value."""

TOUCHING_M: Final = 0.0005
"""By how much deeper than measured a contact counts that is not allowed."""

ENOUGH_M: Final = 1e-5
"""How far the clearance that is found may be above the true one."""

Arrays = Mapping[str, npt.NDArray[Any]]

Extent = tuple[FloatArray, FloatArray]
"""Least and greatest values, (T, 13) each, along `DIRECTIONS`."""


def clearance_m(seen: Evidence, arrays: Arrays) -> float:
    """Return the least clearance of a motion, metres; a contact that was not allowed counts as an overlap.

    Args:
        seen: The poses and the hulls.
        arrays: The curves file, for what may touch what, and the contacts that were not allowed.
    """
    search = _Search(seen)
    found = [search.least(arrays)]
    for time_s in arrays["contact_times_s"]:
        sample = int(np.flatnonzero(seen.times <= time_s + 1e-9)[-1])
        found.append(min(search.least(arrays, sample), 0.0) - TOUCHING_M)
    return min(found)


@dataclass
class _Search:
    """Looks for the least distance with lower bounds: the gap of two hulls along any direction."""

    seen: Evidence
    _extents: dict[tuple[str, int], Extent] = field(default_factory=dict)
    _bodies: dict[str, Extent] = field(default_factory=dict)

    def least(self, arrays: Arrays, sample: int | None = None) -> float:
        """Return the least distance of what moves from what it may not touch, metres: ever, or at a sample."""
        bounds = self._bounds(arrays, sample)
        best = BEYOND_M
        while bounds:
            pair = min(bounds, key=lambda one: float(bounds[one].min()))
            bound = bounds[pair]
            at = int(bound.argmin())
            if bound[at] >= best - ENOUGH_M:
                break
            (moving, one), (other, another) = pair
            apart, way = separation(self._placed(moving, one, at), self._placed(other, another, at))
            best = min(best, apart)
            # Along this way the two are as far apart now; at other times they are at least as far apart as it says.
            bounds[pair] = np.maximum(bound, self._gap(pair, way))
            bounds[pair][at] = np.inf
        return best

    def _bounds(self, arrays: Arrays, sample: int | None) -> dict[tuple[tuple[str, int], tuple[str, int]], FloatArray]:
        """Return lower bounds (T,) of the distances of pairs of hulls that may come near, infinite where allowed."""
        allowed = dict(zip(map(tuple, arrays["allowed_pairs"].tolist()), arrays["allowed"], strict=True))
        found = {}
        for (moving, moves), other in product(
            zip(arrays["moving_names"].tolist(), arrays["moving"], strict=True), arrays["others"].tolist()
        ):
            counts = moves.astype(bool) & ~np.asarray(allowed.get((moving, other), False), bool)
            if sample is not None:
                counts = counts & (np.arange(len(counts)) == sample)
            if moving == other or not counts.any():
                continue
            near = np.flatnonzero(counts & (_apart(self._whole(moving), self._whole(other)) < BEYOND_M))
            pairs = product(range(len(self.seen.hulls[moving])), range(len(self.seen.hulls[other])))
            for one, another in pairs if len(near) else ():
                bound = np.full(len(counts), np.inf)
                bound[near] = _apart(self._extent(moving, one), self._extent(other, another), near)
                if bound.min() < BEYOND_M:
                    found[(moving, one), (other, another)] = bound
        return found

    def _whole(self, name: str) -> Extent:
        """Return how far a body extends, as `_extent` does for a hull."""
        if name not in self._bodies:
            self._bodies[name] = self._extent_of(name, np.concatenate(self.seen.hulls[name]))
        return self._bodies[name]

    def _extent(self, name: str, number: int) -> Extent:
        """Return how far a hull extends, (T, 13) at least and at most, along `DIRECTIONS`."""
        if (name, number) not in self._extents:
            self._extents[name, number] = self._extent_of(name, self.seen.hulls[name][number])
        return self._extents[name, number]

    def _extent_of(self, name: str, points: FloatArray) -> Extent:
        poses = self.seen.poses[name]
        along = np.einsum("dw,twb,kb->tdk", DIRECTIONS, poses[:, :3, :3], extreme(points), optimize=True)
        offset = poses[:, :3, 3] @ DIRECTIONS.T
        return along.min(axis=2) + offset, along.max(axis=2) + offset

    def _gap(self, pair: tuple[tuple[str, int], tuple[str, int]], way: FloatArray) -> FloatArray:
        """Return the gaps (T,) of two hulls along a unit vector from the second to the first."""
        (low, _), (_, high) = (self._along(name, number, way) for name, number in pair)
        return np.asarray(low - high)

    def _along(self, name: str, number: int, way: FloatArray) -> tuple[FloatArray, FloatArray]:
        poses = self.seen.poses[name]
        along = np.einsum("w,twb,kb->tk", way, poses[:, :3, :3], self.seen.hulls[name][number], optimize=True)
        offset = poses[:, :3, 3] @ way
        return along.min(axis=1) + offset, along.max(axis=1) + offset

    def _placed(self, name: str, number: int, sample: int) -> FloatArray:
        pose = self.seen.poses[name][sample]
        return np.asarray(self.seen.hulls[name][number] @ pose[:3, :3].T + pose[:3, 3])


def _apart(one: Extent, other: Extent, samples: npt.NDArray[np.intp] | slice = slice(None)) -> FloatArray:
    """Return the widest gaps (S,) along `DIRECTIONS` between two extents at some samples; negative if they overlap."""
    (low, high), (other_low, other_high) = one, other
    gaps = np.maximum(other_low[samples] - high[samples], low[samples] - other_high[samples])
    return np.asarray(gaps.max(axis=1))
