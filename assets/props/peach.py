"""Peaches: round with a leaf, flat, or pointed."""

from __future__ import annotations

import numpy as np

from tracesim.assets import colors, hulls, lofts, paths, patterns, prints, shapes, variants
from tracesim.assets.shapes import Mesh
from tracesim.geometry.rigid import FloatArray, azimuths, rotation_about, transform
from tracesim.layout.grips import Cylinder
from tracesim.layout.prop import Material, Prop
from tracesim.layout.randomness import Draw

VARIANTS = {"round": "peach", "flat": "peach", "pointed": "peach"}
"""The noun for each shape in an instruction; the last shape is held out."""
PEACH_COLORS = ("orange", "orange", "pink")
"""Yellow is left out: under the blush it could not be told from orange."""
FLESH = {"orange": (0.92, 0.40, 0.115), "pink": (0.93, 0.47, 0.27), "yellow": (0.95, 0.56, 0.13)}
CHEEK = (0.62, 0.050, 0.050)
LEAF = (0.10, 0.32, 0.045)
HOLD_Z_M = 0.0235
SEAM_M = 0.0003
STEM_M = 0.0042
"""Height of the stem."""


def peach(draw: Draw, *, color: str | None = None, variant: str | None = None) -> Prop:
    """Return a peach on a small flat underside, its seam to the front, to be gripped across.

    Args:
        draw: Source of randomness.
        color: Colour of its skin where it is not red; random if None.
        variant: One of `VARIANTS`; random if None.
    """
    chosen = variants.choose(draw, "peach", VARIANTS, variant)
    name = colors.pick(draw.colors, PEACH_COLORS, color)
    paint = colors.named(name, draw.colors)
    skin = colors.mix(FLESH[name], paint, 0.1) if name in FLESH else paint
    radius = draw.sizes.uniform(0.0300, 0.0332)
    profile, belly_z = _profile(draw, chosen, radius)
    rows = profile[paths.outline(profile, 15)]
    top_z = float(rows[-1, 1]) - 0.0004
    body = shapes.lathe(np.vstack([[(0.0, 0.0)], rows, [(0.0, rows[-1, 1] - 0.0004)]]), 40, crease=np.pi / 2.5)
    blush = prints.blush(draw.colors, skin, colors.mix(CHEEK, paint, 0.15), colors.mix(CHEEK, (0.05, 0.01, 0.0), 0.5))
    surfaces = [_with_seam(body, radius).surface(Material(skin, roughness=0.85, specular=0.15, texture=blush))]
    pieces = hulls.bands(profile, 8)
    if chosen != "pointed":
        stem, more = _stem(top_z)
        surfaces.append(stem.surface(Material((0.13, 0.065, 0.03), roughness=0.9, specular=0.1)))
        pieces += more
        top_z += STEM_M
    if chosen == "round" or (chosen == "flat" and draw.shapes.random() < 0.4):
        leaf, more = _leaf(draw, top_z - 0.0012, 0.92 * radius)
        rib = patterns.leaf(LEAF, colors.mix(LEAF, (0.6, 0.7, 0.3), 0.4))
        surfaces.append(leaf.surface(Material(LEAF, roughness=0.6, specular=0.3, texture=rib)))
        pieces += more
    hold_z = max(HOLD_Z_M, belly_z + 0.0015)
    return Prop(
        kind="peach",
        noun=VARIANTS[chosen],
        color=name,
        surfaces=tuple(surfaces),
        hulls=hulls.vertices(pieces),
        points={"base": np.zeros(3), "top": np.array([0.0, 0.0, top_z])},
        # Upright only: a palm that leans would touch the stem.
        grips=(Cylinder((0.0, 0.0, hold_z), radius, belly_z - 0.005, belly_z + 0.005, lean=0.0),),
        mass_kg=0.15,
    )


def _profile(draw: Draw, variant: str, radius: float) -> tuple[FloatArray, float]:
    """Return the profile of a peach without its stem, (N, 2), and the height at which it is broadest, metres."""
    if variant == "flat":
        height, belly = draw.sizes.uniform(0.034, 0.037), 0.50
        low, high, end = (0.62, 0.62), (0.80, 0.50), (0.15, 0.965)
    elif variant == "pointed":
        height, belly = 1.95 * radius, 0.46
        low, high, end = (0.44, 0.80), (0.56, 0.16), (0.03, 1.0)
    else:
        height, belly = draw.shapes.uniform(1.72, 1.84) * radius, 0.50
        low, high, end = (0.46, 0.70), (0.60, 0.34), (0.06, 0.980)
    foot = low[0] * 0.72 * radius
    lower = [(foot, 0.0), (low[1] * radius * 1.22, 0.0), (radius, 0.22 * height), (radius, belly * height)]
    upper = [
        (radius, belly * height),
        (radius, (belly + 0.30) * height),
        (high[0] * radius * 1.30, height),
        (high[1] * radius, height),
        (end[0] * radius, end[1] * height),
    ]
    return np.concatenate([paths.bezier(lower, 33), paths.bezier(upper, 65)[1:]]), belly * height


def _stem(z: float) -> tuple[Mesh, list[FloatArray]]:
    """Return a stem on top of a peach of height `z`, and its collision hulls."""
    path = np.array([(0.0, 0.0, z - 0.001), (0.0005, 0.0, z + STEM_M)])
    return shapes.sweep(path, 0.0021, 7, caps=(False, True)), hulls.chain(path, 0.0021, 1, 6)


def _with_seam(body: Mesh, radius: float) -> Mesh:
    """Return a body of revolution with a groove down its front."""
    turn = azimuths(body.vertices)
    away = np.hypot(body.vertices[:, 0], body.vertices[:, 1]) / radius
    depth = SEAM_M * np.exp(-((turn / 0.14) ** 2)) * np.clip(1.4 * away, 0.0, 1.0)
    inward = np.stack([np.cos(turn), np.sin(turn), np.zeros_like(turn)], 1) * depth[:, None]
    vertices = body.vertices - inward
    return Mesh(vertices, body.faces, body.normals, body.uvs)


def _leaf(draw: Draw, z: float, length: float) -> tuple[Mesh, list[FloatArray]]:
    """Return a leaf that hangs from the stem at height `z`, thicker than a real one, and its collision hulls."""
    half, thick = draw.sizes.uniform(0.0090, 0.0110), 0.0018
    along = np.linspace(0.0, 1.0, 6)
    path = np.stack([length * along, np.zeros(6), z + 0.010 * np.sin(2.2 * along) - 0.016 * along**2], 1)
    width = half * np.sin(np.pi * np.clip(0.06 + 0.92 * along, 0.0, 1.0)) ** 0.8
    rings = np.stack(
        [
            path + np.stack([0.0 * along, side * width, up + 0.0 * along], 1)
            for side, up in ((1.0, 0.0), (1.0, thick), (-1.0, thick), (-1.0, 0.0))
        ],
        axis=1,
    )
    pose = transform(rotation_about((0.0, 0.0, 1.0), draw.shapes.uniform(-0.5, 0.5)), (0.0, 0.0, 0.0))
    mesh = lofts.project_texture(lofts.loft(rings), (0.0, -half, 0.0), (0.0, 2.0 * half, 0.0), (length, 0.0, 0.0))
    return mesh.moved(pose), hulls.moved(hulls.stacked(rings), pose)
