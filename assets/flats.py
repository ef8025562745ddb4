"""Flat objects with rounded corners, such as mats and boards, with a picture on top."""

from __future__ import annotations

from tracesim.assets import hulls, lofts, shapes
from tracesim.assets.shapes import Mesh
from tracesim.geometry.rigid import FloatArray

BEVEL_M = 0.0004


def flat(extent: tuple[float, float], thickness_m: float, corner_m: float) -> tuple[Mesh, tuple[FloatArray, ...]]:
    """Return the mesh and the hulls of a flat object that lies on z = 0, centred at the origin.

    Args:
        extent: Size along x and y, metres.
        thickness_m: Its thickness.
        corner_m: Radius of its corners.

    Returns:
        The mesh, whose texture has y to the left and x up, and the vertices of its hulls, (K, 3) each, metres.
    """
    stretch = (extent[0] / 2.0 - corner_m, extent[1] / 2.0 - corner_m)
    profile = [
        (0.0, 0.0),
        (corner_m, 0.0),
        (corner_m, thickness_m - BEVEL_M),
        (corner_m - BEVEL_M, thickness_m),
        (0.0, thickness_m),
    ]
    mesh = lofts.project_texture(
        shapes.lathe(profile, 28, stretch=stretch),
        (extent[0] / 2.0, extent[1] / 2.0, 0.0),
        (0.0, -extent[1], 0.0),
        (-extent[0], 0.0, 0.0),
    )
    return mesh, hulls.vertices(hulls.turned([(corner_m, 0.0), (corner_m, thickness_m)], 16, stretch))
