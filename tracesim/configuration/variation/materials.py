"""Finishes and table tops, as an axis of variation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracesim.configuration.variation.axis import Axis, Split, Stream

if TYPE_CHECKING:
    from tracesim.layout.layout import Layout


@dataclass(frozen=True)
class MaterialSplit(Axis):
    """The part of the materials to draw from."""

    material_split: Split = "all"
    """Finishes and table tops to draw from: those for training (seen), those held out (unseen), or both (all)."""


@dataclass(frozen=True)
class MaterialsAxis(MaterialSplit):
    """The finish of everything on the table."""

    materials: bool = False
    """Vary the finishes of all objects: matte, glossy, metal, wood, stone and others."""

    def vary_layout(self, layout: Layout, stream: Stream) -> Layout:
        """Return the same objects, each in a finish of its own."""
        from tracesim.assets.finishes import apply_finish, choose

        if not self.materials:
            return layout
        rng = stream("materials")
        return layout.made_of(
            {body.name: apply_finish(body.prop, choose(rng, self.material_split), rng) for body in layout}
        )
