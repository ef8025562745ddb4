"""Unitree G1 with three-finger hands, standing at the near edge of the table: the left arm at +y, the right at -y."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from functools import cache, partial
from pathlib import Path
from typing import Final
from xml.etree import ElementTree

import numpy as np

from tracesim.assets.robots.attachment import with_links
from tracesim.assets.robots.description import find_mesh, robot_description
from tracesim.assets.robots.slabs import slabs
from tracesim.assets.robots.three_finger_hand import SIDES, ThreeFingerHand
from tracesim.geometry.rigid import FloatArray, apply, transform
from tracesim.layout.embodiment import Arm, Embodiment
from tracesim.machine.cache import cached

TRUNK: Final = ("pelvis_contour_link", "torso_link", "logo_link", "head_link")
WAIST: Final = ("waist_yaw_joint", "waist_pitch_joint")
ARM: Final = ("shoulder_pitch", "shoulder_roll", "shoulder_yaw", "elbow", "wrist_roll", "wrist_pitch", "wrist_yaw")


FINGERTIPS: Final = ("thumb_2", "middle_1", "index_1")
"""The last links of a hand's fingers."""

FINGERTIP_PIECES: Final = 3
"""Number of hulls into which a fingertip is cut across.

With one hull of 46 corners, PhysX misses some contacts between it and an edge, such as the rim of a cup, into which it
then sinks by millimetres.
"""


@cache
def _urdf() -> Path:
    """Return the path of a URDF in which only the waist, the arms and the hands move; it is made once and cached."""
    urdf = _moving_upper_body()
    tips = [f"{side}_hand_{name}_link" for side in SIDES for name in FINGERTIPS]
    return with_links(urdf, (), hulls={name: _pieces(urdf, name) for name in tips})


def _pieces(urdf: Path, name: str) -> list[FloatArray]:
    """Return the corners (K, 3) of the hulls of a fingertip, which is cut across, metres."""
    import trimesh

    (link,) = (one for one in ElementTree.parse(urdf).iterfind("link") if one.get("name") == name)
    (mesh,) = link.iterfind("collision/geometry/mesh")
    tip = trimesh.load_mesh(mesh.get("filename")).convex_hull
    along = int(np.argmax(tip.extents))
    low, high = tip.bounds[:, along]
    return slabs(tip, along, np.linspace(low, high, FINGERTIP_PIECES + 1).tolist())


def _moving_upper_body() -> Path:
    original = robot_description("g1_description/urdf/g1_29dof_with_hand_rev_1_0.urdf")
    root = ElementTree.fromstring(original.read_bytes())
    moving = {*WAIST, *(joint for side in SIDES for joint in _joints(side))}
    for joint in root.iterfind("joint"):
        name = joint.get("name", "")
        if joint.get("type") == "revolute" and name not in moving and "_hand_" not in name:
            joint.set("type", "fixed")
    for link in root.iterfind("link"):
        for collision in link.findall("collision"):
            if collision.find("geometry/sphere") is not None:  # contact points of the feet, which stand for good
                link.remove(collision)
    for mesh in root.iter("mesh"):
        mesh.set("filename", str(find_mesh(mesh.get("filename", ""), original)))
    for side in SIDES:
        root.extend(ThreeFingerHand(side).tool())
    text = ElementTree.tostring(root)
    key = hashlib.blake2b(text, digest_size=8).hexdigest()
    return cached(f"robots/g1-{key}", lambda: {"g1.urdf": text}) / "g1.urdf"


def _joints(side: str) -> tuple[str, ...]:
    return tuple(f"{side}_{name}_joint" for name in ARM)


def _links(side: str) -> tuple[str, ...]:
    """Return the links with hulls of an arm and its hand."""
    return (*(f"{side}_{name}_link" for name in ARM), *ThreeFingerHand(side).links)


# The robot leans back below the policy camera, with its elbows behind it: nothing of it is in view, and as the waist
# moves, the arm that rests stays clear of the table.
LEANING_BACK: Final = (0.0, -0.45)
RESTING: Final = (0.8, 0.3, 0.6, -0.2, 0.0, 0.0, 0.0)
"""Positions of the joints of the waist and of the left arm when the robot is parked, radians."""

RAISED: Final = ((-0.1, -0.9, 0.3, 0.0, -0.3, 0.0, 0.0, 0.0), (-0.1, 0.0, 0.3, 0.0, -1.0, 0.0, 0.0, 0.0))
"""Positions of the pitch of the waist and of the left arm's joints that hold the hand high above the table."""

REACHING: Final = ((0.15, -0.2, 0.25, 0.0, 0.3), (0.15, -0.2, 0.9, 0.4, 0.0))
"""Positions of the pitch of the waist and of the left arm's first four joints, from which poses are searched for."""


def _mirrored(side: str, left: tuple[float, ...]) -> tuple[float, ...]:
    """Return positions of the left arm's joints as those of an arm: what rolls or yaws goes the other way."""
    turns = ("roll", "yaw")
    return tuple(SIDES[side] * one if name.endswith(turns) else one for name, one in zip(ARM, left, strict=True))


ARMATURE: Final = 0.1
"""Inertia of each joint's motor and gears, kg m2.

Without it, and with a tenth of the fingers' inertia, the wrist yields by up to 30 mrad as the hand closes, as the
physics solver does not converge on the grip of three fingers on links as light as these; with it, by less than 1 mrad.
"""

OUTWARDS_RAD: Final = -1.0
INWARDS_RAD: Final = 2.2
"""Least and greatest angle by which the fingers of a hand that is not turned inside out point inwards."""


WRIST_IN_TOOL: Final = np.array([0.0, -0.0645, -0.077])
"""The origin of the last link of the wrist in the tool's frame, metres."""

