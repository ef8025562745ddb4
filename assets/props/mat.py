"""Thin mats to put something on, with a mark at the front edge."""

from __future__ import annotations

import numpy as np

from tracesim.assets import colors, drawings, variants
from tracesim.assets.flats import flat
from tracesim.layout.prop import Material, Prop
from tracesim.layout.randomness import Draw

VARIANTS = {"plain": "mat", "mouse_pad": "mat", "cork": "mat", "felt": "mat"}
"""The noun for each shape in an instruction; the last shape is held out."""
MAT_COLORS = ("red", "orange", "yellow", "green", "teal", "blue", "purple", "pink", "gray", "black")
CORNERS_M = {"plain": 0.006, "mouse_pad": 0.018, "cork": 0.010, "felt": 0.030}
TAN = (0.50, 0.29, 0.13)
"""Colour with which the brown of cork is mixed."""


def mat(
    draw: Draw,
    *,
    color: str | None = None,
    variant: str | None = None,
    size: tuple[float, float] | None = None,
) -> Prop:
    """Return a flat mat, 2 to 3 mm thick; it cannot be gripped.

    Args:
        draw: Source of randomness.
        color: Its colour, always brown for cork by default; random if None.
        variant: One of `VARIANTS`; random if None.
        size: Size along x and y, metres; random between 8 and 16 cm if None.
    """
    chosen = variants.choose(draw, "mat", VARIANTS, variant)
    name = colors.pick(draw.colors, ("brown",) if chosen == "cork" else MAT_COLORS, color)
    drawn = draw.sizes.uniform(0.08, 0.13), draw.sizes.uniform(0.09, 0.16)
    extent = drawn if size is None else size
    thickness = draw.sizes.uniform(0.0022, 0.0030)
    corner = min(CORNERS_M[chosen], 0.45 * min(extent))
    mesh, solids = flat(extent, thickness, corner)
    return Prop(
        kind="mat",
        noun=VARIANTS[chosen],
        color=name,
        surfaces=(mesh.surface(_printed(draw.colors, chosen, name, extent, corner)),),
        hulls=solids,
        points={"base": np.zeros(3), "top": np.array([0.0, 0.0, thickness])},
        mass_kg=0.08,
    )


def _printed(rng: np.random.Generator, variant: str, name: str, extent: tuple[float, float], corner: float) -> Material:
    """Return the material of a mat of the named colour, with a print of its size and radius of its corners, metres."""
    base = colors.named(name, rng)
    if name == "brown":
        base = colors.mix(base, TAN, 0.65)
    accent = colors.named("white" if name != "white" else "gray", rng)
    if variant == "cork":
        accent = colors.mix(base, (0.0, 0.0, 0.0), 0.75)
    picture = drawings.mat_top(rng, base, accent, extent, corner, variant)
    return Material(base, roughness=0.6 if variant == "plain" else 0.9, specular=0.25, texture=picture)
