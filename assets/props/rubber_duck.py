"""Rubber ducks."""

from __future__ import annotations

import itertools

import numpy as np

from tracesim.assets import colors, hulls, paths, shapes
from tracesim.assets.hidden import without_hidden
from tracesim.assets.hulls import corner_radius
from tracesim.assets.lofts import loft
from tracesim.assets.shapes import Mesh
from tracesim.assets.variants import choose
from tracesim.geometry.rigid import FloatArray, rotation_about, transform
from tracesim.layout.grips import Faces
from tracesim.layout.prop import Material, Prop
from tracesim.layout.randomness import Draw

VARIANTS = {"classic": "rubber duck", "low": "rubber duck", "hat": "rubber duck"}
"""The noun for each shape in an instruction; the last shape is held out."""
DUCK_COLORS = ("yellow", "yellow", "yellow", "yellow", "pink", "blue", "white", "red", "green")
SIDES = 16
Part = tuple[Mesh, list[FloatArray]]
"""A visible part and its collision hulls."""
LOW = float(np.radians(-48.0))
"""Latitude at which the body is cut off flat, radians."""


def rubber_duck(draw: Draw, *, color: str | None = None, variant: str | None = None) -> Prop:
    """Return a rubber duck with its beak to the front, to be gripped by its head.

    Args:
        draw: Source of randomness.
        color: Colour of its body; random if None.
        variant: "classic" (upright), "low" (broad) or "hat" (with a top hat); random if None.
    """
    shape = choose(draw, "rubber_duck", VARIANTS, variant)
    name = colors.pick(draw.colors, DUCK_COLORS, color)
    long, wide, tall, head = {
        "classic": (0.035, 0.027, 0.042, 0.0190),
        "low": (0.039, 0.031, 0.036, 0.0185),
        "hat": (0.034, 0.027, 0.044, 0.0190),
    }[shape]
    size = draw.sizes.uniform(0.95, 1.06)
    long, wide, tall = long * size * draw.shapes.uniform(0.96, 1.04), wide * size, tall * size
    head *= draw.shapes.uniform(0.95, 1.03)
    neck = tall + 0.78 * head
    body, skull, tail, beak = _body(long, wide, tall), _ball(head, neck), _tail(long, tall), _beak(head, neck)
    pieces = [piece for _, part in (body, skull, tail, beak) for piece in part]
    hat, hat_pieces, top = _hat(draw, head, neck) if shape == "hat" else ([], [], neck + head)
    wings = shapes.merge(*(_wing(side, long, wide, tall) for side in (-1.0, 1.0)))
    rubber_mesh, beak_mesh = _without_hidden(body, skull, tail, beak, hat_pieces or beak[1])

    paint = colors.named(name, draw.colors)
    deep = colors.linear((0.85, 0.42, 0.05)) if name == "yellow" else (0.0, 0.0, 0.0)
    beak_color = colors.named("yellow" if name == "red" else "orange", draw.colors)
    surfaces = [
        rubber_mesh.surface(Material(paint, roughness=0.32, specular=0.5)),
        wings.surface(Material(colors.mix(paint, deep, 0.30), roughness=0.4)),
        beak_mesh.surface(Material(beak_color, roughness=0.35, specular=0.5)),
        _eyes(head + 0.0002, neck, 16.0).surface(Material((0.90, 0.90, 0.88), roughness=0.3)),
        _eyes(head + 0.0004, neck, 10.0).surface(Material((0.01, 0.01, 0.01), roughness=0.15, specular=0.8)),
    ]
    if hat:
        band = colors.named(colors.pick(draw.colors, ("red", "white", "blue", "purple"), None), draw.colors)
        black = Material((0.02, 0.02, 0.023), roughness=0.55)
        surfaces += [hat[0].surface(black), hat[1].surface(Material(band, roughness=0.5))]
    width = 2.0 * head * corner_radius(np.pi / SIDES) * np.cos(np.pi / SIDES)
    return Prop(
        kind="rubber_duck",
        noun=VARIANTS[shape],
        color=name,
        surfaces=tuple(surfaces),
        hulls=hulls.vertices([*pieces, *hat_pieces]),
        points={"base": np.zeros(3), "top": np.array([0.0, 0.0, top])},
        grips=(Faces((0.0, 0.0, neck + 0.001), float(width)),),
        mass_kg=0.08,
    )


