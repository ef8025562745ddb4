"""Place a hot dog to the right of the leftmost peach."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from tracesim.assets.props.hot_dog import hot_dog
from tracesim.assets.props.peach import peach
from tracesim.direction import RELATIONS
from tracesim.draw import Draw
from tracesim.errors import PlacementError
from tracesim.layout import WORKSPACE, Layout
from tracesim.relative import Asked, Relative

APART_M = 0.05
"""The leftmost peach is so much farther to the left than any other."""


class HotdogBesidePeach(Relative):
    """A hot dog and two or three peaches; the hot dog goes 10 cm to the right of the leftmost one.

    Randomised: kinds, places, headings, colours, number of peaches, clutter.
    Success: its centre stands within 2 cm of that distance from the peach's, and within 2 cm across; nothing else
    touched.
    """

    instruction: ClassVar[str] = "Place the hot dog {distance} cm {relation} the leftmost peach."
    object_name: ClassVar[str] = "the hot dog"
    destination: ClassVar[str] = "{distance} cm {relation} the leftmost peach"
    carried: ClassVar[str] = "hot_dog"
    anchor: ClassVar[str] = "leftmost_peach"
    distance_cm: ClassVar[int] = 10
    tolerance_m: ClassVar[float] = 0.02

    def place(self, layout: Layout, draw: Draw) -> None:
        self.asked = Asked.about("right", self.distance_cm, self.tolerance_m)
        step = self.asked.aim_m * self.toward("right")
        leftmost = layout.scatter(self.anchor, peach(draw), draw.places, WORKSPACE.leaving(step))
        for name in ("other_peach", "third_peach")[: draw.places.integers(1, 3)]:
            other = layout.scatter(name, peach(draw), draw.places, WORKSPACE, gap_m=0.05)
            ends = leftmost.position("top"), other.position("top")
            columns = self.camera.project(np.array(ends))[:, 0]
            if (ends[1] - ends[0]) @ self.toward("right") < APART_M or columns[0] > columns[1]:
                raise PlacementError("It is not plain which peach is the leftmost.")
        # It lies across the direction it goes in: else it would lie on the peach.
        turn = (-0.35, 0.35) if draw.places.random() < 0.5 else (np.pi - 0.35, np.pi + 0.35)
        layout.scatter(self.carried, hot_dog(draw), draw.places, WORKSPACE, turn=turn, gap_m=0.05)
        self.check_undone()

    def words(self) -> Mapping[str, str]:
        return {"distance": str(self.distance_cm), "relation": RELATIONS[self.asked.word]}
