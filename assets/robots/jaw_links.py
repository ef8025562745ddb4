"""Links of the SO-101's hand: both jaws, as what moves may collide with them, and a flat pad on the fixed one."""

from __future__ import annotations

from math import pi
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from tracesim.assets.furniture import at, slab, surfaces
from tracesim.assets.robots.attachment import AttachedLink
from tracesim.assets.robots.description import find_mesh
from tracesim.assets.robots.slabs import slabs
from tracesim.geometry.hulls import box_corners
from tracesim.geometry.rigid import FloatArray, transform
from tracesim.layout.prop import Material

if TYPE_CHECKING:
    from trimesh import Trimesh

FIXED_JAW, MOVING_JAW, PAD, TCP = "gripper_link", "moving_jaw_so101_v1_link", "so101_pad", "so101_tcp"

PAD_X: Final = (-0.0130, -0.0074)
PAD_Z: Final = (-0.1040, -0.0460)
PAD_HALF_WIDTH_M: Final = 0.0075
"""Extents of the rubber pad on the fixed jaw, in its frame, metres. It is flat, as the jaw is not: what is held lies
on it and does not tilt."""

TCP_IN_GRIPPER: Final = (PAD_X[1], 0.0, -0.0940)
"""Where the tool centre point is in the frame of the fixed jaw: on the pad, near the tip, metres."""

RUBBER: Final = Material((0.016, 0.016, 0.017), roughness=0.9)


def jaw_links() -> tuple[AttachedLink, ...]:
    """Return the tool centre point and the pad, which the description of the robot lacks."""
    tcp = AttachedLink(TCP, FIXED_JAW, TCP_IN_GRIPPER, rpy=(pi, 0.0, pi / 2.0))
    size = (PAD_X[1] - PAD_X[0], 2.0 * PAD_HALF_WIDTH_M, PAD_Z[1] - PAD_Z[0])
    foot = at((PAD_X[0] + PAD_X[1]) / 2.0, 0.0, PAD_Z[0])
    low, high = (PAD_X[0], -PAD_HALF_WIDTH_M, PAD_Z[0]), (PAD_X[1], PAD_HALF_WIDTH_M, PAD_Z[1])
    rubber = surfaces([(slab(size, 0.001, 0.0005).moved(foot), RUBBER)])
    return tcp, AttachedLink(PAD, FIXED_JAW, surfaces=rubber, hulls=(box_corners(low, high),), mass_kg=0.005)


def jaw_hulls(urdf: Path) -> dict[str, list[FloatArray]]:
    """Return the hulls of both jaws' meshes by link, each in the frame of its link."""
    return {FIXED_JAW: _fixed(urdf), MOVING_JAW: _moving(urdf)}


def _fixed(urdf: Path) -> list[FloatArray]:
    """Return the hulls of the fixed jaw and of the wrist above it, in the frame of its link."""
    jaw = _placed(
        urdf, "wrist_roll_follower_so101_v1.stl", (0.0, -0.000218214, 0.000949706), np.diag([1.0, -1.0, -1.0])
    )
    motor = _placed(
        urdf,
        "sts3215_03a_v1.stl",
        (0.0077, 0.0001, -0.0234),
        np.array([(1.0, 0.0, 0.0), (0.0, 0.0, 1.0), (0.0, -1.0, 0.0)]),
    )
    below = slabs(jaw, 2, (-0.105, -0.100, -0.092, -0.084, -0.072, -0.060, -0.050, -0.042))
    return [*below, *slabs(jaw, 2, (-0.042, -0.030, 0.002)), motor.vertices]


def _moving(urdf: Path) -> list[FloatArray]:
    """Return the hulls of the moving jaw, in the frame of its link."""
    jaw = _placed(urdf, "moving_jaw_so101_v1.stl", (0.0, 0.0, 0.0189), np.eye(3))
    return slabs(jaw, 1, (-0.083, -0.076, -0.068, -0.060, -0.048, -0.036, -0.024, -0.012, 0.011))


def _placed(urdf: Path, name: str, position: tuple[float, float, float], rotation: FloatArray) -> Trimesh:
    """Return a mesh of the description in the frame of its link."""
    import trimesh

    mesh = trimesh.load_mesh(
        find_mesh(f"package://example-robot-data/robots/so_arm_description/meshes/so101/{name}", urdf)
    )
    mesh.apply_transform(transform(rotation, position))
    return mesh
