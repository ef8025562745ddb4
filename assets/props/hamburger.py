"""Hamburgers: a classic one with sesame, one with two patties, one in a square floury bun."""

from __future__ import annotations

import itertools

import numpy as np

from tracesim.assets import colors, hulls, lofts, paths, patterns, prints, shapes, variants
from tracesim.assets.grasps import SQUARE_YAWS, from_above
from tracesim.assets.shapes import Mesh
from tracesim.geometry.rigid import FloatArray, azimuths
from tracesim.layout.prop import Material, Prop, Surface
from tracesim.layout.randomness import Draw

VARIANTS = {"classic": "hamburger", "double": "hamburger", "square": "hamburger"}
"""The noun for each shape in an instruction; the last shape is held out."""
BAKED = ((0.46, 0.175, 0.034), (0.38, 0.135, 0.025), (0.53, 0.230, 0.055))
PALE = (0.82, 0.58, 0.28)
MEAT = (0.085, 0.032, 0.014)
CHEESE = (0.93, 0.49, 0.035)
TOMATO = (0.62, 0.045, 0.025)
SALAD = (0.22, 0.50, 0.05)
SEED = (0.92, 0.80, 0.55)
HOLD_Z_M = 0.0260
SEGMENTS = 36


def hamburger(draw: Draw, *, color: str | None = None, variant: str | None = None) -> Prop:
    """Return a hamburger to be grasped across all its layers.

    Args:
        draw: Source of randomness.
        color: Colour of its bun, brown by default; any other colour makes a toy.
        variant: One of `VARIANTS`; random if None.
    """
    chosen = variants.choose(draw, "hamburger", VARIANTS, variant)
    name = colors.pick(draw.colors, ("brown",), color)
    paint = colors.named(name, draw.colors)
    bun = colors.mix(BAKED[int(draw.colors.integers(3))], paint, 0.1) if name == "brown" else paint
    square = chosen == "square"
    radius = draw.sizes.uniform(0.0322, 0.0346)
    corner = 0.020 if square else radius
    stretch = (radius - corner, radius - corner)
    foot_z, dome = draw.sizes.uniform(0.011, 0.013), draw.sizes.uniform(0.018, 0.021) - 0.004 * square
    patties = 2 if chosen == "double" else 1
    meat_m = draw.sizes.uniform(0.0088, 0.0100) if patties == 1 else draw.sizes.uniform(0.0076, 0.0084)
    slack = 0.0006  # the layers between the buns protrude by this much

    surfaces: dict[str, list[Mesh]] = {"meat": [], "cheese": [], "tomato": [], "salad": []}
    z = foot_z
    surfaces["salad"].append(_frill(draw.shapes, corner + slack - 0.0002, stretch, z + 0.0008))
    z += 0.0010
    for _ in range(patties):
        edge = corner + slack
        side = [
            (edge - 0.0006, z),
            (edge - 0.0001, z + 0.0022),
            (edge - 0.0001, z + meat_m - 0.0022),
            (edge - 0.0006, z + meat_m),
        ]
        surfaces["meat"].append(shapes.lathe(side, SEGMENTS, np.pi, stretch).tiled(3.0, 1.0))
        z += meat_m
        surfaces["cheese"].append(_slice(corner + slack, stretch, z, draw.shapes.uniform(0.0, np.pi / 2.0)))
        z += 0.0014
    if not square:
        edge = corner + 0.0002
        surfaces["tomato"].append(
            shapes.lathe([(edge - 0.0004, z), (edge, z + 0.0015), (edge - 0.0004, z + 0.0030)], SEGMENTS)
        )
        z += 0.0030
    surfaces["salad"].append(_frill(draw.shapes, corner + slack, stretch, z + 0.0004))
    z += 0.0012

    heel = [(0.0, 0.0), *paths.fillet([(corner - 0.006, 0.0), (corner, 0.0), (corner, foot_z)], 0.0040, 4)]
    crown = paths.bezier(
        [(corner, z), (corner + 0.0002, z + 0.75 * dome), (0.62 * corner, z + dome), (0.0, z + dome)], 33
    )
    cap = shapes.lathe(crown[paths.outline(crown, 9)], SEGMENTS, np.pi, stretch)
    texture = prints.round_crust(draw.colors, bun, colors.mix(bun, PALE, 0.55), None)
    white = colors.mix(bun, (0.9, 0.8, 0.62), 0.55)
    top = Material(bun, roughness=0.38, specular=0.45, texture=texture)
    if square:
        top = Material(bun, roughness=0.8, specular=0.2, texture=patterns.speckle(draw.colors, bun, white, 0.35))
    pieces = hulls.turned([(corner - 0.0018, 0.0), (corner, 0.0026)], 16, stretch)
    pieces += hulls.turned([(corner, 0.0026), (corner + slack - 0.0002, z)], 16, stretch)
    pieces += _bands(crown if square else crown[:-2], 5, stretch)
    layers = (
        (
            "meat",
            Material(
                MEAT, roughness=0.8, specular=0.3, texture=patterns.speckle(draw.colors, MEAT, (0.20, 0.09, 0.04), 0.4)
            ),
        ),
        ("cheese", Material(CHEESE, roughness=0.4, specular=0.4)),
        ("tomato", Material(TOMATO, roughness=0.3, specular=0.6)),
        ("salad", Material(SALAD, roughness=0.6, specular=0.3)),
    )
    seen: list[Surface] = [
        shapes.lathe(heel, SEGMENTS, np.radians(80.0), stretch).surface(
            Material(colors.mix(bun, PALE, 0.35), 0.6, specular=0.3)
        ),
        lofts.from_above(cap, radius, radius).surface(top),
        *(shapes.merge(*surfaces[what]).surface(material) for what, material in layers if surfaces[what]),
    ]
    if not square:
        seen.append(_sesame(draw.shapes, crown).surface(Material(SEED, roughness=0.5, specular=0.3)))
    height = float(crown[-1, 1])
    return Prop(
        kind="hamburger",
        noun=VARIANTS[chosen],
        color=name,
        surfaces=tuple(seen),
        hulls=hulls.vertices(pieces),
        points={"base": np.zeros(3), "top": np.array([0.0, 0.0, height])},
        grasps=from_above((0.0, 0.0, HOLD_Z_M), 2.0 * (radius + slack), SQUARE_YAWS),
        mass_kg=0.15,
    )


