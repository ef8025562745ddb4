"""Tasks whose seeds have no scene, or not every one."""

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
"""Entries added to the table of tasks."""


class OddSeedsHaveNoScene(StackBlocksTwo):
    """Two blocks to be stacked, in a scene of an even seed; no other seed has any."""

    @classmethod
    def sample(cls, camera: Camera, layout: Layout, draw: Draw) -> Self:
        seed = draw.places.bit_generator.seed_seq.entropy[0]  # type: ignore[attr-defined]
        if seed % 2:
            raise PlacementError(f"{seed} is odd")
        return super().sample(camera, layout, draw)


class NoScene(StackBlocksTwo):
    """Two blocks for which there is never a place."""

    @classmethod
    def sample(cls, camera: Camera, layout: Layout, draw: Draw) -> Self:
        raise PlacementError("there is no table")
