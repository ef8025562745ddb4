"""Hands with a jaw that turns against a fixed one, as that of the SO-101."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import pi, radians
from typing import Final

import numpy as np

from tracesim.assets.robots.jaw_links import FIXED_JAW, MOVING_JAW, PAD, TCP, TCP_IN_GRIPPER
from tracesim.geometry.hulls import HullShape, box_corners
from tracesim.geometry.rigid import FloatArray, transform
from tracesim.layout.hand import Grasp
from tracesim.layout.parallel_hand import LEANS, Fingers
from tracesim.layout.prop import Prop

PIVOT_IN_GRIPPER: Final = (0.0202, -0.0234)
"""x and z of the moving jaw's axis in the frame of the fixed jaw, metres."""

JAW_PROFILE: Final = np.array([(0.0119, -0.045), (0.0119, -0.086), (0.0079, -0.105)])
"""x and z of the inner side of the moving jaw at angle 0, in the frame of the fixed jaw, metres."""

ANGLES: Final = np.linspace(-0.17, 1.6, 355)
"""Angles of the moving jaw at which its opening is tabulated, radians."""

WIDEST_M: Final = 0.056
"""Width of the widest object: beyond it the jaw stands so slanted that it pushes the object out."""

PAYLOAD_KG: Final = 0.4
"""Mass of the heaviest object."""

FIXED_GAP_M: Final = 0.0025
MOVING_GAP_M: Final = 0.014
"""Distances of the fixed and of the moving jaw from an object before the jaw closes."""

TIP_M: Final = 0.0105
"""Distance by which the jaws extend beyond the tool centre point."""


def _openings() -> FloatArray:
    """Return the distance between the jaws at the tool centre point, metres, for each of `ANGLES`."""
    pivot = np.array(PIVOT_IN_GRIPPER)
    openings = []
    for angle in ANGLES:
        x, z = (JAW_PROFILE - pivot).T
        cosine, sine = np.cos(angle), np.sin(angle)
        turned = np.column_stack([cosine * x - sine * z, sine * x + cosine * z]) + pivot
        # np.interp wants heights that increase: from the tip upwards.
        openings.append(np.interp(TCP_IN_GRIPPER[2], turned[::-1, 1], turned[::-1, 0]) - TCP_IN_GRIPPER[0])
    return np.array(openings)


OPENINGS: Final = _openings()


def _angle(opening_m: float) -> float:
    return float(np.interp(opening_m, OPENINGS, ANGLES))


_ENVELOPE: Final = HullShape(
    [
        box_corners((-0.012, -0.022, -0.05), (0.012, 0.0, TIP_M)),
        box_corners((-0.012, 0.0, -0.05), (0.012, WIDEST_M + MOVING_GAP_M + 0.012, TIP_M)),
        box_corners((-0.028, -0.030, -0.12), (0.028, 0.050, -0.05)),
    ]
)


@dataclass(frozen=True)
class JawHand:
    """A jaw that turns against a fixed one; see `tracesim.layout.hand.Hand`.

    The tool centre point is on the fixed jaw, which is put beside the object; then the other one closes.
    """

    midway: Fingers
    """Two parallel fingers as wide as the jaws, which grasp what the jaw does; its fixed side replaces one of them."""

    tcp_link: str = TCP
    """Link at the tool centre point, on the pad; z is the approach, y points from the fixed jaw to the moving one."""

    links: tuple[str, ...] = (FIXED_JAW, MOVING_JAW, PAD)
    """Every link of the hand."""

    finger_links: tuple[str, ...] = (FIXED_JAW, MOVING_JAW, PAD)
    """The links that hold things."""

    finger_joints: tuple[str, ...] = ("gripper",)
    """The joint of the moving jaw, a revolute one, whose angle grows as the jaw opens."""

    stiffness: float = 200.0
    """Stiffness of the jaw's drive, N m/rad."""

    damping: float = 5.0
    """Damping of the jaw's drive, N m s/rad."""

    force_limit: float = 3.0
    """Greatest torque of the jaw's drive, N m."""

    armature: float = 0.005
    """Inertia of the jaw's motor and gears, kg m2."""

    finger_friction: float = 1.0
    """Friction coefficient of the jaws and the pad."""

    half_width_m: float = 0.012
    """Half the width of the jaws along x."""

    speed_rad_s: float = 2.0
    """Speed of the jaw while it closes or opens, radians per second."""

    close_s: float = 0.8
    """Time for the jaw to close on something and to rest, seconds."""

    open_s: float = 0.6
    """Time for the jaw to open and to rest, seconds."""

    @property
    def open(self) -> FloatArray:
        """Angle of the open jaw, (1,), radians."""
        return np.array([_angle(WIDEST_M + FIXED_GAP_M + MOVING_GAP_M)])

    @property
    def closed(self) -> FloatArray:
        """Angle of the closed jaw, (1,), radians."""
        return ANGLES[:1].copy()

    @property
    def envelope(self) -> HullShape:
        """The open hand with the room that it needs, in the tool's frame."""
        return _ENVELOPE

    def grasps(self, prop: Prop) -> tuple[Grasp, ...]:
        """Return the grasps of a prop: with the fixed jaw on either side of what can be gripped."""
        if prop.mass_kg > PAYLOAD_KG:
            return ()
        return tuple(_beside(grasp) for grasp in self.midway.grasps(prop))

    def opening_m(self, qpos: FloatArray) -> FloatArray:
        """Return the distance between the jaws at the tool centre point, (...), metres, at angles (..., 1)."""
        return np.asarray(np.interp(qpos[..., 0], ANGLES, OPENINGS))

    def holds(self, qpos: FloatArray, grasp: Grasp) -> bool:
        """Return whether the jaw rests further open than it closes on a third of the grasp's width."""
        return bool(self.opening_m(qpos) >= max(OPENINGS[0] + 0.001, grasp.width_m / 3))

    def start(self, qpos: FloatArray, goal: FloatArray) -> FloatArray:
        """Return the angle (1,) from which the jaw begins to move; to open, that of the greatest force."""
        loosened = qpos - self.force_limit / self.stiffness
        return np.asarray(np.maximum(loosened, ANGLES[0]) if goal[0] > qpos[0] else qpos)

    def ramp(self, start: FloatArray, goal: FloatArray, elapsed_s: float) -> FloatArray:
        """Return the angle (1,) some time after the jaw began to move, at its speed."""
        gone = self.speed_rad_s * elapsed_s
        return np.clip(goal, start - gone, start + gone)


def _beside(grasp: Grasp) -> Grasp:
    """Return a grasp whose fixed jaw stands beside the object that parallel fingers would grasp."""
    aside = transform(translation=(0.0, -grasp.width_m / 2.0 - FIXED_GAP_M, 0.0))
    opened = np.array([_angle(grasp.width_m + FIXED_GAP_M + MOVING_GAP_M)])
    return replace(grasp, tcp_in_prop=grasp.tcp_in_prop @ aside, opened=opened, closing=ANGLES[:1].copy())


HAND: Final = JawHand(
    midway=Fingers(
        open_m=WIDEST_M / 2.0,
        tip_m=TIP_M,
        half_width_m=0.006,
        finger_box_m=(0.012, 0.05, TIP_M),
        palm_box_m=(0.028, 0.05, 0.07),
        root_m=0.05,
        leans=(*LEANS, *(radians(sign * lean) for lean in (45.0, 58.0) for sign in (1.0, -1.0))),
        slimmer=radians(45.0),
        slimmer_over_wall=radians(15.0),
        round_yaws=tuple((pi / 2.0 + np.arange(12) * pi / 12.0).tolist()),
    )
)
