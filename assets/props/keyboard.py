"""Computer keyboards, on which other things are placed."""

from __future__ import annotations

import functools
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tracesim.assets import colors, hulls, shapes
from tracesim.assets.canvas import Canvas
from tracesim.assets.colors import Color
from tracesim.assets.lofts import inset, level, loft
from tracesim.assets.pads import pads
from tracesim.assets.paths import fillet
from tracesim.assets.shapes import Mesh
from tracesim.assets.variants import choose
from tracesim.geometry.rigid import FloatArray, rotation_about, transform
from tracesim.layout.prop import Material, Prop
from tracesim.layout.randomness import Draw

VARIANTS = {"full": "keyboard", "compact": "keyboard", "ergonomic": "keyboard"}
"""The noun for each shape in an instruction; the last shape is held out."""
KEYBOARD_COLORS = ("black", "white", "gray", "white", "black", "pink", "teal", "blue", "red")
RELIEF_M, BEVEL_M = 0.00085, 0.0008
"""Height of the keys, and inset of their tops."""
BOARD_ROWS = (
    (1.0,) * 13 + (2.0,),
    (1.5,) + (1.0,) * 12 + (1.5,),
    (1.75,) + (1.0,) * 11 + (2.25,),
    (2.25,) + (1.0,) * 10 + (2.75,),
    (1.25, 1.25, 1.25, 6.25, 1.25, 1.25, 1.25, 1.25),
)
"""Widths of the keys in each row, the row farthest from the user first, in units of a plain key."""
HALF_ROWS = (
    (1.0,) * 6,
    (1.5, 1.0, 1.0, 1.0, 1.5),
    (1.75, 1.0, 1.0, 1.0, 1.25),
    (2.0, *(1.0,) * 4),
    (1.0, 1.0, 1.0, 3.0),
)
GRID = 6
"""Number of cells along each side of the texture of legends."""
ACCENTS = ("red", "orange", "teal", "blue", "yellow")
GAP_M = 0.0010
REST_M = 0.036
"""Depth of a palm rest."""
REST_POSE = transform(np.eye(3), (0.049, 0.0, 0.0))


class _Form(NamedTuple):
    """The case of a keyboard, and where its fields of keys lie."""

    case: Mesh
    """The case."""
    pieces: list[FloatArray]
    """Its collision hulls."""
    poses: list[FloatArray]
    """Pose of each field of keys, (4, 4)."""
    rest: list[Mesh]
    """The palm rest, if there is one."""


def keyboard(draw: Draw, *, color: str | None = None, variant: str | None = None) -> Prop:
    """Return a keyboard with the space bar towards the user at its front; it is too wide to be gripped.

    Args:
        draw: Source of randomness.
        color: Colour of its case; random if None.
        variant: "full" (with a number pad), "compact" (without one) or "ergonomic" (two angled halves above a palm
            rest); random if None.
    """
    shape = choose(draw, "keyboard", VARIANTS, variant)
    name = colors.pick(draw.colors, KEYBOARD_COLORS, color)
    paint = colors.named(name, draw.colors)
    key = _key_color(draw.colors, name, paint)
    rise = draw.sizes.uniform(0.0145, 0.0170) if shape == "full" else draw.sizes.uniform(0.018, 0.021)
    pitch = np.array([draw.sizes.uniform(0.0140, 0.0148), draw.sizes.uniform(0.0126, 0.0131)])
    border = draw.sizes.uniform(0.007, 0.010)
    if shape == "full":
        keys, extent = _full(), np.array([6.35, 22.5])
    elif shape == "compact":
        pitch *= 1.14
        keys, extent = _rows(BOARD_ROWS), np.array([5.0, 15.0])
    else:
        pitch *= 1.08
        keys, extent = _rows(HALF_ROWS), np.array([5.0, 6.0])
    size = extent * pitch
    if shape == "ergonomic":
        form = _angled(draw, extent, pitch, border, rise)
    else:
        corner = 0.006 if shape == "full" else draw.sizes.uniform(0.008, 0.012)
        form = _Form(*_slab(size / 2.0 + border, corner, rise), [np.eye(4)], [])
    plain, bright = _keys(draw.colors, keys, pitch, rise)
    field = hulls.box([*(size - GAP_M), rise + RELIEF_M])

    ink = (0.75, 0.76, 0.78) if sum(key) < 0.9 else (0.05, 0.05, 0.06)
    accent = _accent(draw.colors, key, ink)
    soft = colors.mix(paint, (0.02, 0.02, 0.02), 0.75)
    looks = (
        ([form.case], Material(paint, roughness=0.45, specular=0.45)),
        ([plain.moved(pose) for pose in form.poses], Material(key, roughness=0.6, texture=_legends(key, ink))),
        ([bright.moved(pose) for pose in form.poses], Material(accent, roughness=0.6)),
        (form.rest, Material(soft, roughness=0.85, specular=0.2)),
    )
    return Prop(
        kind="keyboard",
        noun=VARIANTS[shape],
        color=name,
        surfaces=tuple(shapes.merge(*meshes).surface(material) for meshes, material in looks if meshes),
        hulls=hulls.vertices([*form.pieces, *(piece for pose in form.poses for piece in hulls.moved(field, pose))]),
        points={"base": np.zeros(3), "top": np.array([0.0, 0.0, rise if form.rest else rise + RELIEF_M])},
        mass_kg=0.6,
    )


