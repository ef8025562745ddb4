"""A two-finger gripper with a stroke of 85 mm, made by code."""

from __future__ import annotations

from typing import Final

import numpy as np

from tracesim.assets.furniture import Part, at, slab, surfaces
from tracesim.assets.robots.attachment import AttachedLink, Slide
from tracesim.assets.shapes import Mesh, lathe
from tracesim.geometry.rigid import FloatArray
from tracesim.layout.parallel_hand import Fingers, ParallelHand
from tracesim.layout.prop import Material

STROKE_M: Final = 0.085
TCP_M: Final = 0.150
"""Distance of the tool centre point from the flange."""

TIP_M: Final = 0.0085
"""Distance by which the fingers extend beyond the tool centre point."""

COUPLING_M: Final = 0.014
HOUSING: Final = (0.060, 0.138, 0.079)
"""Size of the housing along x, y and z, metres; z is the approach, y the closing axis."""

PAD: Final = (0.0176, 0.0105)
"""Width of a finger along x, and its thickness along y, metres."""

CARRIAGE: Final = (0.026, 0.018, 0.012)

DARK: Final = Material((0.030, 0.032, 0.036), roughness=0.48, metallic=0.2)
METAL: Final = Material((0.46, 0.47, 0.49), roughness=0.34, metallic=0.85)
RUBBER: Final = Material((0.016, 0.016, 0.017), roughness=0.9)
MARK: Final = Material((0.05, 0.23, 0.50), roughness=0.4)


def two_finger_gripper(flange: str) -> tuple[AttachedLink, ...]:
    """Return the links of the gripper on a flange whose z axis points outwards."""
    floor = COUPLING_M + HOUSING[2]
    ring = lathe([(0.0, 0.0), (0.0355, 0.0), (0.037, 0.0015), (0.037, COUPLING_M), (0.0, COUPLING_M)], 40)
    body: list[Part] = [
        (ring, METAL),
        (slab(HOUSING, 0.014, 0.005, 24, 4).moved(at(0.0, 0.0, COUPLING_M)), DARK),
        (slab((0.0615, 0.1395, 0.004), 0.0145, 0.001, 24).moved(at(0.0, 0.0, COUPLING_M + 0.052)), MARK),
        (slab((0.030, 0.128, 0.003), 0.006, 0.001, 16).moved(at(0.0, 0.0, floor - 0.0005)), METAL),
    ]
    turn = np.linspace(0.0, 2.0 * np.pi, 16, endpoint=False)
    coupling = np.array([(0.037 * np.cos(a), 0.037 * np.sin(a), z) for z in (0.0, COUPLING_M) for a in turn])
    housing = _box((0.0, 0.0, COUPLING_M), HOUSING)
    base = AttachedLink("gripper_base", flange, (0, 0, 0), None, surfaces(body), (coupling, housing), 0.75)
    left = _finger("gripper_left_finger", 1, floor)
    right = _finger("gripper_right_finger", -1, floor, mimics=f"{left.name}_joint")
    return (base, left, right, AttachedLink("gripper_tcp", "gripper_base", (0.0, 0.0, TCP_M)))


def _finger(name: str, sign: int, floor: float, mimics: str = "") -> AttachedLink:
    """Return a finger whose pad lies at y = 0, on the side of the closing axis that `sign` says."""
    length = TCP_M + TIP_M - floor
    width, thickness = PAD
    parts: list[Part] = [
        (_beside(slab(CARRIAGE, 0.003, 0.0015), sign, 0.0035 + CARRIAGE[1] / 2, 0.0), DARK),
        (_beside(slab((width, thickness - 0.003, length), 0.002, 0.001), sign, (thickness + 0.003) / 2, 0.0), METAL),
        (_beside(slab((width, 0.003, 0.036), 0.0012, 0.0008), sign, 0.0015, length - 0.036), RUBBER),
    ]
    hulls = (
        _box((0.0, sign * (0.0035 + CARRIAGE[1] / 2), 0.0), CARRIAGE),
        _box((0.0, sign * thickness / 2, 0.0), (width, thickness, length)),
    )
    slide = Slide((0.0, float(sign), 0.0), STROKE_M / 2, mimics)
    return AttachedLink(name, "gripper_base", (0.0, 0.0, floor), slide, surfaces(parts), hulls, 0.06)


def _beside(mesh: Mesh, sign: int, y: float, z: float) -> Mesh:
    return mesh.moved(at(0.0, sign * y, z))


def _box(foot: tuple[float, float, float], size: tuple[float, float, float]) -> FloatArray:
    """Return the corners (8, 3) of a box that stands on a point."""
    unit = np.array([(x, y, z) for x in (-0.5, 0.5) for y in (-0.5, 0.5) for z in (0.0, 1.0)])
    corners: FloatArray = np.asarray(foot) + unit * np.asarray(size)
    return corners


HAND: Final = ParallelHand(
    fingers=Fingers(
        open_m=STROKE_M / 2,
        tip_m=TIP_M,
        half_width_m=PAD[0] / 2.0,
        finger_box_m=(0.012, 0.055, TIP_M),
        palm_box_m=(0.037, 0.075, 0.12),
        root_m=TCP_M - COUPLING_M - HOUSING[2],
    ),
    tcp_link="gripper_tcp",
    links=("gripper_base", "gripper_left_finger", "gripper_right_finger"),
    finger_links=("gripper_left_finger", "gripper_right_finger"),
    finger_joints=("gripper_left_finger_joint", "gripper_right_finger_joint"),
)
