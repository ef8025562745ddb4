"""Task: put three blocks into a row by size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from tracesim.assets.colors import pick
from tracesim.assets.props.block import BLOCK_COLORS, block
from tracesim.families.ranking import Ranking
from tracesim.language.referring import Strategy
from tracesim.layout.prop import Prop
from tracesim.layout.randomness import Draw


class BlocksRankingSize(Ranking):
    """Three blocks of one colour and of three sizes, put into a row by three successive instructions.

    Randomised: places, headings, colour and sizes of the blocks, place of the row, clutter.
    Success: at the end the largest block stands 10 cm to the left of the medium one and the smallest 10 cm to its
    right, all within 3 cm, upright and at rest; nothing else is touched.
    """

    refers: ClassVar[Mapping[str, Strategy]] = {name: "size" for name in Ranking.names}

    @classmethod
    def blocks(cls, draw: Draw) -> Sequence[Prop]:
        color = pick(draw.colors, BLOCK_COLORS, None)
        edges_m = draw.sizes.uniform((0.058, 0.047, 0.036), (0.062, 0.05, 0.039))
        return [block(draw, color=color, edge_m=float(edge)) for edge in edges_m]
