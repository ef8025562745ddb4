"""Base class of tasks in which a body is put at a distance and in a direction from another one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Final, Self

import numpy as np

from tracesim.constraints import Beside, Constraint, RestsOn
from tracesim.families.placing import Placing
from tracesim.geometry.curve import PointOn
from tracesim.geometry.rigid import FloatArray, yaw
from tracesim.language.capability import Capability
from tracesim.language.direction import DIRECTIONS, MOTIONS, OPPOSITE, RELATIONS
from tracesim.layout.layout import TABLE
from tracesim.negative_control import NegativeControl

ON_TABLE: Final = PointOn(TABLE, (0.0, 0.0, 0.0))
"""The centre of the table top."""

BEYOND_M: Final = 0.03
"""Least distance by which a negative control misses the limits of a distance."""

MORE_M: Final = (0.0, 0.02, 0.04, 0.06)
"""Additional lengths that negative controls try in turn."""

FARTHER_CM: Final = (6, -6)
"""By how much a counterfactual's distance differs, in order of preference."""

LESS_M: Final = (-0.03, -0.06, -0.09)
"""Negative lengths that a control in a wrong direction adds if there is no room for more."""

LEAST_M: Final = 0.06
"""Least distance of such a control."""

ASTRAY: Final = tuple(np.radians([180.0, 150.0, -150.0, 120.0, -120.0, 90.0, -90.0]).tolist())
"""Turns away from the direction of the instruction that `wrong_order` tries in turn, radians."""

NEARLY: Final = tuple(np.radians([0.0, 15.0, -15.0, 30.0, -30.0]).tolist())
"""Turns away from the direction of the instruction that `out_of_band` tries in turn, radians."""


@dataclass(frozen=True)
class Asked:
    """Where a body has to go relative to an anchor: a direction and a range of distances."""

    word: str
    """The direction, one of `tracesim.language.direction.DIRECTIONS`."""

    low_m: float
    """Least distance along the direction, metres."""

    high_m: float
    """Greatest distance along the direction, metres."""

    across_m: float
    """Greatest distance to either side of the direction, metres."""

    aim_m: float
    """Distance at which the expert puts the body, metres."""

    distance_cm: int | None = None
    """The distance that the instruction names, None if it names none."""

    @classmethod
    def about(cls, word: str, distance_cm: int, tolerance_m: float) -> Self:
        """Return the request for a distance, within a tolerance both along the direction and across it."""
        distance_m = distance_cm / 100
        return cls(word, distance_m - tolerance_m, distance_m + tolerance_m, tolerance_m, distance_m, distance_cm)

    def turned(self, word: str) -> Asked:
        """Return the same distance in another direction."""
        return replace(self, word=word)

    def farther(self, by_cm: int) -> Asked:
        """Return the request for a distance that is `by_cm` longer; takes a request that names a distance."""
        assert self.distance_cm is not None
        return Asked.about(self.word, self.distance_cm + by_cm, self.across_m)


class Relative(Placing):
    """A task in which `carried` is put down on the table in a direction from `anchor`, both measured at their bases."""

    details: ClassVar[str] = (
        "Directions are as you see them, and distances from middle to middle. Put it down upright, touch nothing "
        "else on the way, and leave everything else where it is."
    )
    capabilities: ClassVar[tuple[Capability, ...]] = ("refer", "measure")
    carried: ClassVar[str] = "object"
    anchor: ClassVar[str] = "anchor"
    """The body from which distances are measured."""
    directions: ClassVar[Sequence[str]] = DIRECTIONS
    """The directions that the instruction can name."""

    asked: Asked
    """Where the carried body has to go."""

    def origin(self) -> PointOn:
        """Return the point from which distances are measured."""
        return self.layout[self.role(self.anchor)].point("base")

    def spot(self, distance_m: float, turn: float = 0.0) -> FloatArray:
        """Return the point on the table at a distance from the origin, (3,), metres, world.

        Args:
            distance_m: The distance.
            turn: Angle between the direction of the instruction and that of the point, radians.
        """
        at = self.layout.position(self.origin()) + distance_m * yaw(turn) @ self.toward(self.asked.word)
        return np.array([at[0], at[1], 0.0])

    def goal(self) -> Constraint:
        """Return that the carried body's base ends within the distances asked, in the direction asked."""
        asked = self.asked
        x, y, z = (float(value) for value in self.toward(asked.word))
        point = self.layout[self.subtask.carried].point("base")
        return Beside(point, self.origin(), (x, y, z), asked.low_m, asked.high_m, asked.across_m)

    def words(self) -> Mapping[str, str]:
        """Return the values of the template's fields, including those for the direction and the distance."""
        word = self.asked.word
        said = {"relation": RELATIONS[word], "motion": MOTIONS[word], "side": word, "distance": self.asked.distance_cm}
        asked = self.phrasings()[self.done].fields
        return {**super().words(), **{name: str(value) for name, value in said.items() if name in asked}}

    def counterfactuals(self) -> Mapping[str, Self]:
        """Return the twins with another direction, the opposite one if possible, and with another distance."""
        words = [word for word in (OPPOSITE[self.asked.word], *self.directions) if word in self.directions]
        turned = [self.asked.turned(word) for word in words if word != self.asked.word]
        farther = [self.asked.farther(by_cm) for by_cm in FARTHER_CM if self.asked.distance_cm is not None]
        return self.twins(
            direction=[replace(self, asked=asked) for asked in turned],
            distance=[replace(self, asked=asked) for asked in farther if asked.low_m > 0.0],
        )

    def put_down(self) -> FloatArray:
        """Return the point on the table at `aim_m` in the direction of the instruction, (3,), metres, world."""
        return self.spot(self.asked.aim_m)

    def constraints(self) -> Sequence[Constraint]:
        """Return the constraints of `Placing`, and that the body ends on the table."""
        where, *others = super().constraints()
        base = self.layout[self.carried].point("base")
        return [where, RestsOn(base, ON_TABLE, radius_m=0.6, height_tolerance_m=0.005), *others]

    def wrong_order(self) -> NegativeControl:
        """Return the control that puts the body in a wrong direction, the opposite one if possible.

        It tries the distance of the expert first, then longer and at last shorter ones.
        """
        lengths_m = [[self.asked.aim_m + more_m for more_m in steps] for steps in (MORE_M, LESS_M)]
        return self.misplaced(
            self.spot(length_m, turn)
            for lengths in lengths_m
            for turn in ASTRAY
            for length_m in lengths
            if length_m >= LEAST_M
        )

    def out_of_band(self) -> NegativeControl:
        """Return the control that puts the body in about the right direction, but too far away, or else too near."""
        too_far = [self.asked.high_m + BEYOND_M + more_m for more_m in MORE_M]
        too_near = [self.asked.low_m - BEYOND_M - more_m for more_m in MORE_M]
        return self.misplaced(
            self.spot(along_m / np.cos(turn), turn) for along_m in too_far + too_near for turn in NEARLY
        )
