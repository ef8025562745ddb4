"""Remote controls."""

from __future__ import annotations

import numpy as np

from tracesim.assets import colors, hulls, shapes
from tracesim.assets.canvas import Canvas
from tracesim.assets.colors import Color
from tracesim.assets.lofts import panel
from tracesim.assets.pads import pads
from tracesim.assets.panes import circle, pane
from tracesim.assets.shapes import Mesh
from tracesim.assets.variants import choose
from tracesim.geometry.rigid import FloatArray, transform
from tracesim.layout.grips import Faces
from tracesim.layout.prop import Material, Prop, Surface
from tracesim.layout.randomness import Draw

VARIANTS = {"television": "remote control", "streaming": "remote control", "climate": "remote control"}
"""The noun for each shape in an instruction; the last shape is held out."""
REMOTE_COLORS = {
    "television": ("black", "black", "gray", "blue", "red"),
    "streaming": ("black", "white", "gray", "purple", "teal"),
    "climate": ("white", "white", "gray", "pink"),
}
HOLD_Z_M = 0.0195
"""Height of the grip, near the upper edge, where what grips it has room above the table."""
RISE_M, BEVEL_M = 0.0007, 0.0005
"""Height of the buttons, and inset of their tops."""
RED: Color = (0.62, 0.02, 0.02)


def remote(draw: Draw, *, color: str | None = None, variant: str | None = None) -> Prop:
    """Return a remote control on its back that points to its front, to be gripped across its width.

    Args:
        draw: Source of randomness.
        color: Colour of its body; random if None.
        variant: "television" (rows of digits), "streaming" (a ring and few buttons) or "climate" (a display); random if
            None.
    """
    shape = choose(draw, "remote", VARIANTS, variant)
    name = colors.pick(draw.colors, REMOTE_COLORS[shape], color)
    paint = colors.named(name, draw.colors)
    long = {"television": (0.150, 0.170), "streaming": (0.130, 0.148), "climate": (0.128, 0.145)}[shape]
    wide = {"television": (0.044, 0.049), "streaming": (0.036, 0.041), "climate": (0.046, 0.052)}[shape]
    length, width, height = draw.sizes.uniform(*long), draw.sizes.uniform(*wide), draw.sizes.uniform(0.0195, 0.0215)
    corner = {"television": 0.007, "streaming": 0.0145, "climate": 0.011}[shape]
    body, pieces = _body(length, width, height, corner)
    dark = sum(paint) < 0.5
    key = colors.mix(paint, (0.80, 0.80, 0.80), 0.55) if dark else (0.07, 0.07, 0.08)
    make = {"television": _television, "streaming": _streaming, "climate": _climate}[shape]
    buttons = make(draw.colors, length, width, height, key, paint)
    flat = min(0.24 * width, width / 2.0 - corner - 0.0005)
    window = [(length / 2.0, y * flat, z * height) for y, z in ((-1, 0.3), (1, 0.3), (1, 0.72), (-1, 0.72))]
    infrared = Material((0.10, 0.008, 0.010), roughness=0.08, specular=0.9)
    plastic = Material(paint, roughness=0.4, specular=0.5)
    top = height + (RISE_M if shape == "television" else 0.0)
    return Prop(
        kind="remote",
        noun=VARIANTS[shape],
        color=name,
        surfaces=(body.surface(plastic), pane(window).surface(infrared), *buttons),
        hulls=hulls.vertices(pieces),
        points={"base": np.zeros(3), "top": np.array([0.0, 0.0, top])},
        grips=(Faces((0.0, 0.0, HOLD_Z_M), width),),
        mass_kg=0.12,
    )


def _body(length: float, width: float, height: float, corner: float) -> tuple[Mesh, list[FloatArray]]:
    """Return a slab with bevelled edges, and its collision hull."""
    stretch = (length / 2.0 - corner, width / 2.0 - corner)
    soft = 0.0009
    rounding = [(corner, height - soft), (corner - 0.35 * soft, height - 0.35 * soft), (corner - soft, height)]
    profile = [(0.0, 0.0), (corner - soft, 0.0), (corner, soft), *rounding, (0.0, height)]
    mesh = shapes.lathe(profile, 28, crease=np.radians(50.0), stretch=stretch)
    return mesh, hulls.turned([(corner, 0.0), (corner, height)], 16, stretch)


def _caps(places: list[tuple[float, float]], size: tuple[float, float], z: float) -> Mesh:
    """Return rectangular buttons around the given places in x and y."""
    return pads([(x, y, z) for x, y in places], size, RISE_M, BEVEL_M)


def _round(x: float, y: float, radius: float, z: float, hole: float = 0.0) -> Mesh:
    """Return a round button, or a ring around a hole."""
    inner = [(hole + BEVEL_M, z + RISE_M), (hole, z)] if hole > 0.0 else [(0.0, z + RISE_M)]
    profile = [(radius, z), (radius - BEVEL_M, z + RISE_M), *inner]
    return shapes.lathe(profile, 24).moved(transform(np.eye(3), (x, y, 0.0)))


