"""Textures computed from formulas: noise, wood, parquet, paintings and the view from a window."""

from __future__ import annotations

import functools
import itertools

import numpy as np
import numpy.typing as npt

from tracesim.geometry.rigid import FloatArray

Pixels = npt.NDArray[np.uint8]
Colors = npt.NDArray[np.float32]


def noise(
    rng: np.random.Generator, shape: tuple[int, int], cells: tuple[int, int], octaves: int = 1
) -> npt.NDArray[np.float32]:
    """Return smooth noise (H, W) of about unit standard deviation.

    Args:
        rng: Source of the noise.
        shape: Rows and columns.
        cells: Number of knots down and across; they are interpolated by cubic B-splines.
        octaves: Number of layers, each twice as fine as the one before and weaker.
    """
    total = np.zeros(shape, np.float32)
    for octave in range(octaves):
        down, across = cells[0] << octave, cells[1] << octave
        knots = rng.standard_normal((down + 3, across + 3), np.float32)
        total += np.float32(0.55**octave) * (_spline(shape[0], down) @ (knots @ _spline(shape[1], across).T))
    return total


@functools.cache
def _spline(samples: int, cells: int) -> npt.NDArray[np.float32]:
    """Return the matrix (samples, cells + 3) of a uniform cubic B-spline that keeps the unit variance of its knots."""
    at = np.arange(samples) * cells / samples
    knot = at.astype(int)
    t = at - knot
    weights = np.stack([(1 - t) ** 3, 3 * t**3 - 6 * t**2 + 4, -3 * t**3 + 3 * t**2 + 3 * t + 1, t**3], axis=1)
    weights /= np.linalg.norm(weights, axis=1, keepdims=True)
    matrix = np.zeros((samples, cells + 3), np.float32)
    matrix[np.arange(samples)[:, None], knot[:, None] + np.arange(4)] = weights
    return matrix


def pixels(color: Colors) -> Pixels:
    """Return sRGB colours in [0, 1] as bytes."""
    return np.asarray(np.clip(color, 0.0, 1.0) * 255.0 + 0.5).astype(np.uint8)


