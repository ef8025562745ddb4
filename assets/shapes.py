"""Meshes by construction: solids of revolution, tubes along curves, and boxes.

All are made at the resolution at which they are rendered; nothing is simplified afterwards.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from tracesim.assets.paths import outline, tangents
from tracesim.assets.plans import Plan
from tracesim.geometry.rigid import FloatArray, apply
from tracesim.layout.prop import IntArray, Material, Surface

CREASE = np.radians(35.0)
"""Angle above which a bend of a profile is a sharp edge, radians."""


@dataclass(frozen=True)
class Mesh:
    """A surface without a material."""

    vertices: FloatArray
    """Positions, (V, 3), metres."""
    faces: IntArray
    """Indices of the triangles' vertices, (F, 3), counter-clockwise from outside."""
    normals: FloatArray
    """Unit normals at the vertices, (V, 3)."""
    uvs: FloatArray
    """Texture coordinates at the vertices, (V, 2)."""

    def surface(self, material: Material) -> Surface:
        """Return the mesh with a material."""
        return Surface(self.vertices, self.faces, self.normals, self.uvs, material)

    def tiled(self, across: float, along: float) -> Mesh:
        """Return the mesh with its texture repeated these numbers of times along u and v."""
        return replace(self, uvs=self.uvs * (across, along))

    def two_sided(self) -> Mesh:
        """Return the mesh with back faces added, because renderers cull triangles that face away."""
        back = replace(self, faces=self.faces[:, ::-1], normals=-self.normals)
        return merge(self, back)

    def moved(self, pose: FloatArray) -> Mesh:
        """Return the mesh transformed by the rigid transform `pose` (4, 4)."""
        return replace(self, vertices=apply(pose, self.vertices), normals=self.normals @ pose[:3, :3].T)


def merge(*meshes: Mesh) -> Mesh:
    """Return several meshes as one."""
    starts = np.cumsum([0, *(len(mesh.vertices) for mesh in meshes)])
    return Mesh(
        np.concatenate([mesh.vertices for mesh in meshes]),
        np.concatenate([mesh.faces + start for mesh, start in zip(meshes, starts, strict=False)]).astype(np.int32),
        np.concatenate([mesh.normals for mesh in meshes]),
        np.concatenate([mesh.uvs for mesh in meshes]),
    )


def lathe(
    profile: npt.ArrayLike,
    segments: int = 40,
    crease: float = CREASE,
    stretch: tuple[float, float] = (0.0, 0.0),
    plan: Plan | None = None,
) -> Mesh:
    """Return the surface of a profile revolved about z.

    The texture's u runs around the surface and v along the profile, in proportion to length.

    Args:
        profile: Radius and z, (N, 2), metres, with the outside on its right. Radius 0 closes the surface.
        segments: Number of segments around it.
        crease: Angle above which a bend of the profile is sharp, radians.
        stretch: Half the distance along x and y by which the quarters of the circle are moved apart, metres, which
            makes a rounded rectangle.
        plan: Another curve to sweep the profile along; `segments` and `stretch` are then ignored.
    """
    rows, row_normals, lengths, doubled = _rows(np.asarray(profile, float), crease)
    cosines, sines, shift = _outline(segments, stretch) if plan is None else (*plan.normals.T, plan.cores)
    radius, z = rows[:, :1], rows[:, 1:]
    spread = (radius > 0.0)[..., None] * shift  # (R, C, 2): poles stay points
    vertices = np.stack(
        [radius * cosines + spread[..., 0], radius * sines + spread[..., 1], np.broadcast_to(z, spread.shape[:2])], -1
    )
    out, up = row_normals[:, :1], row_normals[:, 1:]
    normals = np.stack([out * cosines, out * sines, np.broadcast_to(up, spread.shape[:2])], -1)
    turn = np.linspace(0.0, 1.0, len(cosines))
    if plan is not None:
        way = np.linalg.norm(np.diff(plan.at(float(rows[:, 0].max())), axis=0), axis=1)
        turn = np.concatenate([[0.0], np.cumsum(way)]) / way.sum()
    uvs = np.stack(np.broadcast_arrays(turn[None], lengths[:, None]), -1)
    faces = grid_faces(len(rows), len(cosines), tuple(rows[:, 0] == 0.0), tuple(doubled))
    return Mesh(vertices.reshape(-1, 3), faces, normals.reshape(-1, 3), uvs.reshape(-1, 2))


