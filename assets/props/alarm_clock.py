"""Alarm clocks with a large button in the middle of the top, facing the prop's front."""

from __future__ import annotations

import itertools
from typing import NamedTuple

import numpy as np

from tracesim.assets import colors, drawings, hulls, lofts, paths, shapes, variants
from tracesim.assets.shapes import Mesh
from tracesim.geometry.rigid import FloatArray, rotation_about, transform
from tracesim.layout.grips import PATCH_HALF_HEIGHT_M, SLIGHT_LEAN, Faces
from tracesim.layout.prop import Material, Prop, Surface
from tracesim.layout.randomness import Draw

NOUN = "alarm clock"
VARIANTS = dict.fromkeys(("twin_bell", "digital", "round", "cube"), NOUN)
"""The noun for each shape in an instruction; the last shape is held out."""
CLOCK_COLORS = ("red", "teal", "blue", "green", "yellow", "pink", "white", "black", "orange")
BUTTON_COLORS = {
    "red": ("yellow", "white"),
    "orange": ("white", "blue"),
    "yellow": ("red", "blue"),
    "white": ("red", "orange", "blue"),
    "pink": ("yellow", "white"),
}
"""Button colours for bodies on which the default ones would not stand out."""
PAPER = (0.90, 0.89, 0.84)
INK = (0.015, 0.015, 0.02)
SEGMENTS = ("abcdef", "bc", "abged", "abgcd", "fgbc", "afgcd", "afgedc", "abc", "abcdefg", "abcdfg")
"""Segments lit for each digit, named as in datasheets: a at the top, then clockwise, g in the middle."""
STROKES = {
    "a": (0.0, 0.0, 1.0, 0.0),
    "b": (1.0, 0.0, 1.0, 0.5),
    "c": (1.0, 0.5, 1.0, 1.0),
    "d": (0.0, 1.0, 1.0, 1.0),
    "e": (0.0, 0.5, 0.0, 1.0),
    "f": (0.0, 0.0, 0.0, 0.5),
    "g": (0.0, 0.5, 1.0, 0.5),
}
"""Start and end of each segment, right and down, relative to the size of a digit."""


class Part(NamedTuple):
    """A piece of a clock."""

    mesh: Mesh
    """Its visible surface."""
    pieces: list[FloatArray]
    """Its collision hulls."""


def alarm_clock(draw: Draw, *, color: str | None = None, variant: str | None = None) -> Prop:
    """Return an alarm clock with the named point "button" in the middle of its button.

    Args:
        draw: Source of randomness.
        color: Colour of its body; random if None.
        variant: One of `VARIANTS`; random if None.
    """
    chosen = variants.choose(draw, "alarm clock", VARIANTS, variant)
    name = colors.pick(draw.colors, CLOCK_COLORS, color)
    return {"twin_bell": _twin_bell, "digital": _digital, "round": _round, "cube": _cube}[chosen](draw, name)


def _prop(
    name: str,
    surfaces: list[Surface],
    pieces: list[FloatArray],
    top_z: float,
    hold: tuple[float, float, float],
) -> Prop:
    """Return the finished clock.

    Args:
        name: Name of its colour.
        surfaces: Its surfaces.
        pieces: Its collision hulls.
        top_z: Height of the button, metres.
        hold: x and z of the grip, and the distance between front and back there, metres.
    """
    top = np.array([0.0, 0.0, top_z])
    return Prop(
        kind="alarm_clock",
        noun=NOUN,
        color=name,
        surfaces=tuple(surfaces),
        hulls=hulls.vertices(pieces),
        points={"base": np.zeros(3), "top": top, "button": top.copy()},
        grips=(Faces((hold[0], 0.0, hold[1]), hold[2], (0.0,), SLIGHT_LEAN),),
        mass_kg=0.35,
    )


