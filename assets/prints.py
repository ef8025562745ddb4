"""Textures of printed, woven and baked surfaces such as labels, wicker and crusts, (H, W, 3) uint8 sRGB."""

from __future__ import annotations

import functools

import numpy as np
import numpy.typing as npt

from tracesim.assets.colors import Color, to_texture
from tracesim.assets.textures import noise
from tracesim.geometry.rigid import FloatArray

Texture = npt.NDArray[np.uint8]
FRONTS = 2
"""Number of times that a can shows its emblem around its circumference."""


def weave(rng: np.random.Generator, strand: Color, gap: Color, cells: int = 4, size: int = 64) -> Texture:
    """Return a tileable wicker texture: strands along u pass over and under stakes along v.

    Args:
        rng: Source of the strands' shades.
        strand: Linear RGB of the strands.
        gap: Linear RGB between the strands.
        cells: Number of stakes and of strands, even.
        size: Width and height, texels.
    """
    at = (np.arange(size) + 0.5) / size * cells
    row, column = at.astype(int)[:, None], at.astype(int)[None]
    over = (row + column) % 2 == 0
    across, along = np.abs(at % 1.0 * 2.0 - 1.0)[:, None], np.abs(at % 1.0 * 2.0 - 1.0)[None]
    # A strand is round in section and dips under the stakes at both ends.
    strand_shade = np.sqrt(np.clip(1.0 - across**2, 0.0, 1.0)) * (1.0 - 0.5 * along**3)
    stake_shade = 0.72 * np.sqrt(np.clip(1.0 - (1.35 * along) ** 2, 0.0, 1.0)) * (1.0 - 0.35 * across)
    tone = rng.uniform(0.82, 1.12, (cells, cells))[row, column]
    shade = np.where(over, strand_shade, np.maximum(stake_shade, 0.55 * strand_shade)) * tone
    return _blend(gap, strand, np.clip(shade, 0.0, 1.1))


def braid(strand: Color, gap: Color, size: int = 32) -> Texture:
    """Return a braided rim with slanting strands, tileable along u."""
    u, v = _axes(size, size)
    return _blend(gap, strand, np.sqrt(np.abs(np.cos(np.pi * (u - 0.9 * v)))))


def wires(cloth: Color, wire: Color, size: int = 64) -> Texture:
    """Return a tileable cell of a wire basket lined with cloth: wires along u and v, and their shadows."""
    u, v = _axes(size, size)
    near = np.minimum(np.abs(u - 0.5), 1.25 * np.abs(v - 0.5))
    shadow = 1.0 - 0.4 * np.clip(1.0 - near / 0.36, 0.0, 1.0)
    image = np.asarray(cloth) * shadow[..., None]
    amount = np.clip((0.16 - near) / 0.04, 0.0, 1.0)[..., None]
    gleam = 1.0 + 1.2 * np.clip(1.0 - near / 0.06, 0.0, 1.0)[..., None]
    return to_texture(image * (1.0 - amount) + np.asarray(wire) * gleam * amount)


def gingham(cloth: Color, check: Color, size: int = 32) -> Texture:
    """Return a tileable checked cloth."""
    u, v = _axes(size, size)
    return _blend(cloth, check, 0.42 * ((u < 0.5).astype(float) + (v < 0.5)))


def stripes(first: Color, second: Color, slant: float = 0.0, size: int = 64) -> Texture:
    """Return tileable stripes of two colours, alternating along u.

    Args:
        first: Linear RGB.
        second: Linear RGB.
        slant: Shift along u over the height of the texture, relative to its width.
        size: Width and height, texels.
    """
    u, v = _axes(size, size)
    return _blend(first, second, np.clip(0.5 + 12.0 * (0.25 - np.abs((u + slant * v) % 1.0 - 0.5)), 0.0, 1.0))


def wave(ground: Color, ink: Color) -> Texture:
    """Return the label of a drink can: a ribbon that swings around it, a thin line above it, and a round emblem."""
    u, v = _front(128, 64)
    ribbon = 0.18 * np.sin(np.pi * u)
    amount = np.maximum(_soft(0.17 - np.abs(v - ribbon - 0.10), 0.03), _soft(0.035 - np.abs(v - ribbon + 0.22), 0.02))
    disc = np.hypot(0.75 * u, v + 0.05)
    amount = np.where(disc < 0.46, _soft(np.minimum(0.42 - disc, np.abs(disc - 0.30) - 0.035), 0.03), amount)
    return _blend(ground, ink, amount)