def sweep(
    path: npt.ArrayLike,
    radii: npt.ArrayLike,
    segments: int = 12,
    rows: int | None = None,
    side: npt.ArrayLike = (0.0, 1.0, 0.0),
    start_normal: npt.ArrayLike | None = None,
    end_normal: npt.ArrayLike | None = None,
    caps: tuple[bool, bool] = (False, False),
) -> Mesh:
    """Return a tube along a path.

    The texture's u runs around the tube and v along the path, in proportion to length.

    Args:
        path: Centre line, (N, 3), metres, nowhere parallel to `side`.
        radii: Radii of the sections, as for `semi_axes`.
        segments: Number of segments around the tube.
        rows: Number of sections, placed where the tube bends; every point of the path if None.
        side: Direction of the first semi-axis, (3,).
        start_normal: Normal of the plane in which the tube begins, (3,); along the path if None.
        end_normal: Normal of the plane in which the tube ends, (3,); along the path if None.
        caps: Whether to close the beginning, and the end.
    """
    points = np.asarray(path, float)
    semi = semi_axes(radii, len(points))
    along = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))])
    slope, ahead = np.gradient(semi.mean(1), along), tangents(points)
    if rows is not None:
        chosen = outline(np.column_stack([points, semi]), rows)
        points, semi, along, slope, ahead = (values[chosen] for values in (points, semi, along, slope, ahead))
    rings = section_rings(points, ahead, semi, segments, side, start_normal, end_normal)
    turn = np.linspace(0.0, 2.0 * np.pi, segments + 1)
    axis_u, axis_v = _section_axes(ahead, side)
    across = (
        axis_u[:, None] * (np.cos(turn)[None, :] / semi[:, :1])[..., None]
        + axis_v[:, None] * (np.sin(turn)[None, :] / semi[:, 1:])[..., None]
    )
    across /= np.linalg.norm(across, axis=-1, keepdims=True)
    normals = across - ahead[:, None] * slope[:, None, None]
    normals /= np.linalg.norm(normals, axis=-1, keepdims=True)
    vertices = np.concatenate([rings, rings[:, :1]], axis=1)
    uvs = np.stack(np.broadcast_arrays(turn[None] / (2.0 * np.pi), (along / along[-1])[:, None]), -1)
    tube = Mesh(
        vertices.reshape(-1, 3),
        grid_faces(len(points), segments + 1),
        normals.reshape(-1, 3),
        uvs.reshape(-1, 2),
    )
    ends = [_cap(rings[index], backward=index == 0) for index, wanted in ((0, caps[0]), (-1, caps[1])) if wanted]
    return merge(tube, *ends)


def semi_axes(radii: npt.ArrayLike, count: int) -> FloatArray:
    """Return the semi-axes (count, 2) of a tube's sections: towards its side and perpendicular to it.

    Args:
        radii: One radius, one per section (count,), both semi-axes for all sections (1, 2) or for each (count, 2);
            metres.
        count: Number of sections.
    """
    given = np.asarray(radii, float)
    return np.array(np.broadcast_to(given[:, None] if given.ndim == 1 else given, (count, 2)))


