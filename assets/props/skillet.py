"""Skillets: a cast-iron frying pan, a wide one with two spouts, a square grill pan."""

from __future__ import annotations

import numpy as np

from tracesim.assets import colors, hulls, lofts, paths, plans, prints, shapes, variants
from tracesim.assets.plans import Plan
from tracesim.assets.shapes import Mesh
from tracesim.assets.vessel import Vessel
from tracesim.geometry.rigid import FloatArray, rotation_about, transform
from tracesim.layout.prop import Material, Prop
from tracesim.layout.randomness import Draw

VARIANTS = {"round": "skillet", "spouted": "skillet", "grill": "grill pan"}
"""The noun for each shape in an instruction; the last shape is held out."""
SKILLET_COLORS = ("black", "black", "red", "blue", "orange", "teal", "green")
"""Colours of the outside, which is enamelled unless black; the inside is always dark."""
IRON = (0.030, 0.030, 0.032)
WALL_M, FLOOR_M, CORNER_M = 0.0042, 0.0050, 0.0036
PIECES = 24
BEAK_M = 0.0090
LENGTH_M = (0.108, 0.122)


def skillet(draw: Draw, *, color: str | None = None, variant: str | None = None) -> Prop:
    """Return a frying pan with its handle to the front; it is too wide and heavy to be gripped.

    Args:
        draw: Source of randomness.
        color: Colour of its outside; random if None.
        variant: One of `VARIANTS`; random if None.
    """
    chosen = variants.choose(draw, "skillet", VARIANTS, variant)
    name = colors.pick(draw.colors, SKILLET_COLORS, color)
    foot = {"round": (0.076, 0.084), "spouted": (0.082, 0.088), "grill": (0.075, 0.083)}[chosen]
    inner, height = draw.sizes.uniform(*foot), draw.sizes.uniform(0.031, 0.038)
    plan = {"round": _circle, "spouted": _circle, "grill": _square}[chosen](inner)
    flare = draw.sizes.uniform(0.006, 0.009)
    core = 0.022 if chosen == "grill" else 0.030
    vessel = _pan(plan, core, flare, height)

    iron = Material(IRON, roughness=0.55, specular=0.45)
    paint = colors.named(name, draw.colors)
    outside = iron if name == "black" else Material(paint, roughness=0.25, specular=0.7)
    rest = colors.mix(IRON, (1.0, 1.0, 1.0), 0.05)
    seasoned = prints.grill(rest, (0.008, 0.008, 0.009)) if chosen == "grill" else prints.rounds(rest, IRON)
    timber = colors.mix(colors.named("brown", draw.colors), colors.named("orange", draw.colors), 0.1)
    wooden = chosen != "grill" and draw.colors.random() < 0.4
    handle, hole, pieces = _handle(draw.sizes, vessel, inner - core, height)
    shell = [vessel.underside_mesh(), vessel.outer_mesh(0.0, 1.0, 6)]
    if chosen == "spouted":
        beaks, more = _beaks(vessel, inner - core)
        shell, pieces = [*shell, beaks], [*pieces, *more]
    return Prop(
        kind="skillet",
        noun=VARIANTS[chosen],
        color=name,
        surfaces=(
            shapes.merge(*shell, vessel.lip_mesh(), vessel.inner_wall_mesh(3)).surface(outside),
            lofts.from_above(vessel.floor_mesh(), inner, inner).surface(Material(rest, 0.6, texture=seasoned)),
            handle.surface(Material(timber, roughness=0.55) if wooden else outside),
            hole.surface(Material((0.006, 0.006, 0.006), roughness=0.9, specular=0.1)),
        ),
        hulls=hulls.vertices([*vessel.hulls(((1.0, PIECES),)), *pieces]),
        points={
            "base": np.zeros(3),
            "top": np.array([0.0, 0.0, vessel.height_m]),
            "inside": np.array([0.0, 0.0, FLOOR_M]),
            "handle": _middle(handle),
        },
        mass_kg=0.7,
    )


