"""Dinner plates, small enough to share a table with other things."""

from __future__ import annotations

import numpy as np

from tracesim.assets import colors, hulls, paths, shapes, variants
from tracesim.assets.vessel import Vessel
from tracesim.layout.prop import Material, Prop
from tracesim.layout.randomness import Draw

PLATE_COLORS = ("red", "yellow", "green", "teal", "blue", "pink", "white", "gray")
FOOT_Z = 0.003


def plate(draw: Draw, *, color: str | None = None) -> Prop:
    """Return a plate; it has no grips, because a hand cannot get under its rim from above.

    Narrow rims are held out of the "seen" split of shapes.

    Args:
        draw: Source of randomness.
        color: Colour of its face; random if None.
    """
    name = colors.pick(draw.colors, PLATE_COLORS, color)
    rim, height = draw.sizes.uniform(0.080, 0.098), draw.sizes.uniform(0.015, 0.020)
    well = rim * variants.proportion(draw, 0.54, 0.66)
    bend = 0.009
    path = [(well - 2.2 * bend, FOOT_Z), (well, FOOT_Z), (rim, height - 0.0016)]
    outside = paths.fillet(path, bend, 11)[1:]
    bend_ends = 2.0 * bend / float(np.linalg.norm(np.diff(outside, axis=0), axis=1).sum())
    wall = paths.resample(outside, 97)
    vessel = Vessel(wall, thickness_m=0.0034, floor_m=FOOT_Z + 0.0034)

    face = Material(colors.named(name, draw.colors), roughness=draw.colors.uniform(0.15, 0.3), specular=0.6)
    cream = Material(colors.named("white", draw.colors), roughness=0.2, specular=0.6)
    trim = Material(colors.mix(face.base_color, (0.02, 0.02, 0.02), 0.35), roughness=0.3, specular=0.6)
    rimmed = bool(draw.colors.random() < 0.5)
    stand = [(0.0, 0.0), (well - 0.014, 0.0), (well - 0.012, FOOT_Z), outside[0]]
    top = np.array([0.0, 0.0, vessel.height_m])
    return Prop(
        kind="plate",
        noun="plate",
        color=name,
        surfaces=(
            shapes.merge(shapes.lathe(stand), vessel.outer_mesh(0.0, 1.0, 10)).surface(face if not rimmed else cream),
            vessel.lip_mesh().surface(trim),
            vessel.inner_mesh(12).surface(face),
        ),
        hulls=hulls.vertices(
            [
                *hulls.turned([(well - 0.014, 0.0), (well - 0.012, FOOT_Z)]),
                *vessel.hulls(bands=((bend_ends, 18), (1.0, 16))),
            ]
        ),
        points={
            "base": np.zeros(3),
            "top": np.array([0.0, 0.0, vessel.floor_m]),
            "rim": top - [vessel.rim_m, 0.0, 0.0],
        },
        mass_kg=0.3,
    )
