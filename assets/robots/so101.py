"""SO-101 of TheRobotStudio: a small arm of five joints with a jaw, clamped to the near edge of the table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from math import pi, radians
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.spatial import ConvexHull

from tracesim.assets.furniture import at, slab, surfaces
from tracesim.assets.robots.attachment import AttachedLink, with_links
from tracesim.assets.robots.description import find_mesh, robot_description
from tracesim.geometry.hulls import HullShape, box_corners
from tracesim.geometry.rigid import FloatArray, transform
from tracesim.layout.embodiment import Arm, Embodiment
from tracesim.layout.hand import Grasp
from tracesim.layout.parallel_hand import LEANS, Fingers
from tracesim.layout.prop import Material, Prop, Surface

if TYPE_CHECKING:
    from trimesh import Trimesh

FIXED_JAW, MOVING_JAW, PAD, TCP = "gripper_link", "moving_jaw_so101_v1_link", "so101_pad", "so101_tcp"
RISER: Final = "so101_riser"

RISER_X_M: Final = 0.015
RISER_SIZE_M: Final = (0.13, 0.14, 0.07)
"""Position ahead of the base's frame, and size, of the wooden block on which the arm stands, metres.

From there it reaches further down than from the table.
"""

PAD_X: Final = (-0.0130, -0.0074)
PAD_Z: Final = (-0.1040, -0.0460)
PAD_HALF_WIDTH_M: Final = 0.0075
"""Extents of the rubber pad on the fixed jaw, in its frame, metres. It is flat, as the jaw is not: what is held lies
on it and does not tilt."""

TCP_IN_GRIPPER: Final = (PAD_X[1], 0.0, -0.0940)
"""Where the tool centre point is in the frame of the fixed jaw: on the pad, near the tip, metres."""

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


RUBBER: Final = Material((0.016, 0.016, 0.017), roughness=0.9)
WOOD: Final = Material((0.42, 0.27, 0.14), roughness=0.7)


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


@dataclass(frozen=True)
class JawHand:
    """A jaw that turns against a fixed one; see `tracesim.layout.hand.Hand`.

    The tool centre point is on the fixed jaw, which is put beside the object; then the other one closes.
    """

    midway: Fingers
    """Two parallel fingers as wide as the jaws, which grasp what the jaw does; its fixed side replaces one of them."""

    tcp_link: str = TCP
    links: tuple[str, ...] = (FIXED_JAW, MOVING_JAW, PAD)
    finger_links: tuple[str, ...] = (FIXED_JAW, MOVING_JAW, PAD)
    finger_joints: tuple[str, ...] = ("gripper",)
    stiffness: float = 200.0
    damping: float = 5.0
    force_limit: float = 3.0
    armature: float = 0.005
    finger_friction: float = 1.0
    half_width_m: float = 0.012
    speed_rad_s: float = 2.0
    close_s: float = 0.8
    open_s: float = 0.6

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


_ENVELOPE: Final = HullShape(
    [
        box_corners((-0.012, -0.022, -0.05), (0.012, 0.0, TIP_M)),
        box_corners((-0.012, 0.0, -0.05), (0.012, WIDEST_M + MOVING_GAP_M + 0.012, TIP_M)),
        box_corners((-0.028, -0.030, -0.12), (0.028, 0.050, -0.05)),
    ]
)

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


@cache
def _urdf() -> Path:
    urdf = robot_description("so_arm_description/urdf/so101.urdf")
    tcp = AttachedLink(TCP, FIXED_JAW, TCP_IN_GRIPPER, rpy=(pi, 0.0, pi / 2.0))
    size = (PAD_X[1] - PAD_X[0], 2.0 * PAD_HALF_WIDTH_M, PAD_Z[1] - PAD_Z[0])
    foot = at((PAD_X[0] + PAD_X[1]) / 2.0, 0.0, PAD_Z[0])
    low, high = (PAD_X[0], -PAD_HALF_WIDTH_M, PAD_Z[0]), (PAD_X[1], PAD_HALF_WIDTH_M, PAD_Z[1])
    rubber = surfaces([(slab(size, 0.001, 0.0005).moved(foot), RUBBER)])
    pad = AttachedLink(PAD, FIXED_JAW, surfaces=rubber, hulls=(box_corners(low, high),), mass_kg=0.005)
    return with_links(
        urdf,
        (tcp, pad, _riser()),
        without=("gripper_frame_link",),
        hulls={FIXED_JAW: _fixed(urdf), MOVING_JAW: _moving(urdf)},
    )


def _block() -> tuple[Surface, ...]:
    """Return what is seen of the block below the base, in the base's frame."""
    return surfaces([(slab(RISER_SIZE_M, 0.004, 0.002).moved(at(RISER_X_M, 0.0, -RISER_SIZE_M[2])), WOOD)])


def _riser() -> AttachedLink:
    """Return the block below the base, as what moves may collide with it."""
    x, y, z = RISER_SIZE_M
    hull = box_corners((RISER_X_M - x / 2.0, -y / 2.0, -z), (RISER_X_M + x / 2.0, y / 2.0, 0.0))
    return AttachedLink(RISER, "base_link", hulls=(hull,), mass_kg=0.8)


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
    below = _slabs(jaw, 2, (-0.105, -0.100, -0.092, -0.084, -0.072, -0.060, -0.050, -0.042))
    return [*below, *_slabs(jaw, 2, (-0.042, -0.030, 0.002)), motor.vertices]


