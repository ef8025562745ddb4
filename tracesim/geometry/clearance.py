"""Clearance: how far what moves stays from what it may not touch."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from tracesim.geometry.contacts import BoolArray, Pair
from tracesim.geometry.curve import BEYOND_M
from tracesim.geometry.hulls import HullShape
from tracesim.geometry.rigid import FloatArray
from tracesim.geometry.tracks import Cast

IndexArray = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Nearness:
    """Clearance over time.

    distance_m: (T,) signed distance, at most `BEYOND_M`; negative by the depth of an overlap. nearest: at each sample
    the names of the moving body and of the other one between which that distance lies; None where all is beyond.
    """

    distance_m: FloatArray
    nearest: tuple[Pair | None, ...]


def bodies_distance(
    a: HullShape, a_in_world: FloatArray, b: HullShape, b_in_world: FloatArray, beyond_m: float = BEYOND_M
) -> float:
    """Return the signed distance of two bodies, metres, at most `beyond_m`; poses (4, 4)."""
    probe = ClearanceProbe({"a": a}, {"b": b}, beyond_m=beyond_m)
    return float(probe.over({"a": a_in_world, "b": b_in_world}).distance_m[0])


def bodies_keep(gap_m: float, a: HullShape, a_in_world: FloatArray, b: HullShape, b_in_world: FloatArray) -> bool:
    """Tell whether two bodies are at least `gap_m` apart, quicker than measuring it; poses (4, 4)."""
    return ClearanceProbe({"a": a}, {"b": b}).keeps(gap_m, {"a": a_in_world, "b": b_in_world})


class ClearanceProbe:
    """Measures the signed distance between bodies that move and all others.

    moving, others: name -> hulls. excepted: pairs (moving, other) that may touch at all times. beyond_m: up to where
    it measures.

    The depth of an overlap is that of the two hulls that overlap most, which is at most the depth of the bodies.
    """

    def __init__(
        self,
        moving: Mapping[str, HullShape],
        others: Mapping[str, HullShape],
        excepted: Collection[Pair] = (),
        beyond_m: float = BEYOND_M,
    ) -> None:
        self._moving = Cast(moving)
        self._others = Cast(others)
        self._excepted = frozenset(excepted)
        self._beyond_m = beyond_m

    def over(self, poses: Mapping[str, FloatArray], excepted: Mapping[Pair, BoolArray] | None = None) -> Nearness:
        """Return the clearance along a motion.

        poses: name -> body_in_world (T, 4, 4), or (4, 4) for a body that stands still, of every moving and other body.
        excepted: pairs (moving, other) -> (T,) whether they may touch at that sample.
        """
        count = max(len(pose) if pose.ndim == 3 else 1 for pose in poses.values())
        distance = [self._beyond_m] * count
        nearest: list[Pair | None] = [None] * count
        at_least: dict[tuple[int, int], float] = {}
        for time, mover, other, bound in self._near(poses, count, self._beyond_m, excepted or {}).by_time():
            best = distance[time]
            # A distance shrinks by no more than what the two have travelled since it was measured.
            travelled = self._moving.travelled_m(mover, time) + self._others.travelled_m(other, time)
            if bound >= best or at_least.get((mover, other), -np.inf) - travelled >= best:
                continue
            found = self._moving.hull(mover, time).distance_m(self._others.hull(other, time), best)
            at_least[mover, other] = found + travelled
            if found < best:
                distance[time] = found
                nearest[time] = self._moving.names[mover], self._others.names[other]
        return Nearness(np.array(distance), tuple(nearest))

    def keeps(
        self, gap_m: float, poses: Mapping[str, FloatArray], excepted: Mapping[Pair, BoolArray] | None = None
    ) -> bool:
        """Tell whether the clearance is at least `gap_m` all along a motion; quicker than measuring it.

        poses, excepted: as for `over`.
        """
        count = max(len(pose) if pose.ndim == 3 else 1 for pose in poses.values())
        measured: dict[tuple[int, int], tuple[float, float]] = {}
        for time, mover, other, _ in self._near(poses, count, gap_m, excepted or {}).by_bound():
            travelled = self._moving.travelled_m(mover, time) + self._others.travelled_m(other, time)
            found, then = measured.get((mover, other), (-np.inf, 0.0))
            if found - abs(travelled - then) >= gap_m:
                continue
            found = self._moving.hull(mover, time).distance_m(self._others.hull(other, time), gap_m)
            if found < gap_m:
                return False
            measured[mover, other] = found, travelled
        return True

    def _near(
        self, poses: Mapping[str, FloatArray], count: int, within_m: float, excepted: Mapping[Pair, BoolArray]
    ) -> _Pairs:
        """Take up a motion and return the pairs of hulls that may come nearer than `within_m`."""
        self._moving.follow(poses)
        self._others.follow(poses)
        centres, reach = self._moving.centres(count), self._moving.radii_m + max(within_m, 0.0)
        found = []
        for other, actor in self._others.actors.items():
            low, high = actor.box
            outside = np.maximum(np.maximum(low - centres, centres - high), 0.0)
            near = np.einsum("tmi,tmi->tm", outside, outside) <= reach**2
            for mover in self._moving.actors:
                if (mover, other) in self._excepted:
                    continue
                allowed = excepted.get((mover, other))
                here = near[:, self._moving.hulls_of(mover)]
                times, numbers = np.nonzero(here if allowed is None else here & ~allowed[:, None])
                if len(times):
                    found.append(self._near_bodies(mover, other, times, numbers, within_m))
        return _Pairs.joined(found)

    def _near_bodies(self, mover: str, other: str, times: IndexArray, numbers: IndexArray, within_m: float) -> _Pairs:
        """Return the near pairs among some hulls of a moving body, at some samples, and all hulls of another body.

        times, numbers: (N,), sample and number of the hull in its body.
        """
        (low, high), (other_low, other_high) = self._moving.actors[mover].boxes, self._others.actors[other].boxes
        at, at_other = (times if len(corners) > 1 else np.zeros_like(times) for corners in (low, other_low))
        # Axis by axis: three passes over (N, H) are quicker than one over (N, H, 3).
        gaps = [
            np.maximum(
                other_low[at_other, :, axis] - high[at, numbers, axis, None],
                low[at, numbers, axis, None] - other_high[at_other, :, axis],
            )
            for axis in range(3)
        ]
        outside = [np.maximum(gap, 0.0) for gap in gaps]
        bound = np.sqrt(outside[0] ** 2 + outside[1] ** 2 + outside[2] ** 2)
        bound = np.where(bound > 0.0, bound, np.maximum(np.maximum(gaps[0], gaps[1]), gaps[2]))
        rows, hulls = np.nonzero(bound < within_m)
        first, other_first = self._moving.first[mover], self._others.first[other]
        return _Pairs(times[rows], numbers[rows] + first, hulls + other_first, bound[rows, hulls])


@dataclass(frozen=True)
class _Pairs:
    """Pairs of hulls, each at a sample, all (N,), with what their distance is at least.

    The bound is that of the hulls' bounding boxes: their distance or, where they overlap, the least overlap on an axis.
    """

    times: IndexArray
    movers: IndexArray
    others: IndexArray
    at_least_m: FloatArray

    @classmethod
    def joined(cls, parts: Sequence[_Pairs]) -> _Pairs:
        """Return all pairs of several."""
        none = np.zeros(0, np.intp)
        parts = [cls(none, none, none, np.zeros(0)), *parts]
        return cls(*(np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(cls)))

    def by_time(self) -> Iterator[tuple[int, int, int, float]]:
        """Give the pairs sample by sample, those that may be nearest first."""
        return self._rows(np.lexsort((self.others, self.movers, self.at_least_m, self.times)))

    def by_bound(self) -> Iterator[tuple[int, int, int, float]]:
        """Give the pairs that may be nearest first, of all samples."""
        return self._rows(np.lexsort((self.others, self.movers, self.times, self.at_least_m)))

    def _rows(self, order: IndexArray) -> Iterator[tuple[int, int, int, float]]:
        columns = (self.times, self.movers, self.others, self.at_least_m)
        return zip(*(column[order].tolist() for column in columns), strict=True)
