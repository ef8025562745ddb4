"""Task: water a row of potted flowers with a watering can."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import radians
from typing import ClassVar, Final, Self

import numpy as np

from tracesim.assets.props.flower_pot import flower_pot
from tracesim.assets.props.watering_can import watering_can
from tracesim.constraints import (
    AtRest,
    Band,
    Clearance,
    Constraint,
    Cylinder,
    Order,
    RestsOn,
    Showered,
    Stops,
    Undisturbed,
    Upright,
    Visits,
)
from tracesim.geometry.camera import Camera
from tracesim.geometry.curve import PointOn
from tracesim.geometry.rigid import FloatArray
from tracesim.language.referring import Strategy
from tracesim.layout.beads import Beads, Drip
from tracesim.layout.layout import TABLE, Area, Layout, standing
from tracesim.layout.randomness import Draw
from tracesim.motion.carry import Carry
from tracesim.motion.motion import Motion
from tracesim.negative_control import NegativeControl, Violates
from tracesim.task import Task

DROPS: Final = "drops"
"""Name of the drops of water."""

RADIUS_M: Final = 0.0025
"""Radius of a drop."""

WATER: Final = (0.12, 0.42, 0.75)
"""Colour of the drops, linear RGB."""

COUNT: Final = 64
"""Number of drops in the can."""

EVERY_S: Final = 0.5
"""Time between two drops."""

LEAST_LEAN_RAD: Final = radians(20.0)
"""Lean of the can from which on drops fall."""


class WaterFlowers(Task):
    """Potted flowers in a row; the spout of a watering can visits each in the order asked and stays low over it.

    Randomised: number, places, heights and colours of the flowers, the can's place and heading, order, hover band,
    clutter.
    Success: every flower is visited in order inside the band, nothing else is touched, and the can is put down upright
    on the table.
    """

    instruction: ClassVar[str] = (
        "Water the flowers from {order} with the {watering_can} hovering {low}-{high} cm above each flower."
    )
    paraphrases: ClassVar[tuple[str, ...]] = (
        "Take the {watering_can} and water each flower, from {order}, with the spout {low}-{high} cm above it.",
        "From {order}, water all flowers; keep the {watering_can} {low}-{high} cm above every one of them.",
    )
    unseen: ClassVar[tuple[str, ...]] = (
        "Give each flower some water, going from {order}: the {watering_can} pours from {low}-{high} cm above it.",
        "The flowers are thirsty: visit them from {order} with the {watering_can}, {low}-{high} cm over their tops.",
    )
    vague: ClassVar[str] = "Water the flowers with the {watering_can}, {order}."
    specific: ClassVar[str] = (
        "Pick up the {watering_can}, bring its spout over the middle of one flower after the other from {order}, "
        "keep it {low}-{high} cm above each flower for at least half a second, put the can down upright, and touch "
        "nothing else."
    )
    capabilities = ("measure", "order", "tilt")
    destination: ClassVar[str] = "the flowers"
    refers: ClassVar[Mapping[str, Strategy]] = {"watering_can": "noun"}
    carried: ClassVar[str] = "watering_can"
    motion: ClassVar[Motion] = Carry(pivot="spout", tilt=radians(30.0), dwell_s=0.6)

    count: int
    """Number of flowers."""

    low_cm: int
    """Least height of the spout above a flower."""

    high_cm: int
    """Greatest height of the spout above a flower."""

    to_the_right: bool
    """Whether the flowers are watered from left to right."""

    @classmethod
    def sample(cls, camera: Camera, layout: Layout, draw: Draw) -> Self:
        count = int(draw.places.integers(2, 6))
        low_cm = int(draw.places.integers(1, 5))
        high_cm = low_cm + int(draw.places.integers(3, 6))
        to_the_right = bool(draw.places.random() < 0.5)
        spacing = draw.places.uniform(0.125, 0.15)
        middle = draw.places.uniform(-1.0, 1.0) * (0.31 - spacing * (count - 1) / 2)
        for index, height in enumerate(draw.sizes.permutation(np.linspace(0.12, 0.18, count))):
            y = middle + spacing * ((count - 1) / 2 - index) + draw.places.uniform(-0.01, 0.01)
            pose = standing(draw.places.uniform(0.03, 0.1), y, draw.places.uniform(-np.pi, np.pi))
            layout.add(f"flower_{index}", flower_pot(draw, height_m=float(height)), pose)
        can = watering_can(draw)
        layout.scatter(cls.carried, can, draw.places, Area((-0.24, -0.15), (-0.2, 0.2)), turn=(-0.35, 0.35))
        return cls(camera, layout, count, low_cm, high_cm, to_the_right)

    def beads(self) -> Sequence[Beads]:
        can = self.layout[self.carried]
        drip = Drip(can.name, can.point("spout").position, LEAST_LEAN_RAD, EVERY_S)
        return (Beads.dripping(DROPS, COUNT, RADIUS_M, drip, WATER),)

    def pot(self, name: str) -> Cylinder:
        """Return the region of a flower and of the soil in its pot, in which drops have arrived."""
        flower = self.layout[name].prop.points
        radius_m, low_m = -float(flower["rim"][0]), float(flower["rim"][2]) - 0.02
        return Cylinder(self.layout[name].point("base"), low_m, float(flower["top"][2]) + 2.0 * RADIUS_M, radius_m)

    def words(self) -> Mapping[str, str]:
        order = "left to right" if self.to_the_right else "right to left"
        return {**super().words(), "order": order, "low": str(self.low_cm), "high": str(self.high_cm)}

    def constraints(self) -> Sequence[Constraint]:
        can = self.layout[self.carried]
        stops = Stops(can.point("spout"), tuple(self.layout[name].point("top") for name in self.order()))
        return [
            Visits(stops),
            Order(stops),
            Band(stops, self.low_cm / 100, self.high_cm / 100),
            Showered(DROPS, tuple(self.pot(name) for name in self.order())),
            Clearance(),
            Undisturbed.of(body for body in self.layout if body.name != self.carried),
            RestsOn(can.point("base"), PointOn(TABLE, (0.0, 0.0, 0.0)), radius_m=0.6, height_tolerance_m=0.005),
            Upright(self.carried),
            AtRest(self.carried),
        ]

    def counterfactuals(self) -> Mapping[str, Self]:
        other = replace(self, low_cm=self.high_cm + 2, high_cm=self.high_cm + 5)
        return {"order": replace(self, to_the_right=not self.to_the_right), "band": other}

    def order(self) -> list[str]:
        """Return the names of the flowers in the order asked; they are numbered from left to right in the image."""
        names = [f"flower_{index}" for index in range(self.count)]
        return names if self.to_the_right else names[::-1]

    def keypoints(self) -> FloatArray:
        return self.watering(self.order(), (self.low_cm + self.high_cm) / 200)

    def watering(self, order: Sequence[str], hover_m: float) -> FloatArray:
        """Return the decisive keypoints of a watering.

        Args:
            order: Names of the flowers, in the order in which they are visited.
            hover_m: Height of the spout above the top of each flower.
        """
        can = self.layout[self.carried]
        touched = can.position("body")
        hover = np.array([0.0, 0.0, hover_m])
        moved = [self.layout[name].position("top") + hover - can.position("spout") for name in order]
        back = self.at_first[self.carried].position("spout") - can.position("spout")
        keypoints: FloatArray = touched + np.array([np.zeros(3), *moved, back])
        return keypoints

    def controls(self) -> Mapping[str, NegativeControl]:
        middle_m = (self.low_cm + self.high_cm) / 200
        return {
            "noop": Violates("visits", self.stay()),
            "straight_line": self.straight_line_control(),
            "wrong_order": self.violating("order", self.watering(self.order()[::-1], middle_m)),
            "out_of_band": self.violating("band", self.watering(self.order(), self.high_cm / 100 + 0.03)),
        }
