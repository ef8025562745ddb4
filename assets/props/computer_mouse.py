"""Computer mice, symmetric, ergonomic or flat, with their buttons at the front."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tracesim.assets import colors, drawings, hulls, lofts, paths, shapes, variants
from tracesim.assets.shapes import Mesh
from tracesim.geometry.rigid import FloatArray, rotation_about, transform
from tracesim.layout.grips import PATCH_HALF_WIDTH_M, Faces
from tracesim.layout.prop import Material, Prop
from tracesim.layout.randomness import Draw

VARIANTS = {"symmetric": "computer mouse", "ergonomic": "computer mouse", "flat": "computer mouse"}
"""The noun for each shape in an instruction; the last shape is held out."""
MOUSE_COLORS = ("black", "black", "gray", "white", "red", "blue", "pink", "teal")
HOLD_Z_M = 0.0195
"""Height of the grip, above its widest part, where what grips it has room above the table."""
DARK, LIGHT = (0.022, 0.023, 0.026), (0.55, 0.56, 0.58)


class Shape(NamedTuple):
    """Sizes and proportions of the shell."""

    half_length: float
    """Half the length, metres."""
    half_width: float
    """Half the width, metres."""
    height: float
    """Height of the hump, metres."""
    belly_z: float
    """Height at which it is widest, metres."""
    square: float
    """Exponent of its outline from above; larger is squarer."""
    front: float
    """Height at the front, relative to the hump."""
    rear: float
    """Height at the rear, relative to the hump."""
    slant: float = 0.0
    """Relative increase of the height on the left and decrease on the right."""
    swing: float = 0.0
    """Distance by which the ends lie to the right of the middle, metres."""


def computer_mouse(draw: Draw, *, color: str | None = None, variant: str | None = None) -> Prop:
    """Return a computer mouse to be gripped from side to side.

    Args:
        draw: Source of randomness.
        color: Colour of its shell; random if None.
        variant: One of `VARIANTS`; random if None.
    """
    chosen = variants.choose(draw, "computer mouse", VARIANTS, variant)
    name = colors.pick(draw.colors, MOUSE_COLORS, color)
    shape = _shape(draw, chosen)
    rows = _rows(shape)
    fine = rows[paths.outline(rows, 18)]
    shell_mesh = lofts.loft(_shell(shape, fine, 25), np.radians(50.0), closed=False)
    sole_mesh = lofts.loft(_sole(shape, fine), closed=False)
    # A polygon's corners lie a little outside of the curve where its edges lie inside.
    coarse = rows[paths.outline(rows, 9)] + np.array([0.0, 0.0002, 0.0, 0.0006])
    pieces = hulls.stacked(np.concatenate([_shell(shape, coarse, 13), _sole(shape, coarse)[:, [1, 2]]], axis=1))

    shell = _plastic(draw.colors, chosen, name)
    sole = Material(LIGHT if chosen == "flat" else DARK, roughness=0.5, specular=0.4)
    long, wide = 2.0 * shape.half_length, 2.0 * shape.half_width
    shell_mesh = lofts.project_texture(shell_mesh, (long / 2.0, wide / 2.0, 0.0), (0.0, -wide, 0.0), (-long, 0.0, 0.0))
    wheel, wheel_pieces = _wheel(shape)
    rubber = Material((0.30, 0.31, 0.33) if name == "black" else (0.03, 0.03, 0.034), roughness=0.6)

    solid = _shell(shape, rows[np.abs(rows[:, 0]) < PATCH_HALF_WIDTH_M], 33)[..., 1]
    left, right = float(solid.max()), float(solid.min())
    return Prop(
        kind="computer_mouse",
        noun=VARIANTS[chosen],
        color=name,
        surfaces=(shell_mesh.surface(shell), sole_mesh.surface(sole), wheel.surface(rubber)),
        hulls=hulls.vertices([*pieces, *wheel_pieces]),
        points={"base": np.zeros(3), "top": np.array([0.0, 0.0, _height(shape, np.zeros(1))[0]])},
        grips=(Faces((0.0, (left + right) / 2.0, HOLD_Z_M), left - right),),
        mass_kg=0.10,
    )


def _plastic(rng: np.random.Generator, variant: str, name: str) -> Material:
    """Return the material of a shell of the named colour, with its seams and panels."""
    tint = colors.named(name, rng)
    dark = name in ("black", "blue") or rng.random() < 0.6
    panel = DARK if dark and name != "black" else LIGHT if variant == "flat" else (0.10, 0.105, 0.11)
    seam = colors.mix(tint, (0.0, 0.0, 0.0), 0.8) if name != "black" else (0.20, 0.205, 0.21)
    picture = drawings.mouse_shell(tint, seam, panel, variant)
    return Material(tint, roughness=0.3 if variant == "flat" else 0.42, specular=0.5, texture=picture)


def _shape(draw: Draw, variant: str) -> Shape:
    """Return random sizes for a variant."""
    if variant == "symmetric":
        length, width, height = draw.sizes.uniform((0.050, 0.0285, 0.033), (0.057, 0.0315, 0.038))
        return Shape(length, width, height, 0.014, 2.7, 0.50, 0.40)
    if variant == "ergonomic":
        length, width, height = draw.sizes.uniform((0.052, 0.0295, 0.040), (0.058, 0.0320, 0.045))
        return Shape(
            length, width, height, 0.0145, 2.6, 0.40, 0.34, slant=0.16, swing=draw.shapes.uniform(0.004, 0.006)
        )
    length, width, height = draw.sizes.uniform((0.053, 0.0278, 0.021), (0.058, 0.0300, 0.024))
    return Shape(length, width, height, 0.0125, 3.0, 0.56, 0.56)


def _rows(shape: Shape) -> FloatArray:
    """Return the shell from back to front, (N, 4): x, half width, y of the middle, and height, metres."""
    turn = np.linspace(np.pi - 0.12, 0.12, 81)
    x = shape.half_length * np.sign(np.cos(turn)) * np.abs(np.cos(turn)) ** (2.0 / shape.square)
    half = shape.half_width * np.sin(turn) ** (2.0 / shape.square)
    middle = -shape.swing * (x / shape.half_length) ** 2
    return np.stack([x, half, middle, _height(shape, x)], 1)


def _height(shape: Shape, x: FloatArray) -> FloatArray:
    """Return the height of the shell at positions `x`, metres."""
    share, hump = x / shape.half_length, -0.08
    ahead = np.clip((share - hump) / (1.0 - hump), 0.0, 1.0) ** 2.0 * (1.0 - shape.front)
    behind = np.clip((hump - share) / (1.0 + hump), 0.0, 1.0) ** 2.4 * (1.0 - shape.rear)
    return np.asarray(shape.height * (1.0 - ahead - behind))


def _shell(shape: Shape, rows: FloatArray, corners: int) -> FloatArray:
    """Return sections (N, corners, 3) of the shell above its widest part, from left to right over the top."""
    turn = np.linspace(0.0, np.pi, corners)
    across = np.sign(np.cos(turn)) * np.abs(np.cos(turn)) ** (2.0 / 2.7)
    up = np.abs(np.sin(turn)) ** (2.0 / 2.7)
    x, half, middle, high = (column[:, None] for column in rows.T)
    low = np.minimum(shape.belly_z, 0.62 * high)
    z = (low + (high - low) * up) * (1.0 + shape.slant * across * up)
    return np.stack(np.broadcast_arrays(x, middle + half * across, z), -1)


def _sole(shape: Shape, rows: FloatArray) -> FloatArray:
    """Return sections (N, 4, 3) of the shell below its widest part, open at the top."""
    x, half, middle, high = (column[:, None] for column in rows.T)
    low = np.minimum(shape.belly_z, 0.62 * high)
    side, z = np.array([-1.0, -0.90, 0.90, 1.0]), np.array([1.0, 0.0, 0.0, 1.0])
    return np.stack(np.broadcast_arrays(x, middle + half * side, low * z), -1)


def _wheel(shape: Shape) -> tuple[Mesh, list[FloatArray]]:
    """Return the wheel between the buttons, and its collision hull."""
    x, radius, half = 0.48 * shape.half_length, min(0.0095, 0.4 * shape.height), 0.0034
    z = float(_height(shape, np.array([x]))[0]) - radius + 0.0034
    across = transform(rotation_about((1.0, 0.0, 0.0), np.pi / 2.0), (x, 0.0, z))
    rim = [(radius - 0.0006, -half), (radius, -half + 0.0006), (radius, half - 0.0006), (radius - 0.0006, half)]
    mesh = shapes.lathe([(0.0, -half), *rim, (0.0, half)], 24).moved(across)
    return mesh, hulls.moved(hulls.turned([(radius, -half), (radius, half)], 14), across)