def _twin_bell(draw: Draw, name: str) -> Prop:
    """Return a classic alarm clock: a drum on two feet with two bells on top and a button between them."""
    radius, depth = draw.sizes.uniform(0.0345, 0.0385), draw.sizes.uniform(0.037, 0.043)
    foot_z = 0.009
    middle = foot_z + radius
    facing = transform(rotation_about((0.0, 1.0, 0.0), np.pi / 2.0), (0.0, 0.0, middle))
    drum = _drum(radius, depth, facing)
    paint = Material(colors.named(name, draw.colors), roughness=0.28, specular=0.6)
    chrome = Material((0.74, 0.74, 0.76), roughness=0.2, metallic=0.8, specular=0.8)
    bells = chrome if draw.colors.random() < 0.5 else paint

    twins = _bells(draw, middle, radius)
    plate_x, plate_y = 0.34 * depth, 0.030
    stretch = (plate_x - 0.006, plate_y - 0.006)
    plate = shapes.lathe([(0.0, 0.0), (0.006, 0.0), (0.006, 0.003), (0.0, 0.003)], 16, stretch=stretch)
    feet = [_foot(side * np.radians(36.0), middle, radius, 0.32 * depth) for side in (1.0, -1.0)]
    button = _button(middle + radius, 0.0085, 0.0092, 0.006, 0.0028)
    return _prop(
        name,
        [
            shapes.merge(drum.mesh, plate, *(foot.mesh for foot in feet)).surface(paint),
            twins.mesh.surface(bells),
            _dial(0.86 * radius, depth / 2.0 + 0.0002, middle).surface(_face(draw.colors, square=False)),
            button.mesh.surface(_button_paint(draw.colors, name)),
        ],
        [
            *drum.pieces,
            *hulls.turned([(0.006, 0.0), (0.006, 0.003)], 16, stretch),
            *(piece for foot in feet for piece in foot.pieces),
            *twins.pieces,
            *button.pieces,
        ],
        middle + radius + 0.0145,
        (0.0, middle + 0.017, depth),
    )


def _bells(draw: Draw, middle: float, radius: float) -> Part:
    """Return two bells on a drum of a radius, metres, whose middle is at the height `middle`."""
    lean, dome = np.radians(draw.shapes.uniform(40.0, 44.0)), draw.sizes.uniform(0.0155, 0.0172)
    curve = np.linspace(0.0, np.pi / 2.0, 13)
    cup = np.stack([dome * np.cos(curve), 0.0045 + 0.0115 * np.sin(curve)], 1)
    cup[-1, 0] = 0.0
    mesh = shapes.merge(
        shapes.lathe(np.vstack([[(0.0, 0.0045), (dome, 0.0045)], cup[::2][1:]]), 24),
        shapes.lathe([(0.003, -0.002), (0.003, 0.0045)], 8),
    )
    pieces = [*hulls.bands(cup, 3, 14), *hulls.turned([(0.003, -0.002), (0.003, 0.0045)], 6)]
    onto = [
        transform(turn, np.array([0.0, 0.0, middle]) + turn @ (0.0, 0.0, radius))
        for turn in (rotation_about((1.0, 0.0, 0.0), side * lean) for side in (1.0, -1.0))
    ]
    both = shapes.merge(*(mesh.moved(pose) for pose in onto))
    return Part(both, [piece for pose in onto for piece in hulls.moved(pieces, pose)])


