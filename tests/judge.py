"""Judges a curve by what a record keeps of its constraints: JSON, arrays and formulas, none of them the package's."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import product
from typing import Any

import numpy as np
from scipy.spatial import ConvexHull

from tests.test_clearance import minkowski_distance
from tracesim.geometry.curve import Curve
from tracesim.geometry.rigid import FloatArray
from tracesim.layout.layout import Layout

Asked = Mapping[str, Any]
MOMENT_S = 0.0005
"""How finely time is looked at where something is to be found between samples."""


class Judge:
    """Recomputes margins on one curve; hulls are those of the layout's props."""

    def __init__(self, curve: Curve, layout: Layout) -> None:
        self._curve = curve
        self._layout = layout
        self._times = curve.times_s

    def margin(self, kind: str, asked: Asked) -> float:
        """Return the margin of a constraint, its class and fields as a record keeps them."""
        judge: Callable[[Asked], float] = getattr(self, f"_{kind.lower()}")
        return float(judge(asked))

    def _path(self, point: Asked) -> FloatArray:
        return np.array([(pose @ [*point["position"], 1.0])[:3] for pose in self._curve.bodies[point["body"]]])

    def _at(self, times: FloatArray, path: FloatArray) -> FloatArray:
        return np.column_stack([np.interp(times, self._times, column) for column in path.T])

    def _moments(self) -> FloatArray:
        return np.arange(self._times[0], self._times[-1], MOMENT_S)

    # --- visits

    def _visit_table(self, stops: Asked, low_m: float = -9.0, high_m: float = 9.0) -> FloatArray:
        """Return (K, T): how well each target is visited from each sample on."""
        tool, table = self._path(stops["tool"]), []
        for target in stops["targets"]:
            dx, dy, dz = (tool - self._path(target)).T
            ceiling = min(high_m, stops["ceiling_m"])
            over = np.minimum.reduce([stops["radius_m"] - np.sqrt(dx**2 + dy**2), dz - low_m, ceiling - dz])
            row = []
            for begin in self._times:
                end = begin + stops["dwell_s"]
                inside = over[(self._times >= begin) & (self._times <= end + 1e-9)]
                worst = min(inside.min(), np.interp(end, self._times, over))
                row.append(worst if end <= self._times[-1] + 1e-9 else min(worst, -stops["radius_m"]))
            table.append(row)
        return np.array(table)

    def _visits(self, asked: Asked) -> float:
        return float(self._visit_table(asked["stops"]).max(axis=1).min())

    def _order(self, asked: Asked) -> float:
        return self._in_order(self._visit_table(asked["stops"]), asked["stops"]["dwell_s"])

    def _band(self, asked: Asked) -> float:
        stops = asked["stops"]
        return self._in_order(self._visit_table(stops, asked["low_m"], asked["high_m"]), stops["dwell_s"])

    def _in_order(self, table: FloatArray, dwell_s: float) -> float:
        """Return by halving the largest margin with which going to each target as early as can be works out."""

        def works(margin: float) -> bool:
            earliest = -np.inf
            for number, row in enumerate(table):
                may_begin = np.flatnonzero((row >= margin) & (self._times >= earliest - 1e-9))
                if not len(may_begin):
                    return False
                begin = may_begin[0]
                if number + 1 < len(table):
                    early = np.flatnonzero(table[number + 1] > -margin)
                    if len(early) and early[0] < begin:
                        return False
                earliest = self._times[begin] + dwell_s
            return True

        low, high = -5.0, 1.0
        for _ in range(50):
            middle = (low + high) / 2.0
            low, high = (middle, high) if works(middle) else (low, middle)
        return low

    def _dwell(self, asked: Asked) -> float:
        region, moments = asked["region"], self._moments()
        dx, dy, dz = (self._at(moments, self._path(asked["point"])) - self._at(moments, self._path(region["at"]))).T
        inside = (np.hypot(dx, dy) <= region["radius_m"]) & (dz >= region["low_m"]) & (dz <= region["high_m"])
        ends = np.flatnonzero(np.diff(np.concatenate([[False], inside, [False]]).astype(int)))
        longest = max((int(end - begin) for begin, end in zip(ends[::2], ends[1::2], strict=True)), default=0)
        return longest * MOMENT_S - float(asked["least_s"])

    # --- the way

    def _clearance(self, asked: Asked) -> float:
        assert self._curve.clearance_m is not None
        return float(min(self._curve.clearance_m) - asked["demand_m"])

    def _keepout(self, asked: Asked) -> float:
        """Return the gap beside a round column that stands higher than anything is carried."""
        region, name = asked["region"], asked["what"]["body"]
        least = np.inf
        for pose, at in zip(self._curve.bodies[name], self._path(region["at"]), strict=True):
            for hull in self._layout[name].prop.hulls:
                points = hull @ pose[:3, :3].T + pose[:3, 3]
                assert at[2] + region["low_m"] <= points[:, 2].max()
                assert at[2] + region["high_m"] >= points[:, 2].max()
                least = min(least, _apart_from_polygon(at[:2], points[:, :2]) - region["radius_m"])
        return min(least, 0.05)

    def _speed(self, asked: Asked) -> float:
        path, moments = self._path(asked["point"]), self._moments()
        moments = moments[moments + asked["window_s"] <= self._times[-1]]
        gone = self._at(moments + asked["window_s"], path) - self._at(moments, path)
        return float(asked["most_m_s"] - np.sqrt((gone**2).sum(axis=1)).max() / asked["window_s"])

    def _grounded(self, asked: Asked) -> float:
        return float(asked["tolerance_m"] - (self._path(asked["bottom"]) - self._path(asked["ground"]))[:, 2].max())

    def _undisturbed(self, asked: Asked) -> float:
        farthest = 0.0
        for body, corners in asked["corners"]:
            for corner in corners:
                path = self._path({"body": body, "position": corner})
                farthest = max(farthest, float(np.sqrt(((path - path[0]) ** 2).sum(axis=1)).max()))
        return float(asked["tolerance_m"]) - farthest

    # --- the end

    def _offset(self, asked: Asked, one: str, other: str) -> FloatArray:
        return np.asarray(self._path(asked[one])[-1] - self._path(asked[other])[-1])

    def _restson(self, asked: Asked) -> float:
        x, y, z = self._offset(asked, "bottom", "support")
        return float(min(asked["radius_m"] - (x**2 + y**2) ** 0.5, asked["height_tolerance_m"] - abs(z)))

    def _touches(self, asked: Asked) -> float:
        x, y, z = (self._path(asked["tool"]) - self._path(asked["point"])).T
        within = np.minimum(asked["radius_m"] - np.sqrt(x**2 + y**2), asked["height_tolerance_m"] - abs(z))
        return float(max(within))

    def _beside(self, asked: Asked) -> float:
        offset = complex(*self._offset(asked, "point", "anchor")[:2]) / complex(*asked["direction"][:2])
        along, across = offset.real, abs(offset.imag)
        return float(min(along - asked["low_m"], asked["high_m"] - along, asked["across_m"] - across))

    def _gap(self, asked: Asked) -> float:
        """Return what is left of a gap beside which the two stand: the nearest of all pairs of hulls."""
        placed = []
        for name in (asked["one"]["body"], asked["other"]["body"]):
            pose = self._curve.bodies[name][-1]
            placed.append([hull @ pose[:3, :3].T + pose[:3, 3] for hull in self._layout[name].prop.hulls])
        pairs = sorted(product(*placed), key=lambda pair: _boxes_apart(*pair))
        apart = np.inf
        for one, other in pairs:
            if _boxes_apart(one, other) >= apart:
                break
            apart = min(apart, minkowski_distance(one, other))
        return float(min(apart - asked["low_m"], asked["high_m"] - apart))

    def _leans(self, name: str) -> FloatArray:
        return np.asarray(np.arccos(np.clip([pose[2, 2] for pose in self._curve.bodies[name]], -1.0, 1.0)))

    def _tilt(self, asked: Asked) -> float:
        assert not asked["under_way"]
        return float(asked["most_rad"] - self._leans(asked["body"]).max())

    def _upright(self, asked: Asked) -> float:
        return float(asked["tolerance_rad"] - max(self._leans(name)[-1] for name in [asked["body"], *asked["others"]]))

    def _aligned(self, asked: Asked) -> float:
        one, other = (complex(*self._curve.bodies[asked[name]][-1][:2, 0]) for name in ("body", "with_body"))
        off = (one / other / np.exp(1j * asked["heading"])) ** asked["fold"]
        return float(asked["tolerance_rad"] - abs(np.angle(off)) / asked["fold"])

    def _atrest(self, asked: Asked) -> float:
        begin, farthest = self._times[-1] - asked["window_s"], 0.0
        for name in [asked["body"], *asked["others"]]:
            path = self._path({"body": name, "position": [0.0, 0.0, 0.0]})
            seen = np.vstack([self._at(np.array([begin]), path), path[self._times >= begin]])
            farthest = max(farthest, float(np.sqrt(((seen - path[-1]) ** 2).sum(axis=1)).max()))
        return float(asked["tolerance_m"]) - farthest


def _apart_from_polygon(point: FloatArray, corners: FloatArray) -> float:
    """Return the distance of a point (2,) from the convex hull of corners (N, 2) that it lies outside of."""
    outline = corners[ConvexHull(corners).vertices]
    nearest = np.inf
    for start, end in zip(outline, np.roll(outline, -1, axis=0), strict=True):
        along = end - start
        share = np.clip((point - start) @ along / (along @ along), 0.0, 1.0)
        nearest = min(nearest, float(np.hypot(*(point - start - share * along))))
    return nearest


def _boxes_apart(one: FloatArray, other: FloatArray) -> float:
    """Return the distance of the boxes around two hulls, which is at most theirs."""
    beyond = np.maximum(one.min(axis=0) - other.max(axis=0), other.min(axis=0) - one.max(axis=0))
    return float(np.linalg.norm(np.maximum(beyond, 0.0)))
