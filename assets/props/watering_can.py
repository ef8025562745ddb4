"""A watering can: a bail to carry it by, a long spout with a rose to water with."""

from __future__ import annotations

import numpy as np

from tracesim.assets import colors, hulls, patterns, shapes
from tracesim.assets.grasps import from_above
from tracesim.assets.hulls import corner_radius
from tracesim.assets.shapes import Mesh
from tracesim.assets.vessel import Vessel
from tracesim.prop import Material, Prop
from tracesim.rigid import FloatArray, rotation_about, transform

CAN_COLORS = ("red", "green", "blue", "teal", "yellow", "orange", "pink", "purple", "white")
WALL_M = 0.003
BEAD_M = 0.0021
ROSE_M = 0.0235
"""The rose's length, from the spout's end to the middle of its face."""
ROSE_RADIUS_M = 0.0165
GRIP_M = 0.050


def watering_can(rng: np.random.Generator, *, color: str | None = None) -> Prop:
    """Return a watering can whose spout points to its front; it is held by the middle of its bail.

    The bail's middle is above the centre of mass, so that the can hangs level. color: of its body; drawn unless given.
    """
    name = colors.pick(rng, CAN_COLORS, color)
    foot = rng.uniform(0.0475, 0.0515)
    rim = foot * rng.uniform(0.82, 0.97)
    height = rng.uniform(0.080, 0.096)
    handle_z = min(height + 0.0595 + rng.uniform(0.0, 0.008), 0.168)
    spout = np.array([rng.uniform(0.132, 0.150), 0.0, rng.uniform(0.100, 0.118)])
    pitch = rng.uniform(np.radians(28.0), np.radians(42.0))

    wall = shapes.resample([(foot, 0.0), ((foot + rim) / 2.0 + rng.uniform(0.0, 0.001), height / 2.0), (rim, height)], 33)
    vessel = Vessel(wall, WALL_M, floor_m=0.004)
    spout_meshes, spout_pieces = _spout(vessel, spout, pitch)
    back_mesh, back_pieces = _back_handle(rng, vessel)
    body_pieces = vessel.hulls(bands=((1.0, 16),))
    fixed = [*body_pieces, *spout_pieces, *back_pieces]
    wire, grip = rng.uniform(0.0030, 0.0034), np.array([rng.uniform(0.0061, 0.0068), 0.0072])
    middle = 0.0
    for _ in range(4):  # the bail's own weight moves the centre of mass a little towards the bail
        bail_meshes, bail_pieces = _bail(vessel, middle, handle_z, wire, grip)
        middle = float(hulls.centre_of_mass([*fixed, *bail_pieces])[0])

    paint = Material(colors.named(name, rng), roughness=rng.uniform(0.22, 0.42), specular=0.6)
    dim = Material(colors.mix(paint.base_color, (0.0, 0.0, 0.0), 0.45), roughness=0.5, specular=0.4)
    trim = _trim(rng)
    stripe = Material(colors.named("white", rng), roughness=0.3, specular=0.5)
    wood = Material(colors.mix(colors.named("brown", rng), colors.named("orange", rng), 0.12), roughness=0.6, specular=0.35)
    dark = (0.02, 0.02, 0.02)
    plate = Material(trim.base_color, 0.4, trim.metallic, texture=patterns.holes(trim.base_color, dark))
    low, high = (0.66, 0.76) if rng.random() < 0.5 else (0.12, 0.2)
    bead = shapes.lathe(
        shapes.arc((rim - WALL_M / 2.0, height), BEAD_M, np.radians(-60.0), np.radians(240.0), 9),
    )
    skirt = shapes.lathe([(0.0, 0.0), (foot, 0.0), (foot + 0.0006, 0.0007), (foot + 0.0006, 0.006), (foot - 0.0005, 0.0068)])
    rose, face, tube, brace = spout_meshes
    at_body = np.array([np.cos(np.radians(145.0)), np.sin(np.radians(145.0))])
    waist = float(np.interp(height / 2.0, wall[:, 1], wall[:, 0]))
    grip_y = float(grip[0] * corner_radius(np.pi / 8.0) * np.cos(np.pi / 8.0))
    return Prop(
        kind="watering_can",
        noun="watering can",
        color=name,
        surfaces=(
            shapes.merge(vessel.outer_mesh(0.0, low, 4), vessel.outer_mesh(high, 1.0, 3), tube).surface(paint),
            vessel.outer_mesh(low, high, 2).surface(stripe),
            vessel.inner_mesh(3).surface(dim),
            shapes.merge(bead, skirt, rose, brace, back_mesh, *bail_meshes[:2]).surface(trim),
            bail_meshes[2].surface(wood),
            face.surface(plate),
        ),
        hulls=hulls.vertices([*fixed, *bail_pieces]),
        points={
            "base": np.zeros(3),
            "spout": spout,
            "handle": np.array([middle, 0.0, handle_z]),
            "body": np.array([*(waist * at_body), height / 2.0]),
            "rim": np.array([0.0, rim - WALL_M / 2.0, height + BEAD_M]),
        },
        grasps=from_above((middle, 0.0, handle_z - grip[1]), 2.0 * grip_y),
        mass_kg=0.25,
    )


