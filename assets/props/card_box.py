"""Boxes of playing cards, lying on a broad side with the flap to the front."""

from __future__ import annotations

import numpy as np

from tracesim.assets import colors, drawings, hulls, lofts, shapes, variants
from tracesim.assets.shapes import Mesh
from tracesim.geometry.rigid import FloatArray
from tracesim.layout.grips import Faces
from tracesim.layout.prop import Material, Prop
from tracesim.layout.randomness import Draw

VARIANTS = {"classic": "box of playing cards", "hexagon": "box of playing cards", "bridge": "box of playing cards"}
"""The noun for each shape in an instruction; the last shape is held out."""
BOX_COLORS = ("red", "red", "blue", "blue", "green", "black", "purple", "teal")
WHITE = (0.86, 0.85, 0.81)
SUITS = ("spade", "heart", "diamond", "club")
BEVEL_M = 0.0004
OFF_M = 0.0002
"""Distance between print and box, which prevents z-fighting."""
HOLD_Z_M = 0.0195
"""Height of the grip, near the upper edge, where what grips it has room above the table."""
CARDS_M = 0.0019
"""Distance by which the cards are inset from the box."""


def card_box(draw: Draw, *, color: str | None = None, variant: str | None = None) -> Prop:
    """Return a box of playing cards to be gripped from side to side.

    "classic" is closed, "hexagon" has a honeycomb print and cut corners, and "bridge" is narrower and open at the
    front, where its cards show.

    Args:
        draw: Source of randomness.
        color: Colour of its print; random if None.
        variant: One of `VARIANTS`; random if None.
    """
    chosen = variants.choose(draw, "box of playing cards", VARIANTS, variant)
    name = colors.pick(draw.colors, BOX_COLORS, color)
    wide = draw.sizes.uniform(0.0575, 0.0595) if chosen == "bridge" else draw.sizes.uniform(0.0625, 0.0645)
    size = np.array([draw.sizes.uniform(0.088, 0.092), wide, draw.sizes.uniform(0.0195, 0.0225)])
    card, back, side = _looks(draw.colors, chosen, name)
    printed = [(_top(size), back), (_sides(size), side)]
    if chosen == "hexagon":
        sections = _cut_corners(size, 0.009)
        corner, u, v = _over(size)
        lid = lofts.loft(np.stack([sections[-1], sections[-1] + np.array([0.0, 0.0, OFF_M])]), caps=(False, True))
        printed = [(lofts.project_texture(lid, corner, u, v), back), (_sides(size, 0.018), side)]
        box, pieces = lofts.loft(sections), [sections[[0, -1]]]
    else:
        box, pieces = shapes.box(size, BEVEL_M), hulls.box(size)
    if chosen == "bridge":
        out = draw.sizes.uniform(0.009, 0.014)
        box, cards = _opened(size, out)
        printed += [
            (cards, Material(WHITE, 0.6)),
            (_edges(size, out), Material(WHITE, 0.7, texture=drawings.card_edges(draw.colors))),
        ]
        pieces.append(np.stack([_ring(size, CARDS_M, size[0] / 2.0 + x) for x in (-0.03, out)]))
    return Prop(
        kind="card_box",
        noun=VARIANTS[chosen],
        color=name,
        surfaces=(box.surface(card), *(mesh.surface(material) for mesh, material in printed)),
        hulls=hulls.vertices(pieces),
        points={"base": np.zeros(3), "top": np.array([0.0, 0.0, size[2]])},
        grips=(Faces((0.0, 0.0, HOLD_Z_M), wide),),
        mass_kg=0.10,
    )


def _looks(rng: np.random.Generator, variant: str, name: str) -> tuple[Material, Material, Material]:
    """Return plain card of the named colour, and the prints on the broad side and on the long ones."""
    tint = colors.named(name, rng)
    back = drawings.card_back(tint, WHITE, variant, SUITS[int(rng.integers(4))])
    return (
        Material(tint, roughness=0.45, specular=0.4),
        Material(tint, 0.4, texture=back),
        Material(tint, 0.4, texture=drawings.card_side(tint, WHITE)),
    )


