"""Bread: a round bun, a small baguette, a loaf cut open at one end, a croissant."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from tracesim.assets import colors, hulls, lofts, paths, prints, shapes, variants
from tracesim.assets.colors import Color
from tracesim.assets.loaves import Loaf, dome, straight, swell
from tracesim.geometry.rigid import FloatArray
from tracesim.layout.grips import SLIGHT_LEAN, Cylinder, Faces, Grip
from tracesim.layout.prop import Material, Prop, Surface
from tracesim.layout.randomness import Draw

VARIANTS = {"bun": "bread", "baguette": "baguette", "croissant": "croissant", "loaf": "bread"}
"""The noun for each shape in an instruction; the last shape is held out."""
GOLDEN = ((0.44, 0.165, 0.034), (0.36, 0.125, 0.024), (0.50, 0.210, 0.050))
FLOUR = (0.82, 0.58, 0.28)
CRUMB = (0.97, 0.80, 0.50)
HOLD_Z_M = 0.0235
"""Height of the grip, somewhat above the middle, where a hand that leans has room above the table."""


def bread(
    draw: Draw, *, color: str | None = None, variant: str | None = None, among: Collection[str] = VARIANTS
) -> Prop:
    """Return a piece of bread to be gripped across.

    Args:
        draw: Source of randomness.
        color: Colour of its crust, brown by default; any other colour makes a toy.
        variant: One of `VARIANTS`; random if None.
        among: Variants that are acceptable.
    """
    chosen = variants.choose(draw, "bread", VARIANTS, variant, among)
    name = colors.pick(draw.colors, ("brown",), color)
    paint = colors.named(name, draw.colors)
    top = colors.mix(GOLDEN[int(draw.colors.integers(3))], paint, 0.15) if name == "brown" else paint
    side = colors.mix(top, FLOUR, 0.28)
    build = {"bun": _bun, "baguette": _baguette, "loaf": _loaf, "croissant": _croissant}[chosen]
    surfaces, pieces, height, grip = build(draw, top, side)
    return Prop(
        kind="bread",
        noun=VARIANTS[chosen],
        color=name,
        surfaces=surfaces,
        hulls=hulls.vertices(pieces),
        points={"base": np.zeros(3), "top": np.array([0.0, 0.0, height])},
        grips=(grip,),
        mass_kg=0.09,
    )


Baked = tuple[tuple[Surface, ...], list[FloatArray], float, Grip]
"""Surfaces, collision hulls, height in metres, and grip."""


def _crust(base: Color, texture: prints.Texture) -> Material:
    """Return the material of a crust."""
    return Material(base, roughness=0.62, specular=0.3, texture=texture)


def _bun(draw: Draw, top: Color, side: Color) -> Baked:
    """Return a round bun with a cross cut into it."""
    radius, height = draw.sizes.uniform(0.0285, 0.0318), draw.sizes.uniform(0.038, 0.043)
    belly = 0.52 * height  # where the fingers hold it; higher up they would tip it
    profile = np.concatenate(
        [
            paths.bezier([(0.72 * radius, 0.0), (radius, 0.0), (radius, belly)], 13),
            paths.bezier([(radius, belly), (radius, 0.80 * height), (0.66 * radius, height), (0.0, height)], 33)[1:],
        ]
    )
    rows = profile[paths.outline(profile, 12)]
    mesh = shapes.lathe(np.vstack([[(0.0, 0.0)], rows]), 32, crease=np.radians(60.0))
    texture = prints.round_crust(draw.colors, top, side, colors.mix(FLOUR, side, 0.2))
    return (
        (lofts.from_above(mesh, radius, radius).surface(_crust(top, texture)),),
        hulls.bands(profile[:-2], 7),
        height,
        Cylinder((0.0, 0.0, HOLD_Z_M), radius, belly, height),
    )


def _baguette(draw: Draw, top: Color, side: Color) -> Baked:
    """Return a small baguette with slanting cuts."""
    length, wide, height = draw.sizes.uniform((0.150, 0.0230, 0.036), (0.175, 0.0265, 0.041))
    loaf = Loaf(
        straight(length), wide * swell(49, 0.12, 2.3), height * swell(49, 0.26, 2.6), dome(0.40, 0.62, count=24)
    )
    texture = prints.crust(draw.colors, top, side, FLOUR, int(draw.colors.integers(4, 6)), slant=0.9, size=96)
    return (
        (loaf.mesh(17).surface(_crust(top, texture)),),
        loaf.pieces(10, 14),
        height,
        Faces((0.0, 0.0, HOLD_Z_M), 2.0 * wide),
    )


def _loaf(draw: Draw, top: Color, side: Color) -> Baked:
    """Return a tin loaf, split along its top, its front cut open."""
    length, wide, height = draw.sizes.uniform((0.105, 0.0285, 0.054), (0.125, 0.0312, 0.062))
    section = dome(0.62, 0.86, square=0.72, count=24)
    path = np.linspace((-length / 2.0, 0.0, 0.0), (length / 2.0, 0.0, 0.0), 49)
    share = np.linspace(0.0, 1.0, 49)
    end = np.sqrt(np.clip(1.0 - (np.clip(0.12 - share, 0.0, 1.0) / 0.125) ** 2, 0.0, 1.0))
    loaf = Loaf(path, wide * (0.72 + 0.28 * end), height * (0.66 + 0.34 * end), section)
    split = colors.mix(side, FLOUR, 0.5)
    texture = prints.split_crust(draw.colors, top, side, split)
    mouth = np.column_stack([np.full(24, length / 2.0 + 0.0002), wide * section[:, 0], height * section[:, 1]])
    slice_ = lofts.facet(mouth * (1.0, 0.94, 0.95) + (0.0, 0.0, 0.02 * height))
    face = lofts.project_texture(slice_, (0.0, -wide, 0.0), (0.0, 2.0 * wide, 0.0), (0.0, 0.0, height))
    crumb = Material(CRUMB, roughness=0.95, specular=0.1, texture=prints.crumb(draw.colors, CRUMB, side))
    return (
        (loaf.mesh(13).surface(_crust(top, texture)), face.surface(crumb)),
        loaf.pieces(4, 16),
        height,
        Faces((0.0, 0.0, max(HOLD_Z_M, 0.5 * height)), 2.0 * wide, lean=SLIGHT_LEAN),
    )


def _croissant(draw: Draw, top: Color, side: Color) -> Baked:
    """Return a croissant: a crescent with seven folds, open towards its back."""
    radius, wide, height = draw.sizes.uniform((0.050, 0.0215, 0.036), (0.056, 0.0245, 0.041))
    turn = np.linspace(-1.0, 1.0, 97)
    angle = turn * draw.shapes.uniform(np.radians(78.0), np.radians(88.0))
    path = np.stack([radius * (np.cos(angle) - 1.0), radius * np.sin(angle), np.zeros(97)], 1)
    bulk = np.maximum(1.0 - np.abs(turn) ** 1.7, 0.0) ** 0.75
    half_widths, heights = wide * (0.20 + 0.80 * bulk), height * (0.28 + 0.72 * bulk)
    smooth = Loaf(path, half_widths, heights, dome(0.40, 0.66, count=24))
    folds = 0.5 - np.abs((3.5 * turn + 0.5) % 1.0 - 0.5) * 2.0
    ridged = Loaf(path, half_widths + 0.0003 * folds, heights + 0.0004 * folds, smooth.section)
    inner, outer = (path[:, 0] + sign * half_widths * np.cos(angle) for sign in (-1.0, 1.0))
    near = np.abs(path[:, 1]) < 0.0125
    back, front = float(inner[near].min()), float(outer[near].max())
    texture = prints.folded_crust(draw.colors, top, side, 7)
    hold = Faces(((back + front) / 2.0, 0.0, HOLD_Z_M), front - back, (0.0,))
    return (ridged.mesh(41).surface(_crust(top, texture)),), smooth.pieces(16, 16), float(ridged.heights[48]), hold
