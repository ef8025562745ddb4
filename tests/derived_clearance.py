"""Clearance derived from hulls and poses independently of the package, by Minkowski differences instead of GJK."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final, NamedTuple

import numpy as np
from scipy.spatial import ConvexHull

from tests.test_clearance import minkowski_distance
from tracesim.geometry.contacts import ContactRules
from tracesim.geometry.rigid import FloatArray

BEYOND_M: Final = 0.05
"""Greatest clearance that is measured; larger ones are reported as this value."""

DIRECTIONS: Final = np.array(
    [np.array(way) / np.linalg.norm(way) for way in product((-1.0, 0.0, 1.0), repeat=3) if way > (0.0, 0.0, 0.0)]
)
"""(13, 3): along each of them the gap between two hulls is at most their distance."""

Hulls = Sequence[FloatArray]
Pair = tuple[str, str]


class Near(NamedTuple):
    """The least distance between moving bodies and those that they may not touch, and the pair; None if beyond."""

    distance_m: float
    pair: Pair | None


@dataclass(frozen=True)
class DerivedClearance:
    """The clearance of a motion.

    Attributes:
        hulls: Vertices (K, 3) of each hull of a body, in its frame, by the body's name.
        poses: body_in_world (T, 4, 4), by the body's name.
        rules: Which pairs are measured, and when.
    """

    hulls: Mapping[str, Hulls]
    poses: Mapping[str, FloatArray]
    rules: ContactRules

    def at(self, sample: int) -> Near:
        """Return the signed distance at a sample, metres, and the two bodies between which it is measured."""
        best = Near(BEYOND_M, None)
        for bound, pair, one, other in sorted(self._near(sample), key=lambda found: found[0]):
            if bound >= best.distance_m:
                break
            best = min(best, Near(minkowski_distance(_extreme(one), _extreme(other)), pair), key=lambda near: near[0])
        return best

    def nearest(self, stride: int) -> int:
        """Return the sample, of every `stride`-th one, with the smallest lower bound on the distance of two hulls."""
        bounds = {
            sample: self._least_bound(sample) for sample in range(0, len(next(iter(self.poses.values()))), stride)
        }
        return min(bounds, key=bounds.__getitem__)

    def _least_bound(self, sample: int) -> float:
        return min((bound for bound, *_ in self._near(sample)), default=BEYOND_M)

    def placed(self, name: str, sample: int) -> Hulls:
        """Return the hulls of a body, world, at a sample."""
        pose = self.poses[name][sample]
        return [hull @ pose[:3, :3].T + pose[:3, 3] for hull in self.hulls[name]]

    def _near(self, sample: int) -> Iterator[tuple[float, Pair, FloatArray, FloatArray]]:
        """Yield all pairs of hulls that may be nearer than `BEYOND_M`, with a lower bound of their distance."""
        placed = {name: self.placed(name, sample) for name in {*self._moving(sample), *self.rules.others}}
        for pair in product(self._moving(sample), self.rules.others):
            if pair[0] == pair[1] or (pair in self.rules.allowed and self.rules.allowed[pair][sample]):
                continue
            one, other = (placed[name] for name in pair)
            if gaps_m(np.concatenate(one), np.concatenate(other)).max() < BEYOND_M:
                yield from ((gaps_m(*hulls).max(), pair, *hulls) for hulls in product(one, other))

    def _moving(self, sample: int) -> list[str]:
        return [name for name, moves in self.rules.moving.items() if moves[sample]]


def gaps_m(one: FloatArray, other: FloatArray) -> FloatArray:
    """Return the gaps (13,) between two sets of points along `DIRECTIONS`, negative where they overlap."""
    here, there = one @ DIRECTIONS.T, other @ DIRECTIONS.T
    return np.asarray(np.maximum(there.min(axis=0) - here.max(axis=0), here.min(axis=0) - there.max(axis=0)))


def _extreme(points: FloatArray) -> FloatArray:
    return np.asarray(points[ConvexHull(points).vertices])
