"""French fries: in a flat carton with a high back, a striped paper cup, or a square checked bag."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from tracesim.assets import colors, hulls, lofts, patterns, plans, prints, shapes, variants
from tracesim.assets.colors import Color
from tracesim.assets.shapes import Mesh
from tracesim.geometry.rigid import FloatArray, rotation_about, transform, yaw
from tracesim.layout.grips import SLIGHT_LEAN, Cylinder, Faces, Grip
from tracesim.layout.prop import Material, Prop, Surface
from tracesim.layout.randomness import Draw

VARIANTS = {"carton": "carton of french fries", "cup": "cup of french fries", "bag": "bag of french fries"}
"""The noun for each shape in an instruction; the last shape is held out."""
PAPER_COLORS = ("red", "red", "red", "yellow", "blue")
POTATO = (0.90, 0.50, 0.085)
BROWN = (0.22, 0.075, 0.012)
STICK_M = 0.0056
"""Thickness of a fry."""
LONGEST_M = 0.0205
"""Length of the longest fry above the bed."""
SUNK_M = 0.0006
"""Depth to which fries extend below the bed."""
HOLD_M = 0.0095
"""Distance of the grip below the rim."""
TONES = 6
CHECK_M = 0.0135
"""Width of a check on the bag's paper."""


class _Holder(NamedTuple):
    """The packet that holds the fries."""

    surfaces: list[Surface]
    """Its surfaces."""
    pieces: list[FloatArray]
    """Its collision hulls."""
    places: FloatArray
    """Positions of the fries, (N, 2), metres, the first in the middle."""
    bed_z: float
    """Height at which the visible part of the fries begins, metres."""
    grips: tuple[Grip, ...]
    """How it can be gripped."""


def fries(draw: Draw, *, color: str | None = None, variant: str | None = None) -> Prop:
    """Return French fries, to be gripped by their packet at its rim.

    Args:
        draw: Source of randomness.
        color: Colour of the packet; random if None.
        variant: One of `VARIANTS`; random if None.
    """
    chosen = variants.choose(draw, "fries", VARIANTS, variant)
    name = colors.pick(draw.colors, PAPER_COLORS, color)
    paint = colors.named(name, draw.colors)
    second = colors.named("white" if name == "yellow" or chosen != "carton" else "yellow", draw.colors)
    build = {"carton": _carton, "cup": _cup, "bag": _bag}[chosen]
    holder = build(draw, paint, second)
    sticks, pieces = _sticks(draw.shapes, holder.places, holder.bed_z)
    return Prop(
        kind="fries",
        noun=VARIANTS[chosen],
        color=name,
        surfaces=(*holder.surfaces, sticks.surface(_fried(draw.colors))),
        hulls=hulls.vertices([*holder.pieces, *pieces]),
        points={"base": np.zeros(3), "top": np.array([0.0, 0.0, holder.bed_z + LONGEST_M])},
        grips=holder.grips,
        mass_kg=0.12,
    )


def _sticks(rng: np.random.Generator, places: FloatArray, bed_z: float) -> tuple[Mesh, list[FloatArray]]:
    """Return the fries and their collision hulls; the first is upright and the longest."""
    away, reach = np.linalg.norm(places, axis=1), np.abs(places).max(0) + 0.0015
    meshes, pieces = [], []
    for index, place in enumerate(places):
        length, rotation = LONGEST_M, np.eye(3)
        if index:
            length *= rng.uniform(0.7, 1.0)
            outward = place / away[index]
            aside = np.array([-outward[1], outward[0]])
            end = place + length * (rng.uniform(-0.12, 0.07) * outward + rng.uniform(-0.22, 0.22) * aside)
            lean = (np.clip(end, -reach, reach) - place) / length
            rotation = rotation_about((-lean[1], lean[0], 0.0), float(np.hypot(*lean))) @ yaw(rng.uniform(-0.4, 0.4))
        pose = transform(rotation, (*place, bed_z - SUNK_M))
        tall = np.array([1.0, 1.0, length + SUNK_M])
        tones = np.column_stack([np.full(len(_STICK.uvs), (rng.integers(TONES) + 0.5) / TONES), _STICK.uvs[:, 1]])
        meshes.append(replace(_STICK, vertices=_STICK.vertices * tall, uvs=tones).moved(pose))
        pieces += hulls.moved(hulls.box(tall * (STICK_M, STICK_M, 1.0)), pose)
    return shapes.merge(*meshes), pieces


