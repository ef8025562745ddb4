"""What is drawn on a clock's face, a mouse, a mat, a stamp and playing cards: (H, W, 3) uint8 sRGB, by formulas."""

from __future__ import annotations

import functools

import numpy as np
import numpy.typing as npt

from tracesim.assets.colors import Color, mix, to_texture
from tracesim.geometry.rigid import FloatArray

Texture = npt.NDArray[np.uint8]


def clock_face(paper: Color, ink: Color, hand: Color, hours: float, square: bool, size: int = 96) -> Texture:
    """Return a clock's face: twelve marks, four of them bold, and two hands.

    hours: the time it shows, in [0, 12). hand: the colour of its second hand. square: the marks follow a square.
    """
    axis = (np.arange(size) + 0.5) / size * 2.0 - 1.0
    x, up = axis[None], -axis[:, None]
    marks = _clock_marks(size, square)[..., None]
    image = np.asarray(paper) * (1.0 - marks) + np.asarray(ink) * marks
    minutes = hours % 1.0
    for share, length, half, color in (
        (hours / 12.0, 0.46, 0.055, ink),
        (minutes, 0.68, 0.040, ink),
        (minutes * 60.0 % 1.0, 0.70, 0.018, hand),
    ):
        turn = 2.0 * np.pi * share
        along = x * np.sin(turn) + up * np.cos(turn)
        aside = np.abs(x * np.cos(turn) - up * np.sin(turn))
        amount = np.clip((half - aside) * size / 2.0 + 0.5, 0.0, 1.0) * ((along > -0.12) & (along < length))
        image = image * (1.0 - amount[..., None]) + np.asarray(color) * amount[..., None]
    hub = np.clip((0.085 - np.hypot(x, up)) * size / 2.0 + 0.5, 0.0, 1.0)[..., None]
    return to_texture(image * (1.0 - hub) + np.asarray(hand) * hub)


@functools.cache
def _clock_marks(size: int, square: bool) -> FloatArray:
    axis = (np.arange(size) + 0.5) / size * 2.0 - 1.0
    x, y = axis[None], axis[:, None]
    far = np.maximum(np.abs(x), np.abs(y)) if square else np.hypot(x, y)
    amount = np.zeros((size, size))
    for hour in range(12):
        turn = hour * np.pi / 6.0
        along = x * np.sin(turn) + y * np.cos(turn)
        aside = np.abs(x * np.cos(turn) - y * np.sin(turn))
        inner, half = (0.68, 0.060) if hour % 3 == 0 else (0.76, 0.032)
        mark = np.clip((half - aside) * size / 2.0 + 0.5, 0.0, 1.0) * ((far > inner) & (far < 0.9) & (along > 0.0))
        amount = np.maximum(amount, mark)
    return amount


def mouse_shell(shell: Color, seam: Color, panel: Color, style: str, size: int = 96) -> Texture:
    """Return a computer mouse's shell from above, its front at the top, its left side to the left.

    style: "symmetric" has two keys, a wheel's slot and dark sides, "ergonomic" a thumb's panel with two keys, "flat" a
    slot and a short seam.
    """
    axis = (np.arange(size) + 0.5) / size * 2.0 - 1.0
    x, y = axis[None], axis[:, None]  # to the right, to the back

    def line(distance: FloatArray, half: float) -> FloatArray:
        return np.asarray(np.clip((half - np.abs(distance)) * size / 2.0 + 0.5, 0.0, 1.0))

    image = np.broadcast_to(np.asarray(shell), (size, size, 3))

    def paint(amount: FloatArray, color: Color) -> None:
        nonlocal image
        share = np.broadcast_to(amount, (size, size))[..., None]
        image = image * (1.0 - share) + np.asarray(color) * share

    curve = 0.02 - 0.14 * x**2
    if style == "symmetric":
        paint(np.clip((np.abs(x) - 0.80 + 0.10 * np.cos(2.2 * y)) * 24.0, 0.0, 1.0), panel)
    elif style == "ergonomic":
        paint(np.clip((-x - 0.62 - 0.10 * np.cos(2.5 * y)) * 24.0, 0.0, 1.0), panel)
        for middle in (-0.28, 0.10):
            paint(line(x + 0.84, 0.055) * line(y - middle, 0.15), mix(shell, panel, 0.35))
    if style == "flat":
        paint(line(x, 0.018) * (y < -0.1), seam)
    else:
        paint(line(y - curve, 0.028) * (np.abs(x) < 0.84), seam)
        paint(line(x, 0.030) * (y < curve), seam)
    paint(line(np.hypot(x / 0.26, (y + 0.48) / 0.56) - 0.25, 0.25), seam)
    paint(line(np.hypot(x / 0.20, (y - 0.60) / 0.16) - 0.3, 0.2), mix(shell, panel, 0.5))
    return to_texture(image)