def _angled(draw: Draw, extent: FloatArray, pitch: FloatArray, border: float, rise: float) -> _Form:
    """Return a case with two fields of keys at an angle above a palm rest.

    Args:
        draw: Source of randomness.
        extent: Size of a field, (2,), in units of a plain key.
        pitch: Size of a plain key, (2,), metres.
        border: Distance between the fields and the edge of the case, metres.
        rise: Height of the case, metres.
    """
    turn = draw.shapes.uniform(np.radians(7.0), np.radians(11.0))
    away = (extent[1] * np.cos(turn) * pitch[1] + extent[0] * np.sin(turn) * pitch[0]) / 2.0 + 0.002
    poses = [transform(rotation_about((0.0, 0.0, 1.0), s * turn), (-0.022, s * away, 0.0)) for s in (-1.0, 1.0)]
    return _Form(*_wing(2.0 * away + border + 0.006, rise), poses, [_rest(2.0 * away, rise)])


def _keys(rng: np.random.Generator, keys: FloatArray, pitch: FloatArray, rise: float) -> tuple[Mesh, Mesh]:
    """Return the plain keys of a field with random legends, and those with an accent colour; `keys` as in `_rows`."""
    ground, size = np.column_stack([keys[:, :2] * pitch, np.full(len(keys), rise)]), keys[:, 2:] * pitch - GAP_M
    cells = np.where(keys[:, 3:] > 1.1, GRID - 1, rng.integers(0, GRID, (len(keys), 2)))  # wide: blank
    special = _special(keys)
    plain = pads(ground[~special], size[~special], RELIEF_M, BEVEL_M, cells[~special], GRID)
    return plain, pads(ground[special], size[special], RELIEF_M, BEVEL_M)


def _accent(rng: np.random.Generator, key: Color, ink: Color) -> Color:
    """Return the colour of special keys: a bright one, or one between those of plain keys and of legends."""
    if rng.random() < 0.6:
        return colors.named(colors.pick(rng, ACCENTS, None), rng)
    return colors.mix(key, ink, 0.35)


def _key_color(rng: np.random.Generator, name: str, paint: Color) -> Color:
    """Return the colour of most keys: white on coloured cases, dark on dark ones, either on white and gray ones."""
    white, dark = colors.named("white", rng), colors.mix(colors.named("black", rng), (0.05, 0.05, 0.05), 0.5)
    if name == "black":
        return colors.mix(paint, (0.10, 0.10, 0.11), 0.5)
    if name in ("white", "gray"):
        return dark if rng.random() < 0.45 else colors.mix(white, paint, 0.25 if name == "gray" else 0.0)
    return white


def _slab(half: FloatArray, corner: float, height: float) -> tuple[Mesh, list[FloatArray]]:
    """Return a slab with rounded corners and bevelled edges, and its collision hull; `half` is (2,), metres."""
    bevel = 0.0008
    stretch = (float(half[0]) - corner, float(half[1]) - corner)
    edge = [(corner - bevel, 0.0), (corner, bevel), (corner, height - bevel), (corner - bevel, height)]
    mesh = shapes.lathe([(0.0, 0.0), *edge, (0.0, height)], 20, crease=np.radians(50.0), stretch=stretch)
    return mesh, hulls.turned([(corner, 0.0), (corner, height)], 16, stretch)


