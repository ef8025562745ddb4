"""Small desk fans."""

from __future__ import annotations

import functools
import itertools

import numpy as np
import numpy.typing as npt

from tracesim.assets import colors, hulls, shapes
from tracesim.assets.colors import Color
from tracesim.assets.hidden import without_hidden
from tracesim.assets.shapes import Mesh
from tracesim.assets.variants import choose
from tracesim.geometry.rigid import FloatArray, rotation_about, transform
from tracesim.layout.grips import Faces
from tracesim.layout.prop import Material, Prop, Surface
from tracesim.layout.randomness import Draw

VARIANTS = {"round": "fan", "box": "fan", "bladeless": "fan"}
"""The noun for each shape in an instruction; the last shape is held out."""
FAN_COLORS = ("white", "teal", "pink", "blue", "white", "black", "red", "green", "yellow")
AHEAD = rotation_about((0.0, 1.0, 0.0), np.pi / 2.0)
"""Rotation that turns the axis of a solid of revolution from up to forward."""
FLAT_M = 0.0002
"""Distance between the housing and the pictures of blades on it."""

Parts = tuple[list[Surface], list[FloatArray], FloatArray, Faces]
"""Surfaces, collision hulls, centre of the face (3,) in metres, and grip."""


def fan(draw: Draw, *, color: str | None = None, variant: str | None = None) -> Prop:
    """Return a fan that blows towards its front, to be gripped at the upper edge of its housing, across its depth.

    Args:
        draw: Source of randomness.
        color: Colour of its housing; random if None.
        variant: "round" (a cage on a foot), "box" (a square housing) or "bladeless" (a ring on a pillar); random if
            None.
    """
    shape = choose(draw, "fan", VARIANTS, variant)
    name = colors.pick(draw.colors, FAN_COLORS, color)
    paint = Material(colors.named(name, draw.colors), roughness=0.3, specular=0.55)
    make = {"round": _round, "box": _box, "bladeless": _bladeless}[shape]
    surfaces, pieces, face, grip = make(draw, paint)
    top = max(float(surface.vertices[:, 2].max()) for surface in surfaces)
    return Prop(
        kind="fan",
        noun=VARIANTS[shape],
        color=name,
        surfaces=tuple(surfaces),
        hulls=hulls.vertices(pieces),
        points={"base": np.zeros(3), "top": np.array([0.0, 0.0, top]), "face": face},
        grips=(grip,),
        mass_kg=0.25,
    )


def _round(draw: Draw, paint: Material) -> Parts:
    """Return a round cage with blades and a motor, on a stem with a round foot."""
    radius, half = draw.sizes.uniform(0.048, 0.053), draw.sizes.uniform(0.016, 0.019)
    foot, plate = draw.sizes.uniform(0.038, 0.043), 0.009
    middle = plate + draw.sizes.uniform(0.014, 0.018) + radius
    cut = 0.003
    at = transform(AHEAD, (0.0, 0.0, middle))
    drum = [(radius - cut, -half), (radius, cut - half), (radius, half - cut), (radius - cut, half)]
    rim = shapes.lathe(drum, 40, crease=np.radians(20.0)).moved(at)
    motor = [(0.0, -half - 0.014), (0.012, -half - 0.014), (0.018, -half - 0.009), (0.020, -half)]
    cap = [(0.0125, half), (0.0115, half + 0.0025), (0.0, half + 0.0025)]
    base = [(foot, 0.0), (foot, 0.0035), (foot - 0.003, 0.0065), (foot - 0.012, plate)]
    stem = [(0.0075, plate - 0.001), (0.0068, middle - radius + 0.004)]
    pieces = [
        *(p for pair in itertools.pairwise(drum) for p in hulls.moved(hulls.turned(pair, 16), at)),
        *hulls.moved(hulls.turned(motor[1:3], 12) + hulls.turned(motor[2:], 12), at),
        *hulls.moved(hulls.turned([cap[0], cap[1]], 12), at),
        *(p for pair in itertools.pairwise(base) for p in hulls.turned(pair)),
        *hulls.turned(stem, 10),
    ]
    foot_mesh = shapes.lathe([(0.0, 0.0), *base, (0.0, plate)], 36, crease=np.radians(40.0))
    dark, blade = _inside(draw.colors, paint.base_color)
    grille = _grille(blade, dark, paint.base_color, int(draw.shapes.integers(3, 5)), 1.0)
    reach = radius - cut
    faces = [_disc(reach, half + FLAT_M, reach, hole=0.011), _disc(reach, half + FLAT_M, reach, True, hole=0.018)]
    solid = without_hidden(
        [rim, shapes.lathe(motor, 24).moved(at), foot_mesh, shapes.lathe(stem, 16)],
        pieces,
    )
    trim = Material(blade, roughness=0.35, specular=0.5)
    return (
        [
            shapes.merge(*solid).surface(paint),
            shapes.merge(*(face.moved(at) for face in faces)).surface(Material(dark, 0.5, texture=grille)),
            shapes.lathe(cap, 20).moved(at).surface(trim),
        ],
        pieces,
        np.array([half + 0.0025, 0.0, middle]),
        Faces((0.0, 0.0, middle + radius - 0.011), 2.0 * half, (0.0,)),
    )


