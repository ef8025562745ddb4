"""Flower heads, each with one hull: daisy, gerbera, sunflower, cosmos, dahlia, tulip, rose."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tracesim.assets import colors, hulls, patterns, shapes
from tracesim.assets.colors import Color
from tracesim.assets.shapes import Mesh
from tracesim.prop import Material, Surface
from tracesim.rigid import FloatArray

LONG = (0.35, 0.66, 0.92, 1.0, 0.84, 0.36)
ROUND = (0.20, 0.52, 0.84, 1.0, 0.92, 0.50)
POINTED = (0.50, 0.85, 1.0, 0.84, 0.46, 0.05)
"""Outlines of petals: half width along the petal."""


@dataclass(frozen=True)
class Bloom:
    """A flower head around z, its top at the origin.

    surfaces: petals, middle, calyx. piece: its hull (L, K, 3). stem_end_m: how far below the top the stem ends.
    """

    surfaces: tuple[Surface, ...]
    piece: FloatArray
    stem_end_m: float


def daisy(rng: np.random.Generator, color: Color, radius: float, green: Material) -> Bloom:
    """Return slender petals in two rings around a yellow middle."""
    count = int(rng.integers(11, 15))
    middle = _seeds(rng, colors.named("yellow", rng), colors.named("orange", rng))
    disc, dome = 0.32 * radius, 0.0042
    rings = (
        _petals(rng, count, (0.9 * disc, radius), 0.40 * radius, 0.16, 0.34, LONG, -dome),
        _petals(rng, count, (0.8 * disc, 0.9 * radius), 0.38 * radius, 0.30, 0.50, LONG, -dome + 0.0004, 0.5),
    )
    return _open_bloom(radius, rings, _petal_material(rng, color), _disc(disc, dome, middle), dome, green)


def gerbera(rng: np.random.Generator, color: Color, radius: float, green: Material) -> Bloom:
    """Return many narrow petals in three rings around a dark eye."""
    count = int(rng.integers(15, 18))
    eye = colors.mix(color, (0.02, 0.01, 0.01), 0.85) if rng.random() < 0.5 else colors.named("yellow", rng)
    disc, dome = 0.24 * radius, 0.0040
    rings = (
        _petals(rng, count, (0.9 * disc, radius), 0.30 * radius, 0.14, 0.30, LONG, -dome),
        _petals(rng, count, (0.8 * disc, 0.86 * radius), 0.28 * radius, 0.26, 0.40, LONG, -dome + 0.0004, 0.5),
        _petals(rng, 12, (0.7 * disc, 0.48 * radius), 0.17 * radius, 0.42, 0.50, LONG, -dome + 0.0008, 0.25),
    )
    middle = _seeds(rng, eye, colors.mix(eye, color, 0.4))
    return _open_bloom(radius, rings, _petal_material(rng, color), _disc(disc, dome, middle), dome, green)


def sunflower(rng: np.random.Generator, color: Color, radius: float, green: Material) -> Bloom:
    """Return pointed petals around a broad brown middle."""
    count = int(rng.integers(14, 18))
    brown = (0.075, 0.032, 0.012)
    middle = _seeds(rng, brown, (0.25, 0.12, 0.03))
    disc, dome = 0.48 * radius, 0.0048
    rings = (
        _petals(rng, count, (0.92 * disc, radius), 0.30 * radius, 0.20, 0.50, POINTED, -dome, cup=0.2),
        _petals(rng, count, (0.88 * disc, 0.95 * radius), 0.28 * radius, 0.36, 0.60, POINTED, -dome + 0.0004, 0.5, 0.2),
    )
    petals = _petal_material(rng, color, base=colors.mix(color, brown, 0.5))
    return _open_bloom(radius, rings, petals, _disc(disc, dome, middle), dome, green)


def cosmos(rng: np.random.Generator, color: Color, radius: float, green: Material) -> Bloom:
    """Return eight broad petals around a small yellow middle."""
    middle = _seeds(rng, colors.named("yellow", rng), colors.named("brown", rng))
    disc, dome = 0.22 * radius, 0.0040
    rings = (
        _petals(rng, 8, (0.6 * disc, radius), 0.78 * radius, 0.22, 0.42, ROUND, -dome, cup=0.05),
        _petals(rng, 8, (0.5 * disc, 0.62 * radius), 0.44 * radius, 0.42, 0.55, ROUND, -dome + 0.0006, 0.5, 0.05),
    )
    return _open_bloom(radius, rings, _petal_material(rng, color), _disc(disc, dome, middle), dome, green)


def dahlia(rng: np.random.Generator, color: Color, radius: float, green: Material) -> Bloom:
    """Return a dome of pointed petals, ring upon ring."""
    height = 0.52 * radius
    rings = []
    for ring, (reach, rise) in enumerate(((1.0, 0.05), (0.90, 0.32), (0.72, 0.60), (0.50, 0.88), (0.27, 1.15))):
        count = (13, 12, 11, 8, 5)[ring]
        inner = 0.10 * radius
        root = -height + 0.10 * radius * ring
        long = (reach * radius - inner) / np.cos(max(rise - 0.15, 0.0))
        rings.append(
            _petals(
                rng,
                count,
                (inner, inner + long),
                0.42 * radius * (1.0 - 0.08 * ring),
                rise,
                0.3,
                POINTED,
                root,
                0.5 * ring,
                0.25,
            )
        )
    petals = shapes.merge(*rings)
    top = float(petals.vertices[:, 2].max())
    levels = [
        (0.25 * radius, -height - 0.006),
        (0.96 * radius, -height - 0.0005),
        (0.80 * radius, -0.48 * height),
        (0.22 * radius, top),
    ]
    return _lowered(
        (petals.surface(_petal_material(rng, color)), _calyx(0.3 * radius, -height, 0.006).surface(green)),
        hulls.turned(levels, 8)[0],
        height + 0.006,
        top,
    )


def tulip(rng: np.random.Generator, color: Color, radius: float, green: Material) -> Bloom:
    """Return six petals closed to an egg, somewhat narrower than other blooms."""
    del green
    wide, height = 0.84 * radius, 1.62 * radius
    wall = shapes.bezier(
        [
            (0.004, 0.0),
            (1.15 * wide, 0.0),
            (1.30 * wide, 0.55 * height),
            (0.72 * wide, 0.75 * height),
            (0.34 * wide, height),
        ],
        9,
    )
    spans = np.array([0.9, 0.98, 1.02, 1.0, 0.95, 0.86, 0.70, 0.46, 0.08])
    start = rng.uniform(0.0, 2.0 * np.pi)
    thirds = start + np.arange(3) * (2.0 * np.pi / 3.0)
    petals = shapes.merge(
        shapes.shells(wall, spans, thirds),
        shapes.shells(wall * (0.96, 1.02), spans, thirds + np.pi / 3.0),
    )
    closed = np.vstack([wall[1:8] * (0.90, 1.0), [(0.12 * wide, 1.0 * height), (0.0, 1.03 * height)]])
    heart = shapes.lathe(closed, 12, crease=np.pi)
    inner = Material(colors.mix(color, (0.0, 0.0, 0.0), 0.35), roughness=0.6, specular=0.25)
    top = float(closed[-1, 1])
    levels = [(0.4 * wide, 0.0), (wall[3, 0], wall[3, 1]), (wall[5, 0], wall[5, 1]), (wall[8, 0], wall[8, 1])]
    material = _petal_material(rng, color, base=colors.mix(color, (0.55, 0.60, 0.10), 0.6))
    return _lowered((petals.surface(material), heart.surface(inner)), hulls.turned(levels, 8)[0], 0.0, top)


def rose(rng: np.random.Generator, color: Color, radius: float, green: Material) -> Bloom:
    """Return nested round petals, each ring a little higher than the one around it."""
    height = 1.0 * radius
    cup = np.array([(0.16, 0.0), (0.62, 0.06), (0.92, 0.34), (0.98, 0.62), (0.96, 0.80), (1.02, 0.90)])
    spans = np.array([0.50, 0.62, 0.72, 0.74, 0.66, 0.40])
    rings = []
    for ring, (scale, rise, count) in enumerate(((1.0, 0.0, 5), (0.84, 0.16, 5), (0.66, 0.30, 4), (0.46, 0.44, 3))):
        wide = spans * 5.0 / count
        turn = rng.uniform(0.0, 0.3) + (np.arange(count) + 0.5 * (ring % 2)) * (2.0 * np.pi / count)
        rows = cup * (scale * radius, 0.62 * height) + (0.0, rise * height)
        rings.append(shapes.shells(rows, wide, turn, columns=4))
    heart = shapes.lathe(
        np.array([(0.30, 0.4), (0.30, 0.84), (0.22, 0.95), (0.0, 1.0)]) * (radius, height), 10, crease=np.pi
    )
    petals = shapes.merge(*rings, heart)
    levels = [
        (0.40 * radius, -0.001),
        (0.97 * radius, 0.20 * height),
        (0.99 * radius, 0.56 * height),
        (0.30 * radius, height),
    ]
    return _lowered(
        (petals.surface(_petal_material(rng, color)), _calyx(0.5 * radius, 0.002, 0.006).surface(green)),
        hulls.turned(levels, 8)[0],
        0.004,
        height,
    )


BLOOMS: dict[str, Callable[[np.random.Generator, Color, float, Material], Bloom]] = {
    "daisy": daisy,
    "gerbera": gerbera,
    "sunflower": sunflower,
    "cosmos": cosmos,
    "dahlia": dahlia,
    "tulip": tulip,
    "rose": rose,
}
"""Variety to generator: (rng, linear colour, radius in metres, material of what is green) to a bloom."""


def _open_bloom(
    radius: float, rings: tuple[Mesh, ...], petals: Material, disc: Surface, dome: float, green: Material
) -> Bloom:
    """Return a flower that opens flat: rings of petals around a disc whose top is the bloom's."""
    depth = 0.0045
    edge = 0.96 * radius
    levels = [
        (0.20 * radius, -dome - 0.7 * depth),
        (edge, -dome - 0.0012),
        (edge, -dome + 0.0012),
        (0.12 * radius, 0.0),
    ]
    surfaces = (shapes.merge(*rings).surface(petals), disc, _calyx(0.36 * radius, -dome, depth).surface(green))
    return Bloom(surfaces, hulls.turned(levels, 8)[0], dome + depth)