def _wing(half_width: float, rise: float) -> tuple[Mesh, list[FloatArray]]:
    """Return the case of an ergonomic keyboard, whose middle extends towards the user, and its two collision hulls."""
    right = np.array([(-0.076, 0.0), (-0.072, 0.92 * half_width), (0.030, half_width), (0.072, 0.62 * half_width)])
    right = np.vstack([right, (0.072, 0.0)])
    right = fillet(right, 0.014, 4)
    outline = np.vstack([right[:-1] * (1.0, -1.0), right[:0:-1]])
    small = inset(outline, 0.0008)
    rings = ((small, 0.0), (outline, 0.0008), (outline, rise - 0.0008), (small, rise))
    pieces = [np.stack([level(right * (1.0, side), z) for z in (0.0, rise)]) for side in (1.0, -1.0)]
    return loft([level(ring, z) for ring, z in rings]), pieces


def _rest(width: float, rise: float) -> Mesh:
    """Return the soft palm rest in front of the keys."""
    corner = REST_M / 2.0 - 0.002
    profile = [(corner, rise), (corner - 0.001, rise + 0.0008), (0.0, rise + 0.0008)]
    pad = shapes.lathe(profile, 24, crease=np.pi, stretch=(0.002, 0.54 * width - corner))
    return pad.moved(REST_POSE)


def _rows(rows: tuple[tuple[float, ...], ...]) -> FloatArray:
    """Return keys (K, 4): centres in x and y and sizes, in units of a plain key; all rows have the same length."""
    keys = []
    for number, widths in enumerate(rows):
        ends = np.cumsum(widths)
        for end, width in zip(ends, widths, strict=True):
            keys.append((number - (len(rows) - 1) / 2.0, end - width / 2.0 - ends[-1] / 2.0, 1.0, width))
    return np.array(keys)


def _full() -> FloatArray:
    """Return the keys of a full keyboard as `_rows` does, with function keys, arrows and a number pad."""
    main = _rows(BOARD_ROWS) + np.array([0.675, -3.75, 0.0, 0.0])
    back, (far, *_, near) = -2.675, np.unique(main[:, 0])
    functions = [(back, y - 11.25, 1.0, 1.0) for y in (0.5, *(2.5 + 4.25 * g + k for g in range(3) for k in range(4)))]
    block = [(x, 4.75 + k, 1.0, 1.0) for x in (back, far, far + 1.0) for k in range(3)]
    arrows = [(near - 1.0, 5.75, 1.0, 1.0), *((near, 4.75 + k, 1.0, 1.0) for k in range(3))]
    pad = [(far + row, 7.75 + k, 1.0, 1.0) for row in range(5) for k in range(4)]
    return np.concatenate([main, functions, block, arrows, pad])


def _special(keys: FloatArray) -> npt.NDArray[np.bool_]:
    """Tell which keys have an accent colour: the one at the far left, and wide ones at the ends of rows."""
    first = (keys[:, 0] == keys[:, 0].min()) & (keys[:, 1] == keys[keys[:, 0] == keys[:, 0].min(), 1].min())
    return np.asarray(first | ((keys[:, 3] > 1.9) & (keys[:, 3] < 3.0)))


@functools.cache
def _glyphs() -> FloatArray:
    """Return the coverage of ink in the texture of legends."""
    sheet = Canvas.of(float(GRID), float(GRID), (0.0, 0.0, 0.0), 16 * GRID)
    for place, letter in enumerate("QWERTYUIOPASDFGHJKLZXCVBNM0123456789"[: GRID * GRID - 1]):
        row, column = divmod(place, GRID)
        sheet.text(letter, column + 0.42, row + 0.42, 0.42, (1.0, 1.0, 1.0))
    return sheet.texels


def _legends(key: Color, ink: Color) -> npt.NDArray[np.uint8]:
    """Return a texture with one legend per cell, the last cell blank."""
    amount = _glyphs()
    return colors.to_texture(np.asarray(key) * (1.0 - amount) + np.asarray(ink) * amount)
