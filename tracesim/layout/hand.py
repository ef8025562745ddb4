"""What a scene, a planner and a controller ask of the hand of a robot."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from tracesim.geometry.hulls import HullShape
from tracesim.geometry.rigid import FloatArray
from tracesim.layout.prop import Prop


@dataclass(frozen=True, eq=False)
class Grasp:
    """A way in which a hand holds a prop."""

    tcp_in_prop: FloatArray
    """Pose of the tool centre point, (4, 4); z is the approach."""

    width_m: float
    """Width of the prop between the fingers, metres."""

    opened: FloatArray
    """Positions of the hand's joints before it closes, (F,): no wider than needed, to fit into a cup."""

    closing: FloatArray
    """Positions to which the joints are driven while the hand holds the prop, (F,), beyond where they stop."""

    passed: tuple[FloatArray, ...] = ()
    """Positions of the joints, (F,) each, that the hand passes as it closes and in which it takes room that it does not
    take before; the last is that in which it holds the prop. None for parallel fingers."""

    half_opened: FloatArray | None = None
    """Positions to which the joints open to release the prop, (F,), if that is less wide than `opened`."""

    parted: tuple[FloatArray, ...] = ()
    """Positions of the joints, (F,) each, through which the hand opens to release the prop, where it needs room that it
    does not need once it is open. Empty for parallel fingers."""

    gives_m: float = 0.0
    """By how much the prop may give way as the hand closes. As the prop is led to its place all the same, the hand may
    open that much to the side of where it was planned to."""

    @property
    def held(self) -> FloatArray:
        """Positions of the joints that are assumed while the hand holds the prop, (F,)."""
        return self.passed[-1] if self.passed else self.opened

    @property
    def released(self) -> FloatArray:
        """Positions of the joints once the prop is released, (F,)."""
        return self.opened if self.half_opened is None else self.half_opened


class Grasping(Protocol):
    """What can grasp props: the geometry of a hand."""

    @property
    def envelope(self) -> HullShape:
        """The open hand with the room that it needs, in the tool's frame."""

    def grasps(self, prop: Prop) -> tuple[Grasp, ...]:
        """Return the grasps of a prop, in the order in which they are tried; none if it cannot be grasped."""


class Hand(Grasping, Protocol):
    """The hand at the end of an arm.

    Positions of its joints are arrays (F,) in the order of `finger_joints`, in metres or radians as the joints are.
    """

    @property
    def tcp_link(self) -> str:
        """Link at the tool centre point; z is the approach, y the direction in which the hand closes."""

    @property
    def links(self) -> tuple[str, ...]:
        """Every link of the hand."""

    @property
    def finger_links(self) -> tuple[str, ...]:
        """The links that hold things; they have the friction of rubber."""

    @property
    def finger_joints(self) -> tuple[str, ...]:
        """The joints of the fingers that are driven."""

    @property
    def stiffness(self) -> float:
        """Stiffness of each joint's drive, N/m or N m/rad."""

    @property
    def damping(self) -> float:
        """Damping of each joint's drive, N s/m or N m s/rad."""

    @property
    def force_limit(self) -> float:
        """Greatest force of each joint's drive, N or N m."""

    @property
    def armature(self) -> float:
        """Inertia of each joint's motor and gears, added to the finger's own, kg or kg m2.

        Without it a finger of a few grams chatters on the object, which then slips however strong the grip is.
        """

    @property
    def finger_friction(self) -> float:
        """Friction coefficient of the fingers."""

    @property
    def half_width_m(self) -> float:
        """Half the width of the closed fingers across the direction in which they close: they push with that side."""

    @property
    def open(self) -> FloatArray:
        """Positions of the joints when the hand is fully open, (F,)."""

    @property
    def closed(self) -> FloatArray:
        """Positions to which the joints are driven to close the empty hand, (F,)."""

    @property
    def close_s(self) -> float:
        """Time for the hand to close on something and to rest, seconds."""

    @property
    def open_s(self) -> float:
        """Time for the hand to open and to rest, seconds."""

    def opening_m(self, qpos: FloatArray) -> FloatArray:
        """Return the distance between the finger tips (...), metres, at positions of the joints (..., F)."""

    def holds(self, qpos: FloatArray, grasp: Grasp) -> bool:
        """Return whether something is held as in a grasp, at positions of the joints (F,) at which they rest."""

    def ramp(self, start: FloatArray, goal: FloatArray, elapsed_s: float) -> FloatArray:
        """Return the targets (F,) of the joints some time after they began to move from `start` to `goal`, (F,)."""

    def start(self, qpos: FloatArray, goal: FloatArray) -> FloatArray:
        """Return the targets (F,) from which the joints begin to move at positions `qpos` towards `goal`, (F,).

        A hand that holds something begins to open from targets at which its grip is still firm, so that the object is
        released, not ejected.
        """
