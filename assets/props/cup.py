"""A cup without a handle: a tumbler or a tea cup, empty."""

from __future__ import annotations

import numpy as np

from tracesim.assets import colors, hulls, variants
from tracesim.assets.grasps import SLIGHT, from_above, over_wall
from tracesim.assets.paths import bezier
from tracesim.assets.vessel import Vessel
from tracesim.layout.prop import Material, Prop
from tracesim.layout.randomness import Draw

CUP_COLORS = ("red", "orange", "yellow", "green", "teal", "blue", "purple", "pink", "white", "gray")
TILTED = tuple(np.radians([15.0, -15.0]))
QUARTER_TURNS = (np.pi / 2.0, 0.0, np.pi / 4.0, 3.0 * np.pi / 4.0)


def cup(draw: Draw, *, color: str | None = None) -> Prop:
    """Return a cup that a hand can span; its grasps hold the rim first, then the whole body.

    color: of its outside; drawn unless given. Straight walls are held out of the seen shapes.
    """
    name = colors.pick(draw.colors, CUP_COLORS, color)
    rim, height = draw.sizes.uniform(0.0315, 0.0355), draw.sizes.uniform(0.072, 0.098)
    foot = rim * variants.proportion(draw, 0.78, 0.95)
    waist = (foot + rim) / 2.0 + draw.shapes.uniform(0.0, 0.0016)
    controls = [(foot, 0.0), (waist, height / 2.0), (rim, height - 0.0016)]
    vessel = Vessel(bezier(controls, 33), thickness_m=0.0032, floor_m=0.005)

    glaze = Material(colors.named(name, draw.colors), roughness=draw.colors.uniform(0.18, 0.45), specular=0.6)
    cream = Material(colors.named("white", draw.colors), roughness=0.25, specular=0.6)
    clay = Material(
        colors.mix(colors.named("brown", draw.colors), colors.named("white", draw.colors), 0.45),
        roughness=0.85,
        specular=0.2,
    )
    style = draw.colors.choice(("plain", "dipped", "banded"))
    if style == "plain":
        outside = [vessel.outer_mesh(0.0, 1.0, 5).surface(glaze)]
    elif style == "dipped":
        edge = draw.colors.uniform(0.22, 0.42)
        outside = [vessel.outer_mesh(0.0, edge, 3).surface(clay), vessel.outer_mesh(edge, 1.0, 4).surface(glaze)]
    else:
        low, width = draw.colors.uniform(0.60, 0.72), draw.colors.uniform(0.06, 0.14)
        outside = [
            vessel.outer_mesh(0.0, low, 4).surface(glaze),
            vessel.outer_mesh(low, low + width, 2).surface(cream),
            vessel.outer_mesh(low + width, 1.0, 2).surface(glaze),
        ]
    lip, inside = vessel.lip_mesh().surface(glaze), vessel.inner_mesh(4).surface(cream)

    hold_z, body_z = vessel.height_m - 0.015, max(0.55 * height, vessel.height_m - 0.030)
    upright, tilted = vessel.wall_at(hold_z), vessel.wall_at(hold_z, TILTED[0])
    top = np.array([0.0, 0.0, vessel.height_m])
    return Prop(
        kind="cup",
        noun="cup",
        color=name,
        surfaces=(vessel.underside_mesh().surface(clay), *outside, lip, inside),
        hulls=hulls.vertices(vessel.hulls(bands=((1.0, 16),))),
        points={"base": np.zeros(3), "top": top, "rim": top - np.array([vessel.rim_m, 0.0, 0.0])},
        grasps=(
            *over_wall(hold_z, upright),
            *from_above((0.0, 0.0, body_z), 2.0 * float(vessel.outside[:, 0].max()), QUARTER_TURNS, SLIGHT),
            *over_wall(hold_z, tilted, tilts=TILTED),
        ),
        mass_kg=0.16,
    )