def rings(ground: Color, ink: Color) -> Texture:
    """Return the label of a drink can: bands at both ends and a halved fruit in the middle."""
    u, v = _front(128, 64)
    amount = np.maximum(_soft(np.abs(v) - 0.80, 0.03), _soft(0.03 - np.abs(np.abs(v) - 0.68), 0.02))
    away, turn = np.hypot(0.75 * u, v), np.arctan2(v, 0.75 * u)
    flesh = np.minimum(0.40 - away, np.abs(np.sin(4.0 * turn)) * away - 0.05)
    fruit = np.maximum(_soft(0.035 - np.abs(away - 0.48), 0.02), _soft(flesh, 0.03))
    return _blend(ground, ink, np.maximum(amount, fruit))


def bolt(ground: Color, ink: Color) -> Texture:
    """Return the label of an energy drink: a flash of lightning between slashes."""
    u, v = _front(128, 96)
    middle = np.interp(v, [-1.0, -0.12, -0.10, 0.14, 0.16, 1.0], [0.30, -0.06, 0.26, -0.26, 0.06, -0.34])
    half = np.interp(v, [-1.0, -0.75, -0.1, 0.1, 0.75, 1.0], [0.0, 0.16, 0.20, 0.20, 0.03, 0.0])
    flash = _soft(half - np.abs(u - middle), 0.03)
    slash = np.minimum(0.05 - np.abs(np.abs(u + 0.3 * v) - 0.72), 0.7 - np.abs(v))
    return _blend(ground, ink, np.maximum(flash, 0.8 * _soft(slash, 0.03)))


def emblem(ground: Color, ink: Color) -> Texture:
    """Return the front of a carton with v up: a smile in a disc, and a line near the lower edge."""
    u, v = (2.0 * axis - 1.0 for axis in _axes(64, 64))
    away = np.hypot(u, v - 0.1)
    disc = _soft(0.52 - away, 0.04)
    smile = _soft(0.07 - np.abs(np.hypot(u, v - 0.22) - 0.34), 0.04) * (v < 0.14)
    eyes = _soft(0.08 - np.hypot(np.abs(u) - 0.17, v - 0.32), 0.04)
    amount = np.clip(disc - np.maximum(smile, eyes), 0.0, 1.0)
    return _blend(ground, ink, np.maximum(amount, _soft(0.05 - np.abs(v + 0.78), 0.03)))


def fruit_label(paper: Color, ground: Color, fruit: Color, leaf: Color) -> Texture:
    """Return the label of a food tin: a coloured band at the top, a fruit on the front and lines of text below it.

    Args:
        paper: Linear RGB of the background.
        ground: Linear RGB of the bands, the lines and the disc behind the fruit.
        fruit: Linear RGB of the fruit.
        leaf: Linear RGB of its leaves.
    """
    u, v = _front(160, 80)
    image = np.tile(np.asarray(paper, float), (*u.shape, 1))

    def paint(amount: FloatArray, color: Color) -> None:
        image[:] = image * (1.0 - amount[..., None]) + np.asarray(color) * amount[..., None]

    paint(_soft(-0.38 - v, 0.03), ground)
    paint(_soft(v - 0.80, 0.03), ground)
    words = np.minimum(0.50 - np.abs(u), 0.11 - np.abs(v + 0.68))
    paint(_soft(words, 0.03) * (np.sin(34.0 * u) > -0.75), paper)
    away = np.hypot(0.80 * u, v - 0.22)
    paint(_soft(0.47 - away, 0.02), ground)
    paint(_soft(0.41 - away, 0.02), fruit)
    paint(0.5 * _soft(0.10 - np.hypot(0.8 * u + 0.15, v - 0.05), 0.08), paper)
    star = 0.20 * np.abs(np.cos(2.5 * np.arctan2(v + 0.10, 0.8 * u)))
    paint(_soft(star - np.hypot(0.8 * u, v + 0.10), 0.03), leaf)
    back = np.minimum(0.16 - np.abs(np.abs(u) - 0.86), 0.03 - np.abs((v + 0.2) % 0.22 - 0.11))
    paint(0.7 * _soft(back, 0.02) * (v > -0.3) * (v < 0.7), ground)
    return to_texture(image)


def lid(tin: Color, dark: Color, tab: Color) -> Texture:
    """Return the lid of a can seen from above: a pressed ring, the opening and the pull tab."""
    x, y, size = *(2.0 * axis - 1.0 for axis in _axes(64, 64)), 0.03
    away = np.hypot(x, y)
    groove = 0.55 * _soft(0.05 - np.abs(away - 0.84), size) + 0.6 * _soft(
        0.03 - np.abs(np.hypot(1.1 * (x - 0.36), y) - 0.36), size
    )
    image = np.asarray(tin) * (1.0 - np.clip(groove, 0.0, 1.0)[..., None])
    image += (np.asarray(dark) - image) * 0.9 * _soft(away - 0.95, size)[..., None]
    pull = np.minimum(0.24 - np.abs(y), 0.36 - np.abs(x + 0.22))
    hole = np.hypot(x + 0.34, 1.2 * y) - 0.13
    border = _soft(pull + 0.05, size)[..., None]
    image = image * (1.0 - border) + np.asarray(dark) * border
    metal = _soft(np.minimum(pull, hole), size)[..., None]
    return to_texture(image * (1.0 - metal) + np.asarray(tab) * metal)


