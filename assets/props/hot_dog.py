"""Hot dogs: one with a zigzag of mustard, a long one in a slim bun, one with salad and two sauces."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tracesim.assets import colors, hulls, paths, prints, shapes, variants
from tracesim.assets.colors import Color
from tracesim.assets.hidden import without_hidden
from tracesim.assets.loaves import Loaf, dome, straight, swell
from tracesim.assets.shapes import Mesh
from tracesim.geometry.rigid import FloatArray
from tracesim.layout.grips import Faces
from tracesim.layout.prop import Material, Prop
from tracesim.layout.randomness import Draw

VARIANTS = {"classic": "hot dog", "long": "hot dog", "loaded": "hot dog"}
"""The noun for each shape in an instruction; the last shape is held out."""
BAKED = ((0.50, 0.200, 0.042), (0.42, 0.155, 0.030), (0.56, 0.250, 0.065))
PALE = (0.84, 0.60, 0.30)
SAUSAGES = ((0.36, 0.075, 0.030), (0.46, 0.110, 0.045), (0.28, 0.055, 0.022))
MUSTARD, KETCHUP, SALAD = (0.92, 0.56, 0.02), (0.52, 0.020, 0.012), (0.20, 0.48, 0.05)
HOLD_Z_M = 0.0235
SAUCE_M, SUNK_M, GROWN_M = 0.0025, 0.0019, 0.0003
"""Radius of a line of sauce, depth of its centre below the sausage's skin, margin by which hulls extend beyond that."""
MIRRORED = np.array([1.0, -1.0, 1.0])


def hot_dog(draw: Draw, *, color: str | None = None, variant: str | None = None) -> Prop:
    """Return a hot dog along x, to be gripped across its bun.

    Args:
        draw: Source of randomness.
        color: Colour of its bun, brown by default; any other colour makes a toy.
        variant: One of `VARIANTS`; random if None.
    """
    chosen = variants.choose(draw, "hot dog", VARIANTS, variant)
    name = colors.pick(draw.colors, ("brown",), color)
    paint = colors.named(name, draw.colors)
    crust = colors.mix(BAKED[int(draw.colors.integers(3))], paint, 0.1) if name == "brown" else paint
    slim, wide = chosen == "long", chosen == "loaded"
    length = draw.sizes.uniform(0.116, 0.124) - 0.004 * wide
    half = draw.sizes.uniform(0.0232, 0.0246) if slim else draw.sizes.uniform(0.0264, 0.0280)
    height = draw.sizes.uniform(0.032, 0.035)
    thick = draw.sizes.uniform(0.0098, 0.0106) + 0.0004 * wide
    reach = length + (0.030 if slim else draw.sizes.uniform(0.010, 0.014) - 0.007 * wide)

    right = Loaf(straight(length), half * swell(49, 0.45, 3.0), height * swell(49, 0.42, 3.4), _half_section())
    floor_z = height * 0.44 - 0.0015
    sausage = _sausage(reach, thick, floor_z, 49)
    halves, links = right.pieces(8, 14), _grown(sausage).pieces(9, 16)
    bun = [*halves, *(piece * MIRRORED for piece in halves)]
    swings, run = float(draw.shapes.uniform(4.2, 5.4)), (0.70 if wide else 0.76) * min(reach, length)
    meat = SAUSAGES[int(draw.colors.integers(3))]
    seen = [
        _bun(right, links).surface(_baked(draw.colors, crust)),
        _skin(_sausage(reach, thick, floor_z, 25), bun).surface(Material(meat, roughness=0.32, specular=0.6)),
        _zigzag(sausage, run, swings, 0.0).surface(Material(MUSTARD, roughness=0.3, specular=0.6)),
    ]
    if wide:
        (salad,) = without_hidden([_salad(draw.shapes, right, 0.74 * length)], [*halves, *links])
        seen += [
            _zigzag(sausage, run, swings, 1.0).surface(Material(KETCHUP, roughness=0.3, specular=0.6)),
            shapes.merge(salad, _mirrored(salad)).surface(Material(SALAD, roughness=0.6, specular=0.3)),
        ]
    return Prop(
        kind="hot_dog",
        noun=VARIANTS[chosen],
        color=name,
        surfaces=tuple(seen),
        hulls=hulls.vertices([*bun, *links]),
        points={"base": np.zeros(3), "top": np.array([0.0, 0.0, floor_z + 2.0 * thick])},
        grips=(Faces((0.0, 0.0, HOLD_Z_M), 2.0 * half),),
        mass_kg=0.13,
    )


