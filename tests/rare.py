"""Tasks whose seeds have no scene, or not every one."""

from __future__ import annotations

from tracesim.envs.stack_blocks_two import StackBlocksTwo
from tracesim.errors import PlacementError
from tracesim.layout.layout import Layout
from tracesim.layout.randomness import Draw

RARE = {
    "odd_seeds_have_no_scene": f"{__name__}:OddSeedsHaveNoScene",
    "no_scene": f"{__name__}:NoScene",
}
"""Entries added to the table of tasks."""


class OddSeedsHaveNoScene(StackBlocksTwo):
    """Two blocks to be stacked, in a scene of an even seed; no other seed has any."""

    def place(self, layout: Layout, draw: Draw) -> None:
        seed = draw.places.bit_generator.seed_seq.entropy[0]  # type: ignore[attr-defined]
        if seed % 2:
            raise PlacementError(f"{seed} is odd")
        super().place(layout, draw)


class NoScene(StackBlocksTwo):
    """Two blocks for which there is never a place."""

    def place(self, layout: Layout, draw: Draw) -> None:
        raise PlacementError("there is no table")
