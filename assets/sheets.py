"""Thin ceramic boards with a printed line or another picture, as props to slide something over."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from tracesim.assets import colors
from tracesim.assets.canvas import Canvas
from tracesim.assets.flats import flat
from tracesim.geometry.rigid import FloatArray
from tracesim.layout.prop import Material, Prop
from tracesim.layout.randomness import Draw

THICKNESS_M = 0.006
"""More than the distance that the planner keeps from the table, so that something can be slid over a sheet."""
CORNER_M = 0.006
DENSITY_KG_M3 = 2400.0
"""That of ceramics: heavy enough to stay in its place."""
LINE_M = 0.007
"""Width of a printed line."""
TEXELS = 320
LINE_COLORS = ("red", "blue", "green", "orange", "purple", "teal", "black")


def sheet(
    draw: Draw, kind: str, noun: str, name: str, extent: tuple[float, float], line: npt.ArrayLike, closed: bool
) -> Prop:
    """Return a flat white board with a printed line; it cannot be gripped.

    The points "line_0", "line_1", ... are where the line begins, bends and ends.

    Args:
        draw: Source of randomness.
        kind: Registry name of the prop.
        noun: Its noun.
        name: Colour of the line, by which the sheet is called.
        extent: Size along x and y, metres.
        line: Points (K, 2), metres, between which the line is straight.
        closed: Whether it goes on from the last point to the first one.
    """
    points = np.asarray(line, float)
    ground = colors.named("white", draw.colors)
    printed = _printed(points, closed, extent, ground, colors.named(name, draw.colors))
    glaze = Material(ground, roughness=0.85, specular=0.2, texture=printed)
    return board(kind, noun, name, extent, glaze, line_points(points))


def board(
    kind: str,
    noun: str,
    name: str,
    extent: tuple[float, float],
    glaze: Material,
    points: Mapping[str, FloatArray],
) -> Prop:
    """Return a flat board with a picture; it cannot be gripped.

    Args:
        kind: Registry name of the prop.
        noun: Its noun.
        name: The colour by which it is called.
        extent: Size along x and y, metres.
        glaze: How it looks; its texture has y to the left and x up.
        points: Its named points besides "base" and "top".
    """
    mesh, solids = flat(extent, THICKNESS_M, CORNER_M)
    return Prop(
        kind=kind,
        noun=noun,
        color=name,
        surfaces=(mesh.surface(glaze),),
        hulls=solids,
        points={
            "base": np.zeros(3),
            "top": np.array([0.0, 0.0, THICKNESS_M]),
            **points,
        },
        mass_kg=DENSITY_KG_M3 * extent[0] * extent[1] * THICKNESS_M,
    )


def line_points(line: FloatArray) -> dict[str, FloatArray]:
    """Return the points "line_0", "line_1", ... of a line through places (K, 2), metres, on top of a board."""
    return {f"line_{number}": np.array([x, y, THICKNESS_M]) for number, (x, y) in enumerate(line.tolist())}


def line_names(prop: Prop) -> list[str]:
    """Return the names of the points of a sheet's line, in their order."""
    return [f"line_{number}" for number in range(sum(name.startswith("line_") for name in prop.points))]


def _printed(
    points: FloatArray, closed: bool, extent: tuple[float, float], ground: colors.Color, ink: colors.Color
) -> npt.NDArray[np.uint8]:
    """Return the picture of a line, with y to the left and x up."""
    canvas = Canvas.of(extent[1], extent[0], ground, TEXELS)
    ends = np.concatenate([points, points[:1]]) if closed else points
    for start, end in pairwise(ends):
        count = int(np.ceil(np.linalg.norm(end - start) / canvas.texel_m)) + 1
        for x, y in (start + share * (end - start) for share in np.linspace(0.0, 1.0, count)):
            canvas.disc(extent[1] / 2.0 - y, extent[0] / 2.0 - x, LINE_M / 2.0, ink)
    return canvas.texture()