def mat_top(
    rng: np.random.Generator,
    base: Color,
    accent: Color,
    extent_m: tuple[float, float],
    corner_m: float,
    style: str,
    texels: tuple[int, int] = (96, 96),
) -> Texture:
    """Return a mat from above, its front at the top, where every style has a mark.

    extent_m: along x and y. corner_m: radius of its corners. style: "plain" has a stripe along its border, "mouse_pad"
    a sewn edge and rings, "cork" grains, "felt" fibres and a seam.
    """
    half_x, half_y = extent_m[0] / 2.0, extent_m[1] / 2.0
    x = (half_x - (np.arange(texels[0]) + 0.5) / texels[0] * extent_m[0])[:, None]
    y = (half_y - (np.arange(texels[1]) + 0.5) / texels[1] * extent_m[1])[None]
    over = np.stack(np.broadcast_arrays(np.abs(x) - half_x + corner_m, np.abs(y) - half_y + corner_m))
    edge = corner_m - np.hypot(*np.maximum(over, 0.0)) - np.minimum(over.max(0), 0.0)  # metres from the border
    texel = max(extent_m[0] / texels[0], extent_m[1] / texels[1])

    def band(distance: FloatArray, width: float) -> FloatArray:
        return np.asarray(np.clip((width / 2.0 - np.abs(distance)) / texel + 0.5, 0.0, 1.0))

    grain = rng.uniform(0.0, 1.0, texels)
    stitches = (np.sin((x + y) * (2.0 * np.pi / 0.007)) > -0.2).astype(float)
    if style == "plain":
        mark = np.maximum(band(edge - 0.0075, 0.0030), band(half_x - x - 0.0155, 0.0050) * (edge > 0.0075))
        shade = 1.0 + 0.04 * (grain - 0.5)
    elif style == "mouse_pad":
        far = np.hypot(x + 0.7 * half_x, y - 0.5 * half_y)
        rings = 0.35 * band(far % 0.024 - 0.012, 0.004) * (edge > 0.006)
        chevron = band(half_x - x - 0.014 - 0.6 * np.abs(y), 0.0045) * (np.abs(y) < 0.016)
        mark = np.maximum(np.maximum(rings, band(edge - 0.0012, 0.0026) * stitches), chevron)
        shade = 1.0 + 0.03 * (grain - 0.5)
    elif style == "cork":
        mark = band(half_x - x - 0.0095, 0.0075)
        shade = np.where(grain > 0.80, 0.45, np.where(grain < 0.12, 1.25, 1.0))
    else:
        mark = np.maximum(band(edge - 0.0055, 0.0016) * stitches, band(half_x - x - 0.0150, 0.0045) * (edge > 0.0075))
        shade = 1.0 + 0.38 * (grain - 0.5)
    share = np.broadcast_to(mark, texels)[..., None]
    return to_texture(np.asarray(base) * np.asarray(shade)[..., None] * (1.0 - share) + np.asarray(accent) * share)


def imprint(paper: Color, ink: Color, across: int = 64, down: int = 32) -> Texture:
    """Return a label with a stamp's imprint: a frame, a star and lines of writing."""
    amount = _imprint(across, down)[..., None]
    return to_texture(np.asarray(paper) * (1.0 - amount) + np.asarray(ink) * amount)


@functools.cache
def _imprint(across: int, down: int) -> FloatArray:
    x = ((np.arange(across) + 0.5) - across / 2.0)[None] / (down / 2.0)
    y = ((np.arange(down) + 0.5) / down * 2.0 - 1.0)[:, None]
    wide = across / down
    frame = np.maximum(np.abs(x) - wide + 0.22, np.abs(y) - 0.78)
    lines = (np.abs(np.abs(frame) - 0.03) < 0.06).astype(float)
    left = x + wide - 0.85
    turn = np.arctan2(left, -y) * 5.0 / (2.0 * np.pi)
    star = np.hypot(left, y) < 0.50 - 0.30 * np.abs(2.0 * (turn - np.floor(turn)) - 1.0) ** 0.8
    words = (np.abs(np.abs(y) - 0.30) < 0.13) & (x > -wide + 1.55) & (x < wide - 0.45 - 0.3 * (y > 0.0))
    return np.asarray(np.maximum(np.maximum(lines, star), words * 0.9))


@functools.cache
def suit(name: str, size: int) -> FloatArray:
    """Return how much of each texel (size, size) a card's suit covers: "spade", "heart", "diamond" or "club"."""
    fine = 3
    axis = ((np.arange(size * fine) + 0.5) / (size * fine) * 2.0 - 1.0) * 1.05
    x, up = np.broadcast_arrays(axis[None], -axis[:, None])
    stem = (np.abs(x) < 0.09 + 0.35 * np.clip(-up - 0.55, 0.0, 1.0)) & (up < 0.0) & (up > -0.98)

    def heart(rise: FloatArray) -> FloatArray:
        u, v = x * 1.22, rise * 1.22
        return np.asarray((u**2 + v**2 - 1.0) ** 3 - u**2 * v**3 < 0.0)

    if name == "heart":
        inside = heart(up + 0.08)
    elif name == "diamond":
        inside = np.abs(x) / 0.70 + np.abs(up) / 0.98 < 1.0
    elif name == "spade":
        inside = heart(-(up - 0.12)) | stem
    else:
        discs = [np.hypot(x - a, up - b) < 0.40 for a, b in ((0.0, 0.50), (-0.47, -0.15), (0.47, -0.15))]
        inside = discs[0] | discs[1] | discs[2] | stem | (np.hypot(x, up) < 0.2)
    return np.asarray(inside.reshape(size, fine, size, fine).mean((1, 3)), float)


