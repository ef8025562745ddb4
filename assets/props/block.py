"""A painted wooden block."""

from __future__ import annotations

import numpy as np

from tracesim.assets import colors, hulls, patterns, shapes
from tracesim.assets.grasps import from_above
from tracesim.layout.prop import Material, Prop
from tracesim.layout.randomness import Draw

BLOCK_COLORS = ("red", "orange", "yellow", "green", "blue", "purple", "pink", "white")
BEVEL_M = 0.00043
"""Takes a corner back by half a millimetre."""


def block(draw: Draw, *, color: str | None = None, edge_m: float | None = None) -> Prop:
    """Return a cube; its grasps hold it across either pair of sides.

    color: drawn unless given. edge_m: the cube's edge, metres, at most 0.065; drawn from 0.04 to 0.05 unless given.
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
        grasps=from_above((0.0, 0.0, edge / 2.0), edge, (np.pi / 2.0, 0.0)),
        mass_kg=600.0 * edge**3,
    )