def crust(
    rng: np.random.Generator,
    top: Color,
    side: Color,
    slash: Color | None = None,
    slashes: int = 0,
    slant: float = 1.0,
    size: int = 64,
) -> Texture:
    """Return the crust of a long loaf: u runs around it with the top at 0.5, v along it.

    Args:
        rng: Source of the mottling.
        top: Linear RGB of the top.
        side: Linear RGB of the sides.
        slash: Linear RGB of cuts across the top; None for no cuts.
        slashes: Number of cuts.
        slant: Distance along the loaf that a cut covers, relative to their spacing.
        size: Half the number of texels along the loaf, and their number around it.
    """
    u, v = _axes(size, 2 * size)
    aside = np.abs(2.0 * u - 1.0)
    baked = np.clip((aside - 0.30) / 0.38, 0.0, 1.0)
    baked = baked**2 * (3.0 - 2.0 * baked)
    image = np.asarray(top) * (1.0 - baked[..., None]) + np.asarray(side) * baked[..., None]
    image *= 1.0 + 0.07 * noise(rng, (2 * size, size), (9, 7), 2)[..., None]
    if slash is not None:
        place = (v - 0.5) / 0.82 * slashes + slant * (u - 0.5) / 0.40 + 0.5 * (slashes % 2) + 0.5
        cut = np.minimum(0.20 * (1.0 - (aside / 0.36) ** 2), 1.0) - np.abs(place % 1.0 - 0.5)
        cut = np.where(np.abs(v - 0.5 + slant * (u - 0.5) / slashes) < 0.43, cut, -1.0)
        amount = _soft(cut, 0.06)[..., None]
        image = image * (1.0 - amount) + np.asarray(slash) * amount
    return to_texture(image)


def split_crust(rng: np.random.Generator, top: Color, side: Color, split: Color, size: int = 64) -> Texture:
    """Return the crust of a tin loaf that has burst open along its top, mapped as in `crust`."""
    u, v = _axes(size, size)
    aside = np.abs(2.0 * u - 1.0)
    baked = np.clip((aside - 0.34) / 0.10, 0.0, 1.0)[..., None]
    image = np.asarray(top) * (1.0 - baked) + np.asarray(side) * baked
    image *= 1.0 + 0.06 * noise(rng, (size, size), (7, 7), 2)[..., None]
    edge = 0.060 + 0.012 * noise(rng, (size, 1), (6, 1))
    amount = (_soft(edge - aside, 0.03) * (v > 0.14))[..., None]
    return to_texture(image * (1.0 - amount) + np.asarray(split) * amount)


def folded_crust(rng: np.random.Generator, top: Color, side: Color, folds: int, size: int = 64) -> Texture:
    """Return the crust of a croissant, mapped as in `crust`: dark folds across it, pale in between."""
    u, v = _axes(size, 3 * size)
    aside = np.abs(2.0 * u - 1.0)
    place = np.abs((folds * v) % 1.0 - 0.5) * 2.0
    pale = np.clip(0.15 + 0.85 * place**3 + 0.6 * np.clip(aside - 0.42, 0.0, 1.0), 0.0, 1.0)
    pale += 0.10 * np.sin(2.0 * np.pi * (3.0 * folds * v + 0.4 * noise(rng, (3 * size, size), (9, 5))))
    line = 0.55 * np.clip(1.0 - (1.0 - place) / 0.10, 0.0, 1.0)
    image = np.asarray(top) * (1.0 - pale[..., None]) + np.asarray(side) * pale[..., None]
    return to_texture(image * (1.0 - line[..., None]))


def round_crust(rng: np.random.Generator, top: Color, side: Color, slash: Color | None, size: int = 96) -> Texture:
    """Return the crust of a round loaf from above; `slash` is the colour of a cross cut into it, or None."""
    x, y = (2.0 * axis - 1.0 for axis in _axes(size, size))
    away = np.hypot(x, y)
    baked = np.clip((away - 0.45) / 0.50, 0.0, 1.0)[..., None] ** 2
    image = np.asarray(top) * (1.0 - baked) + np.asarray(side) * baked
    image *= 1.0 + 0.06 * noise(rng, (size, size), (8, 8), 2)[..., None]
    if slash is not None:
        arms = np.minimum(0.085 * (1.0 - (away / 0.74) ** 2) - np.minimum(np.abs(x), np.abs(y)), 0.74 - away)
        amount = _soft(arms, 0.03)[..., None]
        image = image * (1.0 - amount) + np.asarray(slash) * amount
    return to_texture(image)


