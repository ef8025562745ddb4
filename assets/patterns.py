"""Small textures computed from formulas, (H, W, 3) uint8 sRGB: gradients, grain, speckle, holes."""

from __future__ import annotations

import functools

import numpy as np
import numpy.typing as npt

from tracesim.assets.colors import Color, to_texture
from tracesim.geometry.rigid import FloatArray

Texture = npt.NDArray[np.uint8]


def gradient(ramp: FloatArray) -> Texture:
    """Return a texture that follows the colour ramp `ramp` (N, 3), linear RGB, along v."""
    return to_texture(np.repeat(ramp[:, None], 4, axis=1))


def petal(ramp: FloatArray, edge: float = 0.86, size: int = 16) -> Texture:
    """Return a petal that follows a colour ramp along v and is darker at its sides.

    Args:
        ramp: Linear RGB from root to tip, (N, 3).
        edge: Brightness at the sides.
        size: Width, texels.
    """
    u = np.abs((np.arange(size) + 0.5) / size * 2.0 - 1.0)
    shade = 1.0 + (edge - 1.0) * u**3 + 0.05 * np.cos(3.0 * np.pi * u)
    return to_texture(ramp[:, None] * shade[None, :, None])


def leaf(color: Color, rib: Color, size: int = 32) -> Texture:
    """Return a leaf with a lighter midrib and veins; u runs across it, v along it."""
    u = np.abs((np.arange(size) + 0.5) / size * 2.0 - 1.0)[None]
    v = ((np.arange(size) + 0.5) / size)[:, None]
    middle = np.clip(1.0 - u / 0.14, 0.0, 1.0)
    veins = 0.45 * np.clip(np.cos(2.0 * np.pi * (6.0 * v - 2.2 * u)) * 3.0 - 2.0, 0.0, 1.0)
    amount = np.maximum(middle, veins)[..., None] * 0.8
    return to_texture(np.asarray(color) * (1.0 - amount) + np.asarray(rib) * amount)


def label(paper: Color, ink: Color) -> Texture:
    """Return a bottle label: a line at each edge, an emblem on the front and on the back; u runs around the bottle."""
    amount = _print(128, 64)[..., None]
    return to_texture(np.asarray(paper) * (1.0 - amount) + np.asarray(ink) * amount)


@functools.cache
def _print(across: int, along: int) -> FloatArray:
    """Return the coverage (along, across) of the label's print."""
    u = ((np.arange(across) + 0.5) / across * 2.0 % 1.0)[None] * 2.0 - 1.0
    v = ((np.arange(along) + 0.5) / along)[:, None] * 2.0 - 1.0
    lines = np.clip((0.05 - np.abs(np.abs(v) - 0.84)) / 0.03, 0.0, 1.0)
    away = np.hypot(u * 1.6, v)
    emblem = np.clip((0.56 - away) / 0.05, 0.0, 1.0) * np.clip((np.abs(away - 0.36) - 0.05) / 0.04, 0.0, 1.0)
    words = np.clip((0.26 - np.abs(np.abs(u) - 0.72)) / 0.03, 0.0, 1.0)
    words = words * np.clip((0.10 - np.abs(np.abs(v) - 0.3)) / 0.04, 0.0, 0.5)
    return np.maximum(np.maximum(np.broadcast_to(lines, away.shape), emblem), words)


def speckle(rng: np.random.Generator, color: Color, grain: Color, share: float, size: int = 64) -> Texture:
    """Return a texture of one colour with a fraction `share` of its texels tinted by another: cork, stoneware, felt."""
    amount = np.where(rng.random((size, size)) < share, rng.uniform(0.3, 1.0, (size, size)), 0.0)[..., None]
    return to_texture(np.asarray(color) * (1.0 - amount) + np.asarray(grain) * amount)


def wood(rng: np.random.Generator, color: Color, size: int = 64, rings: float = 4.0) -> Texture:
    """Return wood grain along u.

    Args:
        rng: Source of the grain.
        color: Mean linear RGB.
        size: Width and height, texels.
        rings: Number of growth rings across.
    """
    v = np.linspace(0.0, 1.0, size, endpoint=False)[:, None]
    u = np.linspace(0.0, 1.0, size, endpoint=False)[None]
    phase = rng.uniform(0.0, 2.0 * np.pi, 4)
    warp = 0.10 * np.sin(2.0 * np.pi * u + phase[0]) + 0.06 * np.sin(2.0 * np.pi * (2.0 * v + u) + phase[1])
    growth = np.sin(2.0 * np.pi * rings * (v + warp) + phase[2])
    fibre = np.repeat(rng.standard_normal((size, size // 8)), 8, axis=1)
    shade = 1.0 + 0.10 * growth + 0.05 * fibre
    return to_texture(np.asarray(color) * shade[..., None])


def block_face(color: Color, size: int = 48) -> Texture:
    """Return the face of a painted block, worn darker at its edges and with a fine groove inside them."""
    t = np.abs((np.arange(size) + 0.5) / size * 2.0 - 1.0)
    border = np.maximum(t[:, None], t[None])
    worn = 0.20 * np.clip((border - 0.88) / 0.12, 0.0, 1.0)
    groove = 0.16 * np.clip(1.0 - np.abs(border - 0.74) / 0.045, 0.0, 1.0)
    return to_texture(np.asarray(color) * (1.0 - worn - groove)[..., None])


def mat(rng: np.random.Generator, color: Color, grain: Color, share: float, square: bool, size: int = 96) -> Texture:
    """Return a coaster seen from above: speckled, with a pressed line along its border.

    Args:
        rng: Source of the speckles.
        color: Linear RGB of the coaster.
        grain: Linear RGB of the speckles.
        share: Fraction of speckled texels.
        square: Whether the line follows a rounded square instead of a circle.
        size: Width and height, texels.
    """
    axis = np.abs((np.arange(size) + 0.5) / size * 2.0 - 1.0)
    x, y = axis[None], axis[:, None]
    border = (x**6 + y**6) ** (1.0 / 6.0) if square else np.hypot(x, y)
    line = 0.35 * np.clip(1.0 - np.abs(border - 0.82) / 0.035, 0.0, 1.0)[..., None]
    amount = np.where(rng.random((size, size)) < share, rng.uniform(0.2, 1.0, (size, size)), 0.0)[..., None]
    return to_texture((np.asarray(color) * (1.0 - amount) + np.asarray(grain) * amount) * (1.0 - line))


def holes(plate: Color, hole: Color) -> Texture:
    """Return a plate with concentric rings of holes around its centre."""
    amount = _rings_of_holes(64)[..., None]
    return to_texture(np.asarray(plate) * (1.0 - amount) + np.asarray(hole) * amount)


@functools.cache
def _rings_of_holes(size: int) -> FloatArray:
    """Return the coverage (size, size) of the holes."""
    axis = (np.arange(size) + 0.5) / size * 2.0 - 1.0
    x, y = axis[None], axis[:, None]
    amount = np.zeros((size, size))
    for radius, count in ((0.0, 1), (0.28, 6), (0.53, 12), (0.78, 18)):
        for turn in np.arange(count) * (2.0 * np.pi / count):
            far = np.hypot(x - radius * np.cos(turn), y - radius * np.sin(turn))
            amount = np.maximum(amount, np.clip((0.085 - far) / 0.03, 0.0, 1.0))
    return amount
