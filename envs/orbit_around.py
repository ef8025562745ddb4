"""Task: carry an object once around another one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from math import radians
from typing import ClassVar, Final, Self

import numpy as np

from tracesim.constraints import Apart, Circles, Constraint, RestsOn
from tracesim.errors import PlacementError
from tracesim.families.guided import Guided
from tracesim.geometry.camera import Camera
from tracesim.geometry.curve import PointOn
from tracesim.geometry.rigid import FloatArray
from tracesim.language.referents import draw_props
from tracesim.layout.layout import TABLE, WORKSPACE, Area, Layout, standing
from tracesim.layout.randomness import Draw
from tracesim.negative_control import DoesNotApply, NegativeControl, Violates

CORNERS: Final = 12
"""Corners of the polygon along which the expert goes round."""

HIGH_M: Final = 0.05
"""Height of the base of the object on the way."""

TOO_FAR_M: Final = 0.03
"""By how much a control is too far away."""


class OrbitAround(Guided):
    """A small object beside another one; it is carried once around it and put back where it was.

    Randomised: kinds, places, headings and colours, distance band, direction, clutter.
    Success: the object goes round by 360 degrees, within 20, in the direction asked; its middle never leaves the
    distance band; it ends within 2 cm of where it stood, upright and at rest; nothing else is touched.
    """

    instruction: ClassVar[str] = (
        "Carry the {object} once around the {anchor} {direction}, always {low} to {high} cm from its middle, "
        "and put it back in its place."
    )
    paraphrases: ClassVar[tuple[str, ...]] = (
        "Circle the {anchor} once with the {object}, {direction} and at a distance of {low} to {high} cm from its "
        "middle; then put it back.",
        "Take the {object} {direction} around the {anchor}, keeping {low} to {high} cm from the middle of it all the "
        "way, and set it down where it stood.",
    )
    unseen: ClassVar[tuple[str, ...]] = (
        "Let the {object} orbit the {anchor}: one turn, {direction}, {low} to {high} cm from the middle, and back to "
        "where it came from.",
        "One round {direction} about the {anchor} for the {object}, never nearer than {low} nor farther than {high} cm "
        "from the middle; it ends where it began.",
    )
    vague: ClassVar[str] = "The {object} goes once around the {anchor}, {direction}."
    capabilities = ("measure",)
    destination: ClassVar[str] = "around the {anchor}"
    carried: ClassVar[str] = "object"

    low_cm: int
    """Least distance between the middles of the two."""

    from_m: tuple[float, float, float]
    """Where the base of the object stood at first, metres, world."""

    clockwise: bool = field(kw_only=True)
    """Whether the way round is clockwise, seen from above."""

    width_cm: ClassVar[int] = 6

    @classmethod
    def sample(cls, camera: Camera, layout: Layout, draw: Draw) -> Self:
        thing, anchor = draw_props(draw, ("block", "can", "stamp", "peach"), ("cup", "mug", "candle", "can"))
        low_cm = int(draw.places.integers(10, 12))
        radius_m, angle = low_cm / 100 + 0.03, draw.places.uniform(-np.pi, np.pi)
        middle = layout.scatter("anchor", anchor, draw.places, Area((-0.1, -0.05), (-0.12, 0.12))).position("base")
        x, y = (middle + radius_m * np.array([np.cos(angle), np.sin(angle), 0.0]))[:2].tolist()
        if not WORKSPACE.contains(np.array([x, y])):
            raise PlacementError("The object would stand out of reach.")
        layout.add("object", thing, standing(x, y, float(draw.places.uniform(-np.pi, np.pi))))
        return cls(camera, layout, low_cm, (x, y, 0.0), clockwise=bool(draw.places.random() < 0.5))

    def words(self) -> Mapping[str, str]:
        direction = "clockwise" if self.clockwise else "counterclockwise"
        low, high = str(self.low_cm), str(self.low_cm + self.width_cm)
        return {**super().words(), "direction": direction, "low": low, "high": high}

    def counterfactuals(self) -> Mapping[str, Self]:
        return {"direction": replace(self, clockwise=not self.clockwise)}

    def rules(self) -> Sequence[Constraint]:
        base, middle = self.layout["object"].point("base"), self.layout["anchor"].point("base")
        angle = 2.0 * np.pi * (-1.0 if self.clockwise else 1.0)
        low_m = self.low_cm / 100
        return [
            Circles(base, middle, angle, radians(20.0)),
            Apart(base, middle, low_m, low_m + self.width_cm / 100),
        ]

    def way(self) -> FloatArray:
        return self.round(-1.0 if self.clockwise else 1.0)

    def round(self, sign: float, farther_m: float = 0.0) -> FloatArray:
        """Return the points (K, 3), metres, world, that lead once around.

        Args:
            sign: 1 for counterclockwise, -1 for clockwise.
            farther_m: How far beyond the middle of the band the way leads halfway round.
        """
        middle = self.layout["anchor"].position("base") * (1.0, 1.0, 0.0)
        start = np.array(self.from_m) - middle
        angles = np.arctan2(start[1], start[0]) + sign * np.linspace(0.0, 2.0 * np.pi, CORNERS + 1)
        radii = np.full(CORNERS + 1, self.low_cm / 100 + self.width_cm / 200)
        radii[CORNERS // 2] += farther_m
        circle = np.column_stack([radii * np.cos(angles), radii * np.sin(angles), np.full(CORNERS + 1, HIGH_M)])
        return np.asarray(middle + circle)

    def goal(self) -> Constraint:
        return RestsOn(self.layout["object"].point("base"), PointOn(TABLE, self.from_m), 0.02, 0.005)

    def put_down(self) -> FloatArray:
        return np.array(self.from_m)

    def controls(self) -> Mapping[str, NegativeControl]:
        return {**super().controls(), "noop": Violates("circles", self.stay())}

    def wrong_order(self) -> NegativeControl:
        return self.against_the_rules(self.round(1.0 if self.clockwise else -1.0))

    def out_of_band(self) -> NegativeControl:
        way = self.round(-1.0 if self.clockwise else 1.0, self.width_cm / 200 + TOO_FAR_M)
        if not WORKSPACE.contains(way[CORNERS // 2]):
            return DoesNotApply("too far away is out of reach", here=True)
        return self.against_the_rules(way)
