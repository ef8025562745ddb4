"""Rubber stamps: wooden with a knob, with a bar, and self-inking."""

from __future__ import annotations

import numpy as np

from tracesim.assets import colors, drawings, hulls, lofts, paths, patterns, shapes, variants
from tracesim.assets.shapes import Mesh
from tracesim.geometry.rigid import FloatArray
from tracesim.layout.grips import Cylinder, Faces, Grip
from tracesim.layout.prop import Material, Prop
from tracesim.layout.randomness import Draw

NOUN = "stamp"
VARIANTS = dict.fromkeys(("knob", "bar", "self_inking"), NOUN)
"""The noun for each shape in an instruction; the last shape is held out."""
STAMP_COLORS = ("brown", "brown", "red", "blue", "black", "green", "teal", "purple")
PAPER = (0.86, 0.84, 0.78)
INKS = ((0.55, 0.02, 0.03), (0.03, 0.06, 0.40), (0.02, 0.02, 0.025))
RUBBER_M = 0.0045


def stamp(draw: Draw, *, color: str | None = None, variant: str | None = None) -> Prop:
    """Return a stamp that stands on its face, to be gripped by its handle.

    Args:
        draw: Source of randomness.
        color: Colour of its handle; random if None.
        variant: One of `VARIANTS`; random if None.
    """
    chosen = variants.choose(draw, "stamp", VARIANTS, variant)
    names = STAMP_COLORS if chosen != "self_inking" else STAMP_COLORS[2:]
    name = colors.pick(draw.colors, names, color)
    return {"knob": _knob, "bar": _bar, "self_inking": _self_inking}[chosen](draw, name)


def _knob(draw: Draw, name: str) -> Prop:
    """Return a stamp with a turned handle that ends in a ball."""
    half_x, half_y = draw.sizes.uniform(0.022, 0.027), draw.sizes.uniform(0.0165, 0.0195)
    low, ball, neck = 0.0180, draw.sizes.uniform(0.0128, 0.0150), draw.sizes.uniform(0.0050, 0.0062)
    ball_z = low + draw.sizes.uniform(0.036, 0.042)
    flare = paths.bezier([(0.0125, low), (0.0125, low + 0.004), (neck, low + 0.006), (neck, low + 0.019)], 25)
    start = -np.arccos(neck / ball)
    sphere = paths.arc((0.0, ball_z), ball, start, np.pi / 2.0, 33)
    sphere[-1, 0] = 0.0
    handle = np.vstack([flare[paths.outline(flare, 7)], sphere[paths.outline(sphere, 11)]])
    pieces = [
        *hulls.bands(flare, 3, 12),
        *hulls.turned([flare[-1], sphere[0]], 8),
        *hulls.bands(sphere, 5, 14),
    ]
    return _wooden(
        draw,
        name,
        (half_x, half_y, low),
        None,
        (shapes.lathe(handle, 24, np.radians(50.0)), pieces),
        Cylinder((0.0, 0.0, ball_z), ball, ball_z - 0.5 * ball, ball_z + 0.5 * ball),
    )


def _bar(draw: Draw, name: str) -> Prop:
    """Return a stamp with a bar along its length, waisted for the fingers."""
    half_x, half_y = draw.sizes.uniform(0.029, 0.034), draw.sizes.uniform(0.0150, 0.0175)
    low, top = 0.0180, draw.sizes.uniform(0.064, 0.072)
    wide, thick = half_x - 0.003, draw.sizes.uniform(0.0105, 0.0122)
    rows = [
        (low, half_x - 0.0022, half_y - 0.0022),
        (low + 0.013, 0.90 * wide, 0.60 * thick),
        (top - 0.023, 0.90 * wide, 0.66 * thick),
        (top - 0.012, wide, thick),
        (top - 0.004, 0.98 * wide, 0.88 * thick),
        (top, 0.88 * wide, 0.55 * thick),
    ]

    def sections(per_corner: int) -> FloatArray:
        """Return horizontal sections of the bar."""
        bends = (0.0010, *(0.95 * y for _, _, y in rows[1:]))
        return np.stack(
            [lofts.level(lofts.rounded(x, y, r, per_corner), z) for (z, x, y), r in zip(rows, bends, strict=True)]
        )

    return _wooden(
        draw,
        name,
        (half_x, half_y, low),
        0.0028,
        (lofts.loft(sections(6), np.radians(60.0), caps=(False, True)), hulls.stacked(sections(4))),
        Faces((0.0, 0.0, top - 0.012), 2.0 * thick),
    )