def _without_hidden(body: Part, skull: Part, tail: Part, beak: Part, on_head: list[FloatArray]) -> tuple[Mesh, Mesh]:
    """Return body, head and tail as one mesh, and the beak, without what other parts hide.

    Args:
        body: The body.
        skull: The head.
        tail: The tail.
        beak: The beak.
        on_head: Collision hulls of what is on the head.
    """
    # Body and head are convex as a whole, so one solid each is enough to find what they hide.
    trunk, ball = (np.concatenate([piece.reshape(-1, 3) for piece in pieces]) for _, pieces in (body, skull))
    rubber = [
        *without_hidden([body[0]], [ball, *tail[1]], 0.0),
        *without_hidden([skull[0], tail[0]], [trunk, *on_head], 0.0),
    ]
    (seen,) = without_hidden([beak[0]], [ball], 0.0)
    return shapes.merge(*rubber), seen


def _eyes(radius: float, z: float, degrees: float) -> Mesh:
    """Return a round patch of half an opening angle in degrees on either side of the head; see `_eye`."""
    return shapes.merge(*(_eye(radius, z, side, np.radians(degrees)) for side in (-1.0, 1.0)))


def _egg(long: float, wide: float, tall: float, turn: FloatArray, latitude: FloatArray) -> FloatArray:
    """Return points (..., 3) of the body: an egg with its round end at the chest, inclined backward.

    Args:
        long: Half the length, metres.
        wide: Half the width, metres.
        tall: Height, metres.
        turn: Azimuths from the front, radians.
        latitude: Latitudes from `LOW` on, radians.
    """
    level = (np.sin(latitude) - np.sin(LOW)) / (1.0 - np.sin(LOW))
    reach = np.cos(latitude) * long
    x = reach * (np.where(np.cos(turn) > 0.0, 0.82, 1.18) * np.cos(turn) - 0.16 * level)
    return np.stack(np.broadcast_arrays(x, np.cos(latitude) * wide * np.sin(turn), level * tall), -1)


def _body(long: float, wide: float, tall: float) -> Part:
    """Return the body with a flat underside, and its collision hulls."""

    def sections(latitudes: FloatArray, count: int, grow: float) -> FloatArray:
        """Return horizontal sections of the body, enlarged by the factor `grow`."""
        turn = (np.arange(count) + 0.5) * (2.0 * np.pi / count)
        return _egg(long * grow, wide * grow, tall, turn, latitudes[:, None])

    fine = np.concatenate(
        [np.linspace(LOW, np.radians(42.0), 9), np.radians([48.0, 53.0, 57.0, 61.0, 65.0, 70.0, 86.0])]
    )
    mesh = loft(sections(fine, 36, 1.0), crease=np.radians(50.0))
    coarse = sections(np.linspace(LOW, np.radians(86.0), 8), SIDES, 1.004 * corner_radius(np.pi / SIDES))
    return mesh, hulls.stacked(coarse)


def _wing(side: float, long: float, wide: float, tall: float) -> Mesh:
    """Return a wing on the body, shaped like a drop with its tip at the rear and top."""
    share, across = np.linspace(0.0, 1.0, 13), np.linspace(-1.0, 1.0, 5)
    full = np.sin(np.pi * (0.10 + 0.88 * share**0.8)) ** 0.8
    turn = side * np.radians(62.0 + 92.0 * share)[:, None] + 0.0 * across
    latitude = np.radians(4.0 + 24.0 * share**1.5)[:, None] + np.radians(24.0) * full[:, None] * across
    points = _egg(long, wide, tall, turn, latitude)
    normals = side * np.cross(np.gradient(points, axis=0), np.gradient(points, axis=1))
    normals /= np.linalg.norm(normals, axis=-1, keepdims=True)
    rows, columns = points.shape[:2]
    corner = (np.arange(rows - 1)[:, None] * columns + np.arange(columns - 1)).ravel()
    quads = np.stack([corner, corner + columns, corner + columns + 1, corner + 1], -1)
    quads = quads if side > 0.0 else quads[:, ::-1]
    faces = np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]]).astype(np.int32)
    lifted = points + 0.0003 * normals
    return Mesh(lifted.reshape(-1, 3), faces, normals.reshape(-1, 3), np.zeros((rows * columns, 2)))


