"""Bottles with a cap and a label."""

from __future__ import annotations

import itertools
from typing import NamedTuple

import numpy as np

from tracesim.assets import colors, hulls, paths, patterns, shapes, variants
from tracesim.assets.shapes import Mesh
from tracesim.geometry.rigid import FloatArray
from tracesim.layout.grips import Cylinder
from tracesim.layout.prop import Material, Prop
from tracesim.layout.randomness import Draw

CREAM = (0.80, 0.76, 0.66)
ACCENTS = (("red", "yellow", "orange", "black"), ("red", "blue", "green", "black"))
"""Colours of cap and print, for coloured bottles and for white ones."""
BOTTLE_COLORS = ("green", "blue", "teal", "brown", "red", "white", "purple", "orange")


class _Form(NamedTuple):
    """Sizes of a bottle, metres."""

    body: float
    """Radius of the body."""
    neck: float
    """Radius of the neck."""
    cap: float
    """Radius of the cap."""
    shoulder: float
    """Height at which the shoulder begins."""
    neck_z: float
    """Height at which the neck begins."""
    cap_z: float
    """Height at which the cap begins."""
    height: float
    """Height of the top of the cap."""

    @property
    def slope(self) -> FloatArray:
        """Profile of the shoulder, (25, 2), from body to neck."""
        rise = self.neck_z - self.shoulder
        return paths.bezier(
            [
                (self.body, self.shoulder),
                (self.body, self.shoulder + 0.6 * rise),
                (self.neck, self.neck_z - 0.5 * rise),
                (self.neck, self.neck_z),
            ],
            25,
        )

    @property
    def label(self) -> tuple[float, float]:
        """Heights of the lower and upper edge of the label."""
        return 0.22 * self.shoulder + 0.006, 0.88 * self.shoulder


def bottle(draw: Draw, *, color: str | None = None) -> Prop:
    """Return a bottle to be gripped by its cap.

    High shoulders are held out of the "seen" split of shapes.

    Args:
        draw: Source of randomness.
        color: Colour of its body; random if None.
    """
    name = colors.pick(draw.colors, BOTTLE_COLORS, color)
    form = _form(draw)
    glass = Material(colors.named(name, draw.colors), roughness=0.12, specular=0.8)
    accent = colors.pick(draw.colors, ACCENTS[name == "white"], None)
    ink = colors.named(accent, draw.colors)
    paper = Material(CREAM, roughness=0.7, specular=0.3, texture=patterns.label(CREAM, ink))
    tin = Material(ink, roughness=0.35, specular=0.6)
    return Prop(
        kind="bottle",
        noun="bottle",
        color=name,
        surfaces=(_glass(form).surface(glass), _paper(form).surface(paper), _cap(form).surface(tin)),
        hulls=hulls.vertices(_pieces(form)),
        points={
            "base": np.zeros(3),
            "top": np.array([0.0, 0.0, form.height]),
            "body": np.array([-form.body, 0.0, 0.5 * form.shoulder]),
        },
        grips=(Cylinder((0.0, 0.0, form.height - 0.016), form.cap, form.height - 0.028, form.height),),
        mass_kg=0.3,
    )


def _form(draw: Draw) -> _Form:
    """Return random sizes."""
    body, neck = draw.sizes.uniform(0.028, 0.034), draw.sizes.uniform(0.0110, 0.0130)
    height = draw.sizes.uniform(0.165, 0.205)
    shoulder = height * variants.proportion(draw, 0.48, 0.64)
    neck_z = height * draw.shapes.uniform(0.76, 0.80)
    cap_z = height - draw.sizes.uniform(0.020, 0.026)
    return _Form(body, neck, neck + 0.0022, shoulder, neck_z, cap_z, height)


def _glass(form: _Form) -> Mesh:
    """Return the glass below and above the label."""
    low, high = form.label
    foot = paths.bezier([(form.body - 0.006, 0.0), (form.body, 0.0), (form.body, 0.006)], 5)
    return shapes.merge(
        shapes.lathe(np.vstack([[(0.0, 0.0)], foot, [(form.body, low)]]), 36),
        shapes.lathe(np.vstack([[(form.body, high)], form.slope[::3], [(form.neck, form.cap_z)]]), 36),
    )


def _paper(form: _Form) -> Mesh:
    """Return the label."""
    low, high = form.label
    label = 0.0003  # distance between paper and glass, which prevents z-fighting
    body = form.body
    return shapes.lathe(
        [(body, low), (body + label, low + label), (body + label, high - label), (body, high)], 36, crease=np.pi
    )


def _cap(form: _Form) -> Mesh:
    """Return the cap."""
    return shapes.lathe(
        [
            (form.neck, form.cap_z),
            (form.cap - 0.0005, form.cap_z),
            (form.cap, form.cap_z + 0.0005),
            (form.cap, form.height - 0.001),
            (form.cap - 0.001, form.height),
            (0.0, form.height),
        ],
        32,
    )


def _pieces(form: _Form) -> list[FloatArray]:
    """Return the collision hulls."""
    joints = paths.outline(form.slope, 6)
    rows = paths.follow(form.slope, joints)
    rows[[0, -1]] = form.slope[[0, -1]]
    return [
        *hulls.turned([(form.body - 0.0035, 0.0), (form.body, 0.0035)]),
        *hulls.turned([(form.body, 0.0035), (form.body, form.shoulder)]),
        *(piece for pair in itertools.pairwise(rows) for piece in hulls.turned(pair)),
        *hulls.turned([(form.neck, form.neck_z), (form.neck, form.cap_z)]),
        *hulls.turned([(form.cap, form.cap_z), (form.cap, form.height)]),
    ]
