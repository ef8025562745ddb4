"""Display stands: low pedestals to put something on."""

from __future__ import annotations

import numpy as np

from tracesim.assets import colors, hulls, paths, patterns, shapes
from tracesim.assets.shapes import Mesh
from tracesim.assets.variants import choose
from tracesim.geometry.rigid import FloatArray, rotation_about, transform
from tracesim.layout.prop import Material, Prop
from tracesim.layout.randomness import Draw

VARIANTS = {"pedestal": "display stand", "steps": "display stand", "tripod": "display stand"}
"""The noun for each shape in an instruction; the last shape is held out."""
STAND_COLORS = ("white", "brown", "black", "brown", "gray", "teal", "pink", "blue", "red")
BEVEL_M = 0.0008
BRASS = (0.78, 0.53, 0.20)

Parts = tuple[list[Mesh], list[Mesh], list[FloatArray]]
"""Meshes of the main colour, meshes of the second colour, and collision hulls."""


def stand(draw: Draw, *, color: str | None = None, variant: str | None = None) -> Prop:
    """Return a display stand with a flat top, 8 to 11 cm across; it is too wide to be gripped.

    Args:
        draw: Source of randomness.
        color: Its colour, where brown is wood; random if None.
        variant: "pedestal" (turned, with a waist), "steps" (a stepped square block) or "tripod" (a plate on three
            legs); random if None.
    """
    shape = choose(draw, "stand", VARIANTS, variant)
    name = colors.pick(draw.colors, STAND_COLORS, color)
    half = draw.sizes.uniform(0.042, 0.053)
    height = draw.sizes.uniform(0.038, 0.058)
    make = {"pedestal": _pedestal, "steps": _steps, "tripod": _tripod}[shape]
    main, second, pieces = make(draw, half, height)

    base = colors.named(name, draw.colors)
    if name == "brown":
        base = colors.mix(base, colors.named("orange", draw.colors), 0.15)
    texture = patterns.wood(draw.colors, base, rings=5.0) if name == "brown" else None
    body = Material(base, roughness=draw.colors.uniform(0.3, 0.6), specular=0.45, texture=texture)
    timber = colors.mix(colors.named("brown", draw.colors), colors.named("yellow", draw.colors), 0.2)
    trim = Material(BRASS, 0.3, 0.85) if name == "brown" or draw.colors.random() < 0.5 else Material(timber, 0.6)
    return Prop(
        kind="stand",
        noun=VARIANTS[shape],
        color=name,
        surfaces=(
            shapes.map_flat(shapes.merge(*main), 0.11).surface(body),
            shapes.merge(*second).surface(trim),
        ),
        hulls=hulls.vertices(pieces),
        points={"base": np.zeros(3), "top": np.array([0.0, 0.0, max(piece[..., 2].max() for piece in pieces)])},
        mass_kg=0.3,
    )


def _pedestal(draw: Draw, half: float, height: float) -> Parts:
    """Return a turned pedestal with a ring around its waist."""
    foot, waist = half * draw.shapes.uniform(0.80, 0.92), half * draw.shapes.uniform(0.38, 0.50)
    low, high = draw.sizes.uniform(0.008, 0.010), height - draw.sizes.uniform(0.007, 0.009)
    stem = paths.bezier([(foot - 0.004, low), (waist, low + 0.003), (waist, high - 0.004), (half - 0.010, high)], 33)
    ring_z = float(low + 0.45 * (high - low))
    ring = float(np.interp(ring_z, stem[:, 1], stem[:, 0]))
    profile = [
        *((0.0, 0.0), (foot, 0.0), (foot, low - BEVEL_M), (foot - BEVEL_M, low)),
        *stem[paths.outline(stem, 9)],
        *((half - BEVEL_M, high), (half, high + BEVEL_M), (half, height - BEVEL_M), (half - BEVEL_M, height)),
        (0.0, height),
    ]
    band = [(ring, ring_z - 0.0025), (ring + 0.0003, ring_z - 0.0015), (ring + 0.0003, ring_z + 0.0015)]
    pieces = hulls.turned([(foot, 0.0), (foot, low)]) + hulls.turned([(half, high), (half, height)])
    return (
        [shapes.lathe(profile, 44)],
        [shapes.lathe([*band, (ring, ring_z + 0.0025)], 28, crease=np.pi)],
        pieces + hulls.bands(stem, 6),
    )


def _steps(draw: Draw, half: float, height: float) -> Parts:
    """Return three square steps on a thin sole of the second colour."""
    corner, reach = draw.sizes.uniform(0.003, 0.008), draw.sizes.uniform(0.007, 0.009)
    sole = 0.003
    levels = np.linspace(sole, 0.85 * height, 4)
    stretch = (0.92 * half - corner,) * 2
    radii = corner + reach * np.array([2.0, 1.0, 0.0])
    profile = []
    for radius, low, high in zip(radii, levels[:-1], levels[1:], strict=True):
        profile += [(radius, low), (radius, high - BEVEL_M), (radius - BEVEL_M, high)]
    under = shapes.lathe([(0.0, 0.0), (radii[0], 0.0), (radii[0], sole)], 20, stretch=stretch)
    pieces = []
    for radius, low, high in zip(radii, (0.0, *levels[1:3]), levels[1:], strict=True):
        pieces += hulls.turned([(radius, low), (radius, high)], 16, stretch)
    return [shapes.lathe([*profile, (0.0, levels[-1])], 20, stretch=stretch)], [under], pieces


def _tripod(draw: Draw, half: float, height: float) -> Parts:
    """Return a round plate on three curved legs."""
    thickness = draw.sizes.uniform(0.007, 0.010)
    under = height - thickness
    profile = [
        *((0.0, under), (half - BEVEL_M, under), (half, under + BEVEL_M), (half, height - BEVEL_M)),
        *((half - BEVEL_M, height), (0.0, height)),
    ]
    reach = half * draw.shapes.uniform(0.90, 1.0)
    path = paths.bezier(
        [(0.014, 0.0, under + 0.002), (0.030, 0.0, 0.75 * under), (reach - 0.004, 0.0, 0.5 * under), (reach, 0.0, 0.0)],
        25,
    )
    radius = np.linspace(0.0062, 0.0050, 25)
    up = (0.0, 0.0, 1.0)
    leg = shapes.sweep(path, radius, 12, 8, start_normal=up, end_normal=up, caps=(False, True))
    links = hulls.chain(path, radius, 4, 8, start_normal=up, end_normal=up)
    links[-1][1, :, 2] = 0.0  # the foot is flat on the table
    turns = [transform(rotation_about(up, k * 2.0 * np.pi / 3.0 + np.pi / 3.0), np.zeros(3)) for k in range(3)]
    return (
        [shapes.lathe(profile, 44)],
        [leg.moved(turn) for turn in turns],
        hulls.turned([(half, under), (half, height)]) + [piece for turn in turns for piece in hulls.moved(links, turn)],
    )
