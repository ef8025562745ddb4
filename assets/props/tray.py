"""Trays: of boards with a slot at either end, rounded, and with raised handles."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from tracesim.assets import colors, hulls, lofts, paths, patterns, plans, prints, shapes, variants
from tracesim.assets.hidden import without_hidden
from tracesim.assets.shapes import Mesh
from tracesim.assets.vessel import Vessel
from tracesim.geometry.rigid import FloatArray, rotation_about, transform
from tracesim.layout.prop import Material, Prop, Surface
from tracesim.layout.randomness import Draw

VARIANTS = {"boards": "tray", "rounded": "tray", "handled": "tray"}
"""The noun for each shape in an instruction; the last shape is held out."""
TRAY_COLORS = ("red", "blue", "green", "teal", "white", "yellow", "gray", "black")
WALL_M, FLOOR_M = 0.0042, 0.0050
BOARD_M = 0.0080


def tray(draw: Draw, *, color: str | None = None, variant: str | None = None) -> Prop:
    """Return a tray, about 26 x 18 cm, with its long side along y; it cannot be gripped.

    Args:
        draw: Source of randomness.
        color: Its colour, where brown is wood; random if None.
        variant: One of `VARIANTS`; random if None.
    """
    chosen = variants.choose(draw, "tray", VARIANTS, variant)
    name = colors.pick(draw.colors, ("brown", "brown", *TRAY_COLORS[:5]) if chosen == "boards" else TRAY_COLORS, color)
    half_x, half_y = draw.sizes.uniform(0.087, 0.093), draw.sizes.uniform(0.126, 0.134)
    paint = colors.named(name, draw.colors)
    if name == "brown":
        paint = colors.mix(paint, (0.86, 0.52, 0.20), draw.colors.uniform(0.0, 0.5))
    build = _boards if chosen == "boards" else _pressed
    surfaces, pieces, floor_z = build(draw, chosen, name, paint, half_x, half_y)
    top = np.array([0.0, 0.0, floor_z])
    aside = np.array([0.0, half_y / 2.0, 0.0])
    return Prop(
        kind="tray",
        noun=VARIANTS[chosen],
        color=name,
        surfaces=surfaces,
        hulls=hulls.vertices(pieces),
        points={"base": np.zeros(3), "top": top, "left": top + aside, "right": top - aside},
        mass_kg=0.5,
    )


def _boards(
    draw: Draw, variant: str, name: str, paint: colors.Color, half_x: float, half_y: float
) -> tuple[tuple[Surface, ...], list[FloatArray], float]:
    """Return a tray of boards with higher ends, each with a slot for a hand."""
    del variant
    low, high = draw.sizes.uniform(0.018, 0.022), draw.sizes.uniform(0.043, 0.049)
    slot, slot_low = draw.sizes.uniform(0.036, 0.042), 0.022
    floor_z, bar = 0.0065, 0.011
    meshes: list[Mesh] = []
    pieces: list[FloatArray] = []

    def board(size: npt.ArrayLike, corner: npt.ArrayLike) -> None:
        """Add a board centred at (x, y) with its underside at z, where `corner` is (x, y, z)."""
        pose = transform(np.eye(3), corner)
        meshes.append(shapes.box(size, 0.0004).moved(pose))
        pieces.extend(hulls.moved(hulls.box(size), pose))

    board((2.0 * half_x, 2.0 * half_y, floor_z), (0.0, 0.0, 0.0))
    slab = meshes.pop()
    for side in (1.0, -1.0):
        size = (BOARD_M, 2.0 * half_y - 2.0 * BOARD_M, low - floor_z)
        board(size, (side * (half_x - BOARD_M / 2.0), 0.0, floor_z))
        end_y = side * (half_y - BOARD_M / 2.0)
        board((2.0 * half_x, BOARD_M, slot_low - floor_z), (0.0, end_y, floor_z))
        for post in (1.0, -1.0):
            middle = post * (slot + (half_x - 0.018 - slot) / 2.0)
            board((half_x - 0.018 - slot, BOARD_M, high - slot_low), (middle, end_y, slot_low))
        board((2.0 * slot, BOARD_M, bar), (0.0, end_y, high - bar))
    sides = replace(slab, faces=slab.faces[(slab.normals[slab.faces, 2] < 0.9).any(1)])
    walls = shapes.merge(sides, *without_hidden(meshes, pieces))
    inside_x, inside_y = half_x - BOARD_M, half_y - BOARD_M
    corner = (-inside_x, -inside_y, floor_z)
    floor = lofts.panel(corner, (0.0, 2.0 * inside_y, 0.0), (2.0 * inside_x, 0.0, 0.0))
    grain = patterns.wood(draw.colors, paint) if name == "brown" else None
    inside = colors.mix(paint, (0.0, 0.0, 0.0), 0.25) if name == "brown" else colors.mix(paint, (1.0, 1.0, 1.0), 0.12)
    planks = patterns.wood(draw.colors, inside, rings=6.0)
    return (
        (
            shapes.map_flat(walls, 0.12).surface(Material(paint, roughness=0.6, specular=0.3, texture=grain)),
            floor.surface(Material(inside, roughness=0.55, texture=planks)),
        ),
        pieces,
        floor_z,
    )


def _pressed(
    draw: Draw, variant: str, name: str, paint: colors.Color, half_x: float, half_y: float
) -> tuple[tuple[Surface, ...], list[FloatArray], float]:
    """Return a tray pressed from one sheet: with broad round corners, or with squarer ones and two raised handles."""
    corner = 0.042 if variant == "rounded" else 0.024
    height, flare = draw.sizes.uniform(0.016, 0.021), 0.007 if variant == "rounded" else 0.003
    plan = plans.rounded_rectangle(half_x - flare, half_y - flare, corner, 4 if variant == "rounded" else 3)
    wall = paths.fillet([(corner - 0.008, 0.0), (corner, 0.0), (corner + flare, height - WALL_M / 2.0)], 0.003, 5)[1:]
    vessel = Vessel(paths.resample(wall, 97), WALL_M, FLOOR_M, plan=plan)
    light = colors.named("white", draw.colors) if name != "white" else colors.named("blue", draw.colors)
    face = prints.framed(paint, light, 0.35 if variant == "rounded" else 0.2)
    lacquer = Material(paint, roughness=0.3, specular=0.6)
    pieces = vessel.hulls(((1.0, 16),))
    meshes = [vessel.underside_mesh(), vessel.outer_mesh(0.0, 1.0, 4), vessel.lip_mesh(), vessel.inner_wall_mesh(2)]
    surfaces = [
        shapes.merge(*meshes).surface(lacquer),
        lofts.from_above(vessel.floor_mesh(), half_x - flare, half_y - flare).surface(
            Material(paint, roughness=0.35, specular=0.5, texture=face)
        ),
    ]
    if variant == "handled":
        grips, more = _raised(draw.sizes, half_y, vessel.height_m)
        pieces += more
        brass = (0.70, 0.48, 0.18) if draw.colors.random() < 0.5 else (0.035, 0.035, 0.04)
        surfaces.append(grips.surface(Material(brass, roughness=0.3, metallic=0.6 if brass[0] > 0.1 else 0.0)))
    return tuple(surfaces), pieces, FLOOR_M


def _raised(rng: np.random.Generator, half_y: float, rim_z: float) -> tuple[Mesh, list[FloatArray]]:
    """Return two arched handles on the short walls, and their collision hulls."""
    wide, rise, wire = rng.uniform(0.036, 0.042), rng.uniform(0.026, 0.032), 0.0040
    y, z = half_y - 0.0040, rim_z - 0.006
    path = paths.bezier(
        [(wide, y, z), (wide, y + 0.004, z + 1.7 * rise), (-wide, y + 0.004, z + 1.7 * rise), (-wide, y, z)], 49
    )
    mesh = shapes.sweep(path, wire, 8, 14, caps=(True, True))
    links = hulls.chain(path, wire, 10)
    turned = transform(rotation_about((0.0, 0.0, 1.0), np.pi), (0.0, 0.0, 0.0))
    return shapes.merge(mesh, mesh.moved(turned)), links + hulls.moved(links, turned)
