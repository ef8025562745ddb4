"""An embodiment: a robot as TraceSim uses it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from tracesim.geometry.rigid import FloatArray, transform


@dataclass(frozen=True)
class Hand:
    """A gripper whose fingers close together.

    tcp_link: the frame midway between the finger tips, z the approach, y the closing axis. links: every link of the
    hand. finger_joints: driven alike, from open_m to 0, each finger's travel in metres. stiffness, damping,
    force_limit_n: of each finger's drive. armature_kg: the inertia of its motor and gears, as the finger's own: without
    it a finger of some grams chatters on what it holds, which then slips however hard it is pressed. speed_m_s: of each
    finger where it takes hold and lets go.
    """

    tcp_link: str
    links: tuple[str, ...]
    finger_links: tuple[str, ...]
    finger_joints: tuple[str, ...]
    open_m: float
    stiffness: float
    damping: float
    force_limit_n: float
    armature_kg: float
    speed_m_s: float
    finger_friction: float


@dataclass(frozen=True)
class Arm:
    """A chain of joints with a hand at its end.

    parked: joint positions, radians, out of the policy camera's view. velocity and acceleration limits: rad/s, rad/s2.
    """

    joints: tuple[str, ...]
    hand: Hand
    parked: tuple[float, ...]
    velocity_limit: float
    acceleration_limit: float
    stiffness: float
    damping: float
    force_limit: float


@dataclass(frozen=True)
class Embodiment:
    """A robot: its description, where it is mounted, its arms.

    urdf: a function that returns the path (files may have to be found or made first). base_in_world: (4, 4).
    mount_links: links that may touch the table they are mounted on. touching_links: pairs that always touch each other.
    visual_share: the share of the visual meshes' triangles that is kept for drawing.
    """

    name: str
    urdf: Callable[[], Path]
    base_in_world: FloatArray
    arms: tuple[Arm, ...]
    mount_links: tuple[str, ...]
    touching_links: tuple[tuple[str, str], ...]
    visual_share: float = 1.0

    def lowered(self, by_m: float) -> Embodiment:
        """Return the same robot mounted so much lower: beside a table that is so much higher."""
        return replace(self, base_in_world=transform(translation=(0.0, 0.0, -by_m)) @ self.base_in_world)