def _round(draw: Draw, name: str) -> Prop:
    """Return a round clock on a stand, with a domed button."""
    radius, depth = draw.sizes.uniform(0.036, 0.041), draw.sizes.uniform(0.030, 0.038)
    middle = radius + 0.007
    facing = transform(rotation_about((0.0, 1.0, 0.0), np.pi / 2.0), (0.0, 0.0, middle))
    drum = _drum(radius, depth, facing, 0.006)
    paint = Material(colors.named(name, draw.colors), roughness=0.4, specular=0.5)
    half_x, half_y, stand_z = 0.47 * depth, 0.42 * radius, 0.0105
    foot = [(0.0, 0.0), (0.006, 0.0), (0.006, stand_z), (0.004, stand_z)]  # the rest is hidden by the drum
    stretch = (half_x - 0.006, half_y - 0.006)
    stand = shapes.lathe(foot, 16, stretch=stretch)
    rise, gap, knob = 0.0095, 0.0016, draw.sizes.uniform(0.0125, 0.0145)
    above = middle + radius
    curve = np.linspace(0.0, np.pi / 2.0, 13)
    dome = np.stack([knob * np.cos(curve), above + gap + 0.001 + rise * np.sin(curve)], 1)
    dome[-1, 0] = 0.0
    post = [(0.005, above - 0.001), (0.005, above + gap)]
    button = shapes.lathe(np.vstack([post, [(knob, above + gap)], dome[::2]]), 24)
    return _prop(
        name,
        [
            shapes.merge(drum.mesh, stand).surface(paint),
            _dial(0.88 * radius, depth / 2.0 + 0.0002, middle).surface(_face(draw.colors, square=False)),
            button.surface(_button_paint(draw.colors, name)),
        ],
        [
            *drum.pieces,
            *hulls.turned([(0.006, 0.0), (0.006, stand_z)], 16, stretch),
            *hulls.turned(post, 8),
            *hulls.turned([(knob, above + gap), (knob, above + gap + 0.001)], 14),
            *hulls.bands(dome, 3, 14),
        ],
        above + gap + 0.001 + rise,
        (0.0, middle + 0.017, depth),
    )


def _cube(draw: Draw, name: str) -> Prop:
    """Return a travel clock: a cube with a square face and a bar to press."""
    edge, depth = draw.sizes.uniform(0.058, 0.066), draw.sizes.uniform(0.040, 0.048)
    rim = lofts.rounded(edge / 2.0, edge / 2.0, 0.007, 4)
    small = lofts.rounded(edge / 2.0 - 0.001, edge / 2.0 - 0.001, 0.006, 4)
    steps = ((small, -depth / 2), (rim, -depth / 2 + 0.001), (rim, depth / 2 - 0.001), (small, depth / 2))
    sections = np.stack([np.insert(ring + np.array([0.0, edge / 2.0]), 0, x, axis=1) for ring, x in steps])
    body = lofts.loft(sections)
    paint = Material(colors.named(name, draw.colors), roughness=0.4, specular=0.5)
    corner, half_y = 0.0055, draw.sizes.uniform(0.017, 0.021)
    bar = _bar(edge - 0.0005, (0.0085, half_y), corner, 0.0062)
    face = 0.80 * edge
    dial = lofts.panel(
        (depth / 2.0 + 0.0002, -face / 2.0, edge / 2.0 + face / 2.0), (0.0, face, 0.0), (0.0, 0.0, -face)
    )
    return _prop(
        name,
        [
            body.surface(paint),
            dial.surface(_face(draw.colors, square=True)),
            bar.mesh.surface(_button_paint(draw.colors, name)),
        ],
        [sections[1:3] + np.array([[[-0.0006, 0.0, 0.0]], [[0.0006, 0.0, 0.0]]]), *bar.pieces],
        edge - 0.0005 + 0.0062,
        (0.0, 0.5 * edge + 0.006, depth),
    )