def _trim(rng: np.random.Generator) -> Material:
    """Return what beads, handles and rose are made of: brass, copper, steel or dark enamel."""
    kind = rng.integers(4)
    if kind == 3:
        return Material((0.035, 0.04, 0.05), roughness=0.35, specular=0.6)
    metal = ((0.78, 0.53, 0.20), (0.72, 0.36, 0.20), (0.62, 0.63, 0.65))[kind]
    return Material(metal, roughness=0.3, metallic=0.85, specular=0.6)


def _spout(vessel: Vessel, spout: FloatArray, pitch: float) -> tuple[tuple[Mesh, ...], list[FloatArray]]:
    """Return rose, its face, spout and brace, and the pieces of their hulls."""
    ahead = np.array([np.cos(pitch), 0.0, np.sin(pitch)])
    end = spout - ahead * ROSE_M
    root_z = 0.3 * vessel.height_m
    root = np.array([_radius(vessel, root_z) - 0.75 * WALL_M, 0.0, root_z])
    first = np.array([np.cos(0.35), 0.0, np.sin(0.35)])
    path = shapes.bezier([root, root + first * 0.038, end - ahead * 0.034, end + ahead * 0.001], 33)
    share = np.linspace(0.0, 1.0, 33)
    radii = 0.0118 - 0.0055 * share**0.8 + 0.0015 * np.clip(1.0 - share / 0.09, 0.0, 1.0) ** 2
    across = (1.0, 0.0, 0.0)
    tube = shapes.sweep(path[[0, 1, 2, 3, *range(5, 32, 3), 32]], radii[[0, 1, 2, 3, *range(5, 32, 3), 32]], 14, start_normal=across)
    pieces = hulls.chain(path, radii, 5, 10, start_normal=across)

    to_can = transform(rotation_about((0.0, 1.0, 0.0), np.pi / 2.0 - pitch), end)
    neck = float(radii[-1]) + 0.0008
    edge = [(neck, 0.0), (0.55 * ROSE_RADIUS_M + 0.003, 0.011), (ROSE_RADIUS_M, 0.0195), (ROSE_RADIUS_M + 0.0004, 0.0212)]
    rose = shapes.lathe([*edge, (ROSE_RADIUS_M, 0.0224), (ROSE_RADIUS_M - 0.001, 0.0226)], 24).moved(to_can)
    face = shapes.lathe([(ROSE_RADIUS_M - 0.001, 0.0226), (0.5 * ROSE_RADIUS_M, 0.0232), (0.0, ROSE_M)], 24)
    face = shapes.flat_mapped(face, 2.0 * ROSE_RADIUS_M)
    flare = hulls.turned([(neck, 0.0), (0.55 * ROSE_RADIUS_M + 0.003, 0.011)], 10)
    flare += hulls.turned([(0.55 * ROSE_RADIUS_M + 0.003, 0.011), (ROSE_RADIUS_M, 0.0195), (ROSE_RADIUS_M, 0.0228)], 10)
    pieces += [piece @ to_can[:3, :3].T + to_can[:3, 3] for piece in flare]

    high = 0.84 * vessel.height_m
    strut = np.array([[_radius(vessel, high) - 0.5 * WALL_M, 0.0, high], path[20] + [0.0, 0.0, 0.004]])
    brace = shapes.sweep(strut, 0.0022, 8)
    pieces += hulls.chain(strut, 0.0022, 1, 6)
    return (rose, face.moved(to_can), tube, brace), pieces


