"""Flower heads (daisy, gerbera, sunflower, cosmos, dahlia, tulip, rose), each with one collision hull."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tracesim.assets import blades, colors, hulls, paths, patterns, shapes
from tracesim.assets.colors import Color
from tracesim.assets.shapes import Mesh
from tracesim.geometry.rigid import FloatArray
from tracesim.layout.prop import Material, Surface
from tracesim.layout.randomness import Draw

LONG = (0.40, 0.72, 0.95, 1.0, 0.62)
ROUND = (0.34, 0.72, 0.96, 1.0, 0.62)
POINTED = (0.55, 0.92, 1.0, 0.70, 0.08)
BLUNT = (0.50, 0.85, 1.0, 0.84, 0.30)
"""Outlines of petals: half width at equal steps from root to tip, relative to the largest."""

HULL_CORNERS = 32
"""Number of vertices of a flower head's hull."""

DAHLIA = np.array([(0.195, -0.349), (0.955, -0.248), (0.760, -0.161), (0.282, -0.008)])
TULIP = np.array([(0.548, -1.774), (0.815, -1.266), (0.775, -0.718), (0.408, -0.100)])
ROSE = np.array([(0.600, -1.035), (0.910, -0.545), (0.935, -0.323), (0.338, -0.085)])
"""Hulls of full flower heads: radius and z of each level, relative to the head's radius and measured from its top.

Fitted so that on average the petals extend as far beyond the hull as they fall short of it.
"""


@dataclass(frozen=True)
class Bloom:
    """A flower head centred on the z axis, with its top at the origin."""

    surfaces: tuple[Surface, ...]
    """Petals, centre and calyx."""
    hull: FloatArray
    """Vertices of its convex hull, (K, 3), metres."""
    stem_end_m: float
    """Distance from the top down to the end of the stem, metres."""


def daisy(draw: Draw, color: Color, radius: float, green: Material) -> Bloom:
    """Return a daisy: two rings of slender petals around a yellow disc.

    Args:
        draw: Source of randomness.
        color: Linear RGB of the petals.
        radius: Radius of the head, metres.
        green: Material of the calyx.
    """
    count = int(draw.shapes.integers(12, 16))
    middle = _seeds(draw.colors, colors.named("yellow", draw.colors), colors.named("orange", draw.colors))
    disc, dome = 0.32 * radius, 0.0045
    rings = (
        _petals(
            draw.shapes, count, (0.9 * disc, -dome), (radius, -dome - 0.0012), 0.36 * radius, 0.36, LONG
        ).two_sided(),
        _petals(
            draw.shapes, count, (0.8 * disc, -dome), (0.92 * radius, -dome + 0.0004), 0.33 * radius, 0.52, LONG, 0.5
        ),
    )
    return _open_bloom(radius, rings, _petal_material(draw.colors, color), disc, dome, middle, green)


def gerbera(draw: Draw, color: Color, radius: float, green: Material) -> Bloom:
    """Return a gerbera: three rings of many narrow petals around a dark or yellow disc.

    Args:
        draw: Source of randomness.
        color: Linear RGB of the petals.
        radius: Radius of the head, metres.
        green: Material of the calyx.
    """
    eye = (
        colors.mix(color, (0.02, 0.01, 0.01), 0.88)
        if draw.colors.random() < 0.6
        else colors.named("yellow", draw.colors)
    )
    disc, dome = 0.25 * radius, 0.0045
    rings = (
        _petals(draw.shapes, 16, (0.9 * disc, -dome), (radius, -dome - 0.0010), 0.31 * radius, 0.30, LONG).two_sided(),
        _petals(draw.shapes, 16, (0.8 * disc, -dome), (0.88 * radius, -dome + 0.0006), 0.28 * radius, 0.40, LONG, 0.5),
        _petals(draw.shapes, 13, (0.7 * disc, -dome), (0.54 * radius, -dome + 0.0022), 0.17 * radius, 0.52, LONG, 0.25),
    )
    middle = _seeds(draw.colors, eye, colors.mix(eye, color, 0.4))
    return _open_bloom(radius, rings, _petal_material(draw.colors, color), disc, dome, middle, green)