def board(rng: np.random.Generator, shape: tuple[int, int], width_m: float, tone: FloatArray) -> Colors:
    """Return one plank, (H across the grain, W along it, 3) sRGB in [0, 1]: a plain-sawn cut through a trunk.

    Args:
        rng: Source of the grain.
        shape: Rows and columns, texels.
        width_m: Width across the grain, metres.
        tone: Colour of the early wood, (3,), sRGB.
    """
    across = np.linspace(0.0, width_m, shape[0], dtype=np.float32)[:, None]
    pith, depth = rng.uniform(-0.3, 1.3) * width_m, rng.uniform(0.012, 0.05)
    sway = 0.010 * noise(rng, shape, (2, 3)) + 0.0016 * noise(rng, shape, (6, 5))
    tilt = depth + 0.018 * noise(rng, (1, shape[1]), (2, 2))
    phase = np.hypot(across - np.float32(pith) + sway, tilt) * np.float32(1.0 / rng.uniform(0.0055, 0.0085))
    phase -= np.floor(phase)
    # a growth ring darkens slowly towards autumn and ends sharply
    late = phase * phase * np.minimum((1.0 - phase) * np.float32(6.0), np.float32(1.0))
    fibre = noise(rng, shape, (shape[0] // 2, 6)) + 0.6 * noise(rng, shape, (shape[0], 14))
    dark = 0.17 * late - 0.026 * fibre - 0.022 * noise(rng, shape, (3, 2)) - np.float32(rng.uniform(-0.07, 0.05))
    tone = np.asarray(tone * (1.0 + rng.uniform(-0.018, 0.018, 3)), np.float32)
    return np.asarray(tone - dark[..., None] * (tone * np.array([0.55, 1.0, 1.5], np.float32)), np.float32)


def planks(
    rng: np.random.Generator, shape: tuple[int, int], width_m: float, rows: int, tone: FloatArray, seam: float = 0.55
) -> Colors:
    """Return boards side by side, (H, W, 3) sRGB in [0, 1], with the grain along W.

    Args:
        rng: Source of the grain.
        shape: Rows and columns, texels.
        width_m: Width across all boards, metres.
        rows: Number of boards.
        tone: Colour of the early wood, (3,), sRGB.
        seam: Brightness of the seams.
    """
    edges = np.linspace(0, shape[0], rows + 1).round().astype(int)
    boards = []
    for start, end in itertools.pairwise(edges):
        piece = board(rng, (end - start, shape[1]), width_m / rows, tone)
        from_edge = np.minimum(np.arange(end - start), np.arange(end - start)[::-1])
        piece *= np.interp(from_edge, [0.0, 1.0, 2.5], [seam, 0.5 + 0.5 * seam, 1.0])[:, None, None]
        boards.append(piece)
    return np.concatenate(boards)


def parquet(rng: np.random.Generator, size: int, tone: FloatArray, rows: int = 24) -> Colors:
    """Return a floor (size, size, 3), sRGB in [0, 1]: rows of short boards with staggered ends."""
    kinds = 8
    height = -(-size // rows)
    source = planks(rng, (kinds * height, size), 0.11 * kinds, kinds, tone, seam=0.7)
    strips = []
    for _ in range(rows):
        kind, start = rng.integers(kinds), int(rng.integers(size))
        strip = np.roll(source[kind * height : (kind + 1) * height], start, axis=1)
        # the seam left by np.roll becomes the end of a board
        ends = sorted(
            [
                start,
                (start + int(rng.uniform(0.28, 0.40) * size)) % size,
                (start + int(rng.uniform(0.6, 0.72) * size)) % size,
            ]
        )
        for first, last in zip([0, *ends], [*ends, size], strict=True):
            strip[:, first:last] *= np.float32(rng.uniform(0.92, 1.05))
        strip[:, ends] *= np.float32(0.72)
        strips.append(strip)
    return np.concatenate(strips)[:size]


def painting(rng: np.random.Generator, palette: FloatArray, shape: tuple[int, int] = (128, 96)) -> Pixels:
    """Return an abstract landscape: bands of colour under a sun, (H, W, 3) uint8 sRGB; `palette` is (N, 3) sRGB."""
    image = np.tile(palette[0], (*shape, 1))
    rows, columns = np.mgrid[0.0 : shape[0], 0.0 : shape[1]]
    centre, radius = rng.uniform(0.3, 0.7) * shape[1], rng.uniform(0.13, 0.2) * shape[1]
    image[np.hypot(rows - 0.3 * shape[0], columns - centre) < radius] = palette[1]
    for band, color in enumerate(palette[2:]):
        height = 0.42 + 0.16 * band + 0.05 * noise(rng, (1, shape[1]), (2, 3))[0]
        image[rows > height * shape[0]] = color
    grain = 1.0 + 0.02 * noise(rng, shape, (shape[0] // 3, shape[1] // 3))
    return pixels(image * grain[..., None])


def outdoors(rng: np.random.Generator, shape: tuple[int, int] = (96, 96)) -> Pixels:
    """Return the blurred view from a window, (H, W, 3) uint8 sRGB: a bright sky over trees and a lawn."""
    down = np.linspace(0.0, 1.0, shape[0])[:, None]
    sky = np.array([0.80, 0.90, 1.0]) + down[..., None] * np.array([0.16, 0.08, -0.02])
    trees = 0.66 + 0.05 * noise(rng, (1, shape[1]), (2, 4), 2)
    leaves = np.array([0.52, 0.66, 0.42]) * (1.0 + 0.10 * noise(rng, shape, (10, 12), 2)[..., None])
    lawn = np.tile(np.array([0.72, 0.80, 0.55]), (*shape, 1))
    tree_share = np.clip((down - trees) / 0.05, 0.0, 1.0)[..., None]
    lawn_share = np.clip((down - 0.88) / 0.04, 0.0, 1.0)[..., None]
    image = sky * (1.0 - tree_share) + leaves * tree_share
    return pixels(image * (1.0 - lawn_share) + lawn * lawn_share)