def _fried(rng: np.random.Generator) -> Material:
    """Return the material of the fries: u selects one of several tones, v runs to the browner ends."""
    ramp = colors.ramp(
        [colors.mix(POTATO, BROWN, 0.4), POTATO, POTATO, colors.mix(POTATO, BROWN, 0.3)], [0.0, 0.3, 0.75, 1.0], 16
    )
    tones = rng.permutation(np.linspace(0.6, 1.1, TONES))
    return Material(
        POTATO, roughness=0.6, specular=0.3, texture=colors.to_texture(ramp[:, None] * tones[None, :, None])
    )


def _between(rng: np.random.Generator, mesh: Mesh) -> Surface:
    """Return the bed between the fries: more of them, deeper down and in shadow."""
    shade = colors.mix(POTATO, BROWN, 0.92)
    mottled = patterns.speckle(rng, shade, POTATO, 0.15, 12)
    return shapes.map_flat(mesh, 0.04).surface(Material(shade, roughness=0.9, specular=0.1, texture=mottled))


class _Card(NamedTuple):
    """Sizes of a carton, metres."""

    half_x: float
    """Half the size along x, at the upper edge."""
    half_y: float
    """Half the size along y, at the upper edge."""
    bed_z: float
    """Height of the lowest part of the upper edge."""
    back_m: float
    """Height of the back above that."""
    corner_m: float
    """Height of the front corners above that."""

    def level(self, z: float, share: float) -> FloatArray:
        """Return a horizontal rectangle (4, 3) whose width is a share of the upper edge's."""
        x, y = self.half_x, self.half_y * share
        return np.array([(x, y, z), (-x, y, z), (-x, -y, z), (x, -y, z)])

    def body(self) -> FloatArray:
        """Return the sections of the carton below the bed of fries."""
        return np.stack([self.level(0.0, 0.80), self.level(0.5 * self.bed_z, 0.97), self.level(self.bed_z, 1.0)])

    def flaps(self) -> list[FloatArray]:
        """Return the sections of the walls that stand up above the bed: the front corners and the back."""
        card, low = 0.0022, self.bed_z - 0.0004
        curve = [(0.35, 0.0004), (0.70, 0.30 * self.corner_m), (0.99, self.corner_m)]
        arch = ((-0.99, 0.25), (-0.80, 0.78), (-0.40, 1.0), (0.40, 1.0), (0.80, 0.78), (0.99, 0.25))
        back = [(share * self.half_y, low, self.bed_z + rise * self.back_m) for share, rise in arch]
        front = (
            [(side * share * self.half_y, low, self.bed_z + rise) for share, rise in curve] for side in (1.0, -1.0)
        )
        x = self.half_x
        return [*(_flap(rows, x, x - card) for rows in front), _flap(back, -x, -x + card)]


def _flap(rows: Sequence[tuple[float, float, float]], front: float, inner: float) -> FloatArray:
    """Return sections (L, 4, 3) of an upright wall.

    Args:
        rows: y, lower edge and upper edge of each section, metres.
        front: x of one face, metres.
        inner: x of the other face, metres.
    """
    return np.array([[(front, y, low), (inner, y, low), (inner, y, high), (front, y, high)] for y, low, high in rows])


def _carton(draw: Draw, paint: Color, second: Color) -> _Holder:
    """Return a flat carton, lowest in the middle of its front, with a back that stands up behind the fries."""
    sizes = draw.sizes
    half_x, half_y = sizes.uniform(0.0165, 0.0175), sizes.uniform(0.0280, 0.0300)
    bed_z, back_m, corner_m = sizes.uniform(0.043, 0.048), sizes.uniform(0.0125, 0.0150), sizes.uniform(0.005, 0.007)
    card = _Card(half_x, half_y, bed_z, back_m, corner_m)
    body, flaps = card.body(), card.flaps()
    across = 2.0 * half_y
    card_mesh = lofts.project_texture(
        shapes.merge(
            lofts.without_facing(lofts.loft(body), (0.0, 0.0, 1.0)),
            *(lofts.without_facing(lofts.loft(flap), (0.0, 0.0, -1.0)) for flap in flaps),
        ),
        (0.0, -half_y, 0.0),
        (0.0, across, 0.0),
        (0.0, 0.0, bed_z),
    )
    bed = lofts.facet(card.level(bed_z, 0.99) * (0.985, 1.0, 1.0))
    x, y = half_x - 0.0068, half_y - 0.0055
    places = [
        (0.0, 0.0),
        *((0.0, share * y) for share in (-0.88, -0.42, 0.42, 0.88)),
        *((side * x, share * y) for side in (1.0, -1.0) for share in (-1.0, -0.5, 0.0, 0.5, 1.0)),
    ]
    printed = Material(paint, roughness=0.6, specular=0.3, texture=prints.emblem(paint, second))
    hold = (0.0, 0.0, bed_z - HOLD_M)
    grips = (Faces(hold, 2.0 * half_x, (0.0,), SLIGHT_LEAN), Faces(hold, across, lean=SLIGHT_LEAN))
    pieces = [*hulls.stacked(body), *(piece for flap in flaps for piece in hulls.stacked(flap))]
    return _Holder([card_mesh.surface(printed), _between(draw.colors, bed)], pieces, np.array(places), bed_z, grips)