def _wooden(
    draw: Draw,
    name: str,
    mount: tuple[float, float, float],
    margin_m: float | None,
    handle: tuple[Mesh, list[FloatArray]],
    grip: Grip,
) -> Prop:
    """Return a stamp with a wooden mount, rubber below and a handle on top.

    Args:
        draw: Source of randomness.
        name: Name of its colour.
        mount: Half the length and half the width of the mount, and the height of its top, metres.
        margin_m: Width of the visible top around the handle, metres; None if all of it is visible.
        handle: Mesh and collision hulls of the handle.
        grip: How it can be gripped.
    """
    wood = colors.mix(
        colors.named("brown", draw.colors), colors.named("orange", draw.colors), draw.colors.uniform(0.05, 0.35)
    )
    tint = wood if name == "brown" else colors.named(name, draw.colors)
    pale = colors.mix(wood, (0.80, 0.60, 0.36), 0.55)
    varnish = Material(
        tint, roughness=0.3, specular=0.6, texture=patterns.wood(draw.colors, tint) if name == "brown" else None
    )
    block = Material(pale, roughness=0.5, specular=0.4, texture=patterns.wood(draw.colors, pale, rings=3.0))
    ink = INKS[int(draw.colors.integers(len(INKS)))]
    board, sole, pieces = _mount(mount, margin_m)
    return _prop(
        name,
        [
            (handle[0], varnish),
            (board, block),
            (sole, Material(ink, roughness=0.7, specular=0.3)),
            (_labels(mount), Material(PAPER, roughness=0.6, texture=drawings.imprint(PAPER, ink))),
        ],
        [*pieces, *handle[1]],
        grip,
    )


def _mount(mount: tuple[float, float, float], margin_m: float | None) -> tuple[Mesh, Mesh, list[FloatArray]]:
    """Return a wooden mount, the rubber below it, and the collision hulls of both; see `_wooden`."""
    half_x, half_y, top = mount
    corner, less = 0.003, 0.0016
    inner = (half_x - corner, half_y - corner)
    board = [(corner, RUBBER_M), (corner, top - 0.0006), (corner - 0.0006, top)]
    board.append((0.0 if margin_m is None else corner - margin_m, top))
    sole = [(0.0, 0.0), (corner - less, 0.0), (corner - less, RUBBER_M), (corner, RUBBER_M)]
    pieces = [
        *hulls.turned([(corner - less, 0.0), (corner - less, RUBBER_M)], 16, inner),
        *hulls.turned([(corner, RUBBER_M), (corner, top)], 16, inner),
    ]
    wood = shapes.map_flat(shapes.lathe(board, 16, stretch=inner), 0.05)
    return wood, shapes.lathe(sole, 16, stretch=inner), pieces


def _labels(mount: tuple[float, float, float]) -> Mesh:
    """Return the labels on the long sides of a wooden mount; see `_wooden`."""
    half_x, half_y, top = mount
    label_x, label_z = 1.5 * half_x, 0.0105
    height = (RUBBER_M + top) / 2.0
    return shapes.merge(
        *(
            lofts.panel(
                (side * label_x / 2.0, side * (half_y + 0.0002), height + label_z / 2.0),
                (-side * label_x, 0.0, 0.0),
                (0.0, 0.0, -label_z),
            )
            for side in (-1.0, 1.0)
        )
    )


