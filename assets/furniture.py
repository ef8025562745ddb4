"""Furniture of the room: window, shelves, pictures, sideboard and plants; and the positions of its walls."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from tracesim.assets import textures
from tracesim.assets.blades import blades
from tracesim.assets.colors import linear
from tracesim.assets.paths import arc
from tracesim.assets.shapes import Mesh, lathe, merge
from tracesim.geometry.rigid import FloatArray, rotation_about, transform
from tracesim.layout.prop import Material, Surface

FLOOR_M, CEILING_M = -0.74, 1.75
"""Heights above the table top."""

WEST_M, EAST_M, SOUTH_M, NORTH_M = -2.0, 2.2, -2.6, 1.8
"""Positions of the walls: behind the robot (x), opposite it (x), on its right (y), on its left with the window (y)."""

WINDOW_X_M, WINDOW_Z_M = (-0.85, 0.55), (0.12, 1.45)
"""Opening of the window in the north wall."""

Part: TypeAlias = tuple[Mesh, Material]
"""A piece of furniture: its mesh in the world frame, and its material."""

OAK = Material((0.40, 0.25, 0.13), roughness=0.5, specular=0.35)
WHITE = Material((0.78, 0.78, 0.76), roughness=0.4)
DARK = Material((0.05, 0.045, 0.04), roughness=0.45)
LEAF = Material((0.055, 0.17, 0.05), roughness=0.5, specular=0.4)
YOUNG_LEAF = Material((0.11, 0.27, 0.08), roughness=0.5, specular=0.4)
STONEWARE = Material((0.50, 0.47, 0.43), roughness=0.6, specular=0.3)
LINEN = Material((0.66, 0.62, 0.54), roughness=0.95, specular=0.1)


def surfaces(parts: Sequence[Part]) -> tuple[Surface, ...]:
    """Return the parts as surfaces, one per material in order of first appearance; each surface costs a draw call."""
    groups: dict[int, list[Part]] = {}
    for part in parts:
        groups.setdefault(id(part[1]), []).append(part)
    return tuple(merge(*(mesh for mesh, _ in group)).surface(group[0][1]) for group in groups.values())


def at(x: float, y: float, z: float) -> FloatArray:
    """Return the pose of an unrotated part at a position, metres."""
    return transform(translation=(x, y, z))


def sheet(corner: npt.ArrayLike, right: npt.ArrayLike, up: npt.ArrayLike) -> Mesh:
    """Return a textured rectangle that faces along `right` x `up`.

    Args:
        corner: Lower left corner, (3,), metres.
        right: Lower edge, (3,), metres.
        up: Left edge, (3,), metres.
    """
    a, b = np.asarray(right, float), np.asarray(up, float)
    vertices = np.asarray(corner, float) + np.array([0.0 * a, a, a + b, b])
    normal = np.array([a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]])
    normal /= np.linalg.norm(normal)
    uvs = np.array([[0.0, 1.0], [1.0, 1.0], [1.0, 0.0], [0.0, 0.0]])
    return Mesh(vertices, np.array([[0, 1, 2], [0, 2, 3]], np.int32), np.tile(normal, (4, 1)), uvs)


_SIDES = np.array(
    [[u, v, 1.0] for u, v in ((-1, -1), (1, -1), (1, 1), (-1, 1))]
)  # top face of a cube with edge length 2
_TURNS = [np.roll(np.eye(3), k, axis=0) * sign for sign in (1.0, -1.0) for k in range(3)]
_CUBE = np.concatenate([_SIDES @ turn for turn in _TURNS])
_CUBE_NORMALS = np.repeat([turn[2] for turn in _TURNS], 4, axis=0)
# Opposite sides of a cube are mirror images, so the order of their vertices is reversed.
_CUBE_FACES = np.concatenate(
    [
        np.array([[0, 1, 2], [0, 2, 3]])[:, :: 1 if np.linalg.det(turn) > 0 else -1] + 4 * k
        for k, turn in enumerate(_TURNS)
    ]
).astype(np.int32)
_CUBE_UVS = np.tile((_SIDES[:, :2] + 1.0) / 2.0, (6, 1))


def crate(size: tuple[float, float, float]) -> Mesh:
    """Return a box with sharp edges that stands on z = 0."""
    return Mesh((_CUBE + np.array([0.0, 0.0, 1.0])) * (np.array(size) / 2.0), _CUBE_FACES, _CUBE_NORMALS, _CUBE_UVS)


def slab(size: tuple[float, float, float], corner_m: float, edge_m: float, segments: int = 8, rounds: int = 2) -> Mesh:
    """Return a box with rounded corners and edges that stands on z = 0.

    Args:
        size: Size along x, y and z, metres.
        corner_m: Radius of the vertical edges, metres.
        edge_m: Radius of the horizontal edges, metres.
        segments: Vertices around the outline, a multiple of 4.
        rounds: Vertices of each rounded edge's profile.
    """
    thickness = size[2]
    profile = np.concatenate(
        [
            [[0.0, 0.0]],
            arc((corner_m - edge_m, edge_m), edge_m, -np.pi / 2, 0.0, rounds),
            arc((corner_m - edge_m, thickness - edge_m), edge_m, 0.0, np.pi / 2, rounds),
            [[0.0, thickness]],
        ]
    )
    # A lathe closes at a single point, so a tiny radius is stretched between the corners and the lids fill the rest.
    profile[[0, -1], 0] = 1e-6
    body = lathe(profile, segments, stretch=(size[0] / 2 - corner_m, size[1] / 2 - corner_m))
    x, y = size[0] / 2 - corner_m, size[1] / 2 - corner_m
    lids = [
        sheet((-x, -y, thickness), (2 * x, 0, 0), (0, 2 * y, 0)),
        sheet((-x, y, 0.0), (2 * x, 0, 0), (0, -2 * y, 0)),
    ]
    return merge(body, *lids)


def window(rng: np.random.Generator) -> list[Part]:
    """Return a window with the garden behind it, its sill, and curtains."""
    (x0, x1), (z0, z1) = WINDOW_X_M, WINDOW_Z_M
    wide, high, middle = x1 - x0, z1 - z0, (x0 + x1) / 2
    garden = Material((1.0, 1.0, 1.0), roughness=1.0, specular=0.0, emission=1.0, texture=textures.outdoors(rng))
    bars = [
        (x0, z0, 0.07, high),
        (x1, z0, 0.07, high),
        (middle, z0, 0.05, high),
        (middle, z0 - 0.02, wide, 0.06),
        (middle, z1 - 0.04, wide, 0.06),
        (middle, z0 + 0.62 * high, wide, 0.04),
    ]
    frame = [crate((w, 0.09, h)).moved(at(x, NORTH_M + 0.03, z)) for x, z, w, h in bars]
    sill = slab((wide + 0.16, 0.16, 0.03), corner_m=0.01, edge_m=0.006).moved(at(middle, NORTH_M - 0.05, z0 - 0.05))
    rod = crate((wide + 0.9, 0.022, 0.022)).moved(at(middle, NORTH_M - 0.09, z1 + 0.11))
    cloth = [_curtain(a, b, z0 - 0.55, z1 + 0.12) for a, b in ((x0 - 0.34, x0 + 0.06), (x1 - 0.06, x1 + 0.34))]
    return [
        (merge(*frame, sill), WHITE),
        (merge(*cloth), LINEN),
        (rod, DARK),
        (sheet((x0, NORTH_M + 0.08, z0), (wide, 0.0, 0.0), (0.0, 0.0, high)), garden),
    ]


def _curtain(start: float, end: float, low: float, high: float) -> Mesh:
    """Return a folded curtain in front of the north wall.

    Args:
        start: Left end, x, metres.
        end: Right end, x, metres.
        low: Lower end, z, metres.
        high: Upper end, z, metres.
    """
    share = np.linspace(0.0, 1.0, 33)
    fold = 0.032 * np.sin(10.0 * np.pi * share) * (0.75 + 0.25 * np.sin(9.0 * share))
    outline = np.column_stack([start + (end - start) * share, NORTH_M - 0.09 + fold])
    along = np.gradient(outline, axis=0)
    normals = np.column_stack([along[:, 1], -along[:, 0], np.zeros(len(share))])
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    vertices = np.concatenate([np.column_stack([outline, np.full(len(share), z)]) for z in (low, high)])
    first, above = np.arange(len(share) - 1), np.arange(len(share) - 1) + len(share)
    faces = np.concatenate([np.stack([first, first + 1, above + 1], 1), np.stack([first, above + 1, above], 1)])
    return Mesh(vertices, faces.astype(np.int32), np.tile(normals, (2, 1)), np.zeros((len(vertices), 2)))


def shelves(rng: np.random.Generator, palette: FloatArray) -> list[Part]:
    """Return two shelves on the west wall with books, a vase and a plant; `palette` is (N, 3) sRGB."""
    bindings = [Material(linear(shade * color), 0.7, specular=0.25) for color in palette for shade in (0.75, 0.95)]
    parts: list[Part] = []
    for z in (0.02, 0.36):
        board = slab((0.22, 1.10, 0.024), corner_m=0.006, edge_m=0.004)
        parts.append((board.moved(at(WEST_M + 0.12, -0.72, z)), OAK))
        parts += _books(rng, bindings, WEST_M + 0.11, -1.22, z + 0.024, -0.72 + rng.uniform(-0.05, 0.10))
    vase = lathe([(0.001, 0.0), (0.045, 0.0), (0.072, 0.05), (0.060, 0.12), (0.028, 0.16), (0.036, 0.19)], 16)
    parts.append((vase.moved(at(WEST_M + 0.12, -0.36, 0.044)), Material(linear(palette[1]), roughness=0.35)))
    return [*parts, *plant(rng, (WEST_M + 0.12, -0.42, 0.384), 0.5)]


def _books(
    rng: np.random.Generator, bindings: Sequence[Material], x: float, start: float, z: float, end: float
) -> list[Part]:
    """Return a row of books along y, the last one leaning on the others."""
    parts: list[Part] = []
    y = start
    while y < end:
        thick, tall, deep = rng.uniform(0.018, 0.042), rng.uniform(0.17, 0.25), rng.uniform(0.12, 0.16)
        last = y + thick + 0.03 > end
        lean = rotation_about((1.0, 0.0, 0.0), 0.16) if last else None
        pose = transform(lean, (x, y + thick / 2 + (0.044 if last else 0.0), z))
        parts.append((crate((deep, thick, tall)).moved(pose), bindings[rng.integers(len(bindings))]))
        y += thick + 0.002
    return parts


def pictures(rng: np.random.Generator, palette: FloatArray) -> list[Part]:
    """Return two framed paintings on the west wall; `palette` is (N, 3) sRGB."""
    mount = Material((0.80, 0.79, 0.75), roughness=0.9, specular=0.1)
    parts: list[Part] = []
    for y, z, wide, high in ((0.32, 0.10, 0.46, 0.62), (0.98, 0.24, 0.36, 0.46)):
        art = Material((1.0, 1.0, 1.0), roughness=0.85, specular=0.1, texture=textures.painting(rng, palette))
        parts.append((crate((0.024, wide + 0.05, high + 0.05)).moved(at(WEST_M + 0.012, y, z)), DARK))
        for inset, out, material in ((0.0, 0.0245, mount), (0.07, 0.0265, art)):
            corner = (WEST_M + out, y - wide / 2 + inset, z + 0.025 + inset)
            size = (0.0, wide - 2 * inset, 0.0), (0.0, 0.0, high - 2 * inset)
            parts.append((sheet(corner, *size), material))
    return parts


def sideboard(palette: FloatArray) -> list[Part]:
    """Return a low cabinet with three doors on the east wall; `palette` is (N, 3) sRGB."""
    body = Material(linear(0.8 * palette[3] + 0.08), roughness=0.5, specular=0.4)
    parts: list[Part] = []
    for y in (-0.47, 0.15, 0.77):
        door = slab((0.42, 0.60, 0.56), corner_m=0.012, edge_m=0.006)
        parts.append((door.moved(at(EAST_M - 0.24, y, FLOOR_M + 0.16)), body))
        parts.append((crate((0.012, 0.14, 0.014)).moved(at(EAST_M - 0.455, y, FLOOR_M + 0.60)), OAK))
    for y in (-0.57, 0.15, 0.87):
        for x in (EAST_M - 0.40, EAST_M - 0.08):
            parts.append((crate((0.035, 0.035, 0.16)).moved(at(x, y, FLOOR_M)), OAK))
    board = slab((0.46, 1.92, 0.022), corner_m=0.01, edge_m=0.005)
    return [*parts, (board.moved(at(EAST_M - 0.24, 0.15, FLOOR_M + 0.72)), OAK)]


def plant(rng: np.random.Generator, foot: tuple[float, float, float], scale: float) -> list[Part]:
    """Return a potted plant with long arching leaves.

    Args:
        rng: Source of the leaves' shape.
        foot: Centre of the pot's underside, metres.
        scale: Size; the plant is about 0.55 m tall at 1.
    """
    profile = [(0.001, 0.0), (0.078, 0.0), (0.106, 0.15), (0.112, 0.16), (0.100, 0.162), (0.094, 0.14), (0.001, 0.137)]
    pot = lathe(scale * np.array(profile), 16).moved(at(*foot))
    outline = np.sin(np.pi * np.linspace(0.03, 1.0, 7) ** 0.75)
    outline[-1] = 0.0
    parts: list[Part] = [(pot, STONEWARE)]
    for material, count, phase in ((LEAF, 11, 0.0), (YOUNG_LEAF, 6, 1.1)):
        leaves = blades(
            lengths=scale * rng.uniform(0.34, 0.52, count),
            widths=scale * rng.uniform(0.055, 0.075, count),
            azimuths=phase + 2.4 * np.arange(count) + rng.uniform(-0.3, 0.3, count),
            rises=rng.uniform(1.15, 1.5, count),
            droops=rng.uniform(0.5, 1.7, count),
            outline=outline,
            cup=0.35,
        )
        parts.append((leaves.moved(at(foot[0], foot[1], foot[2] + 0.13 * scale)), material))
    return parts
