"""French fries: in a carton with a high back, in a striped cup, in a paper cone on a foot."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tracesim.assets import colors, hulls, lofts, patterns, prints, shapes, variants
from tracesim.assets.colors import Color
from tracesim.assets.exposed import exposed
from tracesim.assets.grasps import from_above
from tracesim.assets.shapes import Mesh
from tracesim.draw import Draw
from tracesim.prop import Grasp, Material, Prop
from tracesim.rigid import FloatArray, rotation_about, transform

VARIANTS = ("carton", "cup", "cone")
CARTON_COLORS = ("red", "red", "red", "yellow", "blue")
POTATO = (0.93, 0.56, 0.10)
BROWN = (0.60, 0.27, 0.045)
STICK_M = 0.0070
"""How thick a fry is."""
SUNK_M = 0.0006
"""How far it reaches down between the others."""

Filled = tuple[list[tuple[Mesh, Material]], list[FloatArray], FloatArray, float, tuple[Grasp, ...]]
"""Meshes, their materials and hull pieces of what holds the fries, where (N, 2) and how high they stand, and grasps."""


def fries(draw: Draw, *, color: str | None = None, variant: str | None = None) -> Prop:
    """Return french fries, the print on their carton to its front; their grasps hold the carton across.

    color: of the carton, the fries themselves are yellow; variant: a name in `VARIANTS`. Both are drawn unless given.
    """
    chosen = variants.choose(draw, "fries", VARIANTS, variant)
    name = colors.pick(draw.colors, CARTON_COLORS, color)
    paint = colors.named(name, draw.colors)
    second = colors.named("white" if name == "yellow" or chosen != "carton" else "yellow", draw.colors)
    seen, pieces, places, bed_z, grasps = {"carton": _carton, "cup": _cup, "cone": _cone}[chosen](draw, paint, second)
    sticks = []
    tallest = 0.0
    for index, (x, y) in enumerate(places):
        length = draw.sizes.uniform(0.022, 0.034) if index else 0.036
        # They lean away from the middle, the more the further out they stand.
        lean = (
            np.clip(np.array([x, y]) * (1.5, 4.5) + draw.shapes.uniform(-0.02, 0.02, 2), -0.11, 0.11)
            if index
            else np.zeros(2)
        )
        rotation = rotation_about((0.0, 1.0, 0.0), lean[0]) @ rotation_about((1.0, 0.0, 0.0), -lean[1])
        spin = rotation_about((0.0, 0.0, 1.0), draw.shapes.uniform(-0.35, 0.35) if index else 0.0)
        pose = transform(rotation @ spin, (x, y, bed_z - SUNK_M))
        size = (STICK_M, STICK_M, length + SUNK_M)
        sticks.append(shapes.box(size, 0.0005).moved(pose))
        pieces += hulls.moved(hulls.box(size), pose)
        tallest = max(tallest, bed_z + length) if not index else tallest
    ramp = colors.ramp([POTATO, POTATO, colors.mix(POTATO, BROWN, 0.6)], [0.0, 0.72, 1.0], 16)
    fried = Material(POTATO, roughness=0.6, specular=0.3, texture=patterns.gradient(ramp))
    meshes = [mesh for mesh, _ in seen] + [shapes.merge(*sticks)]
    materials = [material for _, material in seen] + [fried]
    return Prop(
        kind="fries",
        noun="french fries",
        color=name,
        surfaces=tuple(
            mesh.surface(material) for mesh, material in zip(exposed(meshes, pieces), materials, strict=True)
        ),
        hulls=hulls.vertices(pieces),
        points={"base": np.zeros(3), "top": np.array([0.0, 0.0, tallest])},
        grasps=grasps,
        mass_kg=0.12,
    )


def _bed(rng: np.random.Generator, mesh: Mesh) -> tuple[Mesh, Material]:
    """Return what is seen between the fries: more of them, deeper."""
    dark = colors.mix(POTATO, BROWN, 0.45)
    mottled = patterns.speckle(rng, dark, POTATO, 0.5, 16)
    return shapes.flat_mapped(mesh, 0.03), Material(dark, roughness=0.8, specular=0.1, texture=mottled)


def _carton(draw: Draw, paint: Color, second: Color) -> Filled:
    """Return a flat carton that widens upward; its back stands up behind the fries."""
    half_x, low, high = (
        draw.sizes.uniform(0.0160, 0.0172),
        draw.sizes.uniform(0.0225, 0.0240),
        draw.sizes.uniform(0.0290, 0.0310),
    )
    bed_z, back_z = draw.sizes.uniform(0.054, 0.060), draw.sizes.uniform(0.076, 0.082)
    card = 0.0024

    def section(z: float, x_low: float, x_high: float, inset: float = 0.0) -> FloatArray:
        half_y = low + (high - low) * z / bed_z - inset
        return np.array([(x_high, half_y, z), (x_low, half_y, z), (x_low, -half_y, z), (x_high, -half_y, z)])

    body = np.stack([section(0.0, -half_x, half_x), section(bed_z, -half_x, half_x)])
    top_inset = (0.0, 0.0015, 0.006, 0.014)
    back = np.stack(
        [
            section(bed_z + (back_z - bed_z) * share, -half_x, -half_x + card, inset)
            for share, inset in zip((0.0, 0.55, 0.85, 1.0), top_inset, strict=True)
        ]
    )
    across = 2.0 * high
    print_ = prints.emblem(paint, second)
    card_mesh = lofts.projected(
        shapes.merge(_open(lofts.loft(body)), lofts.loft(back)),
        (0.0, -high, 0.0),
        (0.0, across, 0.0),
        (0.0, 0.0, bed_z),
    )
    mouth = _grid(half_x - 0.0012, high - 0.0014, bed_z + 0.0003)
    rows = [(x, y) for x in (-0.0080, 0.0085) for y in (-0.0205, -0.0075, 0.0075, 0.0205)]
    places = [(0.0, 0.0), (0.0, -0.0150), (0.0, 0.0150), *rows]
    surfaces = [(card_mesh, Material(paint, roughness=0.6, specular=0.3, texture=print_)), _bed(draw.colors, mouth)]
    grasps = from_above((0.0, 0.0, bed_z - 0.022), 2.0 * half_x, (0.0,))
    return surfaces, [body, *hulls.stacked(back)], np.array(places), bed_z, grasps


def _grid(half_x: float, half_y: float, z: float) -> Mesh:
    """Return a level rectangle of small triangles."""
    x, y = np.meshgrid(np.linspace(-half_x, half_x, 13), np.linspace(-half_y, half_y, 25), indexing="ij")
    vertices = np.stack([x, y, np.full_like(x, z)], -1).reshape(-1, 3)
    corner = (np.arange(12)[:, None] * 25 + np.arange(24)).ravel()
    faces = np.concatenate(
        [np.stack([corner, corner + 25, corner + 26], 1), np.stack([corner, corner + 26, corner + 1], 1)]
    )
    return Mesh(
        vertices, faces.astype(np.int32), np.tile([0.0, 0.0, 1.0], (len(vertices), 1)), np.zeros((len(vertices), 2))
    )


def _round(rim: float, z: float) -> Mesh:
    """Return a disc of small triangles, with the rim's upper edge."""
    return shapes.lathe(
        [(rim - 0.0008, z + 0.0004), *((rim * share, z) for share in (0.9, 0.72, 0.54, 0.36, 0.18, 0.0))], 32
    )


