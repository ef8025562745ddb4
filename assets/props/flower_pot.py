"""Potted flowers: a single bloom on a stem with leaves."""

from __future__ import annotations

import numpy as np

from tracesim.assets import blades, colors, hulls, paths, patterns, shapes, variants
from tracesim.assets.blooms import BLOOMS
from tracesim.assets.shapes import Mesh
from tracesim.geometry.rigid import FloatArray
from tracesim.layout.prop import Material, Prop, Surface
from tracesim.layout.randomness import Draw

Profile = list[tuple[float, float]]
"""Radii and heights, metres."""
VARIANTS = dict.fromkeys(BLOOMS, "flower")
"""The noun for each shape in an instruction; the last two shapes are held out."""
FLOWER_COLORS = ("red", "orange", "yellow", "pink", "purple", "blue", "white")
HEIGHTS_M = (0.12, 0.20)
LEAF = (0.18, 0.70, 1.0, 0.90, 0.54, 0.04)
WALL_M = 0.004
TUFT_M = 0.004
LEAVES_BELOW_M = 0.045
"""Least distance from the top of the bloom down to the leaves."""


def flower_pot(
    draw: Draw,
    *,
    color: str | None = None,
    height_m: float | None = None,
    variant: str | None = None,
) -> Prop:
    """Return a potted flower with the top of its bloom on the axis of the pot; it cannot be gripped.

    Args:
        draw: Source of randomness.
        color: Colour of the bloom; random if None.
        height_m: Height of the top of the bloom, metres; random between 0.12 and 0.20 if None.
        variant: One of `VARIANTS`; random if None.
    """
    drawn_height = draw.sizes.uniform(*HEIGHTS_M)
    height = drawn_height if height_m is None else height_m
    kind = variants.choose(draw, "flower", VARIANTS, variant)
    warm = ("yellow", "orange", "red", "yellow", "yellow")
    name = colors.pick(draw.colors, warm if kind == "sunflower" else FLOWER_COLORS, color)

    stalk, leaf = _greens(draw.colors)
    bloom = BLOOMS[kind](draw, colors.named(name, draw.colors), draw.sizes.uniform(0.0255, 0.0295), stalk)

    rim = draw.sizes.uniform(0.040, 0.048)
    pot_height = draw.sizes.uniform(0.060, min(0.085, height - 0.055))
    pot_surfaces, pot_pieces, soil_z = _pot(draw, rim, pot_height)
    stem_path = _stem(draw.shapes, soil_z, height - bloom.stem_end_m)
    stem = shapes.sweep(stem_path, np.linspace(0.0026, 0.0019, 17), 6, 9)
    leaves = _leaves(draw.shapes, stem_path, soil_z, height - LEAVES_BELOW_M, rim)
    raise_by = np.array([0.0, 0.0, height])
    return Prop(
        kind="flower_pot",
        noun=VARIANTS[kind],
        color=name,
        surfaces=(
            *pot_surfaces,
            *(Surface(s.vertices + raise_by, s.faces, s.normals, s.uvs, s.material) for s in bloom.surfaces),
            stem.surface(stalk),
            leaves.surface(leaf),
        ),
        hulls=(
            *hulls.vertices([*pot_pieces, *hulls.chain(stem_path, np.linspace(0.0026, 0.0019, 17), 3, 8)]),
            bloom.hull + raise_by,
        ),
        points={
            "base": np.zeros(3),
            "top": raise_by,
            "rim": np.array([-(rim - WALL_M / 2.0), 0.0, pot_height]),
            "body": np.array([-_waist(pot_pieces, 0.4 * pot_height), 0.0, 0.4 * pot_height]),
        },
        mass_kg=0.4,
    )


def _greens(rng: np.random.Generator) -> tuple[Material, Material]:
    """Return the materials of stalk and leaves."""
    green = (0.045 * rng.uniform(0.7, 1.4), 0.17 * rng.uniform(0.8, 1.25), 0.028)
    ribs = patterns.leaf(green, colors.mix(green, (0.30, 0.48, 0.12), 0.6))
    stalk = Material(colors.mix(green, (0.25, 0.4, 0.06), 0.25), roughness=0.6, specular=0.3)
    return stalk, Material(green, 0.5, specular=0.35, texture=ribs)


def _pot(draw: Draw, rim: float, height: float) -> tuple[list[Surface], list[FloatArray], float]:
    """Return a pot filled with soil: surfaces, collision hulls, and height of the soil in the middle, metres."""
    terracotta = draw.shapes.random() < 0.5
    foot = rim * draw.shapes.uniform(0.66, 0.74) if terracotta else rim * draw.shapes.uniform(0.78, 0.94)
    lip_z = height - draw.sizes.uniform(0.015, 0.019) if terracotta else height - 0.012
    neck = rim * 0.92 if terracotta else foot + (rim - foot) * lip_z / height
    soil_z = height - 0.008
    mouth = rim - WALL_M
    wall = [(0.0, 0.0), (foot - 0.0008, 0.0), (foot, 0.0008), (neck, lip_z)]
    edge = [
        (rim, height - 0.001),
        (rim - 0.001, height),
        (mouth + 0.0008, height),
        (mouth, height - 0.0008),
        (mouth, soil_z - 0.001),
    ]
    low = 0.985 * rim if terracotta else neck
    if terracotta:
        surfaces = _clay(draw.colors, [*wall, (low - 0.0006, lip_z), (low, lip_z + 0.0006), *edge])
    else:
        surfaces = _glazed(draw.colors, wall, edge)
    middle = rim - (rim - low) * 0.5
    pieces = [
        *hulls.turned([(foot, 0.0), (neck, lip_z)]),
        *hulls.turned([(low, lip_z), (middle, soil_z)]),
        *hulls.ring(
            [(middle, soil_z), (rim, height - 0.0008), (rim - 0.0008, height)],
            [(mouth, soil_z), (mouth, height - 0.0008), (mouth + 0.0008, height)],
            14,
        ),
    ]
    return [*surfaces, _soil(draw.colors, mouth, soil_z)], pieces, soil_z