def _back_handle(rng: np.random.Generator, vessel: Vessel) -> tuple[Mesh, list[FloatArray]]:
    """Return the handle at the back and its pieces."""
    high, low = rng.uniform(0.80, 0.88) * vessel.height_m, rng.uniform(0.18, 0.28) * vessel.height_m
    out = -vessel.outside[0, 0] - rng.uniform(0.030, 0.040)
    path = shapes.bezier(
        [
            (-_radius(vessel, high) + 0.7 * WALL_M, 0.0, high),
            (out + 0.006, 0.0, high + 0.022),
            (out - 0.016, 0.0, (high + low) / 2.0 + 0.008),
            (out + 0.010, 0.0, low - 0.004),
            (-_radius(vessel, low) + 0.7 * WALL_M, 0.0, low),
        ],
        33,
    )
    radii = np.array([[rng.uniform(0.0052, 0.0062), rng.uniform(0.0036, 0.0042)]])
    across = (1.0, 0.0, 0.0)
    mesh = shapes.sweep(path[::2], radii, 10, start_normal=across, end_normal=across)
    return mesh, hulls.chain(path, radii, 7, 8, start_normal=across, end_normal=across)


def _bail(
    vessel: Vessel, middle: float, top_z: float, wire: float, grip: FloatArray
) -> tuple[tuple[Mesh, ...], list[FloatArray]]:
    """Return the bail's two legs and its grip, and the pieces of their hulls.

    middle: x of the grip's middle. top_z: of its top. wire: the legs' radius. grip: (2,) half width and half height.
    """
    bar_z = top_z - float(grip[1])
    foot = float(vessel.outside[-1, 0]) - WALL_M / 2.0
    meshes, pieces = [], []
    for front in (1.0, -1.0):
        legs = [(front * foot, vessel.outside[-1, 1]), (middle + front * 0.040, bar_z), (middle + front * (GRIP_M / 2.0 - 0.001), bar_z)]
        flat = shapes.resample(shapes.fillet(legs, 0.013, 9), 33)
        path = np.stack([flat[:, 0], np.zeros(33), flat[:, 1]], 1)
        radii = wire + (0.0046 - wire) * np.clip(1.0 - np.linspace(0.0, 1.0, 33) / 0.15, 0.0, 1.0)
        meshes.append(shapes.sweep(path[[0, 2, 5, *range(14, 30, 2), 32]], radii[[0, 2, 5, *range(14, 30, 2), 32]], 10, caps=(True, False)))
        pieces += hulls.chain(path, radii, 4)
    half = GRIP_M / 2.0
    stations = np.array([-half, -half + 0.0003, -half + 0.0018, half - 0.0018, half - 0.0003, half])
    fullness = np.array([0.62, 0.82, 1.0, 1.0, 0.82, 0.62])
    bar = np.stack([middle + stations, np.zeros(6), np.full(6, bar_z)], 1)
    meshes.append(shapes.sweep(bar, fullness[:, None] * grip, 14, caps=(True, True)))
    pieces += hulls.chain(bar[[0, -1]], grip[None], 1)
    return tuple(meshes), pieces


def _radius(vessel: Vessel, z: float) -> float:
    return float(np.interp(z, vessel.outside[:, 1], vessel.outside[:, 0]))
