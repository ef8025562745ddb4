"""Cooking pots without a lid: a casserole with two handles, a saucepan, a stock pot."""

from __future__ import annotations

import numpy as np

from tracesim.assets import colors, hulls, lofts, paths, prints, shapes, variants
from tracesim.assets.shapes import Mesh
from tracesim.assets.vessel import Vessel
from tracesim.geometry.rigid import FloatArray, rotation_about, transform
from tracesim.layout.grips import Grip
from tracesim.layout.prop import Material, Prop
from tracesim.layout.randomness import Draw

VARIANTS = {"casserole": "pot", "saucepan": "saucepan", "stockpot": "pot"}
"""The noun for each shape in an instruction; the last shape is held out."""
POT_COLORS = ("red", "blue", "orange", "green", "teal", "gray", "gray", "black", "white")
STEEL = (0.50, 0.51, 0.53)
BLACK = (0.020, 0.020, 0.022)
WALL_M, FLOOR_M = 0.0040, 0.0050
WEDGES = 24


def pot(draw: Draw, *, color: str | None = None, variant: str | None = None) -> Prop:
    """Return a pot to be gripped by its rim between the handles.

    Two handles point to the sides; a single one points to the front.

    Args:
        draw: Source of randomness.
        color: Colour of its outside, where gray is steel; random if None.
        variant: One of `VARIANTS`; random if None.
    """
    chosen = variants.choose(draw, "pot", VARIANTS, variant)
    name = colors.pick(draw.colors, POT_COLORS, color)
    rim, height = {
        "casserole": (draw.sizes.uniform(0.088, 0.097), draw.sizes.uniform(0.078, 0.090)),
        "saucepan": (draw.sizes.uniform(0.080, 0.086), draw.sizes.uniform(0.080, 0.092)),
        "stockpot": (draw.sizes.uniform(0.079, 0.085), draw.sizes.uniform(0.104, 0.114)),
    }[chosen]
    corner = 0.0036
    foot = rim * draw.shapes.uniform(0.95, 0.98) if chosen != "stockpot" else rim
    wall = paths.fillet([(foot - 2.0 * corner, 0.0), (foot, 0.0), (rim, height - WALL_M / 2.0)], corner, 7)[1:]
    vessel = Vessel(paths.resample(wall, 97), WALL_M, FLOOR_M)

    steel = Material(STEEL, roughness=0.28, metallic=0.75, specular=0.7)
    enamel = steel if name == "gray" else Material(colors.named(name, draw.colors), roughness=0.22, specular=0.7)
    lined = name != "gray" and draw.colors.random() < 0.5
    inside, floor = lining(draw.colors, lined)
    dark = Material(BLACK, roughness=0.45, specular=0.5)
    grips, pieces = handles(draw.sizes, chosen, vessel)
    grip = dark if chosen == "saucepan" or (chosen == "stockpot" and draw.colors.random() < 0.5) else enamel
    edge = steel if name != "black" or lined else dark
    return Prop(
        kind="pot",
        noun=VARIANTS[chosen],
        color=name,
        surfaces=(
            shapes.merge(vessel.underside_mesh(48), vessel.outer_mesh(0.0, 1.0, 8, 48)).surface(enamel),
            vessel.lip_mesh(48).surface(edge),
            vessel.inner_wall_mesh(2, 48).surface(inside),
            lofts.from_above(vessel.floor_mesh(48), foot, foot).surface(floor),
            grips.surface(grip),
        ),
        hulls=hulls.vertices([*vessel.hulls(((1.0, WEDGES),)), *pieces]),
        points={
            "base": np.zeros(3),
            "top": np.array([0.0, 0.0, vessel.height_m]),
            "inside": np.array([0.0, 0.0, FLOOR_M]),
            "rim": np.array([-vessel.rim_m, 0.0, vessel.height_m]),
        },
        grips=rim_grips(vessel, chosen),
        mass_kg=0.5,
    )


