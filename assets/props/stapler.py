"""Staplers that lie on their base with their jaws to the front."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tracesim.assets import colors, hulls, lofts, paths, shapes, variants
from tracesim.assets.shapes import Mesh
from tracesim.geometry.rigid import FloatArray
from tracesim.layout.grips import Faces
from tracesim.layout.prop import Material, Prop
from tracesim.layout.randomness import Draw

VARIANTS = {"office": "stapler", "slim": "stapler", "mini": "stapler"}
"""The noun for each shape in an instruction; the last shape is held out."""
STAPLER_COLORS = ("red", "red", "blue", "black", "green", "teal", "orange", "pink", "yellow", "purple")
STEEL = (0.62, 0.63, 0.65)
DARK = (0.030, 0.031, 0.035)


class Shape(NamedTuple):
    """Sizes of a stapler, metres."""

    length: float
    """Length."""
    half_width: float
    """Half the width of the arm's cover."""
    round_m: float
    """Radius of the cover's upper edges."""
    rear_z: float
    """Height of the cover at the rear."""
    peak_z: float
    """Height of the cover in the middle."""
    front_z: float
    """Height of the cover at the front."""
    base_half_width: float
    """Half the width of the base."""
    base_z: float
    """Height of the base."""
    gap: float
    """Distance between base and arm."""

    @property
    def floor(self) -> float:
        """Height of the arm's underside."""
        return self.base_z + self.gap

    @property
    def magazine_z(self) -> float:
        """Height of the top of the magazine."""
        return self.floor + 0.0085

    @property
    def magazine_half(self) -> float:
        """Half the width of the magazine."""
        return 0.62 * self.half_width

    @property
    def rear(self) -> float:
        """Position along x of the rear end of the arm."""
        return -(self.length / 2.0) + 0.008

    @property
    def hinge_x(self) -> float:
        """Position along x of the front end of the block at the rear."""
        return self.rear + 0.13 * self.length


def stapler(draw: Draw, *, color: str | None = None, variant: str | None = None) -> Prop:
    """Return a stapler to be gripped by its arm, from side to side.

    Args:
        draw: Source of randomness.
        color: Colour of its cover; random if None.
        variant: One of `VARIANTS`; random if None.
    """
    chosen = variants.choose(draw, "stapler", VARIANTS, variant)
    name = colors.pick(draw.colors, STAPLER_COLORS, color)
    shape = _shape(draw.sizes, chosen)
    spine = _spine(shape, shape.magazine_z)
    cover, cover_pieces = _cover(shape, spine)
    base, base_pieces = _base(shape)
    block, magazine = _block(shape), _magazine(shape)
    up, down, back = (0.0, 0.0, 1.0), (0.0, 0.0, -1.0), (-1.0, 0.0, 0.0)
    hinge = lofts.without_facing(lofts.without_facing(lofts.loft(block), up), down)
    rail = lofts.without_facing(lofts.without_facing(lofts.loft(magazine), up), back)

    paint = Material(colors.named(name, draw.colors), roughness=0.25, specular=0.6)
    dark = Material(DARK, roughness=0.5, specular=0.4)
    if name == "black":
        dark = Material((0.16, 0.165, 0.17), roughness=0.45, specular=0.45)
    steel = Material(STEEL, roughness=0.25, metallic=0.85, specular=0.7)
    same = bool(draw.colors.random() < 0.4) and name != "black"
    return Prop(
        kind="stapler",
        noun=VARIANTS[chosen],
        color=name,
        surfaces=(
            cover.surface(paint),
            shapes.merge(base, hinge).surface(paint if same else dark),
            shapes.merge(rail, _anvil(shape)).surface(steel),
        ),
        hulls=hulls.vertices([*base_pieces, block, magazine[1:3], *cover_pieces]),
        points={"base": np.zeros(3), "top": np.array([0.0, 0.0, float(np.interp(0.0, spine[:, 0], spine[:, 3]))])},
        grips=(Faces((0.0, 0.0, shape.peak_z - 0.015), 2.0 * shape.half_width),),
        mass_kg=0.25,
    )


def _cover(shape: Shape, spine: FloatArray) -> tuple[Mesh, list[FloatArray]]:
    """Return the cover along its spine, and its collision hulls."""
    rows = spine[paths.outline(spine, 18)]
    # The block and the magazine cover parts of its underside.
    covered = np.where(rows[:, 0] < shape.rear + 0.004, 0.0004, shape.magazine_half)
    mesh = lofts.loft(_sections(rows, shape.round_m, 6, covered), np.radians(50.0), closed=False)
    return mesh, hulls.stacked(_sections(spine[paths.outline(spine, 12)], shape.round_m, 4))