def sunflower(draw: Draw, color: Color, radius: float, green: Material) -> Bloom:
    """Return a sunflower: pointed petals around a broad brown disc.

    Args:
        draw: Source of randomness.
        color: Linear RGB of the petals.
        radius: Radius of the head, metres.
        green: Material of the calyx.
    """
    count = int(draw.shapes.integers(15, 19))
    brown = (0.075, 0.032, 0.012)
    middle = _seeds(draw.colors, brown, (0.28, 0.13, 0.03))
    disc, dome = 0.47 * radius, 0.0052
    rings = (
        _petals(
            draw.shapes, count, (0.9 * disc, -dome), (1.02 * radius, -dome - 0.0014), 0.30 * radius, 0.44, POINTED
        ).two_sided(),
        _petals(
            draw.shapes, count, (0.88 * disc, -dome), (0.96 * radius, -dome + 0.0004), 0.28 * radius, 0.56, POINTED, 0.5
        ),
    )
    petals = _petal_material(draw.colors, color, base=colors.mix(color, brown, 0.55))
    return _open_bloom(radius, rings, petals, disc, dome, middle, green)


def cosmos(draw: Draw, color: Color, radius: float, green: Material) -> Bloom:
    """Return a cosmos: eight broad petals around a small yellow disc.

    Args:
        draw: Source of randomness.
        color: Linear RGB of the petals.
        radius: Radius of the head, metres.
        green: Material of the calyx.
    """
    middle = _seeds(draw.colors, colors.named("yellow", draw.colors), colors.named("brown", draw.colors))
    disc, dome = 0.24 * radius, 0.0045
    rings = (
        _petals(draw.shapes, 8, (0.6 * disc, -dome), (radius, -dome - 0.0006), 0.74 * radius, 0.36, ROUND).two_sided(),
        _petals(draw.shapes, 8, (0.5 * disc, -dome), (0.70 * radius, -dome + 0.0024), 0.46 * radius, 0.50, ROUND, 0.5),
    )
    return _open_bloom(radius, rings, _petal_material(draw.colors, color), disc, dome, middle, green)


def dahlia(draw: Draw, color: Color, radius: float, green: Material) -> Bloom:
    """Return a dahlia: a dome of pointed petals in five rings.

    Args:
        draw: Source of randomness.
        color: Linear RGB of the petals.
        radius: Radius of the head, metres.
        green: Material of the calyx.
    """
    rings = []
    for ring, (count, reach, tip_z) in enumerate(
        ((14, 1.0, -0.27), (14, 0.92, -0.18), (12, 0.75, -0.09), (10, 0.54, -0.03), (6, 0.33, 0.0))
    ):
        root = np.array([0.06, -0.31 + 0.045 * ring]) * radius
        tip = np.array([reach, tip_z]) * radius
        width = 0.36 * radius * (1.0 - 0.09 * ring)
        rings.append(_petals(draw.shapes, count, root, tip, width, 0.6, BLUNT, 0.5 * ring, 0.3))
    heart = np.array([(0.20, -0.14), (0.20, -0.06), (0.14, 0.0), (0.0, 0.03)]) * radius
    petals = shapes.merge(rings[0].two_sided(), *rings[1:], shapes.lathe(heart, 8, crease=np.pi))
    top = float(petals.vertices[:, 2].max())
    low = -0.31 * radius
    surfaces = (
        petals.surface(_petal_material(draw.colors, color, root_share=0.6)),
        _calyx(0.34 * radius, low + 0.001, 0.0035).surface(green),
    )
    return _lower(surfaces, _hull(DAHLIA * radius), -0.001 - low, top)


