"""Bread baskets: oval and woven, round wire with a cloth, rectangular with flared walls."""

from __future__ import annotations

import numpy as np

from tracesim.assets import colors, hulls, lofts, plans, prints, shapes, variants
from tracesim.assets.vessel import Vessel
from tracesim.layout.prop import Material, Prop
from tracesim.layout.randomness import Draw

VARIANTS = {"oval": "bread basket", "wire": "bread basket", "rectangular": "bread basket"}
"""The noun for each shape in an instruction; the last shape is held out."""
WICKER_COLORS = ("brown", "brown", "brown", "brown", "white", "gray")
WIRE_COLORS = ("black", "black", "brown", "white")
WICKER = ((0.56, 0.34, 0.15), (0.66, 0.45, 0.22), (0.40, 0.20, 0.08))
"""Linear RGB of willow, rattan and smoked willow."""
WALL_M, FLOOR_M, CORE_M = 0.0054, 0.0055, 0.030
STRAND_M = 0.0085
"""Height of a strand of the weave."""


def basket(draw: Draw, *, color: str | None = None, variant: str | None = None) -> Prop:
    """Return a hollow basket, about 18 x 13 cm inside, with its long side along y; it cannot be grasped.

    Args:
        draw: Source of randomness.
        color: Colour of its strands or wires, where brown is plain wicker; random if None.
        variant: One of `VARIANTS`; random if None.
    """
    chosen = variants.choose(draw, "basket", VARIANTS, variant)
    name = colors.pick(draw.colors, WIRE_COLORS if chosen == "wire" else WICKER_COLORS, color)
    paint = colors.named(name, draw.colors)
    strand = colors.mix(WICKER[int(draw.colors.integers(3))], paint, 0.15) if name == "brown" else paint
    size = draw.sizes.uniform(0.96, 1.04)
    if chosen == "oval":
        plan, flare = plans.oval(0.062 * size, 0.086 * size, CORE_M, 24), draw.sizes.uniform(0.010, 0.016)
    elif chosen == "wire":
        plan, flare = plans.oval(0.070 * size, 0.070 * size, CORE_M, 24), draw.sizes.uniform(0.012, 0.017)
    else:
        plan, flare = plans.rounded_rectangle(0.061 * size, 0.085 * size, CORE_M, 4), draw.sizes.uniform(0.018, 0.024)
    height = draw.sizes.uniform(0.050, 0.064)
    foot = CORE_M + (0.004 if chosen == "wire" else 0.0)
    wall = np.linspace((foot, 0.0), (foot + flare, height - WALL_M / 2.0), 65)
    vessel = Vessel(wall, WALL_M, FLOOR_M, plan=plan)

    around = float(np.linalg.norm(np.diff(plan.at(foot + flare), axis=0), axis=1).sum())
    dark = colors.mix(strand, (0.0, 0.0, 0.0), 0.78)
    if chosen == "wire":
        cloth = colors.mix(colors.named("white", draw.colors), (0.70, 0.58, 0.40), draw.colors.uniform(0.1, 0.4))
        outer = prints.wires(cloth, strand)
        # The wires' colour, so that the basket is seen to be of the colour it is called by, from above, too.
        check = colors.mix(paint, _check(draw.colors), 0.12)
        lining = Material(cloth, roughness=0.95, specular=0.1, texture=prints.gingham(cloth, check))
        cells = (float(round(around / 0.022)), 3.0)
    else:
        outer = prints.weave(draw.colors, strand, dark)
        lining = Material(strand, roughness=0.8, specular=0.15, texture=outer)
        across = 2.2 if chosen == "rectangular" else 1.3
        cells = (float(round(around / (4.0 * across * STRAND_M))), height / (4.0 * STRAND_M))
    woven = Material(strand, roughness=0.75, specular=0.2, texture=outer)
    rim = Material(strand, roughness=0.7, specular=0.25, texture=prints.braid(strand, dark))
    if chosen == "wire":
        rim = Material(strand, roughness=0.35, specular=0.6)
    floor = lofts.from_above(vessel.floor_mesh(), 0.03, 0.03) if chosen != "wire" else vessel.floor_mesh()
    inside = vessel.inner_wall_mesh(3).tiled(*cells)
    if chosen == "wire":
        inside = lofts.from_above(vessel.inner_wall_mesh(3), 0.02, 0.02)
        floor = lofts.from_above(floor, 0.02, 0.02)
    return Prop(
        kind="basket",
        noun=VARIANTS[chosen],
        color=name,
        surfaces=(
            vessel.outer_mesh(0.0, 0.92, 4).tiled(*cells).surface(woven),
            shapes.merge(vessel.outer_mesh(0.92, 1.0, 2), vessel.lip_mesh())
            .tiled(float(round(around / 0.011)), 1.0)
            .surface(rim),
            shapes.merge(inside, floor, vessel.underside_mesh()).surface(lining),
        ),
        hulls=hulls.vertices(vessel.hulls(((1.0, 24),))),
        points={
            "base": np.zeros(3),
            "top": np.array([0.0, 0.0, vessel.height_m]),
            "inside": np.array([0.0, 0.0, FLOOR_M]),
        },
        mass_kg=0.25,
    )


def _check(rng: np.random.Generator) -> colors.Color:
    """Return the colour of the cloth's checks."""
    return colors.named(colors.pick(rng, ("red", "red", "blue", "green"), None), rng)
