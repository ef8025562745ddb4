"""Stew pots: wide and heavy, with two handles, to be lifted with both hands by the rim."""

from __future__ import annotations

import numpy as np

from tracesim.assets import colors, hulls, lofts, paths, shapes, variants
from tracesim.assets.props.pot import FLOOR_M, POT_COLORS, STEEL, WALL_M, WEDGES, handles, lining, rim_grips
from tracesim.assets.vessel import Vessel
from tracesim.layout.prop import Material, Prop
from tracesim.layout.randomness import Draw


def stew_pot(draw: Draw, *, color: str | None = None) -> Prop:
    """Return a wide pot to be grasped by its rim in front and at the back; two handles point to its sides.

    Args:
        draw: Source of randomness.
        color: Colour of its outside, where gray is steel; random if None.
    """
    name = colors.pick(draw.colors, POT_COLORS, color)
    rim = draw.sizes.uniform(0.126, 0.136)
    height = rim * variants.proportion(draw, 0.64, 0.78)
    corner = 0.0036
    foot = rim * draw.shapes.uniform(0.95, 0.98)
    wall = paths.fillet([(foot - 2.0 * corner, 0.0), (foot, 0.0), (rim, height - WALL_M / 2.0)], corner, 7)[1:]
    vessel = Vessel(paths.resample(wall, 97), WALL_M, FLOOR_M)
    steel = Material(STEEL, roughness=0.28, metallic=0.75, specular=0.7)
    enamel = steel if name == "gray" else Material(colors.named(name, draw.colors), roughness=0.22, specular=0.7)
    inside, floor = lining(draw.colors, lined=name != "gray")
    grips, pieces = handles(draw.sizes, "casserole", vessel)
    return Prop(
        kind="stew_pot",
        noun="stew pot",
        color=name,
        surfaces=(
            shapes.merge(vessel.underside_mesh(48), vessel.outer_mesh(0.0, 1.0, 8, 48)).surface(enamel),
            vessel.lip_mesh(48).surface(steel),
            vessel.inner_wall_mesh(2, 48).surface(inside),
            lofts.from_above(vessel.floor_mesh(48), foot, foot).surface(floor),
            grips.surface(enamel),
        ),
        hulls=hulls.vertices([*vessel.hulls(((1.0, WEDGES),)), *pieces]),
        points={
            "base": np.zeros(3),
            "top": np.array([0.0, 0.0, vessel.height_m]),
            "inside": np.array([0.0, 0.0, FLOOR_M]),
            "front": np.array([vessel.rim_m, 0.0, vessel.height_m]),
            "back": np.array([-vessel.rim_m, 0.0, vessel.height_m]),
        },
        grips=rim_grips(vessel, "casserole"),
        mass_kg=0.8,
    )
