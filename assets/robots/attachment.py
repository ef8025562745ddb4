"""Links made by code, attached to the description of a robot."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import numpy as np

from tracesim.assets.glb import GlbPart, glb
from tracesim.assets.robots.description import find_mesh
from tracesim.geometry.hulls import box_corners
from tracesim.geometry.rigid import FloatArray
from tracesim.layout.prop import Surface
from tracesim.machine.cache import cached


@dataclass(frozen=True)
class Slide:
    """A prismatic joint."""

    axis: tuple[float, float, float]
    """Direction of positive travel, in the parent's frame."""

    travel_m: float
    """Greatest travel, metres; the least is 0."""

    mimics: str = ""
    """Name of the joint whose travel it always has; empty if it moves by itself."""


@dataclass(frozen=True)
class AttachedLink:
    """A link that is added to a robot."""

    name: str
    """Name of the link; its joint is called the same with "_joint" at the end."""

    parent: str
    """Name of the link that it is attached to."""

    position: tuple[float, float, float] = (0.0, 0.0, 0.0)
    """Origin in the parent's frame, metres."""

    slide: Slide | None = None
    """How it moves; None if it is fixed."""

    surfaces: tuple[Surface, ...] = ()
    """The visual meshes, in its frame."""

    hulls: tuple[FloatArray, ...] = ()
    """Vertices of the convex collision hulls, (K, 3) each, metres, in its frame."""

    mass_kg: float = 0.0
    """Mass, spread evenly over the box around the hulls; 0 for a frame without a body."""

    rpy: tuple[float, float, float] = (0.0, 0.0, 0.0)
    """Rotation in the parent's frame as roll, pitch and yaw, radians."""

    def files(self) -> Mapping[str, bytes]:
        """Return the meshes that the URDF refers to, by file name."""
        hulls = {f"{self.name}-{n}.stl": _stl(hull) for n, hull in enumerate(self.hulls) if not _is_box(hull)}
        return hulls | ({f"{self.name}.glb": _glb(self.surfaces)} if self.surfaces else {})

    def elements(self) -> tuple[ElementTree.Element, ElementTree.Element]:
        """Return the link and its joint as elements of a URDF."""
        link = ElementTree.Element("link", name=self.name)
        if self.surfaces:
            _mesh(ElementTree.SubElement(link, "visual"), f"{self.name}.glb")
        for number, hull in enumerate(self.hulls):
            collision = ElementTree.SubElement(link, "collision")
            if _is_box(hull):
                _box(collision, hull)
            else:
                _mesh(collision, f"{self.name}-{number}.stl")
        if self.mass_kg:
            link.append(self._inertial())
        kind = "fixed" if self.slide is None else "prismatic"
        joint = ElementTree.Element("joint", name=f"{self.name}_joint", type=kind)
        ElementTree.SubElement(joint, "parent", link=self.parent)
        ElementTree.SubElement(joint, "child", link=self.name)
        ElementTree.SubElement(joint, "origin", xyz=_numbers(self.position), rpy=_numbers(self.rpy))
        if self.slide is not None:
            ElementTree.SubElement(joint, "axis", xyz=_numbers(self.slide.axis))
            travel = str(self.slide.travel_m)
            ElementTree.SubElement(joint, "limit", lower="0", upper=travel, effort="200", velocity="0.5")
            if self.slide.mimics:
                ElementTree.SubElement(joint, "mimic", joint=self.slide.mimics, multiplier="1", offset="0")
        return link, joint

    def _inertial(self) -> ElementTree.Element:
        points = np.concatenate(self.hulls)
        x, y, z = np.ptp(points, axis=0)
        inertial = ElementTree.Element("inertial")
        ElementTree.SubElement(inertial, "mass", value=str(self.mass_kg))
        middle = (points.max(axis=0) + points.min(axis=0)) / 2.0
        ElementTree.SubElement(inertial, "origin", xyz=_numbers(middle), rpy="0 0 0")
        ixx, iyy, izz = (self.mass_kg / 12.0 * (a**2 + b**2) for a, b in ((y, z), (x, z), (x, y)))
        ElementTree.SubElement(inertial, "inertia", ixx=str(ixx), iyy=str(iyy), izz=str(izz), ixy="0", ixz="0", iyz="0")
        return inertial