def _bun(right: Loaf, links: list[FloatArray]) -> Mesh:
    """Return both halves of the bun, of which `right` is one, without what the sausage's hulls hide."""
    side = right.mesh(17)
    side = replace(side, faces=side.faces[(np.abs(side.vertices[side.faces, 1]) > 1e-6).any(1)])
    (side,) = without_hidden([side], links)
    return shapes.merge(side, _mirrored(side))


def _baked(rng: np.random.Generator, crust: Color) -> Material:
    """Return the material of the bun."""
    inner = colors.mix(crust, PALE, 0.7)
    texture = prints.crust(rng, crust, colors.mix(crust, inner, 0.5))
    return Material(crust, roughness=0.5, specular=0.35, texture=texture)


def _skin(sausage: Loaf, bun: list[FloatArray]) -> Mesh:
    """Return the visible part of a sausage, which ends just before it touches the bun with the given hulls."""
    (skin,) = without_hidden([sausage.mesh(25)], [piece * (1.0, 1.0, 1.055) for piece in bun])
    return skin


def _grown(sausage: Loaf) -> Loaf:
    """Return a sausage a little thicker, whose surface lies between the skin and the sauce on top."""
    return replace(
        sausage,
        path=sausage.path - np.array([0.0, 0.0, GROWN_M]),
        half_widths=sausage.half_widths + GROWN_M * swell(49, 0.0),
        heights=sausage.heights + 2.0 * GROWN_M * swell(49, 0.0),
    )


def _sausage(length: float, thick: float, z: float, samples: int) -> Loaf:
    """Return a sausage along x with its underside at height `z` and half its thickness `thick`, metres."""
    ends = swell(samples, 0.25, 3.2), swell(samples, 0.35, 3.2)
    path = straight(length, samples) + np.array([0.0, 0.0, z])
    return Loaf(path, thick * ends[0], 2.0 * thick * ends[1], dome(0.5, 0.0, count=32))


def _half_section() -> FloatArray:
    """Return a section (K, 2) across half a bun, from the cut at 0 to the side at 1."""
    outer = paths.bezier([(1.0, 0.42), (1.0, 0.80), (0.86, 1.0), (0.55, 1.0)], 9)
    cut = paths.bezier([(0.55, 1.0), (0.30, 1.0), (0.10, 0.84), (0.0, 0.40)], 8)[1:]
    lower = paths.bezier([(0.84, 0.0), (0.95, 0.0), (1.0, 0.16), (1.0, 0.42)], 6)[:-1]
    return np.concatenate([outer, cut, [(0.0, 0.0)], lower])


def _mirrored(mesh: Mesh) -> Mesh:
    """Return the mirror image of a mesh at the plane y = 0."""
    return Mesh(mesh.vertices * MIRRORED, mesh.faces[:, ::-1], mesh.normals * MIRRORED, mesh.uvs)


def _zigzag(sausage: Loaf, length: float, swings: float, start: float) -> Mesh:
    """Return a line of sauce in a zigzag over a sausage; `start` is its initial phase in half turns."""
    share = np.linspace(0.0, 1.0, 57)
    swing = 0.62 * np.sin(np.pi * (2.0 * swings * share + start))
    x = length * (share - 0.5)
    half, height = (np.interp(x, sausage.path[:, 0], values) for values in (sausage.half_widths, sausage.heights))
    level = sausage.path[0, 2] + height / 2.0
    upward = np.sqrt(1.0 - swing**2)
    path = np.stack([x, (half - SUNK_M) * swing, level + (height / 2.0 - SUNK_M) * upward], 1)
    line = shapes.sweep(path, SAUCE_M, 6, side=(0.0, 0.0, 1.0))
    away = line.vertices - np.array([0.0, 0.0, float(level[28])])
    outward = np.einsum("vi,vi->v", line.normals[:, 1:], away[:, 1:]) / np.linalg.norm(away[:, 1:], axis=1)
    # The lower half of the line lies inside the sausage.
    return replace(line, faces=line.faces[(outward[line.faces] > 0.2).all(1)])


def _salad(rng: np.random.Generator, bun: Loaf, length: float) -> Mesh:
    """Return a frill of lettuce between one half of the bun and the sausage."""
    share = np.linspace(0.0, 1.0, 33)
    wave = np.sin(2.0 * np.pi * (7.5 * share + rng.uniform()))
    x = length * (share - 0.5)
    top, half = (np.interp(x, bun.path[:, 0], values) for values in (bun.heights, bun.half_widths))
    path = np.stack([x, -(0.38 * half + 0.0012 * wave), 0.97 * top - 0.0022 + 0.0006 * np.roll(wave, 2)], 1)
    frill = shapes.sweep(path, np.array([[0.0026, 0.0014]]), 6)
    return replace(frill, faces=frill.faces[(frill.normals[frill.faces, 2] > 0.2).all(1)])
