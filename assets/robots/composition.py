"""Descriptions of several robots, joined to one."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from xml.etree import ElementTree

from scipy.spatial.transform import Rotation

from tracesim.assets.robots.description import find_mesh
from tracesim.geometry.rigid import FloatArray
from tracesim.machine.cache import cached

ROOT = "root"
"""The link, without a body, that carries the robots."""


def side_by_side(name: str, robots: Mapping[str, tuple[Path, FloatArray]]) -> Path:
    """Return the path of a URDF that holds several robots under one root link; it is made once and cached.

    The names of a robot's links and joints begin with its own and "_".

    Args:
        name: Name of the whole.
        robots: The URDF of each robot and the pose (4, 4) of its base in the frame of the root, by name.
    """
    root = ElementTree.Element("robot", name=name)
    ElementTree.SubElement(root, "link", name=ROOT)
    for prefix, (urdf, base_in_root) in robots.items():
        elements = _renamed(urdf, f"{prefix}_")
        carried = {child.get("link") for one in elements for child in one.iterfind("child")}
        [base] = [one.get("name", "") for one in elements if one.tag == "link" and one.get("name") not in carried]
        joint = ElementTree.SubElement(root, "joint", name=f"{prefix}_mount", type="fixed")
        ElementTree.SubElement(joint, "parent", link=ROOT)
        ElementTree.SubElement(joint, "child", link=base)
        turned = Rotation.from_matrix(base_in_root[:3, :3]).as_euler("xyz")
        ElementTree.SubElement(joint, "origin", xyz=_numbers(base_in_root[:3, 3]), rpy=_numbers(turned))
        root.extend(elements)
    text = ElementTree.tostring(root)
    key = hashlib.blake2b(text, digest_size=8).hexdigest()
    return cached(f"robots/{name}-{key}", lambda: {f"{name}.urdf": text}) / f"{name}.urdf"


def _renamed(urdf: Path, prefix: str) -> list[ElementTree.Element]:
    """Return the links, joints and materials of a URDF with a prefix to their names, and the full paths of meshes."""
    robot = ElementTree.fromstring(urdf.read_bytes())
    elements = [one for one in robot if one.tag in ("link", "joint", "material")]
    for element in elements:
        for one in (element, *element.iter("material")):
            one.set("name", prefix + one.get("name", ""))
        for tag, attribute in (("parent", "link"), ("child", "link"), ("mimic", "joint")):
            for one in element.iterfind(tag):
                one.set(attribute, prefix + one.get(attribute, ""))
        for mesh in element.iter("mesh"):
            mesh.set("filename", str(find_mesh(mesh.get("filename", ""), urdf)))
    return elements


def _numbers(values: FloatArray) -> str:
    return " ".join(str(float(value)) for value in values)
