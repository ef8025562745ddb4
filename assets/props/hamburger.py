"""Hamburgers: a classic one with sesame, one with two patties, one in a square floury bun."""

from __future__ import annotations

import itertools
from typing import NamedTuple

import numpy as np

from tracesim.assets import colors, hulls, lofts, paths, patterns, prints, shapes, variants
from tracesim.assets.colors import Color
from tracesim.assets.shapes import Mesh
from tracesim.geometry.rigid import FloatArray, azimuths
from tracesim.layout.grips import PATCH_HALF_HEIGHT_M, SQUARE_YAWS, Cylinder
from tracesim.layout.prop import Material, Prop
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
SLACK_M = 0.0006
"""Distance by which the layers between the buns protrude."""


class _Form(NamedTuple):
    """Sizes of a hamburger, metres."""

    corner: float
    """Radius of the corners; of the whole burger if it is round."""
    stretch: tuple[float, float]
    """Distances in x and y from the middle to the centres of the corners."""
    foot_z: float
    """Height of the lower bun."""
    dome: float
    """Height of the upper bun."""
    meat_m: tuple[float, ...]
    """Thickness of each patty."""

    @property
    def edge(self) -> float:
        """Radius of the corners of the layers between the buns, which protrude."""
        return self.corner + SLACK_M

    @property
    def square(self) -> bool:
        """Whether the bun is square."""
        return self.stretch[0] > 0.0


def hamburger(draw: Draw, *, color: str | None = None, variant: str | None = None) -> Prop:
    """Return a hamburger to be gripped across all its layers.

    Args:
        draw: Source of randomness.
        color: Colour of its bun, brown by default; any other colour makes a toy.
        variant: One of `VARIANTS`; random if None.
    """
    chosen = variants.choose(draw, "hamburger", VARIANTS, variant)
    name = colors.pick(draw.colors, ("brown",), color)
    paint = colors.named(name, draw.colors)
    bun = colors.mix(BAKED[int(draw.colors.integers(3))], paint, 0.1) if name == "brown" else paint
    radius = draw.sizes.uniform(0.0322, 0.0346)
    form = _form(draw.sizes, chosen, radius)
    layers, z = _layers(draw.shapes, form)
    crown = _crown(form, z)
    top = _crust(draw.colors, form, bun)
    seen = [
        _heel(form).surface(Material(colors.mix(bun, PALE, 0.35), 0.6, specular=0.3)),
        lofts.from_above(_cap(form, crown), radius, radius).surface(top),
        *(shapes.merge(*layers[what]).surface(look) for what, look in _fillings(draw.colors).items() if layers[what]),
    ]
    if not form.square:
        seen.append(_sesame(draw.shapes, crown).surface(Material(SEED, roughness=0.5, specular=0.3)))
    return Prop(
        kind="hamburger",
        noun=VARIANTS[chosen],
        color=name,
        surfaces=tuple(seen),
        hulls=hulls.vertices(_pieces(form, crown, z)),
        points={"base": np.zeros(3), "top": np.array([0.0, 0.0, float(crown[-1, 1])])},
        grips=(
            Cylinder(
                (0.0, 0.0, HOLD_Z_M),
                radius + SLACK_M,
                HOLD_Z_M - PATCH_HALF_HEIGHT_M,
                HOLD_Z_M + PATCH_HALF_HEIGHT_M,
                SQUARE_YAWS,
            ),
        ),
        mass_kg=0.15,
    )


def _form(rng: np.random.Generator, variant: str, radius: float) -> _Form:
    """Return random sizes for a variant of a given half width, metres."""
    square = variant == "square"
    corner = 0.020 if square else radius
    foot_z, dome = rng.uniform(0.011, 0.013), rng.uniform(0.018, 0.021) - 0.004 * square
    meat_m = (rng.uniform(0.0076, 0.0084),) * 2 if variant == "double" else (rng.uniform(0.0088, 0.0100),)
    return _Form(corner, (radius - corner, radius - corner), foot_z, dome, meat_m)


