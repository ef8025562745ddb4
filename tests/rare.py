"""Tasks of which some seeds, or all, have no scene."""

from __future__ import annotations

from typing import Self

from tracesim.envs.stack_blocks_two import StackBlocksTwo
from tracesim.errors import PlacementError
from tracesim.geometry.camera import Camera
from tracesim.layout.layout import Layout
from tracesim.layout.randomness import Draw

RARE = {
    "odd_seeds_have_no_scene": f"{__name__}:OddSeedsHaveNoScene",
    "no_scene": f"{__name__}:NoScene",
}
"""Entries to add to the table of tasks."""


class OddSeedsHaveNoScene(StackBlocksTwo):
    """A task of stacking two blocks of which only even seeds have a scene."""

    @classmethod
    def sample(cls, camera: Camera, layout: Layout, draw: Draw) -> Self:
        seed = draw.places.bit_generator.seed_seq.entropy[0]  # type: ignore[attr-defined]
        if seed % 2:
            raise PlacementError(f"{seed} is odd")
        return super().sample(camera, layout, draw)


class NoScene(StackBlocksTwo):
    """A task of stacking two blocks of which no seed has a scene."""

    @classmethod
    def sample(cls, camera: Camera, layout: Layout, draw: Draw) -> Self:
        raise PlacementError("there is no table")
