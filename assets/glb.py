"""Meshes as GLB files."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from tracesim.geometry.rigid import FloatArray
from tracesim.layout.prop import IntArray


class GlbPart(NamedTuple):
    """A mesh of one material."""

    rgba: tuple[float, ...]
    """Linear base colour and opacity, (4,)."""

    roughness: float
    """Roughness, in [0, 1]."""

    metallic: float
    """Metalness, in [0, 1]."""

    vertices: FloatArray
    """Vertices, (V, 3), metres."""

    faces: IntArray
    """Triangles as indices of vertices, (F, 3)."""

    normals: FloatArray
    """Unit normals, (V, 3)."""


def glb(parts: Iterable[GlbPart]) -> bytes:
    """Return meshes as the content of a GLB file, each as it is."""
    import trimesh

    scene: Any = trimesh.Scene()
    visuals: Any = trimesh.visual
    for one in parts:
        material = visuals.material.PBRMaterial(
            baseColorFactor=one.rgba, roughnessFactor=one.roughness, metallicFactor=one.metallic
        )
        visual = visuals.TextureVisuals(material=material)
        scene.add_geometry(
            trimesh.Trimesh(one.vertices, one.faces, vertex_normals=one.normals, visual=visual, process=False)
        )
    return bytes(scene.export(file_type="glb", include_normals=True))
