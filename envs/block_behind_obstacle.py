"""Task: place a block behind the obstacle in front of which it stands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Self

import numpy as np

from tracesim.assets.props.block import block
from tracesim.families.bypass import ASKEW, OBSTACLES
from tracesim.families.relative import Asked, Relative
from tracesim.geometry.camera import Camera
from tracesim.language.direction import direction
from tracesim.language.referents import draw_props
from tracesim.layout.layout import WORKSPACE, Layout, standing
from tracesim.layout.randomness import Draw
from tracesim.negative_control import DoesNotApply, NegativeControl


class BlockBehindObstacle(Relative):
    """A green block stands in front of a tall obstacle, as seen from the camera; the block goes behind it.

    Randomised: the obstacle, places, headings, size of the block, clutter.
    Success: the block stands 7 to 17 cm behind the centre of the obstacle, at most 5 cm to either side; nothing else is
    touched.
    """

    instruction: ClassVar[str] = "Place the {green_block} behind the {obstacle}."
    paraphrases: ClassVar[tuple[str, ...]] = (
        "Set the {green_block} down behind the {obstacle}.",
        "Move the {green_block} to the far side of the {obstacle}.",
    )
    unseen: ClassVar[tuple[str, ...]] = (
        "Hide the {green_block} behind the {obstacle}.",
        "The {green_block} should end up right at the back of the {obstacle}.",
    )
    vague: ClassVar[str] = "Get the {green_block} behind the {obstacle}."
    capabilities = ("refer", "avoid")
    destination: ClassVar[str] = "behind the {obstacle}"
    carried: ClassVar[str] = "green_block"
    anchor: ClassVar[str] = "obstacle"
    directions: ClassVar[Sequence[str]] = ("away",)

    @classmethod
    def sample(cls, camera: Camera, layout: Layout, draw: Draw) -> Self:
        task = cls(camera, layout, Asked("away", 0.07, 0.17, 0.05, aim_m=0.12))
        away, right = direction(camera, "away"), direction(camera, "right")
        (obstacle,) = draw_props(draw, OBSTACLES)
        area = WORKSPACE.leaving(task.asked.aim_m * away).leaving(-0.15 * away)
        across = float(np.arctan2(away[1], away[0]))
        layout.scatter(cls.anchor, obstacle, draw.places, area, turn=(across - ASKEW, across + ASKEW))
        x, y, _ = task.spot(-draw.places.uniform(0.09, 0.15)) + draw.places.uniform(-0.03, 0.03) * right
        layout.add(
            cls.carried, block(draw, color="green"), standing(float(x), float(y), draw.places.uniform(-np.pi, np.pi))
        )
        return task

    def out_of_band(self) -> NegativeControl:
        return DoesNotApply("the instruction names no measure")
