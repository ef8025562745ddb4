"""Task: push a long block under the bar of an arch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, Final, Self

import numpy as np

from tracesim.assets.props.arch import arch
from tracesim.assets.props.long_block import long_block
from tracesim.constraints import Constraint, Gate, Passes
from tracesim.errors import PlacementError
from tracesim.families.dragging import NO_DIRECTION, Dragging
from tracesim.geometry.camera import Camera
from tracesim.language.direction import direction
from tracesim.layout.layout import WORKSPACE, Layout, standing
from tracesim.layout.randomness import Draw
from tracesim.motion.motion import Motion
from tracesim.motion.push import Push
from tracesim.negative_control import Stop

WAYS: Final = ("left", "right", "away")
"""Directions in which an arch is passed."""

ASKEW_RAD: Final = 0.03
"""Greatest angle between the block and the direction in which it is pushed."""


class PassUnder(Dragging):
    """A long block in front of an arch; it is pushed under the bar, until its middle is past it.

    The hand would not fit under the bar: it has to push from behind.

    Randomised: sizes, colours and place of both, direction and distance, clutter.
    Success: the middle of the block's top passes between the posts and below the bar, and ends at the distance
    asked, within 2 cm along the direction and across it; the block stays on the table all the way, and ends upright and
    at rest; nothing else is touched.
    """

    instruction: ClassVar[str] = "Push the {object} {distance} cm {motion}, under the bar of the {arch}."
    paraphrases: ClassVar[tuple[str, ...]] = (
        "Slide the {object} {distance} cm {motion} by pushing it, so that it passes under the bar of the {arch}.",
        "With closed fingers, push the {object} {motion} by {distance} cm and through below the bar of the {arch}.",
    )
    unseen: ClassVar[tuple[str, ...]] = (
        "Shove the {object} {distance} cm {motion} through the {arch}.",
        "Nudge the {object} on below the {arch} until it is {distance} cm further {motion}.",
    )
    vague: ClassVar[str] = "Get the {object} {distance} cm {motion}, under the {arch}."
    capabilities = ("measure", "avoid", "contact")
    destination: ClassVar[str] = "{distance} cm {motion}, under the bar of the {arch}"
    motion: ClassVar[Motion] = Push(speed_m_s=0.1)
    stops_when_still: ClassVar[tuple[Stop, ...]] = (NO_DIRECTION,)

    @classmethod
    def sample(cls, camera: Camera, layout: Layout, draw: Draw) -> Self:
        word = WAYS[int(draw.places.integers(len(WAYS)))]
        ahead = direction(camera, word)
        heading, made = float(np.arctan2(ahead[1], ahead[0])), long_block(draw)
        half_m = float(made.hulls[0][:, 0].max())
        before_m, past_m = half_m + draw.places.uniform(0.025, 0.035), draw.places.uniform(0.025, 0.045)
        x, y = WORKSPACE.leaving((before_m + past_m) * ahead).draw(draw.places)
        askew = heading + draw.places.uniform(-ASKEW_RAD, ASKEW_RAD)
        layout.add("object", made, standing(x, y, askew))
        x_there, y_there, _ = (np.array([x, y, 0.0]) + before_m * ahead).tolist()
        layout.add("arch", arch(draw), standing(x_there, y_there, heading))
        task = cls(camera, layout, word, round(100.0 * (before_m + past_m)), (x, y, 0.0))
        if not task._in_reach():
            raise PlacementError("The path leaves the part of the table that is visible and within reach.")
        return task

    def constraints(self) -> Sequence[Constraint]:
        bar = self.layout["arch"]
        gate = Gate(bar.point("left"), bar.point("right"), 0.0, float(bar.prop.points["bar"][2]))
        return [Passes(self.layout["object"].point("top"), (gate,)), *super().constraints()]

    def counterfactuals(self) -> Mapping[str, Self]:
        """Return no twins: the arch stands in one direction, at one distance."""
        return {}