def _pan(plan: Plan, core: float, flare: float, height: float) -> Vessel:
    """Return a pan without its handle; `core` and `flare` are the radius of its core and the wall's lean, metres."""
    low = core + WALL_M
    wall = [(low - 2.0 * CORNER_M, 0.0), (low, 0.0), (low + flare, height - WALL_M / 2.0)]
    return Vessel(paths.resample(paths.fillet(wall, CORNER_M, 5)[1:], 97), WALL_M, FLOOR_M, plan=plan)


def _circle(inner: float) -> Plan:
    """Return the plan of a round pan."""
    return plans.oval(inner, inner, 0.030, PIECES)


def _beaks(vessel: Vessel, core: float) -> tuple[Mesh, list[FloatArray]]:
    """Return a pouring spout on either side, and the collision hulls of both."""
    height = vessel.height_m

    def section(z: float, spread: float, reach: float) -> FloatArray:
        """Return a horizontal section (4, 3) of a spout."""
        radius = core + vessel.outer_radius_m(z)
        across, back = radius * np.sin(spread), radius * np.cos(spread) - 0.002
        return np.array(
            [(across, back, z), (0.0018, radius + reach, z), (-0.0018, radius + reach, z), (-across, back, z)]
        )

    sections = np.stack([section(height - 0.020, 0.05, -0.001), section(height - 0.0006, 0.24, BEAK_M)])
    mesh = lofts.loft(sections)
    turned = transform(rotation_about((0.0, 0.0, 1.0), np.pi), (0.0, 0.0, 0.0))
    return shapes.merge(mesh, mesh.moved(turned)), [sections, *hulls.moved([sections], turned)]


def _square(inner: float) -> Plan:
    """Return the plan of a square pan."""
    return plans.rounded_rectangle(inner, inner, 0.022)


def _handle(
    rng: np.random.Generator, vessel: Vessel, core: float, height: float
) -> tuple[Mesh, Mesh, list[FloatArray]]:
    """Return the handle along x, the hole at its end, and their collision hulls.

    Args:
        rng: Source of randomness.
        vessel: The pan.
        core: x from which the radii of the wall are measured, metres.
        height: Height of the pan, metres.
    """
    z, length = height - 0.0105, rng.uniform(*LENGTH_M)
    start = core + vessel.outer_radius_m(z) - 0.5 * WALL_M
    path = paths.bezier([(start, 0.0, z), (start + 0.4 * length, 0.0, z + 0.004), (start + length, 0.0, z + 0.002)], 49)
    share = np.linspace(0.0, 1.0, 49)
    wide = 0.0088 + 0.0042 * np.clip(1.0 - share / 0.22, 0.0, 1.0) ** 2 + 0.0036 * share
    end = np.sqrt(np.clip(1.0 - (np.clip(share - 0.90, 0.0, 1.0) / 0.112) ** 2, 0.0, 1.0))
    half = np.stack([wide * end, np.full(49, 0.0056) * (0.5 + 0.5 * end)], 1)
    outward = (1.0, 0.0, 0.0)
    mesh = shapes.sweep(path, half, 12, 12, start_normal=outward, caps=(False, True))
    at = path[43]
    hole = shapes.lathe([(0.0042, at[2] + half[43, 1] - 0.0004), (0.0, at[2] + half[43, 1] + 0.0002)], 12)
    offset = np.array([at[0], 0.0, 0.0])
    pit = Mesh(hole.vertices + offset, hole.faces, hole.normals, hole.uvs)
    return mesh, pit, hulls.chain(path, half, 6, 8, start_normal=outward)


def _middle(handle: Mesh) -> FloatArray:
    """Return the point on top of a handle at the middle of its length."""
    ridge = handle.vertices[np.abs(handle.vertices[:, 1]) < 1e-6]
    ridge = ridge[ridge[:, 2] > handle.vertices[:, 2].mean()]
    x = (float(handle.vertices[:, 0].min()) + float(handle.vertices[:, 0].max())) / 2.0
    order = np.argsort(ridge[:, 0])
    return np.array([x, 0.0, float(np.interp(x, ridge[order, 0], ridge[order, 2]))])
