"""A dinner plate, small enough for a table with other things on it."""

from __future__ import annotations

import numpy as np

from tracesim.assets import colors, hulls, shapes
from tracesim.assets.vessel import Vessel
from tracesim.prop import Material, Prop

PLATE_COLORS = ("red", "yellow", "green", "teal", "blue", "pink", "white", "gray")
FOOT_Z = 0.003


def plate(rng: np.random.Generator, *, color: str | None = None) -> Prop:
    """Return a plate; a hand cannot reach under its rim from above, so it has no grasps.

    color: of its face; drawn unless given.
    """
    name = colors.pick(rng, PLATE_COLORS, color)
    rim, height = rng.uniform(0.080, 0.098), rng.uniform(0.015, 0.020)
    well = rim * rng.uniform(0.60, 0.68)
    shoulder = np.array([well + 0.009, FOOT_Z + 0.5 * (height - FOOT_Z)])
    outside = shapes.fillet([(well - 0.004, FOOT_Z), (well, FOOT_Z), shoulder, (rim, height - 0.0016)], 0.006, 7)
    vessel = Vessel(shapes.resample(outside, 97), thickness_m=0.0034, floor_m=FOOT_Z + 0.0034)
    length = float(np.linalg.norm(np.diff(outside, axis=0), axis=1).sum())
    shoulder_at = 0.020 / length

    face = Material(colors.named(name, rng), roughness=rng.uniform(0.15, 0.3), specular=0.6)
    cream = Material(colors.named("white", rng), roughness=0.2, specular=0.6)
    trim = Material(colors.mix(face.base_color, (0.02, 0.02, 0.02), 0.35), roughness=0.3, specular=0.6)
    rimmed = bool(rng.random() < 0.5)
    stand = [(0.0, 0.0), (well - 0.012, 0.0), (well - 0.010, FOOT_Z)]
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
                *hulls.turned([(well - 0.012, 0.0), (well - 0.010, FOOT_Z)]),
                *vessel.hulls(bands=((shoulder_at, 14), (1.0, 16))),
            ]
        ),
        points={"base": np.zeros(3), "top": np.array([0.0, 0.0, vessel.floor_m]), "rim": top - [vessel.rim_m, 0.0, 0.0]},
        mass_kg=0.3,
    )