def crumb(rng: np.random.Generator, inside: Color, rind: Color, size: int = 48) -> Texture:
    """Return the crumb of a sliced loaf, with pores."""
    grain = np.clip(noise(rng, (size, size), (14, 14), 2), -2.0, 2.0)
    pores = np.clip(grain - 0.9, 0.0, 1.0)
    return _blend(inside, rind, 0.55 * pores + 0.04 * (grain + 2.0))


def blush(rng: np.random.Generator, ground: Color, cheek: Color, seam: Color, size: int = 64) -> Texture:
    """Return the skin of a peach: a red cheek, and a dark seam at u = 0.

    u runs around the peach, v from its bottom to its top.
    """
    u, v = _axes(2 * size, size)
    turn = 2.0 * np.pi * u
    cloud = 0.16 * noise(rng, (size, 2 * size), (6, 10), 2) * np.abs(np.sin(turn / 2.0))
    amount = np.clip(0.40 + 0.55 * np.cos(turn - rng.uniform(1.9, 4.4)) + 0.35 * (v - 0.5) + cloud, 0.0, 1.0)
    amount = amount**2 * (3.0 - 2.0 * amount)
    image = np.asarray(ground) * (1.0 - amount[..., None]) + np.asarray(cheek) * amount[..., None]
    near = np.minimum(u, 1.0 - u)
    line = 0.75 * np.clip(1.0 - near / 0.018, 0.0, 1.0) * np.clip((v - 0.25) / 0.2, 0.0, 1.0)
    hollow = 0.55 * np.clip((v - 0.955) / 0.04, 0.0, 1.0)
    amount = np.maximum(line, hollow)[..., None]
    return to_texture(image * (1.0 - amount) + np.asarray(seam) * amount)


def grill(ground: Color, ridge: Color, bars: int = 9, size: int = 96) -> Texture:
    """Return the floor of a grill pan, with ridges along u."""
    _, v = _axes(4, size)
    return _blend(ground, ridge, np.clip(0.5 + 2.2 * np.sin(2.0 * np.pi * bars * v), 0.0, 1.0))


def rounds(ground: Color, line: Color, size: int = 96) -> Texture:
    """Return the floor of a pan: fine turned rings, and a darker centre."""
    x, y = (2.0 * axis - 1.0 for axis in _axes(size, size))
    away = np.hypot(x, y)
    return _blend(ground, line, 0.35 * (0.5 + 0.5 * np.sin(26.0 * away)) + 0.35 * np.clip(1.0 - away, 0.0, 1.0))


def framed(ground: Color, line: Color, corner: float = 0.3, size: int = 128) -> Texture:
    """Return a tray seen from above, with a line along its border."""
    x, y = (np.abs(2.0 * axis - 1.0) for axis in _axes(size, size))
    power = 2.0 / corner
    border = (x**power + y**power) ** (1.0 / power)
    return _blend(ground, line, _soft(0.014 - np.abs(border - 0.84), 0.012))


def _axes(across: int, along: int) -> tuple[FloatArray, FloatArray]:
    """Return u and v, each (along, across), at the centres of a texture's texels."""
    u, v = (np.arange(across) + 0.5) / across, (np.arange(along) + 0.5) / along
    return np.broadcast_to(u[None], (along, across)), np.broadcast_to(v[:, None], (along, across))


@functools.cache
def _front(across: int, along: int) -> tuple[FloatArray, FloatArray]:
    """Return coordinates of a label that repeats `FRONTS` times around a can.

    u runs over [-1, 1] across each repetition. v runs over [-1, 1] downward from the top, whereas the v of a lathe runs
    up.
    """
    u, v = _axes(across, along)
    return (FRONTS * u) % 1.0 * 2.0 - 1.0, 1.0 - 2.0 * v


def _soft(inside: FloatArray, width: float) -> FloatArray:
    """Return 1 where `inside` is positive and 0 where it is negative, with a ramp of the given width in between."""
    return np.clip(0.5 + inside / width, 0.0, 1.0)


def _blend(first: Color, second: Color, amount: FloatArray) -> Texture:
    """Return a blend of two linear colours, `amount` (H, W) of the second."""
    share = amount[..., None]
    return to_texture(np.asarray(first) * (1.0 - share) + np.asarray(second) * share)