def _lowered(surfaces: tuple[Surface, ...], piece: FloatArray, stem_end_m: float, top: float) -> Bloom:
    """Return a bloom whose top is brought from height `top` to the origin."""
    drop = np.array([0.0, 0.0, -top])
    moved = tuple(Surface(s.vertices + drop, s.faces, s.normals, s.uvs, s.material) for s in surfaces)
    return Bloom(moved, piece + drop, stem_end_m + top)


def _petals(
    rng: np.random.Generator,
    count: int,
    span: tuple[float, float],
    width: float,
    rise: float,
    droop: float,
    outline: tuple[float, ...],
    z: float,
    offset: float = 0.0,
    cup: float = 0.12,
) -> Mesh:
    """Return one ring of petals between two radii, a little uneven."""
    turn = (np.arange(count) + offset) * (2.0 * np.pi / count) + rng.uniform(-0.05, 0.05, count)
    lengths = (span[1] - span[0]) * rng.uniform(0.95, 1.0, count)
    rises = rise + rng.uniform(-0.03, 0.03, count)
    return shapes.blades(lengths, width, turn, rises, droop, outline, (0.0, 0.0, z), span[0], cup)


def _petal_material(rng: np.random.Generator, color: Color, base: Color | None = None) -> Material:
    """Return petals that are darker, or of the colour `base`, at the root and lighter at the tip."""
    root = colors.mix(color, (0.0, 0.0, 0.0), 0.5) if base is None else base
    tip = colors.mix(color, (1.0, 1.0, 1.0), rng.uniform(0.04, 0.16))
    texture = patterns.gradient(colors.ramp([root, color, color, tip], [0.0, 0.35, 0.75, 1.0], 32))
    return Material(color, roughness=0.6, specular=0.25, texture=texture)


def _disc(radius: float, height: float, material: Material) -> Surface:
    """Return a flower's middle: a dome of that height with its top at the origin."""
    turn = np.linspace(0.0, np.pi / 2.0, 5)
    profile = np.stack([radius * np.cos(turn), height * (np.sin(turn) - 1.0)], 1)
    profile[-1, 0] = 0.0
    return shapes.flat_mapped(shapes.lathe(profile, 18, crease=np.pi), 0.02).surface(material)


def _calyx(radius: float, z: float, depth: float) -> Mesh:
    """Return the green cup beneath a flower, from the stem up and out to `radius` at z."""
    return shapes.lathe([(0.002, z - depth), (0.55 * radius, z - 0.8 * depth), (radius, z)], 12)


def _seeds(rng: np.random.Generator, color: Color, grain: Color) -> Material:
    return Material(color, roughness=0.85, specular=0.15, texture=patterns.speckle(rng, color, grain, 0.5, 32))
