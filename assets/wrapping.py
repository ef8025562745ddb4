"""Seamless cloth: texture coordinates in metres for a surface of any form, round or with flat sides."""

from __future__ import annotations

from typing import Final

import numpy as np

from tracesim.geometry.rigid import FloatArray, azimuths
from tracesim.layout.prop import IntArray, Surface

FLAT: Final = 0.7
"""z of a triangle's normal above which it is mapped from above or below."""

STRAIGHT: Final = 0.97
"""Component of a normal along x or y above which a side counts as one of a box."""

BOXY_SHARE: Final = 0.6
"""Fraction of the side area that must belong to a box for the sides to be mapped along x and y."""


def wrap_texture(surface: Surface, side_m: float) -> Surface:
    """Return a surface whose texture repeats every `side_m` metres, whatever its coordinates were.

    Tops and undersides are mapped from above. Flat sides are mapped along x or y; round sides are unrolled about the
    prop's axis with a whole number of repetitions, so that the circle closes.
    """
    corners = surface.vertices[surface.faces]  # (F, 3, 3)
    cross = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    length = np.linalg.norm(cross, axis=1)
    normals = cross / np.maximum(length, 1e-15)[:, None]
    flat = np.abs(normals[:, 2]) > FLAT
    straight = length[~flat][np.abs(normals[~flat, :2]).max(1) > STRAIGHT].sum()
    if straight >= BOXY_SHARE * length[~flat].sum():
        along_x = np.abs(normals[:, 1]) > np.abs(normals[:, 0])
        across = np.where(along_x[:, None], corners[..., 0], corners[..., 1]) / side_m
    else:
        across = _unrolled(corners, ~flat, side_m)
    up = corners[..., 2] / side_m
    sideways, uvs = np.stack([across, up], -1), corners[..., 1::-1] / side_m
    uvs[~flat] = sideways[~flat]
    return _with_uvs(surface, uvs)


def _unrolled(corners: FloatArray, sides: FloatArray, side_m: float) -> FloatArray:
    """Return the position of each triangle's vertices around the axis, (F, 3), in repetitions; none spans the seam."""
    azimuth = azimuths(corners) / (2.0 * np.pi)
    azimuth -= np.round(azimuth - azimuth[:, :1])
    radius_m = float(np.median(np.linalg.norm(corners[sides, :, :2], axis=-1)))
    return np.asarray(azimuth * max(round(2.0 * np.pi * radius_m / side_m), 1))


def _with_uvs(surface: Surface, uvs: FloatArray) -> Surface:
    """Return a surface with new uvs for each corner of each triangle, (F, 3, 2); equal corners share a vertex."""
    flat_uvs = uvs.reshape(-1, 2)
    keys = np.column_stack([surface.faces.reshape(-1), np.round(flat_uvs * 1e6)])
    _, first, corner_of = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    old = surface.faces.reshape(-1)[first]
    faces: IntArray = corner_of.reshape(-1, 3).astype(np.int32)
    return Surface(surface.vertices[old], faces, surface.normals[old], flat_uvs[first], surface.material)