def section_rings(
    path: npt.ArrayLike,
    ahead: npt.ArrayLike,
    radii: npt.ArrayLike,
    segments: int,
    side: npt.ArrayLike,
    start_normal: npt.ArrayLike | None = None,
    end_normal: npt.ArrayLike | None = None,
    phase: float = 0.0,
) -> FloatArray:
    """Return the sections (N, segments, 3) of the tube that `sweep` makes.

    Args:
        path: Centre line, (N, 3), metres.
        ahead: Unit tangents of the path, (N, 3).
        radii: Radii of the sections, as for `semi_axes`.
        segments: Number of vertices of a section.
        side: Direction of the first semi-axis, (3,).
        start_normal: Normal of the plane of the first section, (3,); the tangent if None.
        end_normal: Normal of the plane of the last section, (3,); the tangent if None.
        phase: Angle of the first vertex from `side`, radians.
    """
    points, ahead = np.asarray(path, float), np.asarray(ahead, float)
    semi = semi_axes(radii, len(points))
    axis_u, axis_v = _section_axes(ahead, side)
    turn = phase + np.arange(segments) * (2.0 * np.pi / segments)
    offsets = (
        axis_u[:, None] * (np.cos(turn) * semi[:, :1])[..., None]
        + axis_v[:, None] * (np.sin(turn) * semi[:, 1:])[..., None]
    )
    for index, normal in ((0, start_normal), (-1, end_normal)):
        if normal is not None:
            # Slide each point of the ring along the tube until it lies in the plane.
            plane = np.asarray(normal, float)
            offsets[index] -= np.outer(offsets[index] @ plane / (ahead[index] @ plane), ahead[index])
    return np.asarray(points[:, None] + offsets)


def box(size: npt.ArrayLike, bevel: float) -> Mesh:
    """Return a box with bevelled edges that stands on z = 0; its uvs run from 0 to 1 over each face.

    Args:
        size: Size along x, y and z, (3,), metres.
        bevel: Distance that the bevel takes off each face at its edges, metres.
    """
    half = np.asarray(size, float) / 2.0
    signs = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], float)  # (8, 3)
    # Vertex 3 c + a belongs to corner c and to the face perpendicular to axis a.
    inset = half - bevel * (1.0 - np.eye(3))  # (3 faces, 3)
    vertices = (signs[:, None] * inset[None]).reshape(-1, 3)
    normals = (signs[:, None] * np.eye(3)[None]).reshape(-1, 3)
    uvs = np.stack([(signs[:, [1, 0, 0]] + 1.0) / 2.0, (signs[:, [2, 2, 1]] + 1.0) / 2.0], -1).reshape(-1, 2)
    polygons = [[3 * corner + axis for axis in range(3)] for corner in range(8)]
    for axis in range(3):
        one, two = 4 >> ((axis + 1) % 3), 4 >> ((axis + 2) % 3)  # bits of the other axes in the index of a corner
        for own in (0, 4 >> axis):
            polygons.append([3 * (own + c) + axis for c in (0, one, one + two, two)])
        other, last = (axis + 1) % 3, (axis + 2) % 3
        for c in (0, one, two, one + two):
            ends = (c, c + (4 >> axis))
            polygons.append([3 * ends[0] + other, 3 * ends[1] + other, 3 * ends[1] + last, 3 * ends[0] + last])
    faces = np.array([[p[0], p[k], p[k + 1]] for p in polygons for k in range(1, len(p) - 1)], np.int32)
    corners = vertices[faces]
    inward = np.einsum(
        "fi,fi->f", np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), corners[:, 0]
    )
    faces[inward < 0.0] = faces[inward < 0.0][:, ::-1]
    return Mesh(vertices + np.array([0.0, 0.0, half[2]]), faces, normals, uvs)


def map_flat(mesh: Mesh, scale_m: float) -> Mesh:
    """Return the mesh with uvs from above, one texture every `scale_m` metres; z shifts them on the sides."""
    x, y, z = mesh.vertices.T
    return replace(mesh, uvs=np.stack([x + 0.3 * z, y + 0.4 * z], 1) / scale_m + 0.5)


def _rows(profile: FloatArray, crease: float) -> tuple[FloatArray, FloatArray, FloatArray, npt.NDArray[np.bool_]]:
    """Return the rows of a profile, with a row doubled at each sharp edge.

    Returns:
        Rows (R, 2), their normals (R, 2), their shares of the profile's length (R,), and which of them are followed by
            their double (R,).
    """
    legs = np.diff(profile, axis=0)
    lengths = np.linalg.norm(legs, axis=1)
    legs = legs / lengths[:, None]
    leg_normals = np.stack([legs[:, 1], -legs[:, 0]], 1)
    before, after = np.concatenate([leg_normals[:1], leg_normals]), np.concatenate([leg_normals, leg_normals[-1:]])
    sharp = np.einsum("ni,ni->n", before, after) < np.cos(crease)
    mean = before + after
    mean /= np.maximum(np.linalg.norm(mean, axis=1, keepdims=True), 1e-12)
    first = np.where(sharp[:, None], before, mean)
    repeats = 1 + sharp.astype(int)
    normals = np.repeat(first, repeats, axis=0)
    second = np.cumsum(repeats)[sharp] - 1
    normals[second] = after[sharp]
    doubled = np.zeros(len(normals), bool)
    doubled[second - 1] = True
    share = np.concatenate([[0.0], np.cumsum(lengths)]) / lengths.sum()
    return np.repeat(profile, repeats, axis=0), normals, np.repeat(share, repeats), doubled


