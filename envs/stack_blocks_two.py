"""Task: stack one block on another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import ClassVar, Self

import numpy as np

from tracesim.assets.props.block import block
from tracesim.constraints import Constraint, RestsOn
from tracesim.errors import PlacementError
from tracesim.families.placing import Placing
from tracesim.geometry.camera import Camera
from tracesim.geometry.curve import Curve
from tracesim.layout.layout import WORKSPACE, Layout
from tracesim.layout.randomness import Draw
from tracesim.negative_control import NegativeControl


class StackBlocksTwo(Placing):
    """A red and a green block; the green one goes onto the red one.

    Randomised: places, headings and size of both, clutter.
    Success: the green block ends on the red one within 2.5 cm of its centre, level and at rest; nothing else is
    touched.
    """

    instruction: ClassVar[str] = "Stack the {green_block} on the {red_block}."
    paraphrases: ClassVar[tuple[str, ...]] = (
        "Put the {green_block} on top of the {red_block}.",
        "Lift the {green_block} and lay it on the {red_block}.",
    )
    unseen: ClassVar[tuple[str, ...]] = (
        "Build a tower of two: the {green_block} above, the {red_block} below.",
        "Make the {green_block} rest upon the {red_block}.",
    )
    vague: ClassVar[str] = "The {green_block} goes on top of the {red_block}."
    carried: ClassVar[str] = "green_block"
    target: ClassVar[str] = "red_block"

    @classmethod
    def sample(cls, camera: Camera, layout: Layout, draw: Draw) -> Self:
        edge_m = float(draw.sizes.uniform(0.042, 0.052))
        for color in ("red", "green"):
            made = block(draw, edge_m=edge_m, color=color)
            layout.scatter(f"{color}_block", made, draw.places, WORKSPACE, gap_m=0.05)
        if np.linalg.norm(layout["green_block"].position("top") - layout["red_block"].position("top")) < 0.12:
            raise PlacementError("The blocks are too close to each other.")
        return cls(camera, layout)

    def counterfactuals(self) -> Mapping[str, Self]:
        return {"order": replace(self, roles={"green_block": "red_block", "red_block": "green_block"})}

    def goal(self, height_tolerance_m: float = 0.005) -> Constraint:
        upper, lower = self.layout[self.subtask.carried], self.layout[self.subtask.target]
        return RestsOn(upper.point("base"), lower.point("top"), 0.025, height_tolerance_m)

    def wrong_order(self) -> NegativeControl:
        return self.stacked_wrongly()

    def robotwin_success(self, curve: Curve) -> bool:
        return self.holds(curve, self.goal(height_tolerance_m=0.012))