def _clay(rng: np.random.Generator, profile: Profile) -> list[Surface]:
    """Return the surface of a terracotta pot."""
    clay = colors.mix((0.50, 0.19, 0.09), (0.58, 0.30, 0.16), rng.uniform(0.0, 1.0))
    speckled = patterns.speckle(rng, clay, colors.mix(clay, (0.8, 0.6, 0.45), 0.5), 0.3)
    body = Material(clay, 0.9, specular=0.15, texture=speckled)
    return [shapes.lathe(profile, 32).tiled(5.0, 2.5).surface(body)]


def _glazed(rng: np.random.Generator, wall: Profile, edge: Profile) -> list[Surface]:
    """Return the surfaces of a glazed pot, whose foot is bare."""
    bright = colors.named(colors.pick(rng, ("white", "teal", "gray", "blue", "pink", "yellow"), None), rng)
    glaze = colors.mix(bright, (0.5, 0.5, 0.48), 0.25)
    body = Material(glaze, roughness=rng.uniform(0.2, 0.5), specular=0.6)
    base = Material(colors.mix(glaze, (0.55, 0.33, 0.18), 0.75), roughness=0.9, specular=0.15)
    share = rng.uniform(0.12, 0.5)
    (foot, _), (neck, lip_z) = wall[2:]
    seam = (foot + (neck - foot) * share, 0.0008 + (lip_z - 0.0008) * share)
    return [
        shapes.lathe([*wall[:3], seam], 32).surface(base),
        shapes.lathe([seam, wall[3], *edge], 32).surface(body),
    ]


def _soil(rng: np.random.Generator, mouth: float, z: float) -> Surface:
    """Return the soil in the mouth of a pot, at a height `z` at its edge."""
    earth = (0.040, 0.022, 0.012)
    crumbs = patterns.speckle(rng, earth, (0.16, 0.10, 0.06), 0.3, 32)
    mound = [(mouth, z - 0.0008), (0.6 * mouth, z + 0.0005), (0.0, z + 0.0009)]
    mesh = shapes.map_flat(shapes.lathe(mound, 20, crease=np.pi), 0.03)
    return mesh.surface(Material(earth, roughness=0.95, specular=0.1, texture=crumbs))


def _stem(rng: np.random.Generator, soil_z: float, end_z: float) -> FloatArray:
    """Return the path of the stem, (17, 3), metres, from the soil to below the middle of the bloom."""
    turn, off = rng.uniform(0.0, 2.0 * np.pi), rng.uniform(0.002, 0.007)
    lean = np.array([off * np.cos(turn), off * np.sin(turn), 0.0])
    low, high = np.array([0.0, 0.0, soil_z - 0.001]), np.array([0.0, 0.0, end_z])
    return paths.bezier([low + lean, 0.65 * low + 0.35 * high + 1.6 * lean, 0.3 * low + 0.7 * high, high], 17)


def _leaves(rng: np.random.Generator, stem: FloatArray, soil_z: float, below_z: float, rim: float) -> Mesh:
    """Return leaves that rise from the soil and arch over the rim, and two on the stem, all below `below_z`."""
    count = int(rng.integers(6, 9))
    turn = rng.uniform(0.0, 2.0 * np.pi) + np.arange(count) * (2.0 * np.pi / count) + rng.uniform(-0.25, 0.25, count)
    reach = rim + rng.uniform(-0.008, 0.009, count)
    climb = np.minimum(rng.uniform(0.012, 0.0185, count), max(below_z - soil_z - 0.012, 0.012))
    droop = rng.uniform(0.9, 1.4, count)
    long, rise = blades.arch(reach - TUFT_M, climb, droop)
    broad = rng.uniform(0.34, 0.44) * rim
    tuft = blades.blades(long, broad, turn, rise, droop, LEAF, (0.0, 0.0, soil_z), TUFT_M, 0.22)
    share = (below_z - 0.010 - soil_z) / (stem[-1, 2] - soil_z)
    on_stem = stem[np.round(np.clip(share * np.array([0.55, 0.85]), 0.1, 1.0) * (len(stem) - 1)).astype(int)]
    start = rng.uniform(0.0, 2.0 * np.pi)
    upper = blades.blades(
        rng.uniform(0.017, 0.020, 2),
        0.0095,
        [start, start + 2.6],
        rng.uniform(0.5, 0.8, 2),
        0.9,
        LEAF,
        on_stem,
        0.001,
        0.25,
    )
    return shapes.merge(tuft, upper).two_sided()


def _waist(pieces: list[FloatArray], z: float) -> float:
    """Return the radius of the lowest piece of the pot at height `z`."""
    levels = pieces[0]
    radii = np.linalg.norm(levels[..., :2], axis=-1).mean(1) / hulls.corner_radius(np.pi / levels.shape[1])
    return float(np.interp(z, levels[:, 0, 2], radii))