def _box(draw: Draw, paint: Material) -> Parts:
    """Return a square housing with rounded corners on two feet, with a knob in a lower corner."""
    side, half = draw.sizes.uniform(0.056, 0.063), draw.sizes.uniform(0.018, 0.021)
    corner, lift, bevel = draw.sizes.uniform(0.010, 0.016), 0.006, 0.0010
    stretch = (side - corner, side - corner)
    at = transform(AHEAD, (0.0, 0.0, lift + side))
    edge = [(corner - bevel, -half), (corner, bevel - half), (corner, half - bevel), (corner - bevel, half)]
    body = shapes.lathe([(0.0, -half), *edge, (0.0, half)], 24, stretch=stretch).moved(at)
    pieces = hulls.moved(hulls.turned([(corner, -half), (corner, half)], 16, stretch), at)
    feet = []
    size = np.array([2.0 * half + 0.018, 0.016, lift + 0.0015])
    for y in (-1.0, 1.0):
        place = transform(np.eye(3), (0.0, 0.62 * y * side, 0.0))
        feet.append(shapes.box(size, 0.0008).moved(place))
        pieces += hulls.moved(hulls.box(size), place)
    knob_at = at @ transform(np.eye(3), (0.80 * side, 0.80 * side, half))
    knob = [(0.0065, 0.0), (0.0055, 0.0040), (0.0, 0.0040)]
    pieces += hulls.moved(hulls.turned([(0.0065, 0.0), (0.0055, 0.0040)], 12), knob_at)
    dark, blade = _inside(draw.colors, paint.base_color)
    grille = _grille(blade, dark, paint.base_color, int(draw.shapes.integers(4, 6)), 0.94)
    reach = 0.97 * side
    faces = [_disc(0.94 * reach, half + FLAT_M, reach), _disc(0.94 * reach, half + FLAT_M, reach, True)]
    trim = Material(blade, roughness=0.35, specular=0.5)
    return (
        [
            body.surface(paint),
            shapes.merge(*(face.moved(at) for face in faces)).surface(Material(dark, 0.5, texture=grille)),
            shapes.merge(*without_hidden([*feet, shapes.lathe(knob, 16).moved(knob_at)], pieces[:1])).surface(trim),
        ],
        pieces,
        np.array([half + FLAT_M, 0.0, lift + side]),
        Faces((0.0, 0.0, lift + 2.0 * side - 0.012), 2.0 * half, (0.0,)),
    )


def _bladeless(draw: Draw, paint: Material) -> Parts:
    """Return a bladeless ring on a pillar with a button."""
    outer, thick, half = draw.sizes.uniform((0.045, 0.0085, 0.0120), (0.050, 0.0100, 0.0145))
    inner = outer - thick
    foot, shoulder, pillar = draw.sizes.uniform(0.027, 0.030), 0.0235, draw.sizes.uniform(0.042, 0.050)
    middle = pillar - 0.003 + outer
    at = transform(AHEAD, (0.0, 0.0, middle))
    soft = 0.0009
    shell = [(outer - soft, -half), (outer, soft - half), (outer, half - soft), (outer - soft, half)]
    lining = [(inner + soft, half), (inner, half - soft), (inner, soft - half), (inner + soft, -half)]
    outside = shapes.lathe([(inner + soft, -half), *shell, (inner + soft, half)], 48)
    inside = shapes.lathe(lining, 48)
    wedges = hulls.ring([(outer, -half), (outer, half)], [(inner, -half), (inner, half)])
    wall = [(foot, 0.0), (foot, 0.006), (shoulder, pillar - 0.004), (shoulder - 0.003, pillar)]
    column = shapes.lathe([(0.0, 0.0), *wall, (0.0, pillar)], 36, crease=np.radians(25.0))
    low = 0.32 * pillar
    ring_at = float(np.interp(low, [0.006, pillar - 0.004], [foot, shoulder]))
    step = (foot - shoulder) / (pillar - 0.010) * 0.004
    band = shapes.lathe([(ring_at + 0.0003, low), (ring_at + 0.0003 - step, low + 0.004)], 36)
    pieces = [
        *hulls.turned(wall[:2]),
        *hulls.turned(wall[1:3]),
        *hulls.turned(wall[2:]),
        *hulls.moved(wedges, at),
    ]
    metal = Material((0.55, 0.56, 0.60), roughness=0.25, metallic=0.8)
    accent = Material(
        colors.named(colors.pick(draw.colors, ("blue", "purple", "orange", "teal"), None), draw.colors), 0.25, 0.4
    )
    seen = without_hidden([outside.moved(at), inside.moved(at), column], pieces)
    lean = float(np.interp(0.6 * pillar, [0.006, pillar - 0.004], [foot, shoulder]))
    button = _disc(0.0036, lean + 0.0002, 0.0036).moved(transform(AHEAD, (0.0, 0.0, 0.6 * pillar)))
    return (
        [
            shapes.merge(seen[0], seen[2]).surface(paint),
            seen[1].surface(accent),
            shapes.merge(band, button).surface(metal),
        ],
        pieces,
        np.array([half, 0.0, middle + outer - 0.5 * thick]),
        Faces((0.0, 0.0, middle + outer - 0.0075), 2.0 * half, (0.0,)),
    )


