"""Electric candles, whose flame does not go out when they are carried."""

from __future__ import annotations

import numpy as np

from tracesim.assets import colors, hulls, paths, patterns, shapes
from tracesim.assets.hidden import without_hidden
from tracesim.assets.shapes import Mesh
from tracesim.assets.variants import choose
from tracesim.assets.vessel import Vessel
from tracesim.geometry.rigid import FloatArray
from tracesim.layout.grips import PATCH_HALF_HEIGHT_M, Cylinder, Grip
from tracesim.layout.prop import Material, Prop, Surface
from tracesim.layout.randomness import Draw

VARIANTS = {"pillar": "candle", "jar": "candle", "taper": "candle"}
"""The noun for each shape in an instruction; the last shape is held out."""
CANDLE_COLORS = {
    "pillar": ("white", "red", "white", "purple", "green", "yellow", "orange"),
    "jar": ("pink", "purple", "teal", "green", "blue", "orange", "red"),
    "taper": ("white", "red", "blue", "green", "white", "yellow"),
}
FLAME_M = 0.024
"""Height of a flame, including the wick below it."""
BRASS = Material((0.78, 0.53, 0.20), roughness=0.3, metallic=0.85)

Parts = tuple[list[Surface], list[FloatArray], float, Grip]
"""Surfaces, collision hulls, height of the wick's lower end in metres, and grip."""


def candle(draw: Draw, *, color: str | None = None, variant: str | None = None) -> Prop:
    """Return a burning candle to be gripped around its wax or its jar.

    Args:
        draw: Source of randomness.
        color: Colour of the wax or the jar; random if None.
        variant: "pillar" (thick, in a dish), "jar" (with a label) or "taper" (slim, in a holder with a finger ring);
            random if None.
    """
    shape = choose(draw, "candle", VARIANTS, variant)
    name = colors.pick(draw.colors, CANDLE_COLORS[shape], color)
    paint = Material(colors.named(name, draw.colors), roughness=0.45, specular=0.45)
    make = {"pillar": _pillar, "jar": _jar, "taper": _taper}[shape]
    surfaces, pieces, wick_z, grip = make(draw, paint)
    flame, wick, burning = _flame(wick_z)
    glow = colors.ramp([(1.0, 0.22, 0.02), (1.0, 0.48, 0.06), (1.0, 0.76, 0.24)], [0.0, 0.45, 1.0], 24)[::-1]
    fire = Material((1.0, 0.55, 0.12), roughness=0.9, specular=0.0, emission=0.9, texture=patterns.gradient(glow))
    return Prop(
        kind="candle",
        noun=VARIANTS[shape],
        color=name,
        surfaces=(*surfaces, wick.surface(Material((0.02, 0.02, 0.02), roughness=0.9)), flame.surface(fire)),
        hulls=hulls.vertices([*pieces, *burning]),
        points={"base": np.zeros(3), "top": np.array([0.0, 0.0, wick_z + FLAME_M])},
        grips=(grip,),
        mass_kg=0.2,
    )


def _flame(z: float) -> tuple[Mesh, Mesh, list[FloatArray]]:
    """Return a flame, the wick, which begins at height `z`, and their collision hulls."""
    low = z + 0.004
    shape = paths.bezier(
        [(0.0, low), (0.0095, low), (0.0075, low + 0.009), (0.0012, low + 0.014), (0.0, z + FLAME_M)], 33
    )
    rows = shape[paths.outline(shape, 9)]
    pieces = hulls.bands(np.vstack([[(0.0008, low)], shape[2:-1]]), 4, 8)
    stem = [(0.0013, z - 0.001), (0.0013, low + 0.001)]
    return shapes.lathe(rows, 16, crease=np.pi), shapes.lathe(stem, 8), [*pieces, *hulls.turned(stem, 6)]


def _pillar(draw: Draw, paint: Material) -> Parts:
    """Return a thick candle with drips, in a dish."""
    radius, height = draw.sizes.uniform(0.0215, 0.0250), draw.sizes.uniform(0.064, 0.088)
    dish, thick = draw.sizes.uniform(0.0300, 0.0322), draw.sizes.uniform(0.006, 0.008)
    soft = 0.0012
    wax = [
        (radius, thick),
        (radius, height - soft),
        (radius - 0.4 * soft, height - 0.4 * soft),
        (radius - soft, height),
    ]
    body = shapes.lathe([*wax, (0.0, height)], 36, crease=np.radians(50.0))
    drips = []
    for azimuth in draw.shapes.uniform(0.0, 2.0 * np.pi, 5):
        reach = draw.shapes.uniform(0.012, 0.035)
        out = radius - 0.0022 + 0.0006
        ends = np.array([[out * 0.97, 0.0, height - 0.0022], [out, 0.0, height - 0.005], [out, 0.0, height - reach]])
        turned = ends[:, :1] * (np.cos(azimuth), np.sin(azimuth), 0.0) + ends * (0.0, 0.0, 1.0)
        side = (-np.sin(azimuth), np.cos(azimuth), 0.0)
        drips.append(shapes.sweep(turned, (0.0016, 0.0022, 0.0024), 10, side=side, caps=(True, True)))
    plate = shapes.lathe(
        [
            *((0.0, 0.0), (0.86 * dish, 0.0), (dish, thick - 0.0008), (dish - 0.0005, thick), (dish - 0.002, thick)),
            *((dish - 0.003, thick - 0.0008), (radius - 0.001, thick - 0.0008)),
        ],
        36,
    )
    pool = shapes.lathe([(0.72 * radius, height + 0.0002), (0.0, height + 0.0002)], 24)
    melted = Material(colors.mix(paint.base_color, (1.0, 0.80, 0.50), 0.45), roughness=0.12, specular=0.8)
    solid = hulls.turned([(radius, thick - 0.001), (radius, height)])
    saucer = BRASS if draw.colors.random() < 0.5 else Material((0.55, 0.56, 0.58), roughness=0.35, metallic=0.6)
    return (
        [
            shapes.merge(body, *without_hidden(drips, solid)).surface(paint),
            pool.surface(melted),
            plate.surface(saucer),
        ],
        [*solid, *hulls.turned([(0.86 * dish, 0.0), (dish, thick)])],
        height,
        Cylinder((0.0, 0.0, height - 0.0125), radius, thick, height),
    )