def _base(shape: Shape) -> tuple[Mesh, list[FloatArray]]:
    """Return the base and its collision hull."""
    corner = 0.75 * shape.base_half_width
    stretch = (shape.length / 2.0 - corner, shape.base_half_width - corner)
    bevel = 0.0008
    foot = [(0.0, 0.0), (corner, 0.0), (corner, shape.base_z - bevel), (corner - bevel, shape.base_z)]
    mesh = shapes.lathe([*foot, (0.0, shape.base_z)], 28, stretch=stretch)
    return mesh, hulls.turned([(corner, 0.0), (corner, shape.base_z)], 16, stretch)


def _block(shape: Shape) -> FloatArray:
    """Return the sections of the block at the rear that holds base and arm together."""
    low, high = shape.base_z, shape.magazine_z
    outline = [(shape.rear, low), (shape.hinge_x + 0.006, low), (shape.hinge_x, high), (shape.rear + 0.002, high)]
    return lofts.extrusion(outline, 0.72 * shape.half_width)


def _magazine(shape: Shape) -> FloatArray:
    """Return the sections of the magazine below the cover."""
    front, floor, top = shape.length / 2.0 - 0.0035, shape.floor, shape.magazine_z
    outline = [(shape.hinge_x, floor - 0.004), (front, floor), (front, top), (shape.hinge_x, top)]
    return lofts.extrusion(outline, shape.magazine_half, 0.0006)


def _anvil(shape: Shape) -> Mesh:
    """Return the plate on the base at which staples are bent."""
    return lofts.panel(
        (shape.length / 2.0 - 0.010, 0.55 * shape.base_half_width, shape.base_z + 0.0004),
        (0.0, -1.1 * shape.base_half_width, 0.0),
        (-0.018, 0.0, 0.0),
    )


def _shape(rng: np.random.Generator, variant: str) -> Shape:
    """Return random sizes for a variant."""
    if variant == "office":
        width, peak = rng.uniform(0.0160, 0.0185), rng.uniform(0.050, 0.055)
        length, gap = rng.uniform(0.124, 0.136), rng.uniform(0.010, 0.013)
        return Shape(length, width, 0.0075, peak - 0.012, peak, peak - 0.010, width + 0.0015, 0.008, gap)
    if variant == "slim":
        width, peak = rng.uniform(0.0115, 0.0135), rng.uniform(0.043, 0.047)
        length, gap = rng.uniform(0.134, 0.146), rng.uniform(0.013, 0.015)
        return Shape(length, width, 0.0025, peak - 0.003, peak, peak - 0.002, width + 0.004, 0.005, gap)
    width, peak = rng.uniform(0.0175, 0.0200), rng.uniform(0.048, 0.053)
    length, gap = rng.uniform(0.088, 0.098), rng.uniform(0.008, 0.010)
    return Shape(length, width, 0.0105, peak - 0.017, peak, peak - 0.014, width, 0.008, gap)


def _spine(shape: Shape, low_z: float) -> FloatArray:
    """Return the sections of the cover along x, (N, 4): x, half width, lower z and upper z, metres."""
    half = shape.length / 2.0
    share = np.linspace(-1.0, 1.0, 121)
    x = -0.002 + (half - 0.002) * share * 0.999
    plan = (1.0 - 0.92 * np.abs(share) ** 7.0) ** (1.0 / 3.0)
    end = np.where(share < 0.0, shape.rear_z, shape.front_z)
    arch = shape.peak_z - (shape.peak_z - end) * np.abs(share) ** 2.4
    # the ends of the cover are rounded in side view, too
    lip = 0.006 * np.clip((np.abs(share) - 0.94) / 0.06, 0.0, 1.0) ** 2
    return np.stack([x, shape.half_width * plan, np.full_like(x, low_z), arch - lip], 1)


def _sections(spine: FloatArray, round_m: float, per_corner: int, covered_m: FloatArray | None = None) -> FloatArray:
    """Return sections (N, K, 3) with a flat underside and rounded upper edges.

    Args:
        spine: Sections along x, as `_spine` returns them.
        round_m: Radius of the upper edges, metres.
        per_corner: Number of vertices of a rounded edge.
        covered_m: Half the width of whatever covers the underside, (N,), metres, at which sections begin and end; None
            if the underside is free.
    """
    quarter = np.linspace(0.0, np.pi / 2.0, per_corner)
    turn = np.concatenate([quarter, quarter + np.pi / 2.0])
    right = np.repeat([1.0, -1.0], per_corner)
    x, half, low, high = (column[:, None] for column in spine.T)
    bend = np.minimum(round_m, np.minimum(0.9 * half, 0.9 * (high - low)))
    y = np.concatenate([half, right * (half - bend) + bend * np.cos(turn), -half], axis=1)
    z = np.concatenate([low, high - bend + bend * np.sin(turn), low], axis=1)
    if covered_m is not None:
        inner = np.minimum(covered_m[:, None], half - 0.0004)
        y, z = np.concatenate([inner, y, -inner], axis=1), np.concatenate([low, z, low], axis=1)
    return np.stack([np.broadcast_to(x, y.shape), y, z], -1)