def with_links(
    urdf: Path,
    links: Sequence[AttachedLink],
    without: Sequence[str] = (),
    hulls: Mapping[str, Sequence[FloatArray]] | None = None,
) -> Path:
    """Return the path of a URDF with links added to those of another one; its files are made once and cached.

    Args:
        urdf: The URDF to extend, which stays as it is.
        links: The links to add.
        without: Names of links at the end of a chain that are left out, with their joints.
        hulls: Vertices of convex collision hulls, (K, 3) each, metres, that replace those of links, by name.
    """
    root = ElementTree.fromstring(urdf.read_bytes())
    for element in list(root):
        child = element.find("child")
        ends = element.get("name") in without or (child is not None and child.get("link") in without)
        if element.tag not in ("link", "joint", "material") or ends:
            root.remove(element)
    for mesh in root.iter("mesh"):
        mesh.set("filename", str(find_mesh(mesh.get("filename", ""), urdf)))
    for link in links:
        root.extend(link.elements())
    for name, pieces in (hulls or {}).items():
        _replace_hulls(root, name, len(pieces))
    text = ElementTree.tostring(root)

    def files() -> dict[str, bytes]:
        made = {name: held for link in links for name, held in link.files().items()}
        new = {
            _hull_file(name, number): _stl(hull)
            for name, pieces in (hulls or {}).items()
            for number, hull in enumerate(pieces)
        }
        return made | new | {urdf.name: text}

    key = hashlib.blake2b(text, digest_size=8)
    for hull in (piece for pieces in (hulls or {}).values() for piece in pieces):
        key.update(np.ascontiguousarray(hull).tobytes())
    for link in links:
        for array in (*link.hulls, *(part for one in link.surfaces for part in (one.vertices, one.faces))):
            key.update(np.ascontiguousarray(array).tobytes())
        key.update(repr([one.material for one in link.surfaces]).encode())
    folder = cached(f"robots/{urdf.stem}-{key.hexdigest()}", files)
    return folder / urdf.name


def _replace_hulls(root: ElementTree.Element, name: str, count: int) -> None:
    (link,) = (link for link in root.iterfind("link") if link.get("name") == name)
    for collision in link.findall("collision"):
        link.remove(collision)
    for number in range(count):
        _mesh(ElementTree.SubElement(link, "collision"), _hull_file(name, number))


def _hull_file(link: str, number: int) -> str:
    return f"{link}-hull-{number}.stl"


def _mesh(element: ElementTree.Element, file: str) -> None:
    ElementTree.SubElement(ElementTree.SubElement(element, "geometry"), "mesh", filename=file)


def _is_box(hull: FloatArray) -> bool:
    """Return whether vertices (K, 3) are the corners of a box along the axes."""
    corners = box_corners(hull.min(axis=0), hull.max(axis=0))
    return len(hull) == 8 and bool((np.abs(hull[:, None] - corners).max(axis=2).min(axis=0) < 1e-9).all())


def _box(element: ElementTree.Element, hull: FloatArray) -> None:
    """Add a box, on which things rest more steadily than on the sides of a mesh, whose planes are not as exact."""
    low, high = hull.min(axis=0), hull.max(axis=0)
    ElementTree.SubElement(element, "origin", xyz=_numbers((low + high) / 2.0), rpy="0 0 0")
    ElementTree.SubElement(ElementTree.SubElement(element, "geometry"), "box", size=_numbers(high - low))


def _numbers(values: Sequence[float] | FloatArray) -> str:
    return " ".join(str(float(value)) for value in values)


def _stl(points: FloatArray) -> bytes:
    import trimesh

    content = io.BytesIO()
    trimesh.convex.convex_hull(points).export(content, file_type="stl")
    return content.getvalue()


def _glb(surfaces: Sequence[Surface]) -> bytes:
    looks = [(one.material, one) for one in surfaces]
    return glb(
        GlbPart((*look.base_color, 1.0), look.roughness, look.metallic, one.vertices, one.faces, one.normals)
        for look, one in looks
    )
