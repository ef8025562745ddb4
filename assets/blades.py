"""Meshes of thin curved pieces around an axis, such as petals and leaves."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tracesim.assets.shapes import Mesh, grid_faces
from tracesim.geometry.rigid import FloatArray


def blades(
    lengths: npt.ArrayLike,
    widths: npt.ArrayLike,
    azimuths: npt.ArrayLike,
    rises: npt.ArrayLike,
    droops: npt.ArrayLike,
    outline: npt.ArrayLike,
    origins: npt.ArrayLike = (0.0, 0.0, 0.0),
    inner_radius: float = 0.0,
    cup: float = 0.0,
    columns: int = 3,
) -> Mesh:
    """Return thin curved blades around z, such as petals or leaves.

    They are single-sided; their uvs run across and along each blade.

    Args:
        lengths: Lengths, (K,), metres.
        widths: Widths, (K,), metres.
        azimuths: Directions in which they point, (K,), radians.
        rises: Slopes at the root, (K,), radians.
        droops: Decrease of the slope from root to tip, (K,), radians.
        outline: Half width at equal steps along a blade, (S,), relative to `widths` / 2.
        origins: Points around which they are placed, (K, 3) or (3,), metres.
        inner_radius: Distance of the root from its origin, metres.
        cup: Upward bend of the edges, relative to the half width.
        columns: Number of vertices across a blade.
    """
    azimuth = np.atleast_1d(np.asarray(azimuths, float))
    count = len(azimuth)
    length, width, rise, droop = (np.broadcast_to(x, (count,)) for x in (lengths, widths, rises, droops))
    share = np.asarray(outline, float)
    along = np.linspace(0.0, 1.0, len(share))
    slope = rise[:, None] - droop[:, None] * along
    middle = (slope[:, 1:] + slope[:, :-1]) / 2.0
    step = length[:, None] / (len(share) - 1)
    reach = np.cumsum(np.pad(np.cos(middle) * step, ((0, 0), (1, 0))), axis=1) + inner_radius
    height = np.cumsum(np.pad(np.sin(middle) * step, ((0, 0), (1, 0))), axis=1)
    across = np.linspace(-1.0, 1.0, columns)
    half = (width[:, None] / 2.0 * share)[..., None] * across  # (K, S, C)
    lift = np.abs(half) * cup * np.abs(across)
    radial = reach[..., None] - lift * np.sin(slope)[..., None]
    upward = height[..., None] + lift * np.cos(slope)[..., None]
    cosine, sine = np.cos(azimuth)[:, None, None], np.sin(azimuth)[:, None, None]
    vertices = np.stack([radial * cosine - half * sine, radial * sine + half * cosine, upward], -1)
    vertices += np.asarray(origins, float).reshape(-1, 1, 1, 3)
    # The normal follows the slope along the blade and the cup across it.
    tilt = 2.0 * cup * across * (share[:, None] > 0.0)
    normal_r, normal_u = -np.sin(slope)[..., None], np.cos(slope)[..., None]
    normals = np.stack([normal_r * cosine + tilt * sine, normal_r * sine - tilt * cosine, normal_u + 0.0 * tilt], -1)
    normals /= np.linalg.norm(normals, axis=-1, keepdims=True)
    one = grid_faces(len(share), columns)[:, ::-1]
    faces = (one[None] + (np.arange(count) * len(share) * columns)[:, None, None]).reshape(-1, 3)
    uvs = np.stack(np.broadcast_arrays((across + 1.0) / 2.0, along[:, None]), -1)
    return Mesh(
        vertices.reshape(-1, 3),
        faces.astype(np.int32),
        normals.reshape(-1, 3),
        np.tile(uvs.reshape(-1, 2), (count, 1)),
    )


def arch(run: npt.ArrayLike, climb: npt.ArrayLike, droop: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Return the lengths and rises of `blades` that end `run` further out and `climb` higher than they begin."""
    bend = np.asarray(droop, float) / 2.0
    chord = np.hypot(run, climb)
    return chord / np.sinc(bend / np.pi), np.arctan2(climb, run) + bend


def shells(
    profile: npt.ArrayLike,
    half_angles: npt.ArrayLike,
    azimuths: npt.ArrayLike,
    scales: npt.ArrayLike = 1.0,
    lifts: npt.ArrayLike = 0.0,
    columns: int = 5,
) -> Mesh:
    """Return overlapping pieces of a surface of revolution about z, like the petals of a tulip.

    Their uvs run across and along each piece.

    Args:
        profile: Radius and z from root to tip, (S, 2), metres, with the outside on its right.
        half_angles: Half the angle that a piece spans at each point, (S,) or (K, S), radians.
        azimuths: Directions of the middles of the pieces, (K,), radians.
        scales: Sizes of the pieces, (K,).
        lifts: Heights by which they are raised, (K,), metres.
        columns: Number of vertices across a piece.
    """
    rows = np.asarray(profile, float)
    azimuth = np.atleast_1d(np.asarray(azimuths, float))
    scale = np.broadcast_to(scales, azimuth.shape)[:, None, None]
    across = np.linspace(-1.0, 1.0, columns)
    turn = azimuth[:, None, None] + np.asarray(half_angles, float)[..., None] * across  # (K, S, C)
    legs = np.gradient(rows, axis=0)
    legs /= np.linalg.norm(legs, axis=1, keepdims=True)
    level = np.ones_like(turn)
    radius, height = rows[:, :1], rows[:, 1:]
    vertices = np.stack([radius * np.cos(turn), radius * np.sin(turn), height * level], -1) * scale[..., None]
    vertices[..., 2] += np.broadcast_to(lifts, azimuth.shape)[:, None, None]
    out, up = legs[:, 1:], -legs[:, :1]
    normals = np.stack([out * np.cos(turn), out * np.sin(turn), up * level], -1)
    one = grid_faces(len(rows), columns)
    faces = (one[None] + (np.arange(len(azimuth)) * len(rows) * columns)[:, None, None]).reshape(-1, 3)
    uvs = np.stack(np.broadcast_arrays((across + 1.0) / 2.0, np.linspace(0.0, 1.0, len(rows))[:, None]), -1)
    return Mesh(
        vertices.reshape(-1, 3),
        faces.astype(np.int32),
        normals.reshape(-1, 3),
        np.tile(uvs.reshape(-1, 2), (len(azimuth), 1)),
    )
