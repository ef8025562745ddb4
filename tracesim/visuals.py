"""Robots made light to draw: their visual meshes decimated, kept in the user's cache."""

from __future__ import annotations

import hashlib
import os
import tempfile
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import numpy as np
import platformdirs

from tracesim.errors import ConfigurationError

_RECIPE = "1"
"""Changes with the way meshes are made, so that old ones are not used."""


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
        mesh.set("filename", str(_resolved(mesh.get("filename", ""), urdf)))
    made: dict[Path, Path] = {}
    for mesh in root.iterfind("link/visual/geometry/mesh"):
        original = _resolved(mesh.get("filename", ""), urdf)
        if original not in made:
            made[original] = _decimated(original, folder / f"{len(made)}-{original.stem}.glb", share)
        mesh.set("filename", str(made[original]))
    _write(result, ElementTree.tostring(root))
    return result


def _resolved(filename: str, urdf: Path) -> Path:
    """Find a mesh that a URDF names: package:// paths lie under one of the URDF's parent folders."""
    relative = filename.removeprefix("package://").removeprefix("file://")
    for folder in urdf.parents:
        if (folder / relative).is_file():
            return folder / relative
    raise ConfigurationError(f"{urdf} names the mesh {filename!r}, which is in none of its parent folders.")


def _decimated(original: Path, result: Path, share: float) -> Path:
    """Write `original`, as SAPIEN reads it, with fewer triangles; one part a material, creases kept sharp."""
    import trimesh
    from sapien.render import RenderShapeTriangleMesh

    from tracesim.renderer import render_system

    render_system()
    simple = trimesh.Scene()
    for part in RenderShapeTriangleMesh(str(original)).parts:
        shape = trimesh.Trimesh(part.vertices, part.triangles, process=True)
        target = max(int(len(shape.faces) * share), min(len(shape.faces), 120))
        if target < len(shape.faces):
            shape = shape.simplify_quadric_decimation(face_count=target)
        shape = trimesh.graph.smooth_shade(shape, angle=np.radians(40.0))
        shape.visual = trimesh.visual.TextureVisuals(
            material=trimesh.visual.material.PBRMaterial(
                baseColorFactor=part.material.base_color,
                roughnessFactor=part.material.roughness,
                metallicFactor=part.material.metallic,
            )
        )
        simple.add_geometry(shape)
    _write(result, simple.export(file_type="glb", include_normals=True))
    return result


def _write(path: Path, content: bytes) -> None:
    """Write a file that other processes see either whole or not at all."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    os.replace(temporary, path)