def tulip(draw: Draw, color: Color, radius: float, green: Material) -> Bloom:
    """Return a tulip: six petals closed into an egg, slightly narrower than the other flowers.

    Args:
        draw: Source of randomness.
        color: Linear RGB of the petals.
        radius: Radius of the head, metres; the petals span 95 % of it.
        green: Unused; a tulip has no calyx.
    """
    del green  # a tulip has no calyx
    radius = 0.95 * radius
    wide, height = 0.86 * radius, 1.72 * radius
    wall = paths.bezier(
        [
            (0.004, 0.0),
            (1.20 * wide, 0.0),
            (1.34 * wide, 0.50 * height),
            (0.80 * wide, 0.80 * height),
            (0.42 * wide, height),
        ],
        8,
    )
    spans = np.array([0.98, 1.04, 1.06, 1.02, 0.94, 0.80, 0.56, 0.10])
    thirds = draw.shapes.uniform(0.0, 2.0 * np.pi) + np.arange(3) * (2.0 * np.pi / 3.0)
    petals = shapes.merge(
        blades.shells(wall, 0.92 * spans, thirds).two_sided(),
        blades.shells(wall * (0.90, 1.02), spans, thirds + np.pi / 3.0).two_sided(),
    )
    heart = np.vstack([wall[3:7] * (0.80, 1.0), [(0.16 * wide, 1.0 * height), (0.0, 1.04 * height)]])
    inner = Material(colors.mix(color, (0.0, 0.0, 0.0), 0.3), roughness=0.6, specular=0.25)
    base = colors.mix(color, (0.50, 0.58, 0.08), 0.7)
    return _lower(
        (
            petals.surface(_petal_material(draw.colors, color, base=base, edge=0.55)),
            shapes.lathe(heart, 10, crease=np.pi).surface(inner),
        ),
        _hull(TULIP * radius),
        -0.001,
        float(heart[-1, 1]),
    )


def rose(draw: Draw, color: Color, radius: float, green: Material) -> Bloom:
    """Return a rose: round petals with rolled lips that spiral inward and upward.

    Args:
        draw: Source of randomness.
        color: Linear RGB of the petals.
        radius: Radius of the head, metres; the petals span 93 % of it.
        green: Material of the calyx.
    """
    radius = 0.93 * radius
    height = 0.95 * radius
    count = 18
    turn = draw.shapes.uniform(0.0, 2.0 * np.pi) + np.arange(count) * np.radians(137.5)
    inward = (np.arange(count) / (count - 1.0)) ** 1.7
    scale = 1.0 - 0.72 * inward
    lip = height * (0.71 + 0.27 * inward) * draw.shapes.uniform(0.96, 1.0, count)
    cup = np.array([(0.16, 0.0), (0.66, 0.05), (0.91, 0.36), (0.97, 0.78), (1.02, 0.765)]) * radius
    spans = np.array([0.55, 0.74, 0.87, 0.74, 0.36]) * (0.9 + 0.2 * inward)[:, None]
    petals = blades.shells(cup, spans, turn, scale, lip - 0.78 * radius * scale, columns=5).two_sided()
    heart = np.array([(0.86, 0.48), (0.64, 0.68), (0.42, 0.79), (0.23, 0.87), (0.14, 0.97), (0.0, 1.0)])
    low = float(petals.vertices[:, 2].min())
    petals = shapes.merge(petals, shapes.lathe(heart * (radius, height), 12, crease=np.pi))
    return _lower(
        (
            petals.surface(_petal_material(draw.colors, color, root_share=0.55, edge=0.8)),
            _calyx(0.5 * radius, low + 0.003, 0.005).surface(green),
        ),
        _hull(ROSE * radius),
        -low - 0.002,
        height,
    )


BLOOMS: dict[str, Callable[[Draw, Color, float, Material], Bloom]] = {
    "daisy": daisy,
    "gerbera": gerbera,
    "sunflower": sunflower,
    "cosmos": cosmos,
    "dahlia": dahlia,
    "tulip": tulip,
    "rose": rose,
}
"""Factory of each variety: (draw, linear RGB, radius in metres, material of the green parts) -> bloom."""


def _hull(levels: npt.ArrayLike) -> FloatArray:
    """Return the vertices (K, 3) of a convex hull around z.

    Args:
        levels: Radius and z of each level, (L, 2), metres; wider levels get more vertices.
    """
    rows = np.asarray(levels, float)
    counts = np.maximum(np.floor(HULL_CORNERS * rows[:, 0] / rows[:, 0].sum()), 5).astype(int)
    counts[counts.argmax()] += HULL_CORNERS - counts.sum()
    return np.concatenate([hulls.turned([row], count)[0][0] for row, count in zip(rows, counts, strict=True)])