def _plain(color: Color, *meshes: Mesh) -> Surface:
    """Return meshes of one plain colour as one surface."""
    return shapes.merge(*meshes).surface(Material(color, roughness=0.6, specular=0.35))


def _television(
    rng: np.random.Generator, length: float, width: float, z: float, key: Color, paint: Color
) -> list[Surface]:
    """Return a power button, a ring of arrows, rows of digits, rockers and four coloured buttons."""
    front = length / 2.0
    column, row = 0.29 * width, 0.0112
    ring_x = -0.25 * length
    digits = [(row * r, column * c) for r in range(-1, 3) for c in (-1.0, 0.0, 1.0)]  # "1" is centred on the body
    rockers = [(ring_x + 0.034, -column), (ring_x + 0.034, column)]
    tones = [RED, (0.05, 0.35, 0.08), (0.80, 0.55, 0.03), (0.03, 0.12, 0.50)]
    bottom = -front + 0.016
    colored = [
        _plain(tone, _caps([(bottom, (k - 1.5) * 0.22 * width)], (0.0055, 0.0082), z))
        for k, tone in enumerate(tones[1:], 1)
    ]
    power = _plain(
        RED, _round(front - 0.014, -column, 0.0048, z), _caps([(bottom, -0.33 * width)], (0.0055, 0.0082), z)
    )
    ring = _round(ring_x, 0.0, 0.36 * width, z, 0.17 * width)
    mute = _round(front - 0.014, column, 0.0042, z)
    grey = _plain(key, _caps(digits, (0.0078, 0.0102), z), _caps(rockers, (0.012, 0.009), z), ring, mute,
                  _round(ring_x, 0.0, 0.12 * width, z))  # fmt: skip
    return [grey, power, *colored]


def _streaming(
    rng: np.random.Generator, length: float, width: float, z: float, key: Color, paint: Color
) -> list[Surface]:
    """Return a large ring near the front, a few round buttons, and bars for channels."""
    front = length / 2.0
    x = front - 0.5 * width - 0.006
    ring = _round(x, 0.0, 0.40 * width, z, 0.20 * width)
    column = 0.24 * width
    start = x - 0.40 * width - 0.011
    knobs = [_round(start - 0.0125 * r, side * column, 0.0046, z) for r in range(2) for side in (-1.0, 1.0)]
    loud = colors.named(colors.pick(rng, ("purple", "red", "teal"), None), rng)
    bars = [(start - 0.0125 * 2.0 - 0.001 - 0.0098 * r, side * column) for r in range(2) for side in (-1.0, 1.0)]
    tones = [RED, (0.02, 0.10, 0.42)]
    channels = [_plain(tone, _caps(bars[k::2], (0.0062, 0.40 * width), z)) for k, tone in enumerate(tones)]
    return [_plain(key, *knobs, _round(x, 0.0, 0.15 * width, z)), _plain(loud, ring), *channels]


def _climate(
    rng: np.random.Generator, length: float, width: float, z: float, key: Color, paint: Color
) -> list[Surface]:
    """Return a display with a temperature, a large power button, arrows and a few keys."""
    front = length / 2.0
    deep, across = 0.30 * length, 0.74 * width
    glass = (0.30, 0.40, 0.30)
    screen = Canvas.of(across, deep, (0.02, 0.02, 0.025), 96)
    screen.rectangle(across / 2.0, deep / 2.0, across - 0.004, deep - 0.004, glass, corner=0.001)
    ink = (0.02, 0.03, 0.02)
    screen.text(str(int(rng.integers(18, 27))), 0.45 * across, 0.56 * deep, 0.42 * deep, ink)
    screen.rectangle(0.82 * across, 0.40 * deep, 0.0030, 0.0030, ink, corner=0.0015)
    for bar in range(4):
        screen.rectangle((0.16 + 0.09 * bar) * across, 0.18 * deep, 0.0018, 0.0012 + 0.0010 * bar, ink)
    start = (front - 0.012, across / 2.0, z + 0.0003)
    display = panel(start, (0.0, -across, 0.0), (-deep, 0.0, 0.0))
    x = front - 0.012 - deep - 0.016
    loud = colors.named(colors.pick(rng, ("green", "orange", "teal", "red"), None), rng)
    column = 0.28 * width
    arrows = [pane(circle((x - 0.003 + 0.006 * s, -column, z + RISE_M), 0.003, (s, 0.0, 0.0), (0.0, s, 0.0), 3), 0.0001)
              for s in (1.0, -1.0)]  # fmt: skip
    keys = [(x - 0.020 - 0.0125 * r, c * column) for r in range(3) for c in (-1.0, 0.0, 1.0)]
    tone = colors.mix(key, paint, 0.45)
    return [
        display.surface(Material(glass, roughness=0.12, specular=0.8, texture=screen.texture())),
        _plain(loud, _round(x, 0.35 * column, 0.0095, z)),
        _plain(tone, _caps(keys, (0.0075, 0.0105), z), _caps([(x, -column)], (0.020, 0.010), z)),
        _plain((0.9, 0.9, 0.9), *arrows),
    ]
