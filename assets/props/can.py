"""Closed cans: a drink can, a food tin or a tall energy drink."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tracesim.assets import colors, hulls, lofts, paths, prints, shapes, variants
from tracesim.assets.colors import Color
from tracesim.geometry.rigid import FloatArray
from tracesim.layout.grips import SLIGHT_LEAN, Cylinder
from tracesim.layout.prop import Material, Prop
from tracesim.layout.randomness import Draw

VARIANTS = {"drink": "can", "tin": "can", "tall": "can"}
"""The noun for each shape in an instruction; the last shape is held out."""
CAN_COLORS = ("red", "blue", "green", "orange", "purple", "teal", "yellow", "pink", "white")
SIZES_M = {
    "drink": ((0.0305, 0.0330), (0.105, 0.118)),
    "tin": ((0.0315, 0.0338), (0.074, 0.092)),
    "tall": ((0.0262, 0.0280), (0.146, 0.158)),
}
"""Least and greatest radius and height of each shape."""
TAPERS_M = {"drink": 0.0066, "tall": 0.0048}
"""Difference between the radii of body and rim."""
METAL = (0.56, 0.57, 0.59)
DARK = (0.05, 0.05, 0.055)
RECESS_M = 0.0016
"""Depth of the lid below the rim; its collision hull ends halfway between them."""


class _Form(NamedTuple):
    """Profiles of a can: radius and z, each (N, 2), metres."""

    foot: FloatArray
    """Bare metal below the label."""
    head: FloatArray
    """Bare metal above the label."""
    label: FloatArray
    """The label."""
    levels: FloatArray
    """The collision hulls."""


def can(draw: Draw, *, color: str | None = None, variant: str | None = None) -> Prop:
    """Return a can to be gripped around its body, near the top.

    Args:
        draw: Source of randomness.
        color: Colour of its label; random if None.
        variant: One of `VARIANTS`; random if None.
    """
    chosen = variants.choose(draw, "can", VARIANTS, variant)
    name = colors.pick(draw.colors, CAN_COLORS, color)
    paint = colors.named(name, draw.colors)
    widths, heights = SIZES_M[chosen]
    radius, height = draw.sizes.uniform(*widths), draw.sizes.uniform(*heights)
    form = _seamed(radius, height) if chosen == "tin" else _drawn(radius, height, TAPERS_M[chosen])
    rim, lid_z = float(form.head[-1, 0]), height - RECESS_M
    lid = shapes.lathe([form.head[-1], (rim - 0.0006, lid_z), (0.0, lid_z)], 36)
    tab = paint if draw.colors.random() < 0.4 else METAL
    pressed = prints.rounds(METAL, (0.16, 0.16, 0.17)) if chosen == "tin" else prints.lid(METAL, DARK, tab)
    return Prop(
        kind="can",
        noun=VARIANTS[chosen],
        color=name,
        surfaces=(
            shapes.merge(shapes.lathe(form.foot, 36), shapes.lathe(form.head, 36)).surface(
                Material(METAL, roughness=0.28, metallic=0.75, specular=0.7)
            ),
            shapes.lathe(form.label, 40, crease=np.pi).surface(_label(draw.colors, chosen, name, paint)),
            lofts.from_above(lid, rim, rim).surface(Material(METAL, 0.35, 0.5, texture=pressed)),
        ),
        hulls=hulls.vertices([*hulls.stacked(hulls.turned(form.levels)[0])]),
        points={
            "base": np.zeros(3),
            "top": np.array([0.0, 0.0, lid_z]),
            "body": np.array([-radius, 0.0, height / 2.0]),
        },
        grips=(Cylinder((0.0, 0.0, height - 0.031), radius, 0.01, height - 0.015, lean=SLIGHT_LEAN),),
        mass_kg=0.35,
    )


def _drawn(radius: float, height: float, taper: float) -> _Form:
    """Return the profiles of a seamless aluminium can.

    Args:
        radius: Radius of the body, metres.
        height: Height, metres.
        taper: Difference between the radii of body and rim, metres.
    """
    rim, shoulder = radius - taper, height - 0.0165
    neck = paths.bezier([(radius, shoulder), (radius, shoulder + 0.007), (rim - 0.0004, height - 0.006)], 6)
    foot = [(0.0, 0.0), (radius - 0.0064, 0.0), (radius - 0.0050, 0.0008), (radius - 0.0003, 0.0068), (radius, 0.0085)]
    crown = [(rim - 0.0004, height - 0.0028), (rim, height - 0.0022), (rim, height - 0.0006), (rim - 0.0006, height)]
    return _Form(
        np.array(foot),
        np.array([*neck[2:], *crown, (rim - 0.0014, height - 0.0002)]),
        np.array([foot[-1], *neck[:3]]),
        np.array(
            [
                (radius - 0.0056, 0.0),
                (radius, 0.0070),
                (radius, shoulder),
                neck[2] + (0.0003, 0.0),
                (rim, height - 0.006),
                (rim, height - RECESS_M / 2.0),
            ]
        ),
    )


def _seamed(radius: float, height: float) -> _Form:
    """Return the profiles of a food tin with a seam at either end and a paper label in between."""
    seam, inner, paper = 0.0030, radius - 0.0007, radius - 0.0003
    low, high = 0.0085, height - 0.0085
    foot = [(0.0, 0.0), (radius - 0.0006, 0.0), (radius, 0.0006), (radius, seam), (inner, seam + 0.0006), (inner, low)]
    head = [(radius, height - 0.0006), (radius - 0.0006, height), (radius - 0.0016, height - 0.0002)]
    return _Form(
        np.array(foot),
        np.array([(inner, high), (inner, height - seam - 0.0006), (radius, height - seam), *head]),
        np.array([(inner, low), (paper, low + 0.0003), (paper, high - 0.0003), (inner, high)]),
        np.array([(radius - 0.0002, 0.0), (radius - 0.0002, height - RECESS_M / 2.0)]),
    )


def _label(rng: np.random.Generator, variant: str, name: str, paint: Color) -> Material:
    """Return the printed material around a can."""
    white, black = colors.named("white", rng), (0.02, 0.02, 0.022)
    if variant == "tin":
        fruit = colors.named(colors.pick(rng, ("red", "orange", "yellow", "green"), None), rng)
        leaf = colors.named("green", rng)
        # A fruit of the label's own colour would not be seen on it.
        ground = paint if name != "white" else colors.mix(paint, colors.named("gray", rng), 0.3)
        fruit = colors.mix(fruit, white, 0.15 if name not in ("red", "orange", "yellow", "green") else 0.45)
        return Material(paint, roughness=0.6, specular=0.3, texture=prints.fruit_label(white, ground, fruit, leaf))
    if variant == "tall":
        ink = colors.named("yellow", rng) if name in ("blue", "purple", "red", "green", "teal") else black
        return Material(paint, roughness=0.3, metallic=0.2, specular=0.7, texture=prints.bolt(paint, ink))
    design = (prints.wave, prints.rings)[int(rng.integers(2))]
    ink = white if name not in ("white", "yellow") else colors.named("red", rng)
    return Material(paint, roughness=0.3, metallic=0.2, specular=0.7, texture=design(paint, ink))