def _open_bloom(
    radius: float,
    rings: tuple[Mesh, ...],
    petals: Material,
    disc: float,
    dome: float,
    middle: Material,
    green: Material,
) -> Bloom:
    """Return a flower that opens flat: rings of petals around a domed disc, whose top is the top of the bloom."""
    depth = 0.0045
    levels = [(0.16 * radius, -dome - 0.48 * depth), (0.935 * radius, -dome), (0.6 * disc, 0.0)]
    surfaces = (
        shapes.merge(*rings).surface(petals),
        _disc(disc, dome).surface(middle),
        _calyx(0.36 * radius, -dome, depth).surface(green),
    )
    return Bloom(surfaces, _hull(levels), dome + 0.3 * depth)


def _lower(surfaces: tuple[Surface, ...], hull: FloatArray, stem_end_m: float, top: float) -> Bloom:
    """Return a bloom with its top moved from height `top` to the origin.

    Args:
        surfaces: Surfaces before the move.
        hull: Vertices of the convex hull, (K, 3), metres, already in the frame of the bloom.
        stem_end_m: Distance from z = 0 down to the end of the stem, before the move.
        top: Height of the top before the move, metres.
    """
    drop = np.array([0.0, 0.0, -top])
    moved = tuple(Surface(s.vertices + drop, s.faces, s.normals, s.uvs, s.material) for s in surfaces)
    return Bloom(moved, hull, stem_end_m + top)


def _petals(
    rng: np.random.Generator,
    count: int,
    root: npt.ArrayLike,
    tip: npt.ArrayLike,
    width: float,
    droop: float,
    outline: tuple[float, ...],
    offset: float = 0.0,
    cup: float = 0.12,
) -> Mesh:
    """Return one slightly irregular ring of petals.

    Args:
        rng: Source of the irregularity.
        count: Number of petals.
        root: Radius and z of their roots, (2,), metres.
        tip: Radius and z of their tips, (2,), metres.
        width: Greatest width of a petal, metres.
        droop: Change of slope from root to tip, radians.
        outline: Half width along the petal, relative to the largest.
        offset: Rotation of the ring, in petals.
        cup: Upward bend of the edges, relative to the half width.
    """
    start, end = np.asarray(root, float), np.asarray(tip, float)
    turn = (np.arange(count) + offset) * (2.0 * np.pi / count) + rng.uniform(-0.05, 0.05, count)
    reach = (end[0] - start[0]) * rng.uniform(0.96, 1.0, count)
    climb = end[1] - start[1] + rng.uniform(-0.0006, 0.0006, count)
    lengths, rises = blades.arch(reach, climb, droop)
    return blades.blades(lengths, width, turn, rises, droop, outline, (0.0, 0.0, start[1]), float(start[0]), cup)


def _petal_material(
    rng: np.random.Generator,
    color: Color,
    base: Color | None = None,
    root_share: float = 0.4,
    edge: float = 0.84,
) -> Material:
    """Return the material of petals that are darker at the root and lighter at the tip.

    Args:
        rng: Source of the tip's lightness.
        color: Linear RGB of the petals.
        base: Colour at the root; a dark shade of `color` if None.
        root_share: Fraction of the length at which the petal has reached its own colour.
        edge: Brightness of the sides.
    """
    root = colors.mix(color, (0.0, 0.0, 0.0), 0.55) if base is None else base
    tip = colors.mix(color, (1.0, 1.0, 1.0), rng.uniform(0.06, 0.2))
    ramp = colors.ramp([root, color, color, tip], [0.0, root_share, 0.8, 1.0], 32)
    return Material(color, roughness=0.6, specular=0.25, texture=patterns.petal(ramp, edge))


def _disc(radius: float, height: float) -> Mesh:
    """Return the centre of a flower: a dome of this height with its top at the origin."""
    turn = np.linspace(0.0, np.pi / 2.0, 4)
    profile = np.stack([radius * np.cos(turn), height * (np.sin(turn) - 1.0)], 1)
    profile[-1, 0] = 0.0
    return shapes.map_flat(shapes.lathe(profile, 16, crease=np.pi), 0.02)


def _calyx(radius: float, z: float, depth: float) -> Mesh:
    """Return the green cup below a flower, which widens from the stem to `radius` at height `z`."""
    return shapes.lathe([(0.002, z - depth), (0.55 * radius, z - 0.8 * depth), (radius, z)], 10)


def _seeds(rng: np.random.Generator, color: Color, grain: Color) -> Material:
    """Return the speckled material of a flower's centre."""
    return Material(color, roughness=0.85, specular=0.15, texture=patterns.speckle(rng, color, grain, 0.5, 32))
