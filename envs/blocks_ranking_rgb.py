"""Task: put three blocks into a row by colour."""

from __future__ import annotations

from collections.abc import Sequence

from tracesim.assets.props.block import block
from tracesim.families.ranking import Ranking
from tracesim.layout.prop import Prop
from tracesim.layout.randomness import Draw


class BlocksRankingRgb(Ranking):
    """A red, a green and a blue block of one size, put into a row by three successive instructions.

    Randomised: places, headings and size of the blocks, place of the row, clutter.
    Success: at the end the red block stands 10 cm to the left of the green one and the blue one 10 cm to its right, all
    within 3 cm, upright and at rest; nothing else is touched.
    """

    @classmethod
    def blocks(cls, draw: Draw) -> Sequence[Prop]:
        edge_m = float(draw.sizes.uniform(0.042, 0.05))
        return [block(draw, color=color, edge_m=edge_m) for color in ("red", "green", "blue")]
