"""Painted wooden blocks."""

from __future__ import annotations

import numpy as np

from tracesim.assets import colors, hulls, patterns, shapes
from tracesim.layout.grips import SQUARE_YAWS, Faces
from tracesim.layout.prop import Material, Prop
from tracesim.layout.randomness import Draw

BLOCK_COLORS = ("red", "orange", "yellow", "green", "blue", "purple", "pink", "white")
BEVEL_M = 0.00043
"""Size of the bevel, which takes half a millimetre off each corner."""


def block(draw: Draw, *, color: str | None = None, edge_m: float | None = None) -> Prop:
    """Return a cube that can be gripped across either pair of sides.

    Args:
        draw: Source of randomness.
        color: Colour of its paint; random if None.
        edge_m: Length of an edge, metres, at most 0.065; random between 0.04 and 0.05 if None.
    """
    name = colors.pick(draw.colors, BLOCK_COLORS, color)
    drawn = draw.sizes.uniform(0.040, 0.050)
    edge = drawn if edge_m is None else edge_m
    size = np.full(3, edge)
    paint = colors.named(name, draw.colors)
    material = Material(
        paint, roughness=draw.colors.uniform(0.35, 0.55), specular=0.4, texture=patterns.block_face(paint)
    )
    return Prop(
        kind="block",
        noun="block",
        color=name,
        surfaces=(shapes.box(size, BEVEL_M).surface(material),),
        hulls=hulls.vertices(hulls.box(size)),
        points={
            "base": np.zeros(3),
            "top": np.array([0.0, 0.0, edge]),
            "body": np.array([-edge / 2.0, 0.0, edge / 2.0]),
        },
        grips=(Faces((0.0, 0.0, edge / 2.0), edge, SQUARE_YAWS),),
        mass_kg=600.0 * edge**3,
    )