def _layers(rng: np.random.Generator, form: _Form) -> tuple[dict[str, list[Mesh]], float]:
    """Return the layers between the buns by what they are made of, and the height of the upper bun's underside."""
    layers: dict[str, list[Mesh]] = {"meat": [], "cheese": [], "tomato": [], "salad": []}
    z = form.foot_z
    layers["salad"].append(_frill(rng, form.edge - 0.0002, form.stretch, z + 0.0008))
    z += 0.0010
    for meat_m in form.meat_m:
        layers["meat"].append(_patty(form.edge, form.stretch, z, meat_m))
        z += meat_m
        layers["cheese"].append(_slice(form.edge, form.stretch, z, rng.uniform(0.0, np.pi / 2.0)))
        z += 0.0014
    if not form.square:
        edge = form.corner + 0.0002
        rows = [(edge - 0.0004, z), (edge, z + 0.0015), (edge - 0.0004, z + 0.0030)]
        layers["tomato"].append(shapes.lathe(rows, SEGMENTS))
        z += 0.0030
    layers["salad"].append(_frill(rng, form.edge, form.stretch, z + 0.0004))
    return layers, z + 0.0012


def _patty(edge: float, stretch: tuple[float, float], z: float, meat_m: float) -> Mesh:
    """Return the side of a patty with its underside at height `z`."""
    side = [
        (edge - 0.0006, z),
        (edge - 0.0001, z + 0.0022),
        (edge - 0.0001, z + meat_m - 0.0022),
        (edge - 0.0006, z + meat_m),
    ]
    return shapes.lathe(side, SEGMENTS, np.pi, stretch).tiled(3.0, 1.0)


def _heel(form: _Form) -> Mesh:
    """Return the lower bun."""
    edge = paths.fillet([(form.corner - 0.006, 0.0), (form.corner, 0.0), (form.corner, form.foot_z)], 0.0040, 4)
    return shapes.lathe([(0.0, 0.0), *edge], SEGMENTS, np.radians(80.0), form.stretch)


def _crown(form: _Form, z: float) -> FloatArray:
    """Return the profile of the upper bun, (33, 2), metres, from its edge at height `z` to its middle."""
    corner, dome = form.corner, form.dome
    controls = [(corner, z), (corner + 0.0002, z + 0.75 * dome), (0.62 * corner, z + dome), (0.0, z + dome)]
    return paths.bezier(controls, 33)


def _cap(form: _Form, crown: FloatArray) -> Mesh:
    """Return the upper bun with the given profile."""
    return shapes.lathe(crown[paths.outline(crown, 9)], SEGMENTS, np.pi, form.stretch)


def _crust(rng: np.random.Generator, form: _Form, bun: Color) -> Material:
    """Return the material of the upper bun: a shiny crust, or a floury one if it is square."""
    texture = prints.round_crust(rng, bun, colors.mix(bun, PALE, 0.55), None)
    white = colors.mix(bun, (0.9, 0.8, 0.62), 0.55)
    if form.square:
        return Material(bun, roughness=0.8, specular=0.2, texture=patterns.speckle(rng, bun, white, 0.35))
    return Material(bun, roughness=0.38, specular=0.45, texture=texture)


def _fillings(rng: np.random.Generator) -> dict[str, Material]:
    """Return the materials of the layers between the buns."""
    fried = patterns.speckle(rng, MEAT, (0.20, 0.09, 0.04), 0.4)
    return {
        "meat": Material(MEAT, roughness=0.8, specular=0.3, texture=fried),
        "cheese": Material(CHEESE, roughness=0.4, specular=0.4),
        "tomato": Material(TOMATO, roughness=0.3, specular=0.6),
        "salad": Material(SALAD, roughness=0.6, specular=0.3),
    }


def _pieces(form: _Form, crown: FloatArray, z: float) -> list[FloatArray]:
    """Return the collision hulls: the lower bun, the layers up to height `z`, and the upper bun."""
    corner, stretch = form.corner, form.stretch
    return [
        *hulls.turned([(corner - 0.0018, 0.0), (corner, 0.0026)], 16, stretch),
        *hulls.turned([(corner, 0.0026), (corner + SLACK_M - 0.0002, z)], 16, stretch),
        *_bands(crown if form.square else crown[:-2], 5, stretch),
    ]


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