SHOULDER_M: Final = 0.19
SHOULDER_Z_M: Final = (0.255, 0.32)
"""Greatest distance of a shoulder from the axis of the waist, and its least and greatest height over the pelvis."""

WRIST_M: Final = 0.372
"""Greatest distance of the last link of the wrist from the shoulder.

These four lengths are those of 20 000 random postures, rounded up.
"""


def _starts(side: str, heading: float) -> Iterator[FloatArray]:
    """Yield postures that half face a heading, with the elbow low or out to the side."""
    for pitch, *arm in REACHING:
        yield np.array([0.5 * heading, pitch, *_mirrored(side, (*arm, 0.0, 0.0, 0.0))])


def _may_reach(side: str, tcp_in_pelvis: FloatArray) -> bool:
    """Return whether the fingers point in a direction in which the hand can be turned, and the wrist can get there."""
    x, y, _ = tcp_in_pelvis[:3, 1]
    if not OUTWARDS_RAD < -SIDES[side] * float(np.arctan2(y, x)) < INWARDS_RAD:
        return False
    x, y, z = apply(tcp_in_pelvis, WRIST_IN_TOOL)
    low, high = SHOULDER_Z_M
    beyond = max(0.0, float(np.hypot(x, y)) - SHOULDER_M)
    return bool(np.hypot(beyond, max(0.0, low - z, z - high)) < WRIST_M)


def _arm(side: str) -> Arm:
    return Arm(
        name=side,
        joints=(*WAIST, *_joints(side)),
        hand=ThreeFingerHand(side),
        parked=(*LEANING_BACK, *_mirrored(side, RESTING)),
        starts=partial(_starts, side),
        may_reach=partial(_may_reach, side),
        mobility=(0.25, 0.25, *[1.0] * len(ARM)),
        velocity_limit=1.2,
        acceleration_limit=3.0,
        stiffness=4000.0,
        damping=400.0,
        force_limit=150.0,
        armature=ARMATURE,
        reach_m=REACH_M,
        via=tuple((0.0, pitch, *_mirrored(side, tuple(left))) for pitch, *left in RAISED),
        inner_links=(*TRUNK, *_links("right" if side == "left" else "left")),
    )


REACH_M: Final = 0.68
"""Horizontal distance from the pelvis beyond which no trace leads, as the hand does not reach that far."""

PELVIS_M: Final = (-0.53, 0.0, 0.053)
"""Where the pelvis is in the world: 0.793 m above the floor, and as near to the table as the hips allow, as its hands
reach half a metre ahead."""

NARROW: Final = "the {} is narrower than the 4 cm that its fingers hold"
LOW: Final = "the {} is so low that the fingers slide over it"
TWO_TRACES: Final = "its arms share the waist, and cannot follow two traces at the same time"

CANNOT: Final[Mapping[str, str]] = {
    "stamp_seal": NARROW.format("stamp"),
    "place_fan": NARROW.format("fan"),
    "move_stapler_pad": NARROW.format("stapler"),
    "blocks_ranking_size": NARROW.format("smallest block"),
    "stack_three_by_size": NARROW.format("smallest block"),
    "thread_between": NARROW.format("cap of the bottle"),
    "zigzag_between": NARROW.format("cap of the bottle"),
    "shake_bottle": NARROW.format("cap of the bottle"),
    "shake_bottle_horizontally": NARROW.format("cap of the bottle"),
    "sort_in_order": NARROW.format("dowel"),
    "insert_peg": NARROW.format("dowel"),
    "place_shoe": NARROW.format("tab at the heel"),
    "place_phone_stand": NARROW.format("phone"),
    "rotate_qrcode": NARROW.format("payment sign"),
    "put_bottles_dustbin": NARROW.format("cap of a bottle"),
    "place_mouse_pad": LOW.format("mouse"),
    "move_playingcard_away": LOW.format("box of cards"),
    "place_object_scale": LOW.format("mouse, one of the things to put on it,"),
    "hotdog_beside_peach": LOW.format("hot dog"),
    "pour_into": NARROW.format("wall of the cup"),
    "sweep_into": NARROW.format("handle of the scraper"),
    "dump_bin_bigbin": NARROW.format("wall of the desk bin"),
    "block_behind_obstacle": "the place behind the obstacle is out of its reach",
    "open_drawer": NARROW.format("handle of a drawer"),
    "close_drawer": NARROW.format("handle of a drawer"),
    "open_microwave": NARROW.format("handle of the door"),
    "open_laptop": NARROW.format("edge of the lid"),
    "put_object_cabinet": NARROW.format("handle of the drawer"),
    "open_lid": NARROW.format("tab of the lid"),
    "turn_knob": NARROW.format("wing of the knob"),
    "lift_pot": "the rim of the pot is too wide for its hands",
    "pick_dual_bottles": "its arms share the waist, and the caps of the bottles are narrower than its fingers hold",
    "handover_block": "its arms share the waist, with which one arm would move what the other one holds",
    "place_dual_shoes": TWO_TRACES,
    "grab_roller": TWO_TRACES,
    "pick_diverse_bottles": TWO_TRACES,
    "handover_mic": "its arms share the waist, with which one arm would move what the other one holds",
    "scan_object": TWO_TRACES,
    "beat_block_hammer": NARROW.format("handle of the hammer"),
}

G1: Final = Embodiment(
    name="g1",
    urdf=_urdf,
    base_in_world=transform(translation=PELVIS_M),
    arms=tuple(_arm(side) for side in SIDES),
    mount_links=(),
    touching_links=tuple(("pelvis_contour_link", f"{side}_hip_pitch_link") for side in SIDES),
    visual_share=0.3,
    mount=lambda: (),  # it stands on its feet
    cannot=CANNOT,
)
