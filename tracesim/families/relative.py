"""What tasks share in which something is put at a distance and in a direction from a place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Final, Self

import numpy as np

from tracesim.constraints import Beside, Constraint, RestsOn
from tracesim.families.placing import Placing
from tracesim.geometry.curve import PointOn
from tracesim.geometry.rigid import FloatArray, yaw
from tracesim.language.direction import DIRECTIONS, MOTIONS, OPPOSITE, RELATIONS
from tracesim.layout.layout import TABLE
from tracesim.task import Control

ON_TABLE: Final = PointOn(TABLE, (0.0, 0.0, 0.0))

BEYOND_M: Final = 0.03
"""How far beyond its limits a negative control misses a distance, at least."""

MORE_M: Final = (0.0, 0.02, 0.04, 0.06)
FARTHER_CM: Final = (6, -6)
"""By how much a counterfactual's distance differs."""

LESS_M: Final = (-0.03, -0.06, -0.09)
LEAST_M: Final = 0.06
"""By how much less, and how far at least, a negative control goes another way where it cannot go as far."""

ASTRAY: Final = tuple(np.radians([180.0, 150.0, -150.0, 120.0, -120.0, 90.0, -90.0]).tolist())
NEARLY: Final = tuple(np.radians([0.0, 15.0, -15.0, 30.0, -30.0]).tolist())
"""What negative controls try, one after the other, until there is room."""


@dataclass(frozen=True)
class Asked:
    """Where to: a direction, the distances along it, and how far off it, metres.

    word: one of `tracesim.language.direction.DIRECTIONS`. aim_m: the distance at which the expert puts something.
    distance_cm: the distance that the instruction names, where it names one.
    """

    word: str
    low_m: float
    high_m: float
    across_m: float
    aim_m: float
    distance_cm: int | None = None

    @classmethod
    def about(cls, word: str, distance_cm: int, tolerance_m: float) -> Self:
        """Return what asks for a distance, within a tolerance along the direction and across it."""
        distance_m = distance_cm / 100
        return cls(word, distance_m - tolerance_m, distance_m + tolerance_m, tolerance_m, distance_m, distance_cm)

    def turned(self, word: str) -> Asked:
        """Return the same distance in another direction."""
        return replace(self, word=word)

    def farther(self, by_cm: int) -> Asked:
        """Return what asks for another distance in the same direction, where one is named."""
        assert self.distance_cm is not None
        return Asked.about(self.word, self.distance_cm + by_cm, self.across_m)


class Relative(Placing):
    """A task in which `carried` is put down on the table in a direction from `anchor`, both measured at their bases.

    `directions` are those that the instruction can name.
    """

    carried: ClassVar[str] = "object"
    anchor: ClassVar[str] = "anchor"
    directions: ClassVar[Sequence[str]] = DIRECTIONS

    asked: Asked
    """Where the carried body is to go."""

    def origin(self) -> PointOn:
        """Return the point that distances are measured from."""
        return self.layout[self.role(self.anchor)].point("base")

    def spot(self, distance_m: float, turn: float = 0.0) -> FloatArray:
        """Return the point (3,), world, on the table at a distance from the origin.

        turn: by so much the way there is turned from the direction that is asked for, radians.
        """
        at = self.layout.position(self.origin()) + distance_m * yaw(turn) @ self.toward(self.asked.word)
        return np.array([at[0], at[1], 0.0])

    def goal(self) -> Constraint:
        """Return the constraint that the carried body's base ends so far from the origin, in that direction."""
        asked = self.asked
        x, y, z = (float(value) for value in self.toward(asked.word))
        point = self.layout[self.subtask.carried].point("base")
        return Beside(point, self.origin(), (x, y, z), asked.low_m, asked.high_m, asked.across_m)

    def words(self) -> Mapping[str, str]:
        """Return what things are called, and of where to and how far what is said."""
        word = self.asked.word
        said = {"relation": RELATIONS[word], "motion": MOTIONS[word], "side": word, "distance": self.asked.distance_cm}
        asked = self.phrasings()[self.done].fields
        return {**super().words(), **{name: str(value) for name, value in said.items() if name in asked}}

    def counterfactuals(self) -> Mapping[str, Self]:
        """Return the twins with another direction, the opposite one where it can be, and with another distance."""
        words = [word for word in (OPPOSITE[self.asked.word], *self.directions) if word in self.directions]
        turned = [self.asked.turned(word) for word in words if word != self.asked.word]
        farther = [self.asked.farther(by_cm) for by_cm in FARTHER_CM if self.asked.distance_cm is not None]
        return self.twins(
            direction=[replace(self, asked=asked) for asked in turned],
            distance=[replace(self, asked=asked) for asked in farther if asked.low_m > 0.0],
        )

    def put_down(self) -> FloatArray:
        """Return the point on the table at the distance aimed at."""
        return self.spot(self.asked.aim_m)

    def constraints(self) -> Sequence[Constraint]:
        """Return those of every placing, and that the body stands on the table."""
        where, *others = super().constraints()
        base = self.layout[self.carried].point("base")
        return [where, RestsOn(base, ON_TABLE, radius_m=0.6, height_tolerance_m=0.005), *others]

    def wrong_order(self) -> Control:
        """Return what goes another way, the opposite one where it can; as far, or farther, or else less far."""
        lengths_m = [[self.asked.aim_m + more_m for more_m in steps] for steps in (MORE_M, LESS_M)]
        return self.misplaced(
            self.spot(length_m, turn)
            for lengths in lengths_m
            for turn in ASTRAY
            for length_m in lengths
            if length_m >= LEAST_M
        )

    def out_of_band(self) -> Control:
        """Return what goes the right way, or nearly so, but too far, or else not far enough."""
        too_far = [self.asked.high_m + BEYOND_M + more_m for more_m in MORE_M]
        too_near = [self.asked.low_m - BEYOND_M - more_m for more_m in MORE_M]
        return self.misplaced(
            self.spot(along_m / np.cos(turn), turn) for along_m in too_far + too_near for turn in NEARLY
        )
