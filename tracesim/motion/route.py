"""A search for a trace through decisive keypoints that is free of contact: what the expert answers."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Final

import numpy as np

from tracesim.geometry.clearance import ClearanceProbe
from tracesim.geometry.rigid import FloatArray
from tracesim.geometry.trace import Trace
from tracesim.layout.layout import Body, Layout
from tracesim.motion.motion import Motion

EXPERT_CLEARANCE_M: Final = 0.02
"""How far the expert stays away from everything."""

LIFT_M: Final = 0.05
"""The least height of the first and the last leg: straight up, straight down."""

RAISES_M: Final = (0.0, 0.03, 0.06, 0.09, 0.12, 0.15, 0.18, 0.21)
"""How much higher than its ends a leg may be taken."""


class Router:
    """Finds free legs for one body among the others of a layout."""

    def __init__(self, layout: Layout, body: Body, motion: Motion) -> None:
        """Find legs for `body`, which moves as `motion` prescribes."""
        others = layout.without(body.name)
        self._body = body
        self._attitudes = motion.attitudes(body)
        self._pivot = body.pivot(motion.pivot)
        self._poses = others.poses
        self._probe = ClearanceProbe({body.name: body.shape}, others.shapes)

    def through(self, keypoints: FloatArray) -> Trace | None:
        """Return a free trace through the decisive keypoints (K, 3), or None where there is none.

        It begins straight up from the first and ends straight down on the last; between two keypoints it goes straight
        or, where something is in the way, up, across and down.
        """
        first_at, on_the_way, last_at = self._attitudes.first, self._attitudes.on_the_way, self._attitudes.last
        # Between the decisive keypoints the legs are the same, however high the first and the last ones are.
        middle: list[FloatArray] = []
        for start, goal in pairwise(keypoints[1:-1]):
            leg = self._leg(start, goal, on_the_way, keypoints[0])
            if leg is None:
                return None
            middle += leg
        for lift in RAISES_M:
            raised = keypoints + np.array([0.0, 0.0, LIFT_M + lift])
            ends_free = all(
                self._free(raised[end : end + 1], attitude, keypoints[0])
                for end, attitude in ((0, first_at), (0, on_the_way), (len(raised) - 1, last_at))
            )
            if not ends_free:
                continue
            inner = keypoints[1:-1]
            first = self._leg(raised[0], inner[0] if len(inner) else raised[-1], on_the_way, keypoints[0])
            last = self._leg(inner[-1], raised[-1], on_the_way, keypoints[0]) if len(inner) else []
            if first is not None and last is not None:
                return Trace(np.array([keypoints[0], raised[0], *first, *middle, *last, keypoints[-1]]))
        return None

    def _leg(
        self, start: FloatArray, goal: FloatArray, attitudes: FloatArray, origin: FloatArray
    ) -> list[FloatArray] | None:
        for via in _via_points(start, goal):
            if self._free(Trace(np.array([start, *via, goal])).resampled(0.01), attitudes, origin):
                return [*via, goal]
        return None

    def _free(self, points: FloatArray, attitudes: FloatArray, origin: FloatArray) -> bool:
        """Tell whether the body keeps `EXPERT_CLEARANCE_M` from everything at each of some points.

        Args:
            points: Positions (N, 3) of the touched point, metres, world.
            attitudes: Attitudes (A, 4, 4), each of which the body may have anywhere.
            origin: Position (3,) of the touched point at first.
        """
        start = (self._body.body_in_world @ np.append(self._pivot, 1.0))[:3]
        for attitude in attitudes:
            poses = np.repeat(attitude[None], len(points), axis=0)
            poses[:, :3, 3] = start + np.asarray(points) - origin - attitude[:3, :3] @ self._pivot
            if not self._probe.keeps(EXPERT_CLEARANCE_M, {self._body.name: poses, **self._poses}):
                return False
        return True


def _via_points(start: FloatArray, goal: FloatArray) -> Iterator[list[FloatArray]]:
    """Yield the points between start and goal of ever higher ways: none, then two straight above the ends."""
    yield []
    top = max(start[2], goal[2])
    for raised in RAISES_M:
        via = [np.array([end[0], end[1], top + raised]) for end in (start, goal)]
        yield [point for point, end in zip(via, (start, goal), strict=True) if np.linalg.norm(point - end) > 1e-6]