def _jar(draw: Draw, paint: Material) -> Parts:
    """Return a labelled jar of coloured glass, filled with wax to just below the rim."""
    radius, height = draw.sizes.uniform(0.0285, 0.0320), draw.sizes.uniform(0.062, 0.078)
    wall, gap = 0.0032, draw.sizes.uniform(0.009, 0.012)
    foot = paths.fillet([(radius - 0.0015, 0.0), (radius, 0.0015), (radius, height - 0.5 * wall)], 0.001, 3)
    vessel = Vessel(paths.resample(foot, 65), wall, height - gap)
    low, high, lift = 0.20 * height, 0.78 * height, 0.0003
    label = shapes.lathe(
        [(radius, low), (radius + lift, low + lift), (radius + lift, high - lift), (radius, high)], 36, crease=np.pi
    )
    cream = colors.named("white", draw.colors)
    paper = Material(cream, roughness=0.7, texture=patterns.label(cream, colors.mix(paint.base_color, (0.0,) * 3, 0.5)))
    wax = Material(colors.mix(paint.base_color, (0.95, 0.88, 0.72), 0.75), roughness=0.4, specular=0.5)
    glass = Material(paint.base_color, roughness=0.10, specular=0.85)
    outside = shapes.merge(vessel.underside_mesh(), vessel.outer_mesh(0.0, 1.0, 5), vessel.lip_mesh())
    return (
        [outside.surface(glass), label.surface(paper), vessel.inner_mesh(2).surface(wax)],
        vessel.hulls(bands=((1.0, 12),)),
        vessel.floor_m,
        Cylinder((0.0, 0.0, height - 0.020), radius, 0.0015, height),
    )


def _taper(draw: Draw, paint: Material) -> Parts:
    """Return a slim candle in a holder with a saucer and a finger ring."""
    foot, tip = draw.sizes.uniform(0.0112, 0.0122), draw.sizes.uniform(0.0090, 0.0100)
    saucer, cup, seat = draw.sizes.uniform(0.0270, 0.0300), foot + 0.004, draw.sizes.uniform(0.024, 0.030)
    height = seat + draw.sizes.uniform(0.062, 0.080)
    plate = 0.006
    profile = [
        *((0.0, 0.0), (saucer - 0.003, 0.0), (saucer, plate - 0.001), (saucer - 0.001, plate)),
        *((cup - 0.004, plate), (cup - 0.004, seat - 0.010), (cup, seat - 0.005), (cup, seat), (foot - 0.0005, seat)),
    ]
    holder = shapes.lathe(profile, 32)
    turn, loop = np.linspace(-1.05, 2.0 * np.pi - 1.05, 49), 0.0105
    middle = np.array([-saucer - 0.0050, 0.0, 0.0135])
    path = middle + loop * np.stack([np.cos(turn), 0.0 * turn, np.sin(turn)], 1)
    ring = shapes.sweep(path, 0.0026, 10, 21)
    pieces = [
        *hulls.turned([(saucer - 0.003, 0.0), (saucer, plate)]),
        *hulls.turned([(cup - 0.004, plate), (cup - 0.004, seat - 0.010)], 12),
        *hulls.turned([(cup - 0.004, seat - 0.010), (cup, seat - 0.005)], 12),
        *hulls.turned([(cup, seat - 0.005), (cup, seat)], 12),
        *hulls.chain(path, 0.0026, 12, 8),
    ]
    soft = 0.0012
    wax = shapes.lathe([(foot, seat), (tip, height - soft), (tip - soft, height), (0.0, height)], 24)
    hold_z = height - 0.0125
    radius = float(np.interp(hold_z - PATCH_HALF_HEIGHT_M, [seat, height], [foot, tip]))
    return (
        [wax.surface(paint), shapes.merge(holder, ring).surface(BRASS)],
        [*pieces, *hulls.turned([(foot, seat), (tip, height)])],
        height,
        Cylinder((0.0, 0.0, hold_z), radius, seat, height),
    )