def _cup(draw: Draw, paint: Color, second: Color) -> _Holder:
    """Return a round striped cup, narrower at its foot and with upright sides where it is gripped."""
    sizes = draw.sizes
    rim, bed_z = sizes.uniform(0.0300, 0.0325), sizes.uniform(0.046, 0.054)
    profile = [(0.84 * rim, 0.0), (0.97 * rim, 0.40 * bed_z), (rim, 0.55 * bed_z), (rim, bed_z)]
    wall = shapes.lathe([*profile, (rim - 0.0008, bed_z + 0.0004)], 40)
    under = shapes.lathe([(0.0, 0.0), profile[0]], 40)
    bed = shapes.lathe([(rim - 0.0008, bed_z + 0.0004), (0.0, bed_z)], 40)
    striped = Material(paint, 0.6, specular=0.3, texture=prints.stripes(paint, second))
    paper = shapes.merge(wall, under).tiled(float(draw.colors.integers(9, 12)), 1.0).surface(striped)
    # Turned so that the fingers meet flat faces, not corners.
    turn = transform(yaw(np.pi / 16.0))
    pieces = hulls.moved(hulls.turned([profile[0], profile[2], profile[3]]), turn)
    grips = (Cylinder((0.0, 0.0, bed_z - HOLD_M), rim, 0.55 * bed_z, bed_z, lean=SLIGHT_LEAN),)
    return _Holder([paper, _between(draw.colors, bed)], pieces, _rings(draw.shapes, rim), bed_z, grips)


def _bag(draw: Draw, paint: Color, second: Color) -> _Holder:
    """Return a square bag of checked paper."""
    sizes = draw.sizes
    half_x, half_y = sizes.uniform(0.0235, 0.0250), sizes.uniform(0.0270, 0.0290)
    bed_z, corner = sizes.uniform(0.042, 0.049), 0.004
    plan = plans.rounded_rectangle(half_x, half_y, corner, 3)
    wall = shapes.lathe([(corner, 0.0), (corner, bed_z)], plan=plan)
    under = shapes.lathe([(0.0, 0.0), (corner, 0.0)], plan=plan)
    bed = shapes.lathe([(corner, bed_z), (0.0, bed_z)], plan=plan)
    around = round((half_x + half_y) * 4.0 / CHECK_M)
    checked = Material(paint, 0.75, specular=0.2, texture=prints.gingham(second, paint))
    surfaces = [
        wall.tiled(around, bed_z / CHECK_M).surface(checked),
        under.surface(Material(second)),
        _between(draw.colors, bed),
    ]
    pieces = hulls.slab(plan, [(corner, 0.0), (corner, bed_z)])
    rows = ((-1.0, 5), (-0.45, 4), (0.0, 2), (0.45, 4), (1.0, 5))
    grid = np.array([(x, y) for x, count in rows for y in np.linspace(-1.0, 1.0, count)])
    grid = np.clip(grid + draw.shapes.uniform(-0.1, 0.1, grid.shape), -1.0, 1.0)
    places = np.concatenate([np.zeros((1, 2)), grid * (half_x - 0.0056, half_y - 0.0056)])
    hold = (0.0, 0.0, bed_z - HOLD_M)
    grips = (Faces(hold, 2.0 * half_x, (0.0,), SLIGHT_LEAN), Faces(hold, 2.0 * half_y, lean=SLIGHT_LEAN))
    return _Holder(surfaces, pieces, places, bed_z, grips)


def _rings(rng: np.random.Generator, rim: float) -> FloatArray:
    """Return positions (N, 2) within a round rim, the first in the middle."""
    turn = rng.uniform(0.0, 2.0 * np.pi)
    places = [(0.0, 0.0)]
    for count, radius in ((6, 0.34 * rim), (12, 0.75 * rim)):
        angles = turn + (np.arange(count) + rng.uniform(-0.15, 0.15, count)) * (2.0 * np.pi / count)
        places += [(radius * np.cos(angle), radius * np.sin(angle)) for angle in angles]
    return np.array(places)


def _stick() -> Mesh:
    """Return a fry of unit length, open at the bottom."""
    box = shapes.box((STICK_M, STICK_M, 0.02), 0.0005)
    sides = (box.vertices[box.faces, 2] > 0.001).any(1)
    return replace(box, vertices=box.vertices * (1.0, 1.0, 50.0), faces=box.faces[sides])


_STICK = _stick()
