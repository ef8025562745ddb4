"""Empty cups without a handle: tumblers and tea cups."""

from __future__ import annotations

import numpy as np

from tracesim.assets import colors, hulls, variants
from tracesim.assets.paths import bezier
from tracesim.assets.vessel import Vessel
from tracesim.layout.grips import SLIGHT_LEAN, Cylinder, Grip
from tracesim.layout.prop import Material, Prop, Surface
from tracesim.layout.randomness import Draw

CUP_COLORS = ("red", "orange", "yellow", "green", "teal", "blue", "purple", "pink", "white", "gray")


def cup(draw: Draw, *, color: str | None = None) -> Prop:
    """Return a cup to be gripped by its rim or, as it is narrow enough, around its body.

    Straight walls are held out of the "seen" split of shapes.

    Args:
        draw: Source of randomness.
        color: Colour of its outside; random if None.
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
    outside = _outside(draw.colors, vessel, glaze, cream, clay)
    lip, inside = vessel.lip_mesh().surface(glaze), vessel.inner_mesh(4).surface(cream)
    top = np.array([0.0, 0.0, vessel.height_m])
    return Prop(
        kind="cup",
        noun="cup",
        color=name,
        surfaces=(vessel.underside_mesh().surface(clay), *outside, lip, inside),
        hulls=hulls.vertices(vessel.hulls(bands=((1.0, 16),))),
        points={"base": np.zeros(3), "top": top, "rim": top - np.array([vessel.rim_m, 0.0, 0.0])},
        grips=_grips(vessel, max(0.55 * height, vessel.height_m - 0.030)),
        mass_kg=0.16,
    )


def _outside(
    rng: np.random.Generator, vessel: Vessel, glaze: Material, cream: Material, clay: Material
) -> list[Surface]:
    """Return the outside of the wall: plain, dipped into the glaze from above, or with a band."""
    style = rng.choice(("plain", "dipped", "banded"))
    if style == "plain":
        return [vessel.outer_mesh(0.0, 1.0, 5).surface(glaze)]
    if style == "dipped":
        edge = rng.uniform(0.22, 0.42)
        return [vessel.outer_mesh(0.0, edge, 3).surface(clay), vessel.outer_mesh(edge, 1.0, 4).surface(glaze)]
    low, width = rng.uniform(0.60, 0.72), rng.uniform(0.06, 0.14)
    return [
        vessel.outer_mesh(0.0, low, 4).surface(glaze),
        vessel.outer_mesh(low, low + width, 2).surface(cream),
        vessel.outer_mesh(low + width, 1.0, 2).surface(glaze),
    ]


def _grips(vessel: Vessel, body_z: float) -> tuple[Grip, ...]:
    """Return the grips of the wall at the rim, and around the body at the height `body_z`, metres."""
    radius, height = float(vessel.outside[:, 0].max()), vessel.height_m
    return (
        vessel.wall(0.015),
        Cylinder((0.0, 0.0, body_z), radius, 0.5 * height, height, lean=SLIGHT_LEAN),
    )
