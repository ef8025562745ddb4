"""The surroundings of a scene: a table, the pedestal of the robot, and a room with daylight."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tracesim.assets import furniture, textures
from tracesim.assets.colors import linear
from tracesim.assets.furniture import (
    CEILING_M,
    EAST_M,
    FLOOR_M,
    NORTH_M,
    SOUTH_M,
    WEST_M,
    Part,
    at,
    crate,
    sheet,
    slab,
    surfaces,
)
from tracesim.assets.shapes import Mesh
from tracesim.assets.table_tops import TOPS, WOODS, Top
from tracesim.geometry.rigid import FloatArray
from tracesim.layout.layout import TABLE_SIZE_M
from tracesim.layout.prop import Material, Surface

WALLS = (
    (0.62, 0.66, 0.60),
    (0.72, 0.69, 0.63),
    (0.52, 0.60, 0.66),
    (0.70, 0.62, 0.56),
    (0.60, 0.62, 0.66),
    (0.66, 0.65, 0.55),
)
"""Wall paints, sRGB: sage, cream, dusty blue, clay, lavender grey, straw."""

FLOORS = ((0.66, 0.54, 0.41), (0.52, 0.40, 0.30))
"""Tones of the parquet, sRGB."""

PALETTES = (
    ((0.93, 0.90, 0.83), (0.90, 0.52, 0.32), (0.42, 0.55, 0.55), (0.24, 0.36, 0.38)),
    ((0.95, 0.92, 0.86), (0.93, 0.73, 0.36), (0.80, 0.45, 0.36), (0.36, 0.24, 0.30)),
    ((0.90, 0.93, 0.93), (0.96, 0.80, 0.45), (0.36, 0.52, 0.66), (0.18, 0.28, 0.42)),
)
"""Colours of pictures, books and rugs, sRGB, from light to dark."""


SUNK_M = 0.05
"""Depth to which the table's legs extend below the floor."""


@dataclass(frozen=True)
class Room:
    """Everything that surrounds the objects of a task, in the world frame, metres."""

    table: tuple[Surface, ...]
    """Surfaces of the table; its top is at z = 0, centred at the origin."""
    surroundings: tuple[Surface, ...]
    """Surfaces of the floor, walls and furniture, which are seen but never touched."""
    table_hulls: tuple[FloatArray, ...]
    """Vertices of the table's collision hulls, each (K, 3)."""


def room(rng: np.random.Generator, tops: Sequence[Top] = (TOPS["boards"],)) -> Room:
    """Return a table in a room.

    Args:
        rng: Source of the woods, colours and pictures; sizes are fixed.
        tops: Table tops to choose from.
    """
    top = choose_top(rng, tops)
    tone = np.array(WOODS[rng.integers(len(WOODS))]) * rng.uniform(0.94, 1.04)
    table = _table(rng, top, tone)
    corners = np.array([[x, y, z] for x in (-0.5, 0.5) for y in (-0.5, 0.5) for z in (-1.0, 0.0)])
    style = int(rng.integers(len(WALLS)))
    return Room(table, _surroundings(style), (corners * TABLE_SIZE_M,))


def choose_top(rng: np.random.Generator, tops: Sequence[Top]) -> Top:
    """Return the table top that `room` draws first."""
    return tops[int(rng.integers(len(tops)))] if len(tops) > 1 else tops[0]


def pedestal(height_m: float = -FLOOR_M) -> tuple[Surface, ...]:
    """Return the block under a robot, in the frame of the robot's base, with its top at z = 0."""
    steel = Material((0.055, 0.06, 0.07), roughness=0.42, metallic=0.25)
    plate = Material((0.30, 0.31, 0.33), roughness=0.36, metallic=0.8)
    parts = [
        (slab((0.27, 0.27, 0.018), corner_m=0.02, edge_m=0.003).moved(at(-0.015, 0.0, -0.018)), plate),
        (slab((0.21, 0.21, height_m - 0.018), corner_m=0.03, edge_m=0.004).moved(at(-0.015, 0.0, -height_m)), steel),
        (crate((0.34, 0.34, 0.016)).moved(at(-0.015, 0.0, -height_m)), steel),
    ]
    return surfaces(parts)