def _outline(segments: int, stretch: tuple[float, float]) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the cosines (C,), sines (C,) and shifts (C, 2) of a circle whose quarters may be moved apart."""
    if stretch == (0.0, 0.0):
        turn = np.linspace(0.0, 2.0 * np.pi, segments + 1)
        return np.cos(turn), np.sin(turn), np.zeros((segments + 1, 2))
    quarter = np.linspace(0.0, np.pi / 2.0, segments // 4 + 1)
    turn = np.concatenate([quarter + k * np.pi / 2.0 for k in range(4)] + [[2.0 * np.pi]])
    corner = np.array([[1.0, 1.0], [-1.0, 1.0], [-1.0, -1.0], [1.0, -1.0]]) * stretch
    shift = np.concatenate([np.repeat(corner, len(quarter), axis=0), corner[:1]])
    return np.cos(turn), np.sin(turn), shift


def _section_axes(ahead: FloatArray, side: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Return two unit vectors (N, 3) perpendicular to each tangent, the first towards `side`."""
    fixed = np.asarray(side, float)
    axis_u = fixed - ahead * (ahead @ fixed)[:, None]
    axis_u /= np.linalg.norm(axis_u, axis=1, keepdims=True)
    return axis_u, np.asarray(np.cross(ahead, axis_u))


@functools.cache
def grid_faces(
    rows: int, columns: int, points: tuple[bool, ...] | None = None, doubled: tuple[bool, ...] | None = None
) -> IntArray:
    """Return the triangles of a grid of vertices.

    Args:
        rows: Number of rows.
        columns: Number of columns.
        points: Whether each row is a single point, which leaves one triangle per cell.
        doubled: Whether each row coincides with the next, which leaves no triangles between them.
    """
    is_point = np.zeros(rows, bool) if points is None else np.array(points)
    is_doubled = np.zeros(rows, bool) if doubled is None else np.array(doubled)
    row, column = np.meshgrid(np.arange(rows - 1), np.arange(columns - 1), indexing="ij")
    corner = row * columns + column
    lower = np.stack([corner, corner + 1, corner + columns + 1], -1)[~(is_point | is_doubled)[:-1]]
    upper = np.stack([corner, corner + columns + 1, corner + columns], -1)[~(is_point[1:] | is_doubled[:-1])]
    faces = np.concatenate([lower.reshape(-1, 3), upper.reshape(-1, 3)], dtype=np.int32)
    faces.flags.writeable = False  # the cached array is shared
    return faces


def _cap(ring: FloatArray, backward: bool) -> Mesh:
    """Return a flat fan that closes a ring (S, 3) of a tube, facing along the tube or backward."""
    count = len(ring)
    corner = np.arange(count)
    faces = np.stack([corner, (corner + 1) % count, np.full(count, count)], 1).astype(np.int32)
    turn = corner * (2.0 * np.pi / count)
    uvs = np.concatenate([np.stack([np.cos(turn), np.sin(turn)], 1) * 0.5 + 0.5, [[0.5, 0.5]]])
    vertices = np.concatenate([ring, ring.mean(0, keepdims=True)])
    plane = np.cross(ring[1] - ring[0], ring[2] - ring[0])
    unit = plane / np.linalg.norm(plane) * (-1.0 if backward else 1.0)
    return Mesh(vertices, faces[:, ::-1] if backward else faces, np.tile(unit, (count + 1, 1)), uvs)