def card_back(base: Color, white: Color, style: str, first: str, shape: tuple[int, int] = (128, 90)) -> Texture:
    """Return the broad side of a box of playing cards, the box's front at the top.

    style: "classic" has a lattice, "hexagon" honeycomb, both around a medallion; "bridge" shows an ace. first: the suit
    in the middle.
    """
    down, across = shape
    y = (np.arange(down) + 0.5 - down / 2.0)[:, None]
    x = (np.arange(across) + 0.5 - across / 2.0)[None]
    edge = np.minimum(across / 2.0 - np.abs(x), down / 2.0 - np.abs(y))
    red = (0.62, 0.02, 0.02)
    ink = (0.012, 0.012, 0.015) if first in ("spade", "club") else red
    image = np.ones((down, across, 1)) * np.asarray(base)

    def paint(amount: FloatArray, color: Color) -> None:
        nonlocal image
        share = np.broadcast_to(amount, shape)[..., None]
        image = image * (1.0 - share) + np.asarray(color) * share

    def symbol(name: str, size: int, row: int, column: int, color: Color, turned: bool = False) -> None:
        amount = np.zeros(shape)
        picture = suit(name, size)
        amount[row - size // 2 : row - size // 2 + size, column - size // 2 : column - size // 2 + size] = (
            picture[::-1] if turned else picture
        )
        paint(amount, color)

    if style == "bridge":
        paint(np.clip(edge - 13.0, 0.0, 1.0), white)
        symbol(first, 36, down // 2, across // 2, ink)
        for turned, row, column in ((False, 25, 24), (True, down - 25, across - 24)):
            symbol(first, 14, row, column, ink, turned)
        return to_texture(image)
    paint(np.clip(1.6 - np.abs(edge - 5.0), 0.0, 1.0), white)
    if style == "classic":
        weave = np.maximum(np.cos((x + y) * (2.0 * np.pi / 11.0)), np.cos((x - y) * (2.0 * np.pi / 11.0)))
        paint(np.clip((weave - 0.72) * 3.0, 0.0, 0.9) * (edge > 8.0), white)
        away = np.hypot(x / 27.0, y / 36.0)
    else:
        paint(_honeycomb(shape) * (edge > 8.0), white)
        away = np.maximum(np.abs(x) / 30.0 * 0.5 + np.abs(y) / 34.0 * 0.866, np.abs(x) / 30.0)
    paint(np.clip((1.0 - away) * 14.0, 0.0, 1.0), white)
    paint(np.clip(1.0 - np.abs(away - 0.90) * 16.0, 0.0, 1.0), base)
    symbol(first, 38, down // 2, across // 2, ink)
    if style == "classic":  # the half moon for the thumb, where the flap is tucked in
        notch = 13.0 - np.hypot(x, y + down / 2.0)
        paint(np.clip(notch + 2.0, 0.0, 1.0), (0.02, 0.02, 0.02))
        paint(np.clip(notch, 0.0, 1.0), white)
    return to_texture(image)


@functools.cache
def _honeycomb(shape: tuple[int, int]) -> FloatArray:
    y, x = np.indices(shape) + 0.5
    pitch = 15.0
    nearest = np.full((2, *shape), np.inf)
    for odd in (0.0, 0.5):
        row = (np.round(y / (pitch * 1.732) - odd) + odd) * pitch * 1.732
        column = (np.round(x / pitch - odd) + odd) * pitch
        u, v = np.abs(x - column), np.abs(y - row)
        nearest[int(odd * 2)] = np.maximum(u, 0.5 * u + 0.866 * v)
    return np.asarray(np.clip(nearest.min(0) - pitch / 2.0 + 2.0, 0.0, 1.0))


def card_side(base: Color, white: Color, long: int = 128, high: int = 28) -> Texture:
    """Return a narrow side of a box of playing cards: the four suits in a row between two lines."""
    image = np.ones((high, long, 1)) * np.asarray(base)
    size = 18
    start = (high - size) // 2
    for index, name in enumerate(("spade", "heart", "club", "diamond")):
        left = int((0.2 + 0.2 * index) * long) - size // 2
        amount = suit(name, size)[..., None]
        patch = image[start : start + size, left : left + size]
        image[start : start + size, left : left + size] = patch * (1.0 - amount) + np.asarray(white) * amount
    return to_texture(image)


def card_edges(rng: np.random.Generator, count: int = 10) -> Texture:
    """Return the edges of a stack of cards, one above the other."""
    shade = np.repeat(np.tile([0.88, 0.42], count), (4, 2) * count)[:, None] * rng.uniform(0.92, 1.0, (6 * count, 8))
    return to_texture(np.repeat(shade[..., None], 3, axis=2))