def _digital(draw: Draw, name: str) -> Prop:
    """Return a digital clock: glowing digits on a dark, slightly inclined front, and a broad bar to press."""
    half_y, depth, height = draw.sizes.uniform((0.044, 0.045, 0.045), (0.052, 0.051, 0.053))
    lean = draw.shapes.uniform(0.003, 0.006)
    front = np.array([[depth / 2.0, 0.004], [depth / 2.0 - lean, height - 0.004]])
    outline = [
        (-depth / 2.0, 0.003),
        (-depth / 2.0 + 0.003, 0.0),
        (depth / 2.0 - 0.003, 0.0),
        *front,
        (depth / 2.0 - lean - 0.004, height),
        (-depth / 2.0 + 0.006, height),
        (-depth / 2.0, height - 0.006),
    ]
    sections = lofts.extrusion(outline, half_y, 0.001)
    paint = Material(colors.named(name, draw.colors), roughness=0.42, specular=0.45)
    glass = Material((0.012, 0.012, 0.016), roughness=0.12, specular=0.8)
    glow = ((1.0, 0.10, 0.06), (0.12, 1.0, 0.35), (0.25, 0.75, 1.0))[int(draw.colors.integers(3))]
    light = Material(glow, roughness=0.6, specular=0.1, emission=1.0)
    up = front[1] - front[0]
    out = np.array([up[1], 0.0, -up[0]]) / np.linalg.norm(up)
    top_left = np.array([front[1, 0], -half_y + 0.004, front[1, 1]]) + 0.0002 * out
    wide, down = np.array([0.0, 2.0 * half_y - 0.008, 0.0]), np.array([-up[0], 0.0, -up[1]])
    window = lofts.panel(top_left, wide, down)
    hour, minute = int(draw.colors.integers(1, 13)), int(draw.colors.integers(60))
    digits = _time(f"{hour:2d}{minute:02d}", top_left + 0.0002 * out, wide, down)
    bar = _bar(height - 0.0005, (0.0095, draw.sizes.uniform(0.020, 0.026)), 0.006, 0.0062)
    hold_z = 0.024
    ahead = float(np.interp(hold_z - PATCH_HALF_HEIGHT_M, front[:, 1], front[:, 0]))
    return _prop(
        name,
        [
            lofts.loft(sections).surface(paint),
            window.surface(glass),
            digits.surface(light),
            bar.mesh.surface(_button_paint(draw.colors, name)),
        ],
        [lofts.extrusion(outline, half_y - 0.0004), *bar.pieces],
        height - 0.0005 + 0.0062,
        ((ahead - depth / 2.0) / 2.0, hold_z, ahead + depth / 2.0),
    )


def _drum(radius: float, depth: float, facing: FloatArray, round_m: float = 0.0035) -> Part:
    """Return a drum that lies on its side, with its rear edge rounded over `round_m`."""
    half = depth / 2.0
    back = paths.fillet([(0.0, -half), (radius, -half), (radius, half - 0.0009)], round_m, 6)
    rim = [(radius - 0.0006, half), (0.90 * radius, half), (0.0, half)]
    mesh = shapes.lathe(np.vstack([back, rim]), 40).moved(facing)
    edges = [(radius - round_m, -half), (radius - 0.3 * round_m, -half + 0.3 * round_m), (radius, -half + round_m)]
    pieces = [piece for pair in itertools.pairwise(edges) for piece in hulls.turned(pair)]
    pieces += hulls.turned([(radius, -half + round_m), (radius, half)])
    return Part(mesh, hulls.moved(pieces, facing))


def _foot(turn: float, middle: float, radius: float, half_depth: float) -> Part:
    """Return a broad foot under a drum, `turn` radians from the bottom."""
    ahead = np.array([0.0, np.sin(turn), -np.cos(turn)])
    start = np.array([0.0, 0.0, middle]) + ahead * (radius - 0.004)
    end = start - ahead * (start[2] / ahead[2])
    path, semi = np.array([start, end]), np.array([[half_depth, 0.0036]])
    across, down = (1.0, 0.0, 0.0), (0.0, 0.0, -1.0)
    mesh = shapes.sweep(path, semi, 12, None, across, None, down, caps=(False, True))
    return Part(mesh, hulls.chain(path, semi, 1, 10, across, None, down))