def _self_inking(draw: Draw, name: str) -> Prop:
    """Return a self-inking stamp: a coloured grip over a dark frame with a window."""
    half_x, half_y = draw.sizes.uniform(0.026, 0.030), draw.sizes.uniform(0.0185, 0.0215)
    frame_z, top = 0.033, draw.sizes.uniform(0.072, 0.080)
    half_cap = half_y - 0.0035

    frame = [(0.0, half_x, half_y), (0.008, half_x, half_y), (frame_z, half_x - 0.003, half_y - 0.002)]
    cap = [
        (frame_z, half_x - 0.0045, half_cap),
        (frame_z + 0.014, half_x - 0.0065, half_cap - 0.0026),
        (top - 0.013, half_x - 0.0050, half_cap),
        (top - 0.003, half_x - 0.0060, half_cap - 0.0010),
        (top, half_x - 0.0090, half_cap - 0.0040),
    ]
    paint = Material(colors.named(name, draw.colors), roughness=0.35, specular=0.5)
    shade = (0.026, 0.027, 0.031) if name != "black" else (0.30, 0.31, 0.33)
    ink = INKS[int(draw.colors.integers(2 if name != "red" else 3))]
    upper = _sections(cap, 0.006, 6)
    rim = np.concatenate([_sections(frame, 0.004, 6), upper[:1] - np.sign(upper[:1]) * (0.0003, 0.0003, 0.0)])
    label = lofts.panel(
        (-(half_x - 0.0105), half_cap - 0.0055, top + 0.0002),
        (2.0 * half_x - 0.021, 0.0, 0.0),
        (0.0, -2.0 * half_cap + 0.011, 0.0),
    )
    labels = Material(PAPER, roughness=0.5, texture=drawings.imprint(PAPER, ink))
    return _prop(
        name,
        [
            (lofts.loft(upper, np.radians(60.0), caps=(False, True)), paint),
            (lofts.loft(rim, caps=(True, False)), Material(shade, roughness=0.45, specular=0.45)),
            (shapes.merge(label, *_windows(half_x, half_y, frame_z)), labels),
        ],
        [*hulls.stacked(_sections(frame, 0.004, 4)), *hulls.stacked(_sections(cap, 0.006, 4))],
        Faces((0.0, 0.0, top - 0.013), 2.0 * half_cap),
    )


def _sections(rows: list[tuple[float, float, float]], corner: float, per_corner: int) -> FloatArray:
    """Return horizontal sections with rounded corners, from heights and half sizes along x and y, metres."""
    return np.stack([lofts.level(lofts.rounded(x, y, corner, per_corner), z) for z, x, y in rows])


def _windows(half_x: float, half_y: float, frame_z: float) -> list[Mesh]:
    """Return the windows in the long sides of a frame of these half sizes and this height, metres."""
    window_x, z = 1.45 * half_x, np.array([0.011, 0.029])
    y = np.interp(z, [0.008, frame_z], [half_y, half_y - 0.002]) + 0.0002
    return [
        lofts.panel(
            (side * window_x / 2.0, side * y[1], z[1]),
            (-side * window_x, 0.0, 0.0),
            (0.0, side * (y[0] - y[1]), z[0] - z[1]),
        )
        for side in (-1.0, 1.0)
    ]


def _prop(
    name: str,
    parts: list[tuple[Mesh, Material]],
    pieces: list[FloatArray],
    grip: Grip,
) -> Prop:
    """Return the finished stamp."""
    top_z = max(float(piece[..., 2].max()) for piece in pieces)
    return Prop(
        kind="stamp",
        noun=NOUN,
        color=name,
        surfaces=tuple(mesh.surface(material) for mesh, material in parts),
        hulls=hulls.vertices(pieces),
        points={"base": np.zeros(3), "face": np.zeros(3), "top": np.array([0.0, 0.0, top_z])},
        grips=(grip,),
        mass_kg=0.12,
    )
