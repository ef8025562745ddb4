"""Task: put a dowel where it belongs in a row that is sorted by height."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import ClassVar, Final, Self

import numpy as np

from tracesim.assets.colors import pick
from tracesim.assets.props.dowel import DOWEL_COLORS, dowel
from tracesim.constraints import Constraint, RestsOn
from tracesim.errors import PlacementError
from tracesim.families.placing import Placing
from tracesim.geometry.camera import Camera
from tracesim.geometry.curve import PointOn
from tracesim.geometry.rigid import FloatArray
from tracesim.layout.layout import TABLE, WORKSPACE, Layout, standing
from tracesim.layout.randomness import Draw
from tracesim.negative_control import NegativeControl

STEP_M: Final = 0.018
"""Least difference in height between dowels that are neighbours in the sorted row."""

SHORTEST_M: Final = 0.05
"""Least height of a dowel."""


class SortInOrder(Placing):
    """Three dowels in a row, sorted by height, and a fourth one, which goes into the gap where it belongs.

    Only its height tells in which of the two gaps that is.

    Randomised: places, heights, colours, which way the row rises, clutter.
    Success: the fourth dowel stands midway between the next shorter and the next taller one, within 2 cm, upright and
    at rest; nothing else is touched.
    """

    instruction: ClassVar[str] = (
        "Put the {dowel} into the gap where it belongs: the row is sorted by height, rising to the {side}."
    )
    paraphrases: ClassVar[tuple[str, ...]] = (
        "The row is sorted by height and rises to the {side}; put the {dowel} into the gap that keeps it so.",
        "Complete the row with the {dowel}: by height, with the tallest on the {side}.",
    )
    unseen: ClassVar[tuple[str, ...]] = (
        "Compare heights, and stand the {dowel} between its two neighbours in the row, which rises to the {side}.",
        "The {dowel} is missing from the row, whose heights grow to the {side}: fill the right gap.",
    )
    vague: ClassVar[str] = "The {dowel} belongs in the row, which rises to the {side}."
    destination: ClassVar[str] = "the gap where it belongs"
    carried: ClassVar[str] = "dowel"
    row: ClassVar[tuple[str, str, str]] = ("short_dowel", "middle_dowel", "tall_dowel")

    rises_to: str = field(kw_only=True)
    """Where the tallest dowel of the row stands, "left" or "right"."""

    belongs: int = field(kw_only=True)
    """Number of dowels in the row that are shorter."""

    @classmethod
    def sample(cls, camera: Camera, layout: Layout, draw: Draw) -> Self:
        belongs, rises_to = int(draw.places.integers(1, 3)), ("left", "right")[int(draw.places.integers(2))]
        heights = SHORTEST_M + np.cumsum(draw.sizes.uniform(STEP_M, 1.2 * STEP_M, 4)) - STEP_M
        radius_m, spacing_m = float(draw.sizes.uniform(0.016, 0.019)), draw.places.uniform(0.12, 0.13)
        x, y = draw.places.uniform(-0.1, 0.05), draw.places.uniform(-0.1, 0.1)
        color = pick(draw.colors, DOWEL_COLORS, None)
        up = 1.0 if rises_to == "left" else -1.0
        for name, height_m, place in zip(cls.row, np.delete(heights, belongs), (-1.0, 0.0, 1.0), strict=True):
            made = dowel(draw, color=color, radius_m=radius_m, height_m=float(height_m))
            layout.add(name, made, standing(x + draw.places.uniform(-0.01, 0.01), y + up * place * spacing_m))
        other = pick(draw.colors, tuple(one for one in DOWEL_COLORS if one != color), None)
        made = dowel(draw, color=other, radius_m=radius_m, height_m=float(heights[belongs]))
        layout.scatter(cls.carried, made, draw.places, WORKSPACE, gap_m=0.08)
        if abs(layout[cls.carried].body_in_world[0, 3] - x) < 0.1:
            raise PlacementError("The dowel seems to stand in the row already.")
        return cls(camera, layout, rises_to=rises_to, belongs=belongs)

    def words(self) -> Mapping[str, str]:
        return {**super().words(), "side": self.rises_to}

    def gap(self, after: int) -> FloatArray:
        """Return the middle (3,) of the gap between two neighbours of the row, metres, world.

        Args:
            after: Number of dowels in the row that stand on the shorter side of the gap.
        """
        one, other = (self.layout[name].position("base") for name in self.row[after - 1 : after + 1])
        return np.asarray((one + other) / 2.0 * (1.0, 1.0, 0.0))

    def goal(self) -> Constraint:
        x, y, z = self.put_down().tolist()
        return RestsOn(self.layout[self.carried].point("base"), PointOn(TABLE, (x, y, z)), 0.02, 0.005)

    def put_down(self) -> FloatArray:
        return self.gap(self.belongs)

    def wrong_order(self) -> NegativeControl:
        return self.misplaced([self.gap(3 - self.belongs)])