def _over(size: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the first corner and the sides of a texture laid over the box, its first row at the front."""
    x, y, z = size
    return np.array([x / 2.0, y / 2.0, z + OFF_M]), np.array([0.0, -y, 0.0]), np.array([-x, 0.0, 0.0])


def _top(size: FloatArray) -> Mesh:
    """Return the print on the broad side."""
    corner, u, v = _over(size)
    return lofts.panel(
        corner + BEVEL_M * np.array([-1.0, -1.0, 0.0]),
        u * (1.0 - 2.0 * BEVEL_M / size[1]),
        v * (1.0 - 2.0 * BEVEL_M / size[0]),
    )


def _sides(size: FloatArray, shorter_m: float = 2.0 * BEVEL_M) -> Mesh:
    """Return the print on both long sides."""
    x, y, z = size[0] - shorter_m, size[1], size[2]
    return shapes.merge(
        *(
            lofts.panel(
                (way * x / 2.0, way * (y / 2.0 + OFF_M), z - BEVEL_M),
                (-way * x, 0.0, 0.0),
                (0.0, 0.0, -z + 2 * BEVEL_M),
            )
            for way in (-1.0, 1.0)
        )
    )


def _ring(size: FloatArray, less_m: float, x: float) -> FloatArray:
    """Return a section (4, 3) across the length of the box, at `x`, with every edge `less_m` further inside."""
    y, z = size[1] / 2.0 - less_m, size[2] / 2.0 - less_m
    return np.array([(x, side * y, size[2] / 2.0 + up * z) for side, up in ((1, -1), (1, 1), (-1, 1), (-1, -1))])


def _opened(size: FloatArray, out_m: float) -> tuple[Mesh, Mesh]:
    """Return a box without its flap, and the cards that show at its front."""
    half = size[0] / 2.0
    steps = [(-half, BEVEL_M), (BEVEL_M - half, 0.0), (half - BEVEL_M, 0.0), (half, BEVEL_M), (half, CARDS_M + 0.0003)]
    box = np.stack([_ring(size, less, x) for x, less in steps])
    steps = [(half - 0.0005, CARDS_M), (half + out_m - BEVEL_M, CARDS_M), (half + out_m, CARDS_M + BEVEL_M)]
    cards = np.stack([_ring(size, less, x) for x, less in steps])
    return lofts.loft(box, caps=(True, False)), lofts.loft(cards, caps=(False, True))


def _edges(size: FloatArray, out_m: float) -> Mesh:
    """Return the front of the stack of cards."""
    y, z = size[1] - 2.0 * (CARDS_M + BEVEL_M), size[2] - 2.0 * (CARDS_M + BEVEL_M)
    corner = (size[0] / 2.0 + out_m + OFF_M, -y / 2.0, (size[2] + z) / 2.0)
    return lofts.panel(corner, (0.0, y, 0.0), (0.0, 0.0, -z))


def _cut_corners(size: FloatArray, cut_m: float) -> FloatArray:
    """Return the sections of a box whose vertical edges are cut off."""
    x, y = size[0] / 2.0, size[1] / 2.0
    outline = np.array(
        [
            (x, cut_m - y),
            (x, y - cut_m),
            (x - cut_m, y),
            (cut_m - x, y),
            (-x, y - cut_m),
            (-x, cut_m - y),
            (cut_m - x, -y),
            (x - cut_m, -y),
        ]
    )
    small = lofts.inset(outline, BEVEL_M)
    steps = ((small, 0.0), (outline, BEVEL_M), (outline, size[2] - BEVEL_M), (small, size[2]))
    return np.stack([lofts.level(ring, z) for ring, z in steps])
