"""Bowls on a low foot."""

from __future__ import annotations

import numpy as np

from tracesim.assets import colors, hulls, paths, shapes, variants
from tracesim.assets.vessel import Vessel
from tracesim.layout.prop import Material, Prop
from tracesim.layout.randomness import Draw

BOWL_COLORS = ("red", "orange", "yellow", "green", "teal", "blue", "purple", "pink", "white")
FOOT_Z = 0.004
BEND_M = 0.011


def bowl(draw: Draw, *, color: str | None = None) -> Prop:
    """Return a bowl to be gripped by its rim.

    Walls that flare most are held out of the "seen" split of shapes.

    Args:
        draw: Source of randomness.
        color: Colour of its outside; random if None.
    """
    name = colors.pick(draw.colors, BOWL_COLORS, color)
    rim, height = draw.sizes.uniform(0.057, 0.068), draw.sizes.uniform(0.046, 0.058)
    slope = variants.proportion(draw, np.radians(8.0), np.radians(18.0))
    corner = rim - (height - FOOT_Z) * np.tan(slope)
    foot = corner - BEND_M
    outside = paths.fillet([(foot - 1.2 * BEND_M, FOOT_Z), (corner, FOOT_Z), (rim, height - 0.0018)], BEND_M, 17)[1:]
    vessel = Vessel(paths.resample(outside, 97), thickness_m=0.0036, floor_m=FOOT_Z + 0.0036)
    bend_ends = 2.0 * BEND_M * 0.8 / float(np.linalg.norm(np.diff(outside, axis=0), axis=1).sum())

    glaze = Material(colors.named(name, draw.colors), roughness=draw.colors.uniform(0.16, 0.35), specular=0.6)
    cream = Material(colors.named("white", draw.colors), roughness=0.2, specular=0.6)
    raw = Material(colors.mix(colors.named("brown", draw.colors), cream.base_color, 0.5), roughness=0.9, specular=0.2)
    banded = bool(draw.colors.random() < 0.5)
    edge = draw.colors.uniform(0.80, 0.9)
    stand = [(0.0, 0.0), (foot - 0.006, 0.0), (foot - 0.005, 0.0006), (foot - 0.004, FOOT_Z), (foot, FOOT_Z)]

    top = np.array([0.0, 0.0, vessel.height_m])
    return Prop(
        kind="bowl",
        noun="bowl",
        color=name,
        surfaces=(
            shapes.lathe(stand).surface(raw),
            vessel.outer_mesh(0.0, edge, 10).surface(glaze),
            vessel.outer_mesh(edge, 1.0, 3).surface(cream if banded else glaze),
            vessel.lip_mesh().surface(glaze),
            vessel.inner_mesh(10).surface(cream),
        ),
        hulls=hulls.vertices(
            [
                *hulls.turned([(foot - 0.005, 0.0), (foot - 0.004, FOOT_Z)]),
                *vessel.hulls(bands=((bend_ends / 2.0, 12), (bend_ends, 15), (1.0, 15))),
            ]
        ),
        points={"base": np.zeros(3), "top": top, "rim": top - np.array([vessel.rim_m, 0.0, 0.0])},
        grips=(vessel.wall(0.012),),
        mass_kg=0.25,
    )
