"""Robots made light to draw: their visual meshes decimated, kept in the user's cache."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

import numpy as np
import platformdirs

from tracesim.errors import ConfigurationError
from tracesim.prop import IntArray
from tracesim.rigid import FloatArray

if TYPE_CHECKING:
    from sapien.render import RenderShapeTriangleMeshPart

_RECIPE = "4"
"""Changes with the way meshes are made, so that old ones are not used."""

PLAIN = 100
"""A part of so few triangles is as plain as it can be."""


def cache_folder() -> Path:
    """Return the folder of everything TraceSim can make again; it may be deleted at any time."""
    return Path(platformdirs.user_cache_dir("tracesim"))


def decimated_urdf(urdf: Path, share: float) -> Path:
    """Return a URDF like `urdf` whose visual meshes keep about `share` of their triangles.

    Collision meshes stay the original ones. The files are made once a user and kept in `cache_folder()`; several
    processes may make them at the same time. A share of 1 returns `urdf` itself.
    """
    if not 0.0 < share <= 1.0:
        raise ConfigurationError(f"A share of triangles must lie in (0, 1], not {share}.")
    if share == 1.0:
        return urdf
    urdf = urdf.resolve()
    source = urdf.read_bytes()
    key = hashlib.blake2b(digest_size=8)
    for part in (_RECIPE, f"{share:.6f}", str(urdf), source.decode()):
        key.update(part.encode())
    folder = cache_folder() / "robots" / f"{urdf.stem}-{key.hexdigest()}"
    result = folder / urdf.name
    if result.exists():
        return result

    folder.mkdir(parents=True, exist_ok=True)
    root = ElementTree.fromstring(source)
    for mesh in root.iterfind("link/collision/geometry/mesh"):
        mesh.set("filename", str(resolved(mesh.get("filename", ""), urdf)))
    made: dict[Path, Path] = {}
    for mesh in root.iterfind("link/visual/geometry/mesh"):
        original = resolved(mesh.get("filename", ""), urdf)
        if original not in made:
            made[original] = _decimated(original, folder / f"{len(made)}-{original.stem}.glb", share)
        mesh.set("filename", str(made[original]))
    _write(result, ElementTree.tostring(root))
    return result


def resolved(filename: str, urdf: Path) -> Path:
    """Find a mesh that a URDF names: package:// paths lie under one of the URDF's parent folders."""
    relative = filename.removeprefix("package://").removeprefix("file://")
    for folder in urdf.parents:
        if (folder / relative).is_file():
            return folder / relative
    raise ConfigurationError(f"{urdf} names the mesh {filename!r}, which is in none of its parent folders.")


def _decimated(original: Path, result: Path, share: float) -> Path:
    """Write `original`, as SAPIEN reads it, with fewer triangles: one part a material, shaded as before."""
    import fast_simplification
    import trimesh
    from sapien.render import RenderShapeTriangleMesh

    from tracesim.renderer import render_system

    looks_of: Any = trimesh.visual
    render_system()
    # parts of one look are simplified as one, so that no crack opens between them
    looks: dict[tuple[float, ...], list[RenderShapeTriangleMeshPart]] = {}
    for part in RenderShapeTriangleMesh(str(original)).parts:
        m = part.material
        plain_part = len(part.triangles) <= PLAIN
        looks.setdefault((*m.base_color, m.roughness, m.metallic, plain_part), []).append(part)
    counts = [sum(len(part.triangles) for part in parts) for parts in looks.values()]
    plain = [bool(look[-1]) for look in looks]
    simple = trimesh.Scene()
    for (look, parts), target in zip(looks.items(), _shared_out(counts, plain, share), strict=True):
        starts = np.cumsum([0, *(len(part.vertices) for part in parts)])
        source = np.concatenate([part.vertices for part in parts])
        source_normals = np.concatenate([part.get_vertex_normal() for part in parts])
        corners = np.concatenate([part.triangles + start for part, start in zip(parts, starts, strict=False)])
        _, first, merged = np.unique(np.round(source, 5), axis=0, return_index=True, return_inverse=True)
        points, faces = source[first], merged.reshape(-1)[corners].astype(np.int32)
        if target < len(faces):
            points, faces = fast_simplification.simplify(points, faces, target_count=target, agg=3)
        vertices, faces, normals = _with_normals_of(source, source_normals, points, faces)
        visual = looks_of.TextureVisuals(
            material=looks_of.material.PBRMaterial(
                baseColorFactor=look[:4], roughnessFactor=look[4], metallicFactor=look[5]
            )
        )
        simple.add_geometry(trimesh.Trimesh(vertices, faces, vertex_normals=normals, visual=visual, process=False))
    exporter: Any = simple
    _write(result, exporter.export(file_type="glb", include_normals=True))
    return result


def _shared_out(counts: Sequence[int], plain: Sequence[bool], share: float) -> list[int]:
    """Return how many triangles each part keeps, `share` of all together: plain ones all, others by the root."""
    given = np.asarray(counts, float)
    weight = np.sqrt(given)
    low, high = 0.0, float(weight.max())
    for _ in range(50):
        middle = (low + high) / 2.0
        kept = np.where(plain, given, np.minimum(given, middle * weight))
        low, high = (middle, high) if kept.sum() < share * given.sum() else (low, middle)
    return [max(int(number), 8) for number in np.where(plain, given, np.minimum(given, high * weight))]


def _with_normals_of(
    source: FloatArray, source_normals: FloatArray, points: FloatArray, faces: IntArray
) -> tuple[FloatArray, IntArray, FloatArray]:
    """Return the mesh with the normals of a finer one: each corner takes those nearby that suit its triangle."""
    from scipy.spatial import cKDTree

    corners = points[faces]
    across = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    across /= np.maximum(np.linalg.norm(across, axis=1, keepdims=True), 1e-12)
    distance, index = cKDTree(source).query(corners.reshape(-1, 3), k=min(16, len(source)))
    candidates = source_normals[index]  # (3 F, 16, 3)
    agreement = np.einsum("fki,fi->fk", candidates, np.repeat(across, 3, axis=0))
    # a centimetre away counts as much as a right angle
    best = np.argmin(distance / 0.01 - agreement, axis=1)
    normals = candidates[np.arange(len(best)), best]
    keys = np.column_stack([faces.reshape(-1, 1), np.round(normals * 50.0).astype(int)])
    _, first, corner_of = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    return points[faces.ravel()[first]], corner_of.reshape(-1, 3), normals[first]


def _write(path: Path, content: bytes) -> None:
    """Write a file that other processes see either whole or not at all."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    os.replace(temporary, path)