def _bands(profile: FloatArray, count: int, stretch: tuple[float, float]) -> list[FloatArray]:
    """Return the collision hulls of the upper bun, as `hulls.bands` does, stretched."""
    joints = paths.outline(profile, count + 1)
    rows = paths.follow(profile, joints)
    rows[[0, -1]] = profile[[0, -1]]
    return [piece for pair in itertools.pairwise(rows) for piece in hulls.turned(pair, 16, stretch)]


def _frill(rng: np.random.Generator, edge: float, stretch: tuple[float, float], z: float) -> Mesh:
    """Return a lettuce leaf at height `z`, with a wavy border around the burger."""
    ring = shapes.lathe([(edge, z - 0.0014), (edge - 0.0005, z + 0.0014)], 64, np.pi, stretch)
    turn = azimuths(ring.vertices)
    away = 1.0 - np.arange(len(turn)) // (len(turn) // 2)
    phase = rng.uniform(0.0, 2.0 * np.pi, 2)
    wave = np.sin(13.0 * turn + phase[0] + 0.8 * np.sin(3.0 * turn + phase[1]))
    shift = np.stack([np.cos(turn), np.sin(turn), np.zeros_like(turn)], 1) * (0.0003 * wave * away)[:, None]
    shift[:, 2] = 0.0019 * wave * away
    return Mesh(ring.vertices + shift, ring.faces, ring.normals, ring.uvs)


def _slice(edge: float, stretch: tuple[float, float], z: float, turn: float) -> Mesh:
    """Return a square slice of cheese whose corners droop."""
    rows = [(edge + 0.0002, z - 0.0010), (edge + 0.0001, z), (edge - 0.0005, z + 0.0010)]
    ring = shapes.lathe(rows, 64, np.pi, stretch)
    azimuth = azimuths(ring.vertices) + turn
    corner = np.maximum(np.abs(np.cos(azimuth)), np.abs(np.sin(azimuth)))
    hang = np.clip((1.0 / corner - 1.06) / (np.sqrt(2.0) - 1.06), 0.0, 1.0) * 0.0078
    lowest = np.arange(len(azimuth)) < len(azimuth) // 3
    vertices = ring.vertices.copy()
    vertices[:, 2] -= hang * lowest
    return Mesh(vertices, ring.faces, ring.normals, ring.uvs)


def _sesame(rng: np.random.Generator, crown: FloatArray) -> Mesh:
    """Return seeds scattered over the upper bun, whose profile is `crown` (N, 2)."""
    count = int(rng.integers(34, 44))
    turn = np.arange(count) * np.radians(137.508) + rng.uniform(-0.25, 0.25, count)
    radius = 0.86 * crown[0, 0] * np.sqrt((np.arange(count) + 0.4) / count)
    order = np.argsort(crown[:, 0])
    height = np.interp(radius, crown[order, 0], crown[order, 1])
    rise = np.arctan(
        np.interp(radius, crown[order, 0], np.gradient(crown[order, 1], crown[order, 0] + 1e-9 * np.arange(33)))
    )
    seeds = []
    for azimuth, away, z, slope, spin in zip(turn, radius, height, rise, rng.uniform(0.0, np.pi, count), strict=True):
        out = np.array([np.cos(azimuth) * np.cos(slope), np.sin(azimuth) * np.cos(slope), np.sin(slope)])
        aside = np.array([-np.sin(azimuth), np.cos(azimuth), 0.0])
        up = np.cross(out, aside)
        long, wide = out * np.cos(spin) + aside * np.sin(spin), aside * np.cos(spin) - out * np.sin(spin)
        pose = np.eye(4)
        pose[:3, :3], pose[:3, 3] = (
            np.stack([long, wide, up], 1),
            np.array([away * np.cos(azimuth), away * np.sin(azimuth), z]),
        )
        seeds.append(_SEED.moved(pose))
    return shapes.merge(*seeds)


def _seed() -> Mesh:
    """Return one seed: a low dome, longer than wide."""
    dome = shapes.lathe([(0.0011, -0.0002), (0.0, 0.0005)], 6, np.pi)
    return Mesh(dome.vertices * (1.7, 1.0, 1.0), dome.faces, dome.normals, dome.uvs)


_SEED = _seed()
