"""Task: carry a bottle in a zigzag past three poles in a row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from itertools import pairwise
from typing import ClassVar, Final, Self

import numpy as np

from tracesim.constraints import Constraint, Gate, Passes
from tracesim.families.guided import Guided
from tracesim.geometry.camera import Camera
from tracesim.geometry.curve import PointOn
from tracesim.geometry.rigid import FloatArray
from tracesim.language.referents import draw_props
from tracesim.layout.layout import Area, Layout, standing
from tracesim.layout.randomness import Draw
from tracesim.negative_control import NegativeControl

ASIDE_M: Final = 0.07
"""Distance from the row at which the expert passes each pole: the bottle keeps 2 cm from it."""

LOW_M: Final = 0.04
"""Height at which it passes them."""

BEYOND_M: Final = 0.03
"""How far before the first pole and beyond the last one it flies as low: from there on it may rise."""

WIDE_M: Final = 0.3
"""How far from a pole the bottle still passes it, metres."""


class ZigzagBetween(Guided):
    """A bottle at one end of a row of three poles, and a coaster at the other; the bottle zigzags past the poles.

    Randomised: places, sizes, shapes and colours, which way round, side on which the first pole is passed, clutter.
    Success: where the middle of the bottle's underside passes a pole, it is on the side asked, no higher than the top
    of the pole; the bottle ends upright, at rest, within 3 cm of the coaster's centre; nothing else is touched.
    """

    instruction: ClassVar[str] = (
        "Carry the {bottle} to the {coaster} in a zigzag: on the {one_side} side of the {first_pole} "
        "and of the {third_pole}, and on the {other_side} side of the {second_pole} between them."
    )
    paraphrases: ClassVar[tuple[str, ...]] = (
        "Put the {bottle} on the {coaster}; on the way, pass the {first_pole} and the {third_pole} on their {one_side} "
        "side, but the {second_pole} on its {other_side} side.",
        "Slalom with the {bottle} to the {coaster}: keep to the {one_side} side of the {first_pole}, change to the "
        "{other_side} side for the {second_pole}, and change back for the {third_pole}.",
    )
    unseen: ClassVar[tuple[str, ...]] = (
        "Weave the {bottle} past the {first_pole} ({one_side} side), the {second_pole} ({other_side} side) and the "
        "{third_pole} (same side as the first), and leave it on the {coaster}.",
        "The {bottle} belongs on the {coaster}, but takes the {one_side} side of the {first_pole}, then the "
        "{other_side} side of the {second_pole}, and at the {third_pole} the first side again.",
    )
    vague: ClassVar[str] = (
        "The {bottle} zigzags past the poles to the {coaster}, first on the {one_side} side of the {first_pole}."
    )
    capabilities = ("refer", "order", "avoid")
    carried: ClassVar[str] = "bottle"
    target: ClassVar[str] = "coaster"
    poles: ClassVar[tuple[str, str, str]] = ("first_pole", "second_pole", "third_pole")

    far_first: bool = field(kw_only=True)
    """Whether the first pole is passed on its far side, seen from the robot."""

    @classmethod
    def sample(cls, camera: Camera, layout: Layout, draw: Draw) -> Self:
        *poles, thing, goal = draw_props(draw, *[("pole",)] * 3, ("bottle",), ("coaster",))
        way = 1.0 if draw.places.random() < 0.5 else -1.0
        x, spacing = draw.places.uniform(-0.12, -0.04), draw.places.uniform(0.13, 0.14)
        for name, prop, place in zip(cls.poles, poles, (-1.0, 0.0, 1.0), strict=True):
            layout.add(name, prop, standing(x + draw.places.uniform(-0.01, 0.01), way * place * spacing))
        right, left = Area((-0.2, 0.05), (-0.28, -0.22)), Area((-0.2, 0.05), (0.22, 0.28))
        start, end = (right, left) if way > 0.0 else (left, right)
        layout.scatter("coaster", goal, draw.places, end, gap_m=0.05)
        layout.scatter("bottle", thing, draw.places, start, turn=(-0.3, 0.3), gap_m=0.05)
        return cls(camera, layout, far_first=bool(draw.places.random() < 0.5))

    def words(self) -> Mapping[str, str]:
        one, other = ("far", "near") if self.far_first else ("near", "far")
        return {**super().words(), "one_side": one, "other_side": other}

    def counterfactuals(self) -> Mapping[str, Self]:
        return {"side": replace(self, far_first=not self.far_first)}

    def sides(self) -> list[float]:
        """Return on which side of each pole the bottle passes it: 1 on the far side, -1 on the near side."""
        return [1.0, -1.0, 1.0] if self.far_first else [-1.0, 1.0, -1.0]

    def rules(self) -> Sequence[Constraint]:
        gates = []
        for name, side in zip(self.poles, self.sides(), strict=True):
            pole = self.layout[name]
            gates.append(Gate(pole.point("base"), PointOn(name, (side * WIDE_M, 0.0, 0.0)), 0.0, pole.prop.height_m))
        return [Passes(self.layout["bottle"].point("base"), tuple(gates))]

    def way(self) -> FloatArray:
        return self.past(self.sides())

    def past(self, sides: Sequence[float]) -> FloatArray:
        """Return the points (K, 3), metres, world, that lead past the poles on the given sides of them."""
        at = np.array([self.layout[name].position("base") for name in self.poles])
        beside = at + np.outer(sides, [ASIDE_M, 0.0, 0.0])
        onward = BEYOND_M * (at[-1] - at[0]) / np.linalg.norm(at[-1] - at[0])
        turns = [beside[0] - onward]
        for before, after in pairwise(beside):
            y = (before[1] + after[1]) / 2
            turns += [np.array([before[0], y, 0.0]), np.array([after[0], y, 0.0])]
        return np.asarray(np.array([*turns, beside[-1] + onward]) + np.array([0.0, 0.0, LOW_M]))

    def wrong_order(self) -> NegativeControl:
        return self.against_the_rules(self.past([-side for side in self.sides()]))