def _moving(urdf: Path) -> list[FloatArray]:
    """Return the hulls of the moving jaw, in the frame of its link."""
    jaw = _placed(urdf, "moving_jaw_so101_v1.stl", (0.0, 0.0, 0.0189), np.eye(3))
    return _slabs(jaw, 1, (-0.083, -0.076, -0.068, -0.060, -0.048, -0.036, -0.024, -0.012, 0.011))


def _placed(urdf: Path, name: str, position: tuple[float, float, float], rotation: FloatArray) -> Trimesh:
    """Return a mesh of the description in the frame of its link."""
    import trimesh

    mesh = trimesh.load_mesh(
        find_mesh(f"package://example-robot-data/robots/so_arm_description/meshes/so101/{name}", urdf)
    )
    mesh.apply_transform(transform(rotation, position))
    return mesh


def _slabs(mesh: Trimesh, axis: int, bounds: tuple[float, ...]) -> list[FloatArray]:
    """Return the corners of the hulls of a mesh's slabs between neighbouring bounds along an axis."""
    hulls = []
    for low, high in pairwise(bounds):
        along = mesh.vertices[:, axis]
        parts = [mesh.vertices[(along >= low) & (along <= high)]]
        for bound in (low, high):
            section = mesh.section(plane_normal=np.eye(3)[axis], plane_origin=bound * np.eye(3)[axis])
            parts += [] if section is None else [section.vertices]
        points = np.concatenate(parts)
        hulls.append(points[ConvexHull(points).vertices])
    return hulls


# Leaning back: only the base, the block and the shoulder are in view of the policy camera, at its lower edge.
PARKED: Final = (0.0, -1.5, -0.29, -0.97, 1.57)


def _starts(heading: float) -> Iterator[FloatArray]:
    """Yield postures that face a heading: bent or stretched, at four turns of the jaw."""
    for turn in (pi / 2, -pi / 2, 0.0, 0.85 * pi):
        yield np.array([-heading, 0.0, 0.3, 1.0, turn])


AXIS_X_M: Final = 0.0388
"""x of the vertical axis of the shoulder in the base's frame."""

REACHES: Final = np.array([(0.0, 0.295), (15.0, 0.335), (30.0, 0.37), (45.0, 0.40), (60.0, 0.42), (75.0, 0.43)])
"""Greatest distance of the tool from that axis, metres, for the angle of the approach from straight down, degrees."""

SIDEWAYS: Final = 0.16
"""Greatest sine of the angle between the approach and the upright plane through the arm."""


def _may_reach(tcp_in_base: FloatArray) -> bool:
    """Return whether the approach lies in an upright plane through the shoulder's axis, and is not too far out."""
    approach, out = tcp_in_base[:3, 2], tcp_in_base[:2, 3] - (AXIS_X_M, 0.0)
    distance = float(np.linalg.norm(out))
    ahead, aside = out @ approach[:2] / distance, (out[0] * approach[1] - out[1] * approach[0]) / distance
    tilt = float(np.degrees(np.arctan2(ahead, -approach[2])))
    return abs(aside) < SIDEWAYS and -8.0 < tilt < 80.0 and distance < float(np.interp(tilt, *REACHES.T))


_TOO_WIDE: Final = f"its jaw holds nothing wider than {100 * WIDEST_M:.1f} cm"
_HEADING: Final = "its five joints do not let it choose the heading of what it puts down"

CANNOT: Final = {
    "move_can_pot": f"the can is too wide: {_TOO_WIDE}",
    "place_burger_fries": f"the hamburger is too wide: {_TOO_WIDE}",
    "hamburger_on_keyboard": f"the hamburger is too wide: {_TOO_WIDE}",
    "place_mouse_pad": f"the mouse is too wide: {_TOO_WIDE}",
    "move_playingcard_away": f"the box of cards is too wide: {_TOO_WIDE}",
    "place_fan": f"the fan has to face a direction, and {_HEADING}",
    "move_stapler_pad": f"the stapler has to face a direction, and {_HEADING}",
    "push_object": "its hand leans, and so touches what its closed jaw pushes",
    "water_flowers": "its five joints do not let it tilt a watering can towards flowers in a row",
}

SO101: Final = Embodiment(
    name="so101",
    urdf=_urdf,
    base_in_world=transform(translation=(-0.42, 0.0, RISER_SIZE_M[2])),
    arms=(
        Arm(
            joints=("shoulder_pan", "shoulder_lift", "elbow_flex", "wrist_flex", "wrist_roll"),
            hand=HAND,
            parked=PARKED,
            starts=_starts,
            reach_m=AXIS_X_M + REACHES[-1, 1],
            may_reach=_may_reach,
            velocity_limit=1.5,
            acceleration_limit=4.0,
            stiffness=8000.0,
            damping=400.0,
            force_limit=60.0,
            armature=0.028,
        ),
    ),
    mount_links=("base_link", RISER),
    touching_links=(
        (FIXED_JAW, PAD),
        (MOVING_JAW, PAD),
        ("wrist_link", PAD),
        ("base_link", RISER),
        ("shoulder_link", RISER),
    ),
    visual_share=0.06,
    mount=_block,
    cannot=CANNOT,
    in_view=True,
)