def _inside(rng: np.random.Generator, paint: Color) -> tuple[Color, Color]:
    """Return the colours of the dark interior and of the blades."""
    dark = (0.035, 0.038, 0.045)
    blade = ((0.55, 0.60, 0.66), (0.10, 0.42, 0.60), (0.70, 0.72, 0.72))[int(rng.integers(3))]
    return dark, blade


def _disc(radius: float, out: float, scale: float, back: bool = False, hole: float = 0.0) -> Mesh:
    """Return a flat disc that shows a texture.

    Args:
        radius: Radius, metres.
        out: Distance from the origin along z, metres.
        scale: Half the width of the texture, metres.
        back: Whether it lies and faces the other way.
        hole: Radius of a hole in the middle, metres.
    """
    mesh = shapes.map_flat(shapes.lathe([(radius, 0.0), (hole, 0.0)], 40), 2.0 * scale)
    turn = rotation_about((0.0, 1.0, 0.0), np.pi) if back else np.eye(3)
    return mesh.moved(transform(turn, (0.0, 0.0, -out if back else out)))


def _grille(blade: Color, dark: Color, wire: Color, count: int, reach: float) -> npt.NDArray[np.uint8]:
    """Return blades behind a grille of rings and rays, seen from the front.

    `reach` is the radius of the outermost ring, relative to half the picture.
    """
    blades, shade, wires = _masks(count, reach)
    image = np.asarray(dark) * (1.0 - blades) + np.asarray(blade) * shade * blades
    light = colors.mix(wire, (0.75, 0.76, 0.78), 0.5)
    return colors.to_texture(image * (1.0 - wires) + np.asarray(light) * wires)


@functools.cache
def _masks(count: int, reach: float, size: int = 128) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return where there are blades, how bright they are, and where there are wires, each (S, S, 1)."""
    axis = (np.arange(size) + 0.5) / size * 2.0 - 1.0
    x, y = axis[None], axis[:, None]
    away, turn = np.hypot(x, y), np.arctan2(y, x)
    texel = 2.0 / size

    def soft(distance: FloatArray) -> FloatArray:
        """Return 1 inside a shape and 0 outside of it, anti-aliased."""
        return np.clip(0.5 - distance / texel, 0.0, 1.0)

    phase = (turn - 0.9 * away) * count / (2.0 * np.pi) % 1.0
    half = 0.30 + 0.10 * np.sin(np.pi * np.clip(away / reach, 0.0, 1.0))
    blades = soft((np.abs(phase - 0.5) - half) * 2.0 * np.pi / count * away) * soft(away - 0.86 * reach)
    shade = 0.55 + 0.60 * phase
    rings = np.abs((away / reach * 7.0 + 0.5) % 1.0 - 0.5) * reach / 7.0 - 0.008
    rays = np.abs((turn / (2.0 * np.pi) * 20.0) % 1.0 - 0.5) * 2.0 * np.pi / 20.0 * away - 0.009
    wires = np.maximum(soft(rings), soft(rays)) * soft(away - reach - 0.02)
    hub = soft(away - 0.20)
    wires = np.maximum(wires, hub)
    return blades[..., None], shade[..., None], wires[..., None]
