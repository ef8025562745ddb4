"""A bottle with a cap and a label."""

from __future__ import annotations

import itertools

import numpy as np

from tracesim.assets import colors, hulls, paths, patterns, shapes, variants
from tracesim.assets.grasps import from_above
from tracesim.layout.prop import Material, Prop
from tracesim.layout.randomness import Draw

CREAM = (0.80, 0.76, 0.66)
ACCENTS = (("red", "yellow", "orange", "black"), ("red", "blue", "green", "black"))
"""Colours of cap and print; the latter on white bottles."""
BOTTLE_COLORS = ("green", "blue", "teal", "brown", "red", "white", "purple", "orange")
QUARTER_TURNS = (np.pi / 2.0, 0.0, np.pi / 4.0, 3.0 * np.pi / 4.0)


def bottle(draw: Draw, *, color: str | None = None) -> Prop:
    """Return a bottle; its grasps hold the cap.

    color: of its body; drawn unless given. High shoulders are held out of the seen shapes.
    """
    name = colors.pick(draw.colors, BOTTLE_COLORS, color)
    body, neck = draw.sizes.uniform(0.028, 0.034), draw.sizes.uniform(0.0110, 0.0130)
    height = draw.sizes.uniform(0.165, 0.205)
    shoulder = height * variants.proportion(draw, 0.48, 0.64)
    neck_z = height * draw.shapes.uniform(0.76, 0.80)
    cap_z = height - draw.sizes.uniform(0.020, 0.026)
    cap = neck + 0.0022
    slope = paths.bezier(
        [
            (body, shoulder),
            (body, shoulder + 0.6 * (neck_z - shoulder)),
            (neck, neck_z - 0.5 * (neck_z - shoulder)),
            (neck, neck_z),
        ],
        25,
    )
    foot = paths.bezier([(body - 0.006, 0.0), (body, 0.0), (body, 0.006)], 5)
    low, high = 0.22 * shoulder + 0.006, 0.88 * shoulder
    label = 0.0003  # the paper stands off the glass: nothing coincides, nothing flickers

    glass = Material(colors.named(name, draw.colors), roughness=0.12, specular=0.8)
    accent = colors.pick(draw.colors, ACCENTS[name == "white"], None)
    ink = colors.named(accent, draw.colors)
    paper = Material(CREAM, roughness=0.7, specular=0.3, texture=patterns.label(CREAM, ink))
    tin = Material(ink, roughness=0.35, specular=0.6)
    glass_mesh = shapes.merge(
        shapes.lathe(np.vstack([[(0.0, 0.0)], foot, [(body, low)]]), 36),
        shapes.lathe(np.vstack([[(body, high)], slope[::3], [(neck, cap_z)]]), 36),
    )
    paper_mesh = shapes.lathe(
        [(body, low), (body + label, low + label), (body + label, high - label), (body, high)], 36, crease=np.pi
    )
    cap_mesh = shapes.lathe(
        [
            (neck, cap_z),
            (cap - 0.0005, cap_z),
            (cap, cap_z + 0.0005),
            (cap, height - 0.001),
            (cap - 0.001, height),
            (0.0, height),
        ],
        32,
    )
    joints = paths.outline(slope, 6)
    rows = paths.follow(slope, joints)
    rows[[0, -1]] = slope[[0, -1]]
    return Prop(
        kind="bottle",
        noun="bottle",
        color=name,
        surfaces=(
            glass_mesh.surface(glass),
            paper_mesh.surface(paper),
            cap_mesh.surface(tin),
        ),
        hulls=hulls.vertices(
            [
                *hulls.turned([(body - 0.0035, 0.0), (body, 0.0035)]),
                *hulls.turned([(body, 0.0035), (body, shoulder)]),
                *(piece for pair in itertools.pairwise(rows) for piece in hulls.turned(pair)),
                *hulls.turned([(neck, neck_z), (neck, cap_z)]),
                *hulls.turned([(cap, cap_z), (cap, height)]),
            ]
        ),
        points={
            "base": np.zeros(3),
            "top": np.array([0.0, 0.0, height]),
            "body": np.array([-body, 0.0, 0.5 * shoulder]),
        },
        grasps=from_above((0.0, 0.0, height - 0.016), 2.0 * cap, QUARTER_TURNS),
        mass_kg=0.3,
    )
