"""Task: hold a block above the middle of a bowl."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import ClassVar, Self

import numpy as np

from tracesim.assets.props.block import block
from tracesim.assets.props.bowl import bowl
from tracesim.constraints import Band, Clearance, Constraint, Cylinder, Dwell, Stops, Undisturbed, Visits
from tracesim.geometry.camera import Camera
from tracesim.geometry.rigid import FloatArray
from tracesim.layout.layout import WORKSPACE, Layout
from tracesim.layout.randomness import Draw
from tracesim.motion.hold import Hold
from tracesim.motion.motion import Motion
from tracesim.negative_control import DoesNotApply, NegativeControl, Violates
from tracesim.task import Task


class HoverAboveBowl(Task):
    """A block and a bowl; the block is held above the middle of the bowl and not released.

    Randomised: places, sizes and colours of both, the height asked, clutter.
    Success: for one second, the underside of the block stays within 3 cm of the bowl's centre and 1.5 cm of the height
    asked; nothing else is touched.
    """

    instruction: ClassVar[str] = "Hold the {block} {height} cm above the centre of the {bowl} for one second."
    paraphrases: ClassVar[tuple[str, ...]] = (
        "Lift the {block} and keep it {height} cm above the middle of the {bowl} for one second.",
        "Let the {block} hover {height} cm over the centre of the {bowl} for one second.",
    )
    unseen: ClassVar[tuple[str, ...]] = (
        "For one second, suspend the {block} in the air, {height} cm over the middle of the {bowl}.",
        "Carry the {block} to {height} cm above the centre of the {bowl} and stay there for a second.",
    )
    vague: ClassVar[str] = "Hold the {block} {height} cm over the {bowl}."
    specific: ClassVar[str] = (
        "Pick up the {block}, bring its underside to {height} cm above the middle of the {bowl}, measured from the "
        "rim, hold it still there for at least one second, and touch nothing else."
    )
    capabilities = ("measure",)
    destination: ClassVar[str] = "{height} cm above the centre of the {bowl}"
    carried: ClassVar[str] = "block"
    motion: ClassVar[Motion] = Hold(dwell_s=1.2)
    tolerance_cm: ClassVar[float] = 1.5

    height_cm: int

    @classmethod
    def sample(cls, camera: Camera, layout: Layout, draw: Draw) -> Self:
        height_cm = int(draw.places.integers(4, 9))
        layout.scatter("bowl", bowl(draw), draw.places, WORKSPACE)
        layout.scatter("block", block(draw), draw.places, WORKSPACE, gap_m=0.06)
        return cls(camera, layout, height_cm)

    def words(self) -> Mapping[str, str]:
        return {**super().words(), "height": str(self.height_cm)}

    def counterfactuals(self) -> Mapping[str, Self]:
        return {"height": replace(self, height_cm=self.height_cm + (3 if self.height_cm < 6 else -3))}

    def constraints(self) -> Sequence[Constraint]:
        base, top = self.layout["block"].point("base"), self.layout["bowl"].point("top")
        stops = Stops(base, (top,))
        low_m, high_m = ((self.height_cm + sign * self.tolerance_cm) / 100 for sign in (-1, 1))
        others = Undisturbed.of(body for body in self.layout if body.name != "block")
        dwell = Dwell(base, Cylinder(top, low_m, high_m, stops.radius_m), least_s=1.0)
        return [Visits(stops), Band(stops, low_m, high_m), dwell, Clearance(), others]

    def keypoints(self) -> FloatArray:
        return self.holding(self.height_cm / 100)

    def holding(self, height_m: float) -> FloatArray:
        """Return the decisive keypoints for a height of the block's underside above the bowl's rim, metres."""
        carried = self.layout["block"]
        moved = self.layout["bowl"].position("top") + np.array([0.0, 0.0, height_m]) - carried.position("base")
        return np.array([carried.position("top"), carried.position("top") + moved])

    def controls(self) -> Mapping[str, NegativeControl]:
        return {
            "noop": Violates("visits", self.stay()),
            "straight_line": self.straight_line_control(),
            "wrong_order": DoesNotApply("one object goes to one place: there is no order to get wrong"),
            "out_of_band": self.violating("band", self.holding((self.height_cm + self.tolerance_cm) / 100 + 0.03)),
        }