def lining(rng: np.random.Generator, lined: bool) -> tuple[Material, Material]:
    """Return the materials of wall and floor inside: cream enamel if the pot is lined, else steel."""
    cream = colors.mix(colors.named("white", rng), (0.5, 0.5, 0.5), 0.25)
    rings = prints.rounds(cream if lined else (0.42, 0.43, 0.45), (0.30, 0.30, 0.30))
    wall = Material(cream, roughness=0.3, specular=0.6) if lined else Material(STEEL, 0.35, 0.55, 0.6)
    return wall, Material(wall.base_color, 0.4, 0.3 * wall.metallic, texture=rings)


def rim_grips(vessel: Vessel, variant: str) -> tuple[Grip, ...]:
    """Return the grips of the wall at the rim between the handles."""
    if variant == "saucepan":
        return (vessel.wall(0.016, 8, 0.7, 2.0 * np.pi - 0.7),)
    return tuple(vessel.wall(0.016, 4, middle - 0.6, middle + 0.6) for middle in (0.0, np.pi))


def handles(rng: np.random.Generator, variant: str, vessel: Vessel) -> tuple[Mesh, list[FloatArray]]:
    """Return the handles and their collision hulls."""
    if variant == "saucepan":
        return _long_handle(rng, vessel)
    z = vessel.height_m - (0.020 if variant == "casserole" else 0.026)
    wide = rng.uniform(0.030, 0.034) if variant == "casserole" else rng.uniform(0.026, 0.030)
    reach = rng.uniform(0.026, 0.031)
    rise = -0.004 if variant == "casserole" else 0.006
    at = vessel.outer_radius_m(z)
    root = np.sqrt(at**2 - wide**2) - 0.5 * WALL_M
    path = paths.bezier(
        [
            (root, wide, z),
            (at + 1.20 * reach, 1.05 * wide, z + rise),
            (at + 1.20 * reach, -1.05 * wide, z + rise),
            (root, -wide, z),
        ],
        41,
    )
    half = np.array([[0.0058, 0.0046]]) if variant == "casserole" else np.array([[0.0044, 0.0044]])
    upright = (0.0, 0.0, 1.0)
    grip = shapes.sweep(path, half, 8, 12, side=upright)
    links = hulls.chain(path, half, 8, 8, side=upright)
    both, pieces = [], []
    for turn in (np.pi / 2.0, -np.pi / 2.0):
        pose = transform(rotation_about((0.0, 0.0, 1.0), turn), (0.0, 0.0, 0.0))
        both.append(grip.moved(pose))
        pieces += hulls.moved(links, pose)
    return shapes.merge(*both), pieces


def _long_handle(rng: np.random.Generator, vessel: Vessel) -> tuple[Mesh, list[FloatArray]]:
    """Return the handle of a saucepan, along x, and its collision hulls."""
    z, length = vessel.height_m - 0.016, rng.uniform(0.088, 0.102)
    start = vessel.outer_radius_m(z) - 0.5 * WALL_M
    neck_end, rise = start + 0.028, 0.008
    neck = np.array([[start, 0.0, z], [neck_end, 0.0, z + 0.6 * rise]])
    path = paths.bezier([neck[1], neck[1] + (0.4 * length, 0.0, rise), neck[1] + (length, 0.0, 0.4 * rise)], 33)
    share = np.linspace(0.0, 1.0, 33)
    thick = 0.0062 + 0.0018 * np.sin(np.pi * share) - 0.0015 * np.clip((share - 0.93) / 0.07, 0.0, 1.0) ** 2
    half = np.stack([1.45 * thick, thick], 1)
    outward = (1.0, 0.0, 0.0)
    steel = np.array([[0.0085, 0.0045]])
    grip = shapes.sweep(path, half, 12, 10, caps=(True, True))
    mount = shapes.sweep(neck, steel, 10, start_normal=outward)
    pieces = hulls.chain(neck, steel, 1, 8, start_normal=outward) + hulls.chain(path, half, 4, 8)
    return shapes.merge(grip, mount), pieces