def _table(rng: np.random.Generator, top: Top, tone: FloatArray) -> tuple[Surface, ...]:
    """Return the surfaces of a table: a top on four wooden legs, long along y."""
    length_x, length_y, thickness = TABLE_SIZE_M
    surface = top.material(rng, length_x, tone)
    board = slab(TABLE_SIZE_M, corner_m=0.018, edge_m=0.007, segments=16, rounds=4).moved(at(0.0, 0.0, -thickness))
    along_boards = board.vertices[:, [1, 0]] / (length_y, length_x) + 0.5
    board = Mesh(board.vertices, board.faces, board.normals, along_boards)
    frame = Material(linear(0.82 * tone), roughness=0.5, specular=0.4)
    leg_x, leg_y, apron = length_x / 2 - 0.06, length_y / 2 - 0.06, 0.08
    parts: list[Part] = [(board, surface)]
    # The legs extend below the floor, which is lower where the table is raised.
    leg = crate((0.052, 0.052, SUNK_M - FLOOR_M - thickness))
    parts += [(leg.moved(at(x, y, FLOOR_M - SUNK_M)), frame) for x in (-leg_x, leg_x) for y in (-leg_y, leg_y)]
    for sign in (-1.0, 1.0):
        rail_x, rail_y = crate((2 * leg_x, 0.024, apron)), crate((0.024, 2 * leg_y, apron))
        parts.append((rail_x.moved(at(0.0, sign * leg_y, -thickness - apron)), frame))
        parts.append((rail_y.moved(at(sign * leg_x, 0.0, -thickness - apron)), frame))
    return surfaces(parts)


@functools.cache
def _surroundings(style: int) -> tuple[Surface, ...]:
    """Return the surfaces of one of the rooms; there are few, so each is made once per process."""
    rng = np.random.default_rng(style)
    wall = np.array(WALLS[style])
    palette = np.array(PALETTES[style % len(PALETTES)])
    tone = np.array(FLOORS[style % len(FLOORS)])
    # Furniture first: the parts of walls and floor that it hides are then not shaded.
    return surfaces(
        [
            *furniture.shelves(rng, palette),
            *furniture.pictures(rng, palette),
            *furniture.sideboard(palette),
            *furniture.plant(rng, (WEST_M + 0.42, NORTH_M - 0.45, FLOOR_M), 2.1),
            *furniture.plant(rng, (EAST_M - 0.30, 1.34, FLOOR_M), 1.3),
            *furniture.window(rng),
            *_walls(wall),
            _floor(rng, tone, palette),
        ]
    )