def _open(body: Mesh) -> Mesh:
    """Return a body without its lid."""
    return replace(body, faces=body.faces[(body.normals[body.faces, 2] < 0.9).all(1)])


def _cup(draw: Draw, paint: Color, second: Color) -> Filled:
    """Return a round striped cup."""
    rim, height = draw.sizes.uniform(0.0300, 0.0318), draw.sizes.uniform(0.060, 0.070)
    foot = 0.88 * rim
    wall = shapes.lathe([(foot, 0.0), (rim, height), (rim - 0.0008, height + 0.0004)], 32)
    under = shapes.lathe([(0.0, 0.0), (foot, 0.0)], 32)
    striped = prints.stripes(paint, second)
    surfaces = [
        (
            shapes.merge(wall, under).tiled(float(draw.colors.integers(8, 11)), 1.0),
            Material(paint, 0.6, texture=striped),
        ),
        _bed(draw.colors, _round(rim, height)),
    ]
    grasps = from_above((0.0, 0.0, height - 0.012), 2.0 * rim, (np.pi / 2.0, 0.0))
    return surfaces, hulls.turned([(foot, 0.0), (rim, height)]), _spread(draw.shapes, rim), height, grasps


def _cone(draw: Draw, paint: Color, second: Color) -> Filled:
    """Return a striped paper cone that stands in a wooden foot."""
    rim, height, foot = (
        draw.sizes.uniform(0.0295, 0.0315),
        draw.sizes.uniform(0.074, 0.082),
        draw.sizes.uniform(0.0245, 0.0270),
    )
    foot_z, slope = 0.012, 0.27
    tip = rim - slope * (height - foot_z)
    cone = shapes.lathe([(tip, foot_z), (rim, height), (rim - 0.0008, height + 0.0004)], 32)
    base = shapes.lathe(
        [
            (0.0, 0.0),
            (foot - 0.0006, 0.0),
            (foot, 0.0006),
            (foot, foot_z - 0.0006),
            (foot - 0.0006, foot_z),
            (tip, foot_z),
        ],
        32,
    )
    timber = colors.mix(colors.named("brown", draw.colors), (0.86, 0.52, 0.20), 0.35)
    striped = prints.stripes(paint, second, slant=1.0)
    surfaces = [
        (cone.tiled(float(draw.colors.integers(6, 9)), 1.0), Material(paint, 0.7, specular=0.2, texture=striped)),
        (shapes.flat_mapped(base, 0.05), Material(timber, 0.6, texture=patterns.wood(draw.colors, timber))),
        _bed(draw.colors, _round(rim, height)),
    ]
    grasps = from_above((0.0, 0.0, height - 0.008), 2.0 * rim, (np.pi / 2.0, 0.0))
    pieces = [*hulls.turned([(foot, 0.0), (foot, foot_z)]), *hulls.turned([(tip, foot_z), (rim, height)])]
    return surfaces, pieces, _spread(draw.shapes, rim), height, grasps


def _spread(rng: np.random.Generator, rim: float) -> FloatArray:
    """Return places (N, 2) within a round rim, the first in its middle."""
    turn = rng.uniform(0.0, 2.0 * np.pi)
    rings = [(0.0, 0.0)]
    for count, radius in ((5, 0.42 * rim), (8, 0.72 * rim)):
        angles = turn + (np.arange(count) + rng.uniform(-0.12, 0.12, count)) * (2.0 * np.pi / count)
        rings += [(radius * np.cos(angle), radius * np.sin(angle)) for angle in angles]
    return np.array(rings)
