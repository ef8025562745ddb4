"""Bells that stand on their mouths: a desk bell to be pressed, a hand bell and a cow bell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from tracesim.assets import colors, hulls, lofts, paths, patterns, shapes, variants
from tracesim.assets.shapes import Mesh
from tracesim.geometry.rigid import FloatArray
from tracesim.layout.grips import PATCH_HALF_HEIGHT_M, Cylinder, Faces, Grip
from tracesim.layout.prop import Material, Prop, Surface
from tracesim.layout.randomness import Draw

NOUN = "bell"
VARIANTS = dict.fromkeys(("desk", "hand", "cow"), NOUN)
"""The noun for each shape in an instruction; the last shape is held out."""
BELL_COLORS = ("yellow", "yellow", "gray", "gray", "red", "blue", "green", "teal")
"""Yellow is brass and gray is steel; bells of any other colour are enamelled."""
LOOP_HALF_M = (0.0060, 0.0021)
"""Half the width and half the thickness of a cow bell's loop."""
METALS = {"yellow": (0.80, 0.50, 0.13), "gray": (0.66, 0.67, 0.69), "brown": (0.52, 0.26, 0.12)}


def bell(draw: Draw, *, color: str | None = None, variant: str | None = None) -> Prop:
    """Return a bell that does not move when its named point "top" is pressed.

    Args:
        draw: Source of randomness.
        color: Colour of its metal or enamel; random if None.
        variant: One of `VARIANTS`; random if None.
    """
    chosen = variants.choose(draw, "bell", VARIANTS, variant)
    name = colors.pick(draw.colors, BELL_COLORS, color)
    shade = colors.named(name, draw.colors)
    if name in METALS:
        shell = Material(colors.mix(METALS[name], shade, 0.25), roughness=0.24, metallic=0.8, specular=0.7)
    else:
        shell = Material(shade, roughness=0.22, specular=0.7)
    return {"desk": _desk, "hand": _hand, "cow": _cow}[chosen](draw, name, shell)


def _prop(name: str, top_z: float, surfaces: Sequence[Surface], pieces: list[FloatArray], grip: Grip) -> Prop:
    """Return the finished bell."""
    return Prop(
        kind="bell",
        noun=NOUN,
        color=name,
        surfaces=tuple(surfaces),
        hulls=hulls.vertices(pieces),
        points={"base": np.zeros(3), "top": np.array([0.0, 0.0, top_z])},
        grips=(grip,),
        mass_kg=0.3,
    )


def _desk(draw: Draw, name: str, shell: Material) -> Prop:
    """Return a desk bell: a dome on a dark base, with a button."""
    radius, rise = draw.sizes.uniform(0.0320, 0.0360), draw.sizes.uniform(0.026, 0.031)
    foot_z, lip_z = 0.0085, 0.0110
    turn = np.linspace(0.0, np.radians(86.0), 25)
    lip = [(radius - 0.005, lip_z), (radius - 0.0012, lip_z), (radius, lip_z + 0.0004), (radius, lip_z + 0.004)]
    dome = np.stack([radius * 0.99 * np.cos(turn), lip_z + 0.0048 + (rise - 0.0048) * np.sin(turn)], 1)
    apex = float(dome[-1, 1])
    post, knob = 0.0030, draw.sizes.uniform(0.0072, 0.0086)
    knob_z = apex + 0.0055
    top_z = knob_z + 0.0062
    button = paths.fillet([(post, knob_z), (knob, knob_z), (knob, knob_z + 0.0045), (0.0, top_z)], 0.0022, 4)

    dark = Material((0.022, 0.022, 0.025), roughness=0.35, specular=0.5)
    wood = colors.mix(colors.named("brown", draw.colors), (0.0, 0.0, 0.0), 0.3)
    timber = Material(wood, roughness=0.5, specular=0.4, texture=patterns.wood(draw.colors, wood))
    base = timber if draw.colors.random() < 0.35 else dark
    bright = Material((0.72, 0.72, 0.74), roughness=0.18, metallic=0.85, specular=0.8)
    return _prop(
        name,
        top_z,
        [
            _foot(radius, foot_z, lip_z).surface(base),
            shapes.lathe(np.vstack([lip, dome[::2], [(0.0, apex)]]), 40).surface(shell),
            shapes.merge(
                shapes.lathe([(post, apex - 0.0005), (post, knob_z)], 12),
                shapes.lathe(np.vstack([[(0.0, knob_z)], button]), 24),
            ).surface(bright),
        ],
        [
            *hulls.turned([(radius, 0.0), (radius, foot_z)]),
            *hulls.turned([(radius - 0.005, foot_z), (radius - 0.005, lip_z)], 12),
            *hulls.turned([(radius, lip_z), (radius, lip_z + 0.005)]),
            *hulls.bands(dome, 4),
            *hulls.turned([(post, apex - 0.0005), (post, knob_z)], 8),
            *hulls.bands(button, 3, 12),
        ],
        Cylinder((0.0, 0.0, lip_z + 0.0085), radius, lip_z, lip_z + 0.005),
    )