def _floor(rng: np.random.Generator, tone: FloatArray, palette: FloatArray) -> Part:
    """Return parquet and a rug; the shade under the table is part of the texture, because nothing there moves."""
    size = 768
    x = np.linspace(WEST_M, EAST_M, size, dtype=np.float32)
    y = np.linspace(SOUTH_M, NORTH_M, size, dtype=np.float32)
    color = textures.parquet(rng, size, tone, rows=36)

    outside_rug = np.maximum((np.abs(x - 0.55) - 1.15)[None, :], (np.abs(y + 0.05) - 0.85)[:, None])
    rug = 0.55 * palette[0] + 0.25 + 0.02 * textures.noise(rng, (size, size), (size // 3, size // 3))[..., None]
    on_rug, on_stripe = outside_rug < 0.0, np.abs(outside_rug + 0.078) < 0.022
    color[on_rug] = rug[on_rug]
    color[on_stripe] = palette[2]

    def darker(half_x: float, half_y: float, middle_x: float, share: float, reach_m: float) -> FloatArray:
        """Return the fraction of light left around a box that stands on the floor."""
        beside = np.maximum(np.abs(x - middle_x) - half_x, 0.0)[None, :] ** 2
        before = np.maximum(np.abs(y) - half_y, 0.0)[:, None] ** 2
        return np.asarray(1.0 - share * np.exp(np.sqrt(beside + before) / -reach_m))

    shade = darker(0.40, 0.55, 0.0, 0.52, 0.22) * darker(0.17, 0.17, -0.635, 0.35, 0.10)
    shade *= (1.0 - 0.3 * np.exp(np.minimum(x - WEST_M, EAST_M - x) / -0.2))[None, :]
    shade *= (1.0 - 0.3 * np.exp(np.minimum(y - SOUTH_M, NORTH_M - y) / -0.2))[:, None]
    painted = textures.pixels(color * shade[..., None])
    material = Material((1.0, 1.0, 1.0), roughness=0.55, specular=0.35, texture=painted)
    ground = sheet((WEST_M, SOUTH_M, FLOOR_M), (EAST_M - WEST_M, 0.0, 0.0), (0.0, NORTH_M - SOUTH_M, 0.0))
    return Mesh(ground.vertices, ground.faces, ground.normals, ground.uvs * (1.0, -1.0) + (0.0, 1.0)), material


def _walls(paint: FloatArray) -> list[Part]:
    """Return painted walls and white skirting boards; the light from the window is part of the paint."""
    up = np.linspace(1.0, 0.0, 48)[:, None]
    along = np.linspace(0.0, 1.0, 64)[None, :]
    creases = (1.0 - 0.30 * np.exp(-up / 0.10)) * (1.0 - 0.16 * np.exp(-np.minimum(along, 1.0 - along) / 0.06))
    glow = 0.86 + 0.20 * np.exp(-(((along - 0.62) / 0.30) ** 2) - ((up - 0.55) / 0.5) ** 2)
    plain = Material((1.0, 1.0, 1.0), 0.92, specular=0.15, texture=textures.pixels((creases * 0.84)[..., None] * paint))
    lit = Material((1.0, 1.0, 1.0), 0.92, specular=0.15, texture=textures.pixels((creases * glow)[..., None] * paint))
    (x0, x1), (z0, z1) = furniture.WINDOW_X_M, furniture.WINDOW_Z_M
    rise = (0.0, 0.0, CEILING_M - FLOOR_M)
    east = sheet((EAST_M, NORTH_M, FLOOR_M), (0.0, SOUTH_M - NORTH_M, 0.0), rise)
    parts: list[Part] = [
        (sheet((WEST_M, SOUTH_M, FLOOR_M), (0.0, NORTH_M - SOUTH_M, 0.0), rise), lit),
        (Mesh(east.vertices, east.faces, east.normals, east.uvs * (-1.0, 1.0) + (1.0, 0.0)), lit),
        (sheet((EAST_M, SOUTH_M, FLOOR_M), (WEST_M - EAST_M, 0.0, 0.0), rise), plain),
    ]
    # four pieces of wall around the window
    for left, right, low, high in (
        (WEST_M, x0, FLOOR_M, CEILING_M),
        (x1, EAST_M, FLOOR_M, CEILING_M),
        (x0, x1, FLOOR_M, z0),
        (x0, x1, z1, CEILING_M),
    ):
        piece = sheet((left, NORTH_M, low), (right - left, 0.0, 0.0), (0.0, 0.0, high - low))
        share = (piece.vertices[:, [0, 2]] - (WEST_M, FLOOR_M)) / (EAST_M - WEST_M, CEILING_M - FLOOR_M)
        parts.append((Mesh(piece.vertices, piece.faces, piece.normals, share * (1.0, -1.0) + (0.0, 1.0)), plain))
    white = Material((0.74, 0.73, 0.70), roughness=0.5, specular=0.4)
    middle_x, middle_y = (WEST_M + EAST_M) / 2, (SOUTH_M + NORTH_M) / 2
    for x in (WEST_M + 0.008, EAST_M - 0.008):
        parts.append((crate((0.016, NORTH_M - SOUTH_M, 0.10)).moved(at(x, middle_y, FLOOR_M)), white))
    for y in (SOUTH_M + 0.008, NORTH_M - 0.008):
        parts.append((crate((EAST_M - WEST_M, 0.016, 0.10)).moved(at(middle_x, y, FLOOR_M)), white))
    return parts
