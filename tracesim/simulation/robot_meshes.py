"""Simplified visual meshes of robots, cached on disk."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import numpy as np

from tracesim.assets.glb import GlbPart, glb
from tracesim.assets.robots.description import find_mesh
from tracesim.errors import ConfigurationError
from tracesim.geometry.rigid import FloatArray
from tracesim.layout.prop import IntArray
from tracesim.machine.cache import cached

if TYPE_CHECKING:
    from sapien.render import RenderShapeTriangleMeshPart

_RECIPE = "6"
"""Version of the simplification; a change invalidates cached meshes."""

PLAIN = 100
"""Number of triangles up to which a part is kept as it is."""


def decimated_urdf(urdf: Path, share: float) -> Path:
    """Return a URDF whose visual meshes keep about a fraction `share` of their triangles.

    Collision meshes stay the original ones. The files are made once and cached. A share of 1 returns `urdf` itself.

    Args:
        urdf: Original URDF.
        share: Fraction of triangles to keep, in (0, 1].

    Raises:
        ConfigurationError: The share is out of range, or a mesh is missing.
        RendererError: No cache folder is writable.
    """
    if not 0.0 < share <= 1.0:
        raise ConfigurationError(f"The share of triangles to keep must lie in (0, 1], not {share}.")
    if share == 1.0:
        return urdf
    urdf = urdf.resolve()
    source = urdf.read_bytes()
    key = hashlib.blake2b(digest_size=8)
    for part in (_RECIPE, f"{share:.6f}", str(urdf), source.decode()):
        key.update(part.encode())
    folder = cached(f"robots/{urdf.stem}-{key.hexdigest()}", lambda: _decimated_files(urdf, source, share))
    return folder / urdf.name


def bare_urdf(urdf: Path) -> Path:
    """Return a URDF without visual meshes; made once and cached, and `urdf` itself if SAPIEN reads it as it is.

    SAPIEN makes the materials that a URDF names even where nothing is drawn, which takes a Vulkan device.

    Args:
        urdf: Original URDF.

    Raises:
        ConfigurationError: A mesh is missing.
        RendererError: No cache folder is writable.
    """
    root = ElementTree.fromstring(urdf.read_bytes())
    if root.find("link/visual/material") is None:
        return urdf
    for link in root.iterfind("link"):
        for visual in link.findall("visual"):
            link.remove(visual)
    for mesh in root.iterfind("link/collision/geometry/mesh"):
        mesh.set("filename", str(find_mesh(mesh.get("filename", ""), urdf.resolve())))
    text = ElementTree.tostring(root)
    key = hashlib.blake2b(text, digest_size=8).hexdigest()
    return cached(f"robots/{urdf.stem}-bare-{key}", lambda: {urdf.name: text}) / urdf.name


def _decimated_files(urdf: Path, source: bytes, share: float) -> dict[str, bytes]:
    """Return the new URDF and its visual meshes, by name; the URDF refers to the meshes by relative paths."""
    root = ElementTree.fromstring(source)
    for mesh in root.iterfind("link/collision/geometry/mesh"):
        mesh.set("filename", str(find_mesh(mesh.get("filename", ""), urdf)))
    names: dict[Path, str] = {}
    files: dict[str, bytes] = {}
    for mesh in root.iterfind("link/visual/geometry/mesh"):
        original = find_mesh(mesh.get("filename", ""), urdf)
        if original.parent == urdf.parent:  # made by code, with as many triangles as it needs
            mesh.set("filename", str(original))
            continue
        if original not in names:
            names[original] = f"{len(names)}-{original.stem}.glb"
            files[names[original]] = _decimated(original, share)
        mesh.set("filename", names[original])
    return files | {urdf.name: ElementTree.tostring(root)}


def _decimated(original: Path, share: float) -> bytes:
    """Return a simplified mesh as GLB, with one part per material and the original shading."""
    looks = _parts_by_look(original)
    counts = [sum(len(part.triangles) for part in parts) for parts in looks.values()]
    plain = [bool(look[-1]) for look in looks]
    targets = _shared_out(counts, plain, share)
    return glb(
        GlbPart(look[:4], look[4], look[5], *_simplified(parts, target))
        for (look, parts), target in zip(looks.items(), targets, strict=True)
    )


def _parts_by_look(original: Path) -> dict[tuple[float, ...], list[RenderShapeTriangleMeshPart]]:
    """Return the parts of a mesh by base colour (RGBA), roughness, metallic, and whether they are plain.

    Parts that look the same are simplified together, so that no cracks open between them.
    """
    from sapien.render import RenderShapeTriangleMesh

    from tracesim.simulation.renderer import render_system

    render_system()
    looks: dict[tuple[float, ...], list[RenderShapeTriangleMeshPart]] = {}
    for part in RenderShapeTriangleMesh(str(original)).parts:
        m = part.material
        plain_part = len(part.triangles) <= PLAIN
        looks.setdefault((*m.base_color, m.roughness, m.metallic, plain_part), []).append(part)
    return looks


def _simplified(parts: Sequence[RenderShapeTriangleMeshPart], target: int) -> tuple[FloatArray, IntArray, FloatArray]:
    """Return the vertices, triangles and normals of parts as one mesh of about `target` triangles."""
    import fast_simplification

    starts = np.cumsum([0, *(len(part.vertices) for part in parts)])
    source = np.concatenate([part.vertices for part in parts])
    source_normals = np.concatenate([part.get_vertex_normal() for part in parts])
    corners = np.concatenate([part.triangles + start for part, start in zip(parts, starts, strict=False)])
    _, first, merged = np.unique(np.round(source, 5), axis=0, return_index=True, return_inverse=True)
    points, faces = source[first], merged.reshape(-1)[corners].astype(np.int32)
    if target < len(faces):
        points, faces = fast_simplification.simplify(points, faces, target_count=target, agg=3)
    return _with_normals_of(source, source_normals, points, faces)


def _shared_out(counts: Sequence[int], plain: Sequence[bool], share: float) -> list[int]:
    """Return the number of triangles each part keeps, `share` of them in total.

    Plain parts keep all; the others keep a number proportional to the square root of theirs.
    """
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
    """Return a mesh with normals taken from a finer one.

    Each corner of a triangle takes the nearby normal that suits the triangle best.

    Args:
        source: Vertices of the finer mesh, (V, 3), metres.
        source_normals: Normals of the finer mesh, (V, 3).
        points: Vertices of the mesh, (P, 3), metres.
        faces: Triangles of the mesh, (F, 3).
    """
    from scipy.spatial import cKDTree

    corners = points[faces]
    across = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    across /= np.maximum(np.linalg.norm(across, axis=1, keepdims=True), 1e-12)
    distance, index = cKDTree(source).query(corners.reshape(-1, 3), k=min(16, len(source)))
    candidates = source_normals[index]  # (3 F, 16, 3)
    agreement = np.einsum("fki,fi->fk", candidates, np.repeat(across, 3, axis=0))
    # a centimetre of distance counts as much as a right angle
    best = np.argmin(distance / 0.01 - agreement, axis=1)
    normals = candidates[np.arange(len(best)), best]
    keys = np.column_stack([faces.reshape(-1, 1), np.round(normals * 50.0).astype(int)])
    _, first, corner_of = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    return points[faces.ravel()[first]], corner_of.reshape(-1, 3), normals[first]