def _ball(radius: float, z: float) -> Part:
    """Return the head and its collision hulls, with flat sides for the fingers."""
    arc = paths.arc((0.0, z), radius, np.radians(-57.0), np.pi / 2.0, 15)
    arc[-1, 0] = 0.0
    mesh = shapes.lathe(arc, 22, crease=np.pi)
    angles = np.radians([-68.0, -42.0, -14.0, 14.0, 42.0, 66.0, 86.0])
    rows = 1.012 * radius * np.stack([np.cos(angles), np.sin(angles) / 1.012], 1) + np.array([0.0, z])
    about = transform(rotation_about((0.0, 0.0, 1.0), np.pi / SIDES), np.zeros(3))
    bands = [piece for pair in itertools.pairwise(rows[:5]) for piece in hulls.turned(pair, SIDES)]
    return mesh, hulls.moved([*bands, *hulls.turned(rows[4:], 10)], about)


def _eye(radius: float, z: float, side: float, half_angle: float) -> Mesh:
    """Return a round patch on the head, or just above it, that faces forward, up and to one side."""
    turn, lift = side * np.radians(38.0), np.radians(24.0)
    look = np.array([np.cos(turn) * np.cos(lift), np.sin(turn) * np.cos(lift), np.sin(lift)])
    across = np.array([-np.sin(turn), np.cos(turn), 0.0])
    patch = paths.arc((0.0, 0.0), radius, np.pi / 2.0 - half_angle, np.pi / 2.0, 4)
    patch[-1, 0] = 0.0
    pose = transform(np.stack([across, np.cross(look, across), look], 1), (0.0, 0.0, z))
    return shapes.lathe(patch, 14, crease=np.pi).moved(pose)


def _tail(long: float, tall: float) -> Part:
    """Return the tail, which points up and back, and its collision hulls."""
    path = paths.bezier(
        [(-0.86 * long, 0.0, 0.52 * tall), (-1.25 * long, 0.0, 0.62 * tall), (-1.52 * long, 0.0, 1.02 * tall)], 25
    )
    share = np.linspace(0.0, 1.0, 25)
    radii = np.stack([0.42 * long * (1.0 - share**1.4) + 0.0030, 0.26 * long * (1.0 - share**1.2) + 0.0020], 1)
    return shapes.sweep(path, radii, 14, 11, caps=(False, True)), hulls.chain(path, radii, 3, 10)


def _beak(head: float, z: float) -> Part:
    """Return the beak, broad, flat and slightly turned up, and its collision hulls."""
    path = paths.bezier(
        [(0.80 * head, 0.0, z - 0.16 * head), (1.25 * head, 0.0, z - 0.24 * head), (1.58 * head, 0.0, z - 0.02 * head)],
        17,
    )
    share = np.linspace(0.0, 1.0, 17)
    radii = np.stack([head * (0.42 + 0.10 * np.sin(np.pi * share)) * (1.0 - 0.35 * share**3),
                      head * (0.24 - 0.13 * share)], 1)  # fmt: skip
    return shapes.sweep(path, radii, 16, 7, caps=(False, True)), hulls.chain(path, radii, 2, 12)


def _hat(draw: Draw, head: float, neck: float) -> tuple[list[Mesh], list[FloatArray], float]:
    """Return a top hat with its band, its collision hulls, and the height of its top in metres."""
    low = neck + 0.74 * head
    brim, radius, rise = 0.96 * head, 0.62 * head, draw.shapes.uniform(0.75, 0.95) * head
    top = low + 0.002 + rise
    profile = [
        *((0.71 * head, low), (brim, low), (brim, low + 0.002), (radius, low + 0.002), (1.08 * radius, top - 0.0006)),
        *((1.08 * radius - 0.0006, top), (0.0, top)),
    ]
    ribbon = [(radius + 0.0004, low + 0.0021), (1.02 * radius + 0.0004, low + 0.0021 + 0.26 * rise)]
    pieces = [
        *hulls.turned([(brim, low), (brim, low + 0.002)]),
        *hulls.turned([(radius, low + 0.002), (1.08 * radius, top)]),
    ]
    return [shapes.lathe(profile, 32), shapes.lathe(ribbon, 32)], pieces, top
