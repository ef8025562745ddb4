"""Visits: stops of a tool over targets."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar

import numpy as np

from tracesim.constraints.base import SAME_TIME_S, Constraint
from tracesim.constraints.region import DISC_M, Volume
from tracesim.geometry.curve import Curve, PointOn
from tracesim.geometry.rigid import FloatArray


@dataclass(frozen=True)
class Stops:
    """Targets over which a tool has to stop; `Visits`, `Order` and `Band` share them.

    The tool is over a target while it is within `radius_m` of it horizontally and at most `ceiling_m` above it. It
    visits a target by staying over it for `dwell_s`.

    Time is resolved to the samples of the curve: a visit begins at one of them. Between samples margins are
    interpolated linearly, which never flatters a straight motion. A visit cut short by the end of the curve is missed
    by the radius.

    Attributes:
        tool: The functional point.
        targets: The targets, in the order asked.
        radius_m: Greatest horizontal distance from a target.
        dwell_s: Shortest stay that counts as a visit.
        ceiling_m: Greatest height above a target.
    """

    tool: PointOn
    targets: tuple[PointOn, ...]
    radius_m: float = 0.03
    dwell_s: float = 0.5
    ceiling_m: float = 0.15

    def applies_to(self, curve: Curve) -> bool:
        """Return whether the curve has the tool and all targets."""
        return curve.has(self.tool, *self.targets)

    def over_m(self, curve: Curve, low_m: float = -np.inf, high_m: float = np.inf) -> FloatArray:
        """Return the margins (K, T) of being over each target, between two heights above it."""
        tool = curve.position(self.tool)
        offsets = tool - np.array([curve.position(target) for target in self.targets])
        across, height = np.linalg.norm(offsets[..., :2], axis=2), offsets[..., 2]
        within = np.minimum(height - low_m, min(self.ceiling_m, high_m) - height)
        return np.asarray(np.minimum(self.radius_m - across, within))

    def visiting_m(self, times_s: FloatArray, over_m: FloatArray) -> FloatArray:
        """Return the margins (K, T) of the visits that begin at each sample.

        Args:
            times_s: Times of the samples, (T,).
            over_m: Margins of being over each target, (K, T); a visit has the least of them while it lasts.
        """
        ends = np.minimum(times_s + self.dwell_s, times_s[-1])
        after = np.searchsorted(times_s, ends + SAME_TIME_S, side="right")  # the first sample after the visit
        # Infinity stands behind the last sample, where a visit may reach but nothing is to be found.
        samples = np.pad(over_m, ((0, 0), (0, 1)), constant_values=np.inf)
        spans = np.column_stack([np.arange(len(times_s)), after]).reshape(-1)
        inside = np.minimum.reduceat(samples, spans, axis=1)[:, ::2]
        at_end = np.array([np.interp(ends, times_s, margins) for margins in over_m])
        least = np.minimum(inside, at_end)
        cut_short = times_s + self.dwell_s > times_s[-1] + SAME_TIME_S
        return np.where(cut_short, np.minimum(least, -self.radius_m), least)

    def visit_order(self, curve: Curve) -> list[int]:
        """Return the numbers of the targets visited, in the order in which their visits begin.

        A visit is a whole stay over a target, however long, that lasts for at least `dwell_s` from one of its samples
        on.
        """
        over = self.over_m(curve)
        begun: list[tuple[int, int]] = []
        for number, visits in enumerate(self.visiting_m(curve.times_s, over) >= 0.0):
            begins = np.flatnonzero(visits).tolist()
            same_stay = [over[number, before : at + 1].min() >= 0.0 for before, at in pairwise(begins)]
            begun += [(at, number) for at, same in zip(begins, [False, *same_stay], strict=False) if not same]
        return [number for _, number in sorted(begun)]

    def in_order_m(self, times_s: FloatArray, visiting_m: FloatArray) -> float:
        """Return the largest margin with which visits of all targets exist in the order asked.

        It is the largest m for which there are times t_1, t_2, ... such that

        - each visit has a margin of at least m: `visiting_m[k](t_k) >= m`;
        - each begins after its predecessor is over: `t_k >= t_(k-1) + dwell_s`;
        - none was made before its predecessor began: `visiting_m[k](s) <= -m` for all `s < t_(k-1)`.

        So m >= 0 means that the targets are visited for the first time in the order asked. By dynamic programming:
        `best` is the largest m for the targets so far, by the sample at which the last of them is begun.
        """
        latest = np.searchsorted(times_s, times_s - self.dwell_s + SAME_TIME_S, side="right") - 1
        best = visiting_m[0]
        for margins in visiting_m[1:]:
            early = np.concatenate([[-np.inf], np.maximum.accumulate(margins)[:-1]])
            so_far = np.maximum.accumulate(np.minimum(best, -early))
            best = np.minimum(margins, np.where(latest >= 0, so_far[latest], -np.inf))
        result = float(best.max())
        # On a curve too short for one visit after the other, the last of them misses by the radius.
        return result if np.isfinite(result) else min(float(visiting_m.max(axis=1).min()), -self.radius_m)


@dataclass(frozen=True)
class Visits(Constraint):
    """Every target is visited, in any order.

    Attributes:
        stops: Tool and targets.
    """

    stops: Stops
    name: str = "visits"
    violation: ClassVar[str] = "a target was missed by {}"

    def margin(self, curve: Curve) -> float | None:
        """Return the margin of the worst visit: the least over the targets of their best visit's margin."""
        if not self.stops.applies_to(curve):
            return None
        visiting = self.stops.visiting_m(curve.times_s, self.stops.over_m(curve))
        return float(visiting.max(axis=1).min())

    @property
    def ideal(self) -> float:
        """The radius: the tool stays exactly above every target."""
        return self.stops.radius_m

    def volumes(self) -> tuple[Volume, ...]:
        """Return a disc on each target."""
        return tuple(Volume(target, self.stops.radius_m, 0.0, DISC_M) for target in self.stops.targets)
