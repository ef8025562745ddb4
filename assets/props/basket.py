"""Bread baskets: oval and woven, round wire with a cloth, rectangular with flared walls."""

from __future__ import annotations

import numpy as np

from tracesim.assets import colors, hulls, lofts, plans, prints, shapes, variants
from tracesim.assets.colors import Color
from tracesim.assets.plans import Plan
from tracesim.assets.shapes import Mesh
from tracesim.assets.vessel import Vessel
from tracesim.layout.prop import Material, Prop, Surface
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
    """Return a hollow basket, about 18 x 13 cm inside, with its long side along y; it cannot be gripped.

    Args:
        draw: Source of randomness.
        color: Colour of its strands or wires, where brown is plain wicker; random if None.
        variant: One of `VARIANTS`; random if None.
    """
    chosen = variants.choose(draw, "basket", VARIANTS, variant)
    name = colors.pick(draw.colors, WIRE_COLORS if chosen == "wire" else WICKER_COLORS, color)
    paint = colors.named(name, draw.colors)
    strand = colors.mix(WICKER[int(draw.colors.integers(3))], paint, 0.15) if name == "brown" else paint
    plan, flare = _plan(draw.sizes, chosen)
    height = draw.sizes.uniform(0.050, 0.064)
    foot = CORE_M + (0.004 if chosen == "wire" else 0.0)
    wall = np.linspace((foot, 0.0), (foot + flare, height - WALL_M / 2.0), 65)
    vessel = Vessel(wall, WALL_M, FLOOR_M, plan=plan)
    around = float(np.linalg.norm(np.diff(plan.at(foot + flare), axis=0), axis=1).sum())
    if chosen == "wire":
        surfaces = _wired(draw.colors, vessel, around, paint, strand)
    else:
        across = 2.2 if chosen == "rectangular" else 1.3
        cells = (float(round(around / (4.0 * across * STRAND_M))), height / (4.0 * STRAND_M))
        surfaces = _woven(draw.colors, vessel, around, strand, cells)
    return Prop(
        kind="basket",
        noun=VARIANTS[chosen],
        color=name,
        surfaces=surfaces,
        hulls=hulls.vertices(vessel.hulls(((1.0, 24),))),
        points={
            "base": np.zeros(3),
            "top": np.array([0.0, 0.0, vessel.height_m]),
            "inside": np.array([0.0, 0.0, FLOOR_M]),
        },
        mass_kg=0.25,
    )


def _plan(rng: np.random.Generator, variant: str) -> tuple[Plan, float]:
    """Return the plan of the wall, and by how much the wall leans outward, metres."""
    size = rng.uniform(0.96, 1.04)
    if variant == "oval":
        return plans.oval(0.062 * size, 0.086 * size, CORE_M, 24), rng.uniform(0.010, 0.016)
    if variant == "wire":
        return plans.oval(0.070 * size, 0.070 * size, CORE_M, 24), rng.uniform(0.012, 0.017)
    return plans.rounded_rectangle(0.061 * size, 0.085 * size, CORE_M, 4), rng.uniform(0.018, 0.024)


def _woven(
    rng: np.random.Generator, vessel: Vessel, around: float, strand: Color, cells: tuple[float, float]
) -> tuple[Surface, ...]:
    """Return the surfaces of a woven basket: outside, rim and inside.

    Args:
        rng: Source of randomness.
        vessel: Walls and floor.
        around: Length of the rim, metres.
        strand: Colour of the strands.
        cells: How often the texture of the weave is repeated around the wall and up.
    """
    dark = colors.mix(strand, (0.0, 0.0, 0.0), 0.78)
    weave = prints.weave(rng, strand, dark)
    inside = vessel.inner_wall_mesh(3).tiled(*cells)
    floor = lofts.from_above(vessel.floor_mesh(), 0.03, 0.03)
    return (
        vessel.outer_mesh(0.0, 0.92, 4)
        .tiled(*cells)
        .surface(Material(strand, roughness=0.75, specular=0.2, texture=weave)),
        _rim(vessel, around).surface(
            Material(strand, roughness=0.7, specular=0.25, texture=prints.braid(strand, dark))
        ),
        shapes.merge(inside, floor, vessel.underside_mesh()).surface(
            Material(strand, roughness=0.8, specular=0.15, texture=weave)
        ),
    )


def _wired(rng: np.random.Generator, vessel: Vessel, around: float, paint: Color, strand: Color) -> tuple[Surface, ...]:
    """Return the surfaces of a wire basket lined with a checked cloth: outside, rim and inside.

    Args:
        rng: Source of randomness.
        vessel: Walls and floor.
        around: Length of the rim, metres.
        paint: Colour that the basket is called by.
        strand: Colour of the wires.
    """
    cloth = colors.mix(colors.named("white", rng), (0.70, 0.58, 0.40), rng.uniform(0.1, 0.4))
    # The wires' colour, so that the basket is seen to be of the colour it is called by, from above, too.
    check = colors.mix(paint, _check(rng), 0.12)
    inside = lofts.from_above(vessel.inner_wall_mesh(3), 0.02, 0.02)
    floor = lofts.from_above(vessel.floor_mesh(), 0.02, 0.02)
    return (
        vessel.outer_mesh(0.0, 0.92, 4)
        .tiled(float(round(around / 0.022)), 3.0)
        .surface(Material(strand, roughness=0.75, specular=0.2, texture=prints.wires(cloth, strand))),
        _rim(vessel, around).surface(Material(strand, roughness=0.35, specular=0.6)),
        shapes.merge(inside, floor, vessel.underside_mesh()).surface(
            Material(cloth, roughness=0.95, specular=0.1, texture=prints.gingham(cloth, check))
        ),
    )


def _rim(vessel: Vessel, around: float) -> Mesh:
    """Return the rim, with a texture repeated every 11 mm of its length `around`, metres."""
    rim = shapes.merge(vessel.outer_mesh(0.92, 1.0, 2), vessel.lip_mesh())
    return rim.tiled(float(round(around / 0.011)), 1.0)


def _check(rng: np.random.Generator) -> Color:
    """Return the colour of the cloth's checks."""
    return colors.named(colors.pick(rng, ("red", "red", "blue", "green"), None), rng)