def _button(z: float, stem_m: float, radius: float, thickness: float, post: float) -> Part:
    """Return a round button on a stem that rises `stem_m` above the surface at `z`."""
    low, high = z + stem_m, z + stem_m + thickness
    cap = paths.fillet([(post, low), (radius, low), (radius, high - 0.0008), (0.0, high)], 0.0018, 4)
    mesh = shapes.merge(
        shapes.lathe([(post, z - 0.002), (post, low)], 10),
        shapes.lathe(cap, 24),
    )
    pieces = hulls.turned([(post, z - 0.002), (post, low)], 8)
    edge = [(radius - 0.0012, low), (radius, low + 0.0012), (radius, high - 0.0016), (radius - 0.0016, high - 0.0002)]
    pieces += [piece for pair in itertools.pairwise(edge) for piece in hulls.turned(pair, 14)]
    return Part(mesh, pieces)


def _bar(z: float, half: tuple[float, float], corner: float, rise: float) -> Part:
    """Return a bar to press that rises from a surface at `z`."""
    stretch = (half[0] - corner, half[1] - corner)
    profile = [(corner, z), (corner, z + rise - 0.001), (corner - 0.001, z + rise), (0.0, z + rise)]
    mesh = shapes.lathe(profile, 16, stretch=stretch)
    return Part(mesh, hulls.turned([(corner, z), (corner, z + rise)], 16, stretch))


def _dial(radius: float, x: float, z: float) -> Mesh:
    """Return the round face, a disc that faces along x."""
    facing = transform(rotation_about((0.0, 1.0, 0.0), np.pi / 2.0), (x, 0.0, z))
    disc = shapes.lathe([(radius, 0.0), (0.0, 1e-4)], 32).moved(facing)
    return lofts.project_texture(disc, (x, -radius, z + radius), (0.0, 2.0 * radius, 0.0), (0.0, 0.0, -2.0 * radius))


def _face(rng: np.random.Generator, square: bool) -> Material:
    """Return the face at a random time."""
    dark = bool(rng.random() < 0.2)
    paper, ink = (INK, PAPER) if dark else (PAPER, INK)
    hand = colors.named("red", rng) if rng.random() < 0.5 else ink
    picture = drawings.clock_face(paper, ink, hand, float(rng.uniform(0.0, 12.0)), square)
    return Material(paper, roughness=0.35, specular=0.5, texture=picture)


def _button_paint(rng: np.random.Generator, name: str) -> Material:
    """Return the paint of a button, in a colour that stands out from the body."""
    choice = colors.pick(rng, BUTTON_COLORS.get(name, ("red", "yellow", "orange", "white")), None)
    return Material(colors.named(choice, rng), roughness=0.3, specular=0.6)


def _time(text: str, corner: FloatArray, wide: FloatArray, down: FloatArray) -> Mesh:
    """Return four digits and a colon on a display; `corner` is top left, `wide` and `down` are its sides, each (3,)."""
    u, v = wide / np.linalg.norm(wide), down / np.linalg.norm(down)
    across, along = float(np.linalg.norm(wide)), float(np.linalg.norm(down))
    size = np.array([0.145 * across, 0.58 * along])
    stroke = 0.25 * size[0]

    def bar(x: float, y: float, width: float, height: float) -> Mesh:
        """Return a bright rectangle of the display."""
        return lofts.panel(corner + u * x + v * y, u * width, v * height)

    bars = []
    for digit, left in zip(text, (0.075, 0.275, 0.56, 0.76), strict=True):
        for name in SEGMENTS[int(digit)] if digit != " " else "":
            x0, y0, x1, y1 = STROKES[name] * np.tile(size, 2) + np.tile([left * across, 0.21 * along], 2)
            long = 0.75 * stroke
            upright = x0 == x1
            bars.append(
                bar(x0 - stroke / 2, y0 + stroke - long / 2, stroke, y1 - y0 - 2 * stroke + long)
                if upright
                else bar(x0 + stroke - long, y0 - stroke / 2, x1 - x0 - 2 * stroke + 2 * long, stroke)
            )
    bars += [bar(0.487 * across - stroke / 2, y * along, stroke, stroke) for y in (0.36, 0.58)]
    return shapes.merge(*bars)
