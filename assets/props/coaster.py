"""Coasters of cork, wood or felt, round or square."""

from __future__ import annotations

import numpy as np

from tracesim.assets import colors, hulls, patterns, shapes, variants
from tracesim.layout.prop import Material, Prop
from tracesim.layout.randomness import Draw

VARIANTS = {"round": "coaster", "square": "coaster", "cushion": "coaster"}
"""The noun for each shape in an instruction; the last shape is held out."""
FELT_COLORS = ("red", "teal", "blue", "gray", "green", "yellow")


def coaster(draw: Draw, *, color: str | None = None, variant: str | None = None) -> Prop:
    """Return a flat coaster, 9 to 11 cm across; it is too wide to be gripped.

    Args:
        draw: Source of randomness.
        color: Brown is cork or wood, any other colour is felt; random if None.
        variant: One of `VARIANTS`, where "cushion" has wide corners; random if None.
    """
    chosen = variants.choose(draw, "coaster", VARIANTS, variant)
    name = colors.pick(draw.colors, ("brown", "brown", *FELT_COLORS), color)
    half, thickness = draw.sizes.uniform(0.046, 0.054), draw.sizes.uniform(0.0065, 0.0095)
    corner = {"round": 1.0, "square": 0.28, "cushion": 0.62}[chosen] * half
    stretch = (half - corner, half - corner)
    bevel = 0.0006
    profile = [
        (0.0, 0.0),
        (corner - bevel, 0.0),
        (corner, bevel),
        (corner, thickness - bevel),
        (corner - bevel, thickness),
        (0.0, thickness),
    ]
    mesh = shapes.map_flat(shapes.lathe(profile, 36, stretch=stretch), scale_m=2.0 * half)
    top = np.array([0.0, 0.0, thickness])
    return Prop(
        kind="coaster",
        noun=VARIANTS[chosen],
        color=name,
        surfaces=(mesh.surface(_material(draw.colors, name, corner < half)),),
        hulls=hulls.vertices(hulls.turned([(corner, 0.0), (corner, thickness)], 16, stretch)),
        points={"base": np.zeros(3), "top": top, "rim": top - [half, 0.0, 0.0]},
        mass_kg=0.06,
    )


def _material(rng: np.random.Generator, name: str, square: bool) -> Material:
    """Return cork or wood if the colour is brown, else felt."""
    if name == "brown":
        base = colors.mix(colors.named("brown", rng), colors.named("orange", rng), 0.18)
        cork = rng.random() < 0.6
        dark = colors.mix(base, (0.0, 0.0, 0.0), 0.6)
        texture = patterns.mat(rng, base, dark, 0.22, square) if cork else patterns.wood(rng, base)
    else:
        base = colors.named(name, rng)
        texture = patterns.mat(rng, base, colors.mix(base, (1.0, 1.0, 1.0), 0.14), 0.5, square)
    return Material(base, roughness=0.9, specular=0.15, texture=texture)
