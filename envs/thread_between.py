"""Task: carry a bottle between two poles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, Final, Self

import numpy as np

from tracesim.constraints import Constraint, Cylinder, Gate, KeepOut, Passes
from tracesim.errors import PlacementError
from tracesim.families.guided import Guided
from tracesim.geometry.camera import Camera
from tracesim.geometry.rigid import FloatArray
from tracesim.geometry.trace import Trace
from tracesim.language.referents import draw_props
from tracesim.layout.layout import Area, Body, Layout, standing
from tracesim.layout.randomness import Draw
from tracesim.negative_control import NegativeControl, Violates

LOW_M: Final = 0.04
"""Height at which the expert leads the bottle through the gap."""

THROUGH_M: Final = 0.06
"""How far before and behind the gap it goes straight."""

SHORTCUT_M: Final = 0.02
"""How far the straight way to the coaster misses the gap at least."""

TOO_NEAR_M: Final = 0.006
"""By how much a control comes too near to a pole."""


class ThreadBetween(Guided):
    """A bottle, a coaster and two poles; the bottle goes to the coaster through the gap between the poles.

    Randomised: places, sizes, shapes and colours, heading of the gap, side of the start, distance to keep, clutter.
    Success: wherever the middle of the bottle's underside crosses the line of the poles, it is between them and below
    their tops; the bottle keeps the distance asked from both; it ends upright, at rest, within 3 cm of the coaster's
    centre; nothing else is touched.
    """

    instruction: ClassVar[str] = (
        "Carry the {bottle} between the {near_pole} and the {far_pole} to the {coaster}, "
        "keeping {distance} mm away from both."
    )
    paraphrases: ClassVar[tuple[str, ...]] = (
        "Put the {bottle} on the {coaster}; on the way pass between the {near_pole} and the {far_pole}, no nearer "
        "than {distance} mm to either.",
        "Thread the {bottle} through the gap between the {near_pole} and the {far_pole}, {distance} mm clear of both, "
        "and set it down on the {coaster}.",
    )
    unseen: ClassVar[tuple[str, ...]] = (
        "The way to the {coaster} leads the {bottle} between the {near_pole} and the {far_pole}; leave {distance} mm "
        "to each.",
        "With {distance} mm to spare on either side, the {bottle} goes between the {near_pole} and the {far_pole} "
        "and comes to rest on the {coaster}.",
    )
    vague: ClassVar[str] = "The {bottle} goes between the {near_pole} and the {far_pole} to the {coaster}."
    capabilities = ("measure", "avoid")
    carried: ClassVar[str] = "bottle"
    target: ClassVar[str] = "coaster"
    poles: ClassVar[tuple[str, str]] = ("near_pole", "far_pole")

    distance_mm: int

    @classmethod
    def sample(cls, camera: Camera, layout: Layout, draw: Draw) -> Self:
        *poles, thing, goal = draw_props(draw, ("pole",), ("pole",), ("bottle",), ("coaster",))
        distance_mm = int(draw.places.choice((8, 10, 12, 14)))
        half_m = thing.footprint_radius_m + 0.011 + draw.places.uniform(0.022, 0.026)
        middle = np.array([draw.places.uniform(-0.12, -0.02), draw.places.uniform(-0.06, 0.06)])
        angle = draw.places.uniform(-0.4, 0.4)
        for name, prop, side in zip(cls.poles, poles, (-half_m, half_m), strict=True):
            x, y = middle + side * np.array([np.cos(angle), np.sin(angle)])
            layout.add(name, prop, standing(float(x), float(y)))
        areas = [Area((-0.22, 0.08), (0.12, 0.3)), Area((-0.22, 0.08), (-0.3, -0.12))]
        start, end = areas if draw.places.random() < 0.5 else areas[::-1]
        layout.scatter("coaster", goal, draw.places, end, gap_m=0.05)
        layout.scatter("bottle", thing, draw.places, start, turn=(-0.3, 0.3), gap_m=0.05)
        task = cls(camera, layout, distance_mm)
        if task.broken(Trace(task.led(np.zeros((0, 3)), task.put_down())), SHORTCUT_M) is None:
            raise PlacementError("The gap lies on the straight way to the coaster.")
        return task

    def words(self) -> Mapping[str, str]:
        return {**super().words(), "distance": str(self.distance_mm)}

    def rules(self) -> Sequence[Constraint]:
        poles, thing = [self.layout[name] for name in self.poles], self.layout["bottle"]
        near, far = (pole.point("base") for pole in poles)
        columns = [Cylinder(pole.point("base"), 0.0, 1.0, self.kept_m(pole)) for pole in poles]
        return [
            Passes(thing.point("base"), (Gate(near, far, 0.0, min(pole.prop.height_m for pole in poles)),)),
            *(KeepOut.of(thing, one, f"off_{name}") for name, one in zip(self.poles, columns, strict=True)),
        ]

    def kept_m(self, pole: Body) -> float:
        """Return how far from the axis of a pole nothing of the bottle may be, metres."""
        return float(pole.prop.points["side"][0]) + self.distance_mm / 1000

    def way(self) -> FloatArray:
        near, far = (self.layout[name].position("base") for name in self.poles)
        along = (far - near) / np.linalg.norm(far - near)
        ahead = np.array([-along[1], along[0], 0.0])
        if ahead @ (self.put_down() - (near + far) / 2) < 0.0:
            ahead = -ahead
        middle = (near + far) / 2 + np.array([0.0, 0.0, LOW_M])
        return np.asarray(middle + np.outer([-THROUGH_M, THROUGH_M], ahead))

    def out_of_band(self) -> NegativeControl:
        near, far = (self.layout[name] for name in self.poles)
        along = far.position("base") - near.position("base")
        free_m = np.linalg.norm(along) / 2 - self.layout["bottle"].prop.footprint_radius_m - self.kept_m(far)
        aside = along / np.linalg.norm(along) * (free_m + TOO_NEAR_M)
        trace, inner = self.expert(), self.keypoints()[1:-1]
        moved = (np.abs(trace.keypoints[:, None] - inner).max(axis=2) < 1e-9).any(axis=1)
        return Violates("off_far_pole", Trace(trace.keypoints + np.outer(moved, aside)))