def _foot(radius: float, foot_z: float, lip_z: float) -> Mesh:
    """Return the base of a desk bell up to a height `foot_z`, and a neck on it that ends at `lip_z`, metres."""
    foot = shapes.lathe(
        [
            (0.0, 0.0),
            (radius - 0.0006, 0.0),
            (radius, 0.0006),
            (radius, foot_z - 0.0008),
            (radius - 0.0008, foot_z),
            (radius - 0.005, foot_z),
        ],
        36,
    )
    neck = shapes.lathe([(radius - 0.005, foot_z), (radius - 0.005, lip_z)], 24)
    return shapes.merge(shapes.map_flat(foot, 0.05), neck)


def _hand(draw: Draw, name: str, shell: Material) -> Prop:
    """Return a hand bell: a flared mouth and a turned handle."""
    mouth, shoulder_z = draw.sizes.uniform(0.031, 0.036), draw.sizes.uniform(0.050, 0.058)
    waist = mouth * draw.shapes.uniform(0.50, 0.58)
    bead = [(mouth - 0.0012, 0.0), (mouth, 0.0015), (mouth - 0.0006, 0.0042)]
    flare = paths.bezier([bead[-1], (waist * 1.12, 0.014), (waist, 0.55 * shoulder_z), (waist * 0.94, shoulder_z)], 25)
    crown = paths.bezier([flare[-1], (waist * 0.9, shoulder_z + 0.009), (0.006, shoulder_z + 0.010)], 13)
    grip_z = shoulder_z + 0.0145
    length, swell = draw.sizes.uniform(0.046, 0.054), draw.sizes.uniform(0.0100, 0.0115)
    top_z, handle = grip_z + length, _handle(grip_z, length, swell)
    tint = colors.mix(colors.named("brown", draw.colors), (0.0, 0.0, 0.0), draw.colors.uniform(0.0, 0.4))
    wood = Material(tint, roughness=0.4, specular=0.5, texture=patterns.wood(draw.colors, tint, rings=2.0))
    body = np.vstack([[(0.0, 0.0)], bead, flare[paths.outline(flare, 9)][1:], crown[paths.outline(crown, 5)][1:]])
    collar = [(0.0072, shoulder_z + 0.0095), (0.0072, grip_z + 0.001)]
    hold = top_z - 0.020
    near = handle[handle[:, 1] > hold - PATCH_HALF_HEIGHT_M]
    return _prop(
        name,
        top_z,
        [
            shapes.merge(shapes.lathe(body, 40), shapes.lathe([*collar, (0.0, collar[-1][1])], 16)).surface(shell),
            shapes.lathe(handle[paths.outline(handle, 16)], 20, crease=np.pi).surface(wood),
        ],
        [
            *hulls.turned([(mouth - 0.0006, 0.0), (mouth - 0.0006, 0.0042)]),
            *hulls.bands(flare, 4),
            *hulls.bands(crown, 2, 12),
            *hulls.turned(collar, 8),
            *hulls.bands(handle[:-3], 7, 10),
        ],
        Cylinder((0.0, 0.0, hold), float(near[:, 0].max()), hold - PATCH_HALF_HEIGHT_M, top_z),
    )


