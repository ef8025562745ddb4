"""A prop: an object with a surface to see, hulls to touch, named points and grasps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from tracesim.geometry.rigid import FloatArray

IntArray = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Material:
    """How a surface looks.

    base_color: linear RGB in [0, 1]. roughness, metallic, specular, emission (strength of base_color): [0, 1].
    texture: (H, W, 3) uint8 sRGB that replaces base_color, sampled by the surface's uvs, or None.
    """

    base_color: tuple[float, float, float]
    roughness: float = 0.5
    metallic: float = 0.0
    specular: float = 0.5
    emission: float = 0.0
    texture: npt.NDArray[np.uint8] | None = None


@dataclass(frozen=True)
class Surface:
    """One visual mesh: vertices (V, 3) metres, faces (F, 3), unit normals (V, 3), uvs (V, 2), one material."""

    vertices: FloatArray
    faces: IntArray
    normals: FloatArray
    uvs: FloatArray
    material: Material


@dataclass(frozen=True)
class Grasp:
    """One way for a parallel gripper to hold a prop.

    tcp_in_prop: (4, 4); z is the approach direction, y the closing axis, the origin midway between the finger tips.
    width_m: how far apart the fingers stand once closed on it.
    """

    tcp_in_prop: FloatArray
    width_m: float


@dataclass(frozen=True)
class Prop:
    """An object as it is made, before it stands anywhere.

    kind: registry name, such as "watering_can". noun: as an instruction calls it, "watering can". color: a plain
    word, "red". surfaces: what is seen. hulls: convex vertex sets (K, 3), metres, the prop's frame. points: named
    positions (3,), such as "spout", "rim", "top". grasps: in the order in which they are tried. The frame's origin is
    the centre of the underside, z up, so that a pose with z = 0 stands on the table; x is the prop's front.
    """

    kind: str
    noun: str
    color: str
    surfaces: tuple[Surface, ...]
    hulls: tuple[FloatArray, ...]
    points: Mapping[str, FloatArray]
    grasps: tuple[Grasp, ...] = ()
    mass_kg: float = 0.2
    friction: float = 0.8
    footprint_radius_m: float = field(init=False)
    height_m: float = field(init=False)

    def __post_init__(self) -> None:
        """Measure the hulls."""
        vertices = np.concatenate(self.hulls)
        object.__setattr__(self, "footprint_radius_m", float(np.linalg.norm(vertices[:, :2], axis=1).max()))
        object.__setattr__(self, "height_m", float(vertices[:, 2].max()))
