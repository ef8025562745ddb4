"""Cardboard boxes, as obstacles."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tracesim.assets import colors, hulls, paths, shapes
from tracesim.assets.canvas import Canvas
from tracesim.assets.colors import Color
from tracesim.assets.hidden import without_hidden
from tracesim.assets.lofts import panel
from tracesim.assets.shapes import Mesh
from tracesim.assets.variants import choose
from tracesim.geometry.rigid import FloatArray, rotation_about, transform
from tracesim.layout.grips import Faces
from tracesim.layout.prop import Material, Prop, Surface
from tracesim.layout.randomness import Draw

VARIANTS = {"shipping": "box", "gift": "gift box", "cereal": "cereal box"}
"""The noun for each shape in an instruction; the last shape is held out."""
CARTON_COLORS = {
    "shipping": ("brown",),
    "gift": ("red", "blue", "green", "purple", "pink", "teal", "white", "yellow"),
    "cereal": ("red", "yellow", "blue", "green", "orange", "purple"),
}
BEVEL_M = 0.0007
LIFT_M = 0.0003
"""Distance between the board and the print or tape on it, which prevents z-fighting."""
CARDBOARD: Color = (0.47, 0.30, 0.155)
NAMES = ("FLAKES", "OATS", "CRUNCH", "POPS", "LOOPS")


def carton(draw: Draw, *, color: str | None = None, variant: str | None = None) -> Prop:
    """Return an upright box with its print to the front, to be gripped from above across its depth.

    Args:
        draw: Source of randomness.
        color: Colour of its board, where brown is plain cardboard; random if None.
        variant: "shipping" (tape and a label), "gift" (a ribbon with a bow) or "cereal" (a printed front); random if
            None.
    """
    shape = choose(draw, "carton", VARIANTS, variant)
    name = colors.pick(draw.colors, CARTON_COLORS[shape], color)
    low, high = {
        "shipping": ((0.056, 0.105, 0.100), (0.068, 0.138, 0.130)),
        "gift": ((0.056, 0.085, 0.090), (0.068, 0.115, 0.120)),
        "cereal": ((0.050, 0.090, 0.138), (0.058, 0.110, 0.158)),
    }[shape]
    size = draw.sizes.uniform(low, high)
    paint = (
        colors.mix(CARDBOARD, colors.named("brown", draw.colors), 0.2)
        if name == "brown"
        else colors.named(name, draw.colors)
    )
    make = {"shipping": _shipping, "gift": _gift, "cereal": _cereal}[shape]
    extras, pieces, top = make(draw, size, name, paint)
    texture = _dots(draw.colors, name, paint) if shape == "gift" and draw.colors.random() < 0.6 else None
    board = Material(paint, roughness=0.85 if shape == "shipping" else 0.5, specular=0.25, texture=texture)
    body = shapes.box(size, BEVEL_M)
    return Prop(
        kind="carton",
        noun=VARIANTS[shape],
        color=name,
        surfaces=(body.surface(board), *extras),
        hulls=hulls.vertices([*hulls.box(size), *pieces]),
        points={"base": np.zeros(3), "top": np.array([0.0, 0.0, top])},
        grips=(Faces((0.0, 0.0, float(size[2]) - 0.016), float(size[0]), (0.0,)),),
        mass_kg=0.25,
    )


Extras = tuple[list[Surface], list[FloatArray], float]
"""What is printed on or tied around a box, the collision hulls of that, and the height of its top in metres."""


def _shipping(draw: Draw, size: FloatArray, name: str, paint: Color) -> Extras:
    """Return flaps that meet under tape, a label, and arrows that point up."""
    depth, width, height = size
    dark = colors.mix(paint, (0.0, 0.0, 0.0), 0.55)
    tape = colors.mix(colors.mix(paint, (0.85, 0.72, 0.45), 0.65), (1.0, 1.0, 1.0), 0.1)
    tape_m, fall = 0.30 * depth, draw.sizes.uniform(0.020, 0.032)
    lid = Canvas.of(width, depth, paint, 96)
    lid.rectangle(width / 2.0, depth / 2.0, width, tape_m, tape)
    lid.rectangle(width / 2.0, depth / 2.0, width, 0.0014, dark, share=0.6)
    side = Canvas.of(depth, height, paint, 64)
    side.rectangle(depth / 2.0, 0.0, tape_m, 2.0 * fall, tape)
    front = Canvas.of(width, height, paint, 128)
    paper = (0.85, 0.85, 0.83)
    x, y = draw.colors.uniform(0.32, 0.38) * width, draw.colors.uniform(0.42, 0.52) * height
    front.rectangle(x, y, 0.46 * width, 0.46 * height, paper)
    ink = (0.02, 0.02, 0.02)
    for row in range(3):
        front.rectangle(x - 0.04 * width, y - (0.16 - 0.07 * row) * height, 0.30 * width, 0.020 * height, ink)
    for bar, thick in enumerate(draw.colors.uniform(0.3, 1.0, 12)):
        at = x + (bar / 11.0 - 0.5) * 0.36 * width
        front.rectangle(at, y + 0.14 * height, thick * 0.024 * width, 0.10 * height, ink)
    for at in (0.72, 0.88):
        _arrow(front, at * width, 0.60 * height, 0.030, dark)
    front.text(
        "FRAGILE", 0.65 * width if draw.colors.random() < 0.5 else 0.5 * width, 0.12 * height, 0.011, (0.55, 0.03, 0.02)
    )
    return [_on_top(lid, size), _on_sides(side, size), _on_front_and_back(front, size)], [], height + LIFT_M


def _gift(draw: Draw, size: FloatArray, name: str, paint: Color) -> Extras:
    """Return a ribbon around the box with a bow on top."""
    depth, width, height = size
    tone = colors.pick(draw.colors, tuple(c for c in ("red", "yellow", "white", "teal") if c != name), None)
    ribbon = Material(colors.named(tone, draw.colors), roughness=0.3, specular=0.6)
    half = draw.sizes.uniform(0.006, 0.0075)
    lift, meshes, pieces = LIFT_M, [], []
    for x in (1.0, -1.0):  # the two halves over front and back; below, those over the sides
        face = x * (depth / 2.0 + lift)
        meshes.append(panel((face, -x * half, height), (0.0, x * 2.0 * half, 0.0), (0.0, 0.0, -height)))
        face = x * (width / 2.0 + lift)
        meshes.append(panel((x * half, face, height), (-x * 2.0 * half, 0.0, 0.0), (0.0, 0.0, -height)))
    top = height + lift
    meshes.append(panel((-depth / 2.0, -half, top), (0.0, 2.0 * half, 0.0), (depth, 0.0, 0.0)))
    meshes.append(panel((-half, -width / 2.0, top + 1e-4), (0.0, width, 0.0), (2.0 * half, 0.0, 0.0)))
    reach, rise = draw.sizes.uniform(0.026, 0.031), draw.sizes.uniform(0.012, 0.014)
    for turn in np.radians([35.0, 145.0, 215.0, 325.0]):
        path = paths.bezier([(0.0, 0.0, 0.0), (0.5 * reach, 0.0, 0.9 * rise), (reach, 0.0, 0.55 * rise)], 25)
        share = np.linspace(0.0, 1.0, 25)
        full = np.sin(np.pi * np.clip(0.12 + 0.80 * share, 0.0, 1.0)) ** 0.7
        radii = np.stack([0.0105 * full, 0.0062 * full], 1)
        pose = transform(rotation_about((0.0, 0.0, 1.0), turn), (0.0, 0.0, height + 0.003))
        meshes.append(shapes.sweep(path, radii, 12, 9, caps=(False, True)).moved(pose))
        pieces += hulls.moved(hulls.chain(path, radii, 4, 8), pose)
    knot = paths.arc((0.0, 0.0), 1.0, -np.pi / 2.0, np.pi / 2.0, 9) * 0.0085 + np.array([0.0, height + 0.0085])
    knot[[0, -1], 0] = 0.0
    meshes.append(shapes.lathe(knot, 16))
    ball = hulls.turned(knot[1:-1:2], 8)
    seen = without_hidden(meshes, [*hulls.box(size), *ball])
    return [shapes.merge(*seen).surface(ribbon)], [*pieces, *ball], float(knot[-1, 1])


def _cereal(draw: Draw, size: FloatArray, name: str, paint: Color) -> Extras:
    """Return a front with a name and a bowl, sides with a table, and a lid with a flap."""
    depth, width, height = size
    white, ink = colors.named("white", draw.colors), (0.02, 0.02, 0.03)
    loud = colors.named(
        colors.pick(draw.colors, tuple(c for c in ("yellow", "red", "white", "blue") if c != name), None), draw.colors
    )
    grain = colors.mix(colors.named("orange", draw.colors), colors.named("brown", draw.colors), 0.45)
    front = Canvas.of(width, height, paint, 128)
    middle = width / 2.0
    front.disc(middle, 0.30 * height, 0.58 * width, loud)
    front.disc(middle, 0.29 * height, 0.52 * width, colors.mix(paint, (0.0, 0.0, 0.0), 0.12))
    title = NAMES[int(draw.colors.integers(len(NAMES)))]
    front.text(title, middle + 0.0008, 0.27 * height + 0.0008, min(0.022, 0.80 * width / len(title)), ink)
    front.text(title, middle, 0.27 * height, min(0.022, 0.80 * width / len(title)), white)
    front.rectangle(middle, 0.43 * height, 0.50 * width, 0.008, white, corner=0.003)
    bowl = 0.66 * height
    front.disc(middle, bowl, 0.34 * width, white)
    front.rectangle(middle, bowl - 0.20 * width, 0.72 * width, 0.40 * width, paint)
    for at in draw.colors.uniform(-1.0, 1.0, (14, 2)):
        front.disc(middle + 0.25 * width * at[0], bowl - 0.004 - 0.011 * abs(at[1]), 0.0060, grain)
        front.disc(middle + 0.25 * width * at[0], bowl - 0.004 - 0.011 * abs(at[1]), 0.0022, loud)
    front.rectangle(middle, bowl + 0.002, 0.74 * width, 0.005, white, corner=0.0025)
    front.rectangle(middle, 0.96 * height, width, 0.08 * height, loud)
    side = Canvas.of(depth, height, paint, 64)
    side.rectangle(depth / 2.0, 0.42 * height, 0.72 * depth, 0.52 * height, white)
    for row in range(8):
        y = (0.20 + 0.058 * row) * height
        side.rectangle(0.42 * depth, y, (0.44 - 0.04 * (row % 3)) * depth, 0.0022, ink)
        side.rectangle(0.76 * depth, y, 0.10 * depth, 0.0022, ink)
    side.rectangle(depth / 2.0, 0.96 * height, depth, 0.08 * height, loud)
    lid = Canvas.of(width, depth, paint, 96)
    lid.rectangle(middle, 0.60 * depth, width, 0.0012, ink, share=0.5)
    lid.rectangle(middle, 0.60 * depth, 0.30 * width, 0.010, loud, corner=0.004)
    lid.text(title, middle, 0.30 * depth, 0.011, white)
    return [_on_top(lid, size), _on_sides(side, size), _on_front_and_back(front, size)], [], height + LIFT_M


def _arrow(sheet: Canvas, x: float, y: float, height: float, ink: Color) -> None:
    """Draw an arrow that points up, centred at (x, y)."""
    for step in range(5):
        sheet.rectangle(x, y - height * (0.45 - 0.08 * step), height * (0.10 + 0.13 * step), 0.09 * height, ink)
    sheet.rectangle(x, y + 0.18 * height, 0.22 * height, 0.60 * height, ink)
    sheet.rectangle(x, y + 0.62 * height, 0.70 * height, 0.08 * height, ink)


def _dots(rng: np.random.Generator, name: str, paint: Color) -> npt.NDArray[np.uint8]:
    """Return wrapping paper with rows of dots."""
    tone = colors.mix(paint, (1.0, 1.0, 1.0) if name != "white" else colors.named("pink", rng), 0.6)
    sheet = Canvas.of(1.0, 1.0, paint, 96)
    for row in range(6):
        for column in range(6):
            sheet.disc((column + 0.25 + 0.5 * (row % 2)) / 6.0, (row + 0.5) / 6.0, 0.032, tone)
    return sheet.texture()


def _printed(sheet: Canvas, *faces: Mesh) -> Surface:
    """Return faces that show a picture."""
    look = Material((0.5, 0.5, 0.5), roughness=0.6, specular=0.25, texture=sheet.texture())
    return shapes.merge(*faces).surface(look)


def _on_front_and_back(sheet: Canvas, size: FloatArray) -> Surface:
    """Return a picture on the front and the back."""
    _, width, height = size - 2.0 * BEVEL_M
    out, top = size[0] / 2.0 + LIFT_M, height + BEVEL_M
    down = (0.0, 0.0, -height)
    front = panel((out, -width / 2.0, top), (0.0, width, 0.0), down)
    return _printed(sheet, front, panel((-out, width / 2.0, top), (0.0, -width, 0.0), down))


def _on_sides(sheet: Canvas, size: FloatArray) -> Surface:
    """Return a picture on both sides."""
    depth, _, height = size - 2.0 * BEVEL_M
    out, top = size[1] / 2.0 + LIFT_M, height + BEVEL_M
    down = (0.0, 0.0, -height)
    right = panel((depth / 2.0, out, top), (-depth, 0.0, 0.0), down)
    return _printed(sheet, right, panel((-depth / 2.0, -out, top), (depth, 0.0, 0.0), down))


def _on_top(sheet: Canvas, size: FloatArray) -> Surface:
    """Return a picture on the top."""
    depth, width, _ = size - 2.0 * BEVEL_M
    start = (-depth / 2.0, -width / 2.0, size[2] + LIFT_M)
    return _printed(sheet, panel(start, (0.0, width, 0.0), (depth, 0.0, 0.0)))