def _handle(z: float, length: float, swell: float) -> FloatArray:
    """Return the profile of a turned handle, (49, 2), metres, from its lower end at `z` to the middle of its top."""
    top_z = z + length
    return paths.bezier(
        [
            (0.0062, z),
            (1.45 * swell, z + 0.45 * length),
            (0.0035, z + 0.62 * length),
            (1.55 * swell, z + 0.8 * length),
            (0.009, top_z - 0.0005),
            (0.0, top_z),
        ],
        49,
    )


def _cow(draw: Draw, name: str, shell: Material) -> Prop:
    """Return a cow bell: flat sides that lean towards each other, and a loop on top."""
    x, y = draw.sizes.uniform(0.0195, 0.0225), draw.sizes.uniform(0.031, 0.036)
    lean, height = draw.shapes.uniform(0.56, 0.66), draw.sizes.uniform(0.058, 0.068)
    shoulder = height - 0.007

    def ring(z: float, less: float, per_corner: int) -> FloatArray:
        """Return the outline of the bell at a height."""
        share = float(np.interp(z, [0.0, 0.013, height], [1.0, 0.88, lean]))  # flared at the mouth
        outline = lofts.rounded(share * x - less, share * y - less, 0.0085 - 0.8 * less, per_corner)
        return lofts.level(outline, z)

    def rings(per_corner: int, rows: int) -> FloatArray:
        """Return the outlines of the bell from mouth to top."""
        turn = np.linspace(0.0, np.pi / 2.0, rows)
        bend = [(shoulder + 0.007 * np.sin(t), 0.007 * (1.0 - np.cos(t))) for t in turn]
        return np.stack([ring(z, less, per_corner) for z, less in [(0.0, 0.0), (0.013, 0.0), *bend]])

    loop, links, top_z = _loop(height)
    white, accent = (0.85, 0.83, 0.78), colors.named("white" if name == "red" else "red", draw.colors)
    stripes = [shell.base_color] * 17 + [white] + [accent] * 6 + [white] + [shell.base_color] * 7
    bands = patterns.gradient(np.array(stripes)) if draw.colors.random() < 0.4 or name not in METALS else None
    paint = replace(shell, metallic=0.5 * shell.metallic, texture=bands)
    body = lofts.project_texture(
        lofts.loft(rings(5, 4), np.radians(50.0)), (0.0, 0.0, height), (0.0, 1.0, 0.0), (0.0, 0.0, -height)
    )
    return _prop(
        name,
        top_z,
        [body.surface(paint), loop.surface(shell)],
        [*hulls.stacked(rings(4, 3)), *links],
        Faces((0.0, 0.0, top_z - 0.004), 2.0 * LOOP_HALF_M[0], (0.0,)),
    )


def _loop(height: float) -> tuple[Mesh, list[FloatArray], float]:
    """Return the loop on a cow bell of a height in metres, its collision hulls, and the height of its top."""
    loop_y, loop_z = 0.0115, 0.0150
    path = paths.bezier(
        [
            (0.0, -loop_y, height - 0.001),
            (0.0, -loop_y * 1.1, height + 1.3 * loop_z),
            (0.0, loop_y * 1.1, height + 1.3 * loop_z),
            (0.0, loop_y, height - 0.001),
        ],
        33,
    )
    half, across, up = np.array([LOOP_HALF_M]), (1.0, 0.0, 0.0), (0.0, 0.0, 1.0)
    mesh = shapes.sweep(path, half, 10, 14, across, up, up)
    return mesh, hulls.chain(path, half, 7, 8, across, up, up), float(path[16, 2]) + LOOP_HALF_M[1]
