"""The three-finger hand of the Unitree G1, left or right: two fingers side by side, and a thumb that opposes them.

In the frame of the left palm, x points along the fingers and the palm faces -y. The right hand is the left one mirrored
at its x-z plane: all joints but the first of the thumb turn the other way.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Final
from xml.etree import ElementTree

import numpy as np

from tracesim.geometry.hulls import HullShape, box_corners
from tracesim.geometry.rigid import FloatArray, rotation_about, transform, yaw
from tracesim.layout.grips import ROUND_YAWS, Bar, Cylinder, Faces, Grip, Jug, Point, Wall
from tracesim.layout.hand import Grasp
from tracesim.layout.prop import Prop

SIDES: Final[Mapping[str, float]] = {"left": 1.0, "right": -1.0}
"""Which side of the robot each hand is on: the sign of y."""

JOINTS: Final = ("thumb_0", "thumb_1", "thumb_2", "index_0", "index_1", "middle_0", "middle_1")

THUMB: Final = (0.023, -0.0193)
FINGERS: Final = (0.0777, 0.0016)
"""Where the thumb and the fingers begin, x and y in the palm's frame, metres."""

NEAR_PHALANX: Final = 0.0458
FAR_PHALANX: Final = 0.052
"""Lengths of the phalanges of all fingers, metres."""

TCP: Final = (0.023, -0.08, 0.0)
"""Origin of the tool's frame in the palm's, metres: on the line along which the straight thumb points."""

TCP_IN_PALM: Final = transform(np.array([[0.0, 1.0, 0.0], [0.0, 0.0, -1.0], [-1.0, 0.0, 0.0]]), TCP)
"""The tool's frame in the left palm's: z points away from the palm, y along the fingers, which close along it."""

EMPTY_RAD: Final = 0.12
"""If all joints together stop nearer than this to their targets, the hand holds nothing."""

SPEED_RAD_S: Final = 2.0
"""Speed of each joint while the hand closes or opens."""

THUMB_JOINT: Final = 1
"""Index of the first of the joints that bend the thumb."""


def _posture(thumb: tuple[float, float], fingers: tuple[float, float]) -> FloatArray:
    """Return the positions (7,) of a left hand's joints, from the bends of the thumb and of both fingers, radians."""
    return np.array([0.0, *thumb, *fingers, *fingers])


@dataclass(frozen=True, eq=False)
class Hold:
    """A kind of grasp: how the palm is held, and how the hand closes."""

    tilts: tuple[tuple[float, float], ...]
    """Roll and pitch of the palm, radians, in the order in which they are tried: it is turned about z, y and x."""

    point: tuple[float, float]
    """Where what is held touches the fingers or the palm, x and y in the palm's frame, metres."""

    opened: FloatArray
    """Positions of the joints before the hand closes, (7,)."""

    closing: FloatArray
    """Positions to which the joints are driven, (7,)."""

    released: FloatArray
    """Positions to which the joints open to release what is held, (7,): the thumb wide, the fingers a little."""


FROM_ABOVE: Final = Hold(
    tilts=((1.5, 0.0), (1.5, 0.2), (1.3, 0.0), (1.3, 0.2), (1.1, 0.1)),
    point=(0.0, -0.10),
    opened=_posture((-0.6, 0.3), (-1.0, -0.1)),
    closing=_posture((0.4, 0.6), (-1.3, -0.3)),
    released=_posture((-0.6, 0.3), (-1.15, -0.2)),
)
"""The palm faces down, the fingers reach down behind the object, and the thumb pushes it against them; where these come
to rest is measured, see `_flat_rest_m` and `_round_rest_m`."""

AROUND: Final = Hold(
    tilts=((0.3, 0.15), (0.42, 0.2), (0.36, 0.1)),
    point=(0.004, -0.0322),
    opened=_posture((-0.6, 0.0), (0.0, 0.0)),
    closing=_posture((-0.6, 0.55), (-0.55, -0.82)),
    released=_posture((-0.6, 0.0), (0.0, 0.0)),
)
"""The palm is beside the object and faces a little down, with the thumb behind the handle, which the fingers pull
against it from the front. The point is that of the handle's outer side and of the body's side at the palm."""

AROUND_TURN_RAD: Final = 0.05
"""Angle by which the fingers point outwards from the direction in which the handle points inwards."""

AROUND_RADII_M: Final = (0.040, 0.052)
"""Radii of bodies that the fingers reach around."""

AROUND_ROOM_M: Final = 0.051
"""Least height of such a body's middle in the hand above the prop's underside, so that the palm stays off the table."""

FLAT_WIDTHS_M: Final = (0.040, 0.064)
ROUND_WIDTHS_M: Final = (0.040, 0.078)
"""Widths of flat and of round things that are held from above, metres."""

THUMB_RAD: Final = ((0.040, 0.052, 0.072), (0.0, -0.22, -0.37))
"""Widths of objects held from above, metres, and the smallest measured angle of the thumb's first joint while it holds
one of that width, radians."""

PARTED: Final = (0.5, 0.7, 0.8, 0.9, 0.95)
"""Fractions of the opening motion at which the planner checks that the hand has room."""

GIVES_M: Final = 0.006
"""By how much what is held gives way as the hand closes, and turns by up to three degrees, at most."""

UPRIGHT_M: Final = 0.025
BULGE_M: Final = 0.005
"""A round part that is lower than `UPRIGHT_M` bulges, and comes to rest deeper between the fingers by `BULGE_M`."""

FINGERTIP_M: Final = 0.010
"""Radius of the fingertips; they reach as deep as the middle of what is held from above."""

DEEPER_M: Final = 0.008
"""How far the fingertips reach below the middle of a grip, if the table leaves room: not beyond the grip."""

LEAST_SHARE: Final = 0.8
"""Least width of a prop at the upper edge of the fingertips, compared to that of the grip."""

HEADINGS: Final = tuple(np.radians(np.arange(0.0, 360.0, 30.0)))
"""Azimuths of the fingers around a round body, radians."""

TABLE_ROOM_M: Final = 0.019
"""Least height above the prop's underside of what is held from above, so that the thumb stays off the table."""


@dataclass(frozen=True)
class ThreeFingerHand:
    """A left or a right hand; see `tracesim.layout.hand.Hand` for what is not said here."""

    side: str
    """ "left" or "right"."""

    tcp_link: str = field(init=False)
    """Link at the tool centre point."""

    links: tuple[str, ...] = field(init=False)
    """Every link of the hand."""

    finger_links: tuple[str, ...] = field(init=False)
    """The links that hold things: the fingers and the palm."""

    finger_joints: tuple[str, ...] = field(init=False)
    """The joints of the thumb, the index finger and the middle finger, each from its root."""

    stiffness: float = 20.0
    """Stiffness of each joint's drive, N m/rad."""

    damping: float = 1.0
    """Damping of each joint's drive, N m s/rad."""

    force_limit: float = 2.0
    """Greatest torque of each joint's drive, N m."""

    armature: float = 1e-3
    """Inertia of each joint's motor and gears, kg m2."""

    finger_friction: float = 1.0
    """Friction coefficient of the fingers."""

    half_width_m: float = 0.013
    """Half the width of the thumb, with whose tip the closed hand pushes and presses."""

    close_s: float = 1.1
    """Time for the hand to close on something and to rest, seconds."""

    open_s: float = 1.1
    """Time for the hand to open and to rest, seconds."""

    def __post_init__(self) -> None:
        """Name the links and joints."""
        object.__setattr__(self, "tcp_link", f"{self.side}_hand_tcp")
        for name, parts, kind in (
            ("links", ("palm", *JOINTS), "link"),
            ("finger_links", ("palm", *JOINTS), "link"),
            ("finger_joints", JOINTS, "joint"),
        ):
            object.__setattr__(self, name, tuple(f"{self.side}_hand_{part}_{kind}" for part in parts))

    @property
    def envelope(self) -> HullShape:
        """The palm, which is the part of the hand that all grasps share; plans check the fingers."""
        return _envelope()

    @property
    def open(self) -> FloatArray:
        """Positions of the joints when the hand is fully open, (7,)."""
        return self._own(_posture((-0.6, 0.0), (0.0, 0.0)))

    @property
    def closed(self) -> FloatArray:
        """Positions of the joints of a fist whose thumb points straight away from the palm, (7,)."""
        return self._own(_posture((0.0, 0.0), (-1.5, -1.7)))

    def grasps(self, prop: Prop) -> tuple[Grasp, ...]:
        """Return the grasps of a prop."""
        points = np.concatenate(prop.hulls)
        return _grasps(self, tuple(grip for grip in prop.grips if not _narrows(grip, points)))

    def opening_m(self, qpos: FloatArray) -> FloatArray:
        """Return the distance between the tip of the thumb and the middle of the fingers' tips (...), metres."""
        left = self._own(qpos)
        thumb = _tip(THUMB, left[..., 1] - np.pi / 2.0, left[..., 2])
        fingers = (_tip(FINGERS, left[..., 3], left[..., 4]) + _tip(FINGERS, left[..., 5], left[..., 6])) / 2.0
        return np.asarray(np.linalg.norm(fingers - thumb, axis=-1))

    def holds(self, qpos: FloatArray, grasp: Grasp) -> bool:
        """Return whether the joints rest before their targets, as something is in between."""
        return bool(np.abs(qpos - grasp.closing).sum() > EMPTY_RAD)

    def ramp(self, start: FloatArray, goal: FloatArray, elapsed_s: float) -> FloatArray:
        """Return the targets (7,) some time after the joints began to move, at their speed.

        The fingers, which have the shorter way, are there before the thumb pushes what is held against them.
        """
        gone = SPEED_RAD_S * elapsed_s
        return np.clip(goal, start - gone, start + gone)

    def start(self, qpos: FloatArray, goal: FloatArray) -> FloatArray:
        """Return the positions (7,) from which the joints begin to move: where they are."""
        return qpos

    def tool(self) -> Iterable[ElementTree.Element]:
        """Return the link at the tool centre point, and its joint, as elements of a URDF."""
        sign = SIDES[self.side]
        joint = ElementTree.Element("joint", name=f"{self.tcp_link}_joint", type="fixed")
        ElementTree.SubElement(joint, "parent", link=self.links[0])
        ElementTree.SubElement(joint, "child", link=self.tcp_link)
        x, y, z = TCP
        turn = sign * np.pi / 2.0
        ElementTree.SubElement(joint, "origin", xyz=f"{x} {sign * y} {z}", rpy=f"{turn} {turn} 0")
        return ElementTree.Element("link", name=self.tcp_link), joint

    def _own(self, left: FloatArray) -> FloatArray:
        """Return positions of a left hand's joints (..., 7) as this hand's, or the other way round."""
        return np.asarray(left * np.array([1.0, *[SIDES[self.side]] * 6]))


def _tip(root: tuple[float, float], near: FloatArray, far: FloatArray) -> FloatArray:
    """Return the tip (..., 2) of a finger in the plane in which it bends, from the angles of its joints (...)."""

    def along(angle: FloatArray) -> FloatArray:
        return np.stack([np.cos(angle), np.sin(angle)], axis=-1)

    return np.asarray(root + NEAR_PHALANX * along(near) + FAR_PHALANX * along(near + far))


@cache
def _envelope() -> HullShape:
    return HullShape([box_corners((-0.044, -0.023, -0.101), (0.044, 0.064, -0.06))])


@lru_cache(maxsize=512)
def _grasps(hand: ThreeFingerHand, grips: tuple[Grip, ...]) -> tuple[Grasp, ...]:
    return tuple(grasp for grip in grips for grasp in _grasps_of(hand, grip))


def _grasps_of(hand: ThreeFingerHand, grip: Grip) -> Iterator[Grasp]:
    match grip:
        case Faces():
            if _lies_in(grip.width_m, FLAT_WIDTHS_M):
                rest_m = _flat_rest_m(grip.width_m)
                yield from _from_above(hand, grip.position, grip.width_m, _either_way(grip.yaws), rest_m)
        case Cylinder():
            width_m = 2.0 * grip.radius_m
            headings = HEADINGS if grip.yaws == ROUND_YAWS else _either_way(grip.yaws)
            if _lies_in(width_m, ROUND_WIDTHS_M):
                rest_m = _round_rest_m(width_m) + (BULGE_M if grip.high_m - grip.low_m < UPRIGHT_M else 0.0)
                yield from _from_above(hand, grip.position, width_m, headings, rest_m)
        case Jug():
            if _lies_in(grip.radius_m, AROUND_RADII_M):
                x, y, z = grip.position
                at, middle = (x, y, max(z, AROUND_ROOM_M)), (grip.handle_m, -grip.radius_m)
                heading = grip.yaw + np.pi + SIDES[hand.side] * AROUND_TURN_RAD
                yield from _held(hand, AROUND, middle, at, 2.0 * grip.radius_m, (heading,))
        case Bar() | Wall():
            return  # thinner than what the fingers hold


def _narrows(grip: Grip, points: FloatArray) -> bool:
    """Return whether round fingertips would slide over a prop with hulls through points (N, 3), as it narrows above."""
    if not isinstance(grip, Faces | Cylinder):
        return False
    above = points[points[:, 2] > _lowered(grip.position[2]) + FINGERTIP_M, :2]
    if not len(above):
        return True
    width_m = grip.width_m if isinstance(grip, Faces) else 2.0 * grip.radius_m
    return float(np.ptp(above @ (np.cos(grip.yaws[0]), np.sin(grip.yaws[0])))) < LEAST_SHARE * width_m


def _lies_in(width_m: float, widths_m: tuple[float, float]) -> bool:
    low, high = widths_m
    return low <= width_m <= high


def _either_way(yaws: Iterable[float]) -> list[float]:
    """Return the azimuths of the fingers for those of lines across a grip, radians."""
    return [azimuth + turn for azimuth in yaws for turn in (0.0, np.pi)]


def _lowered(z: float) -> float:
    """Return the height at which a grip at a height z is held from above: the deeper, the firmer."""
    return max(z - DEEPER_M, TABLE_ROOM_M)


def _flat_rest_m(width_m: float) -> float:
    """Return x in the palm's frame of the middle of a flat object, where thumb and fingers hold it from above."""
    return 0.0931 - 0.666 * width_m


def _round_rest_m(width_m: float) -> float:
    """Return x in the palm's frame of the middle of a round object, which sinks in between the two fingers."""
    return 0.1265 - 1.046 * width_m


def _from_above(
    hand: ThreeFingerHand, at: Point, width_m: float, headings: Iterable[float], rest_m: float
) -> Iterator[Grasp]:
    """Yield grasps of something that the fingers touch behind and the thumb in front."""
    x, y, z = at
    yield from _held(hand, FROM_ABOVE, (rest_m, 0.0), (x, y, _lowered(z)), width_m, headings)


def _held(
    hand: ThreeFingerHand,
    hold: Hold,
    middle: tuple[float, float],
    at: Point,
    width_m: float,
    headings: Iterable[float],
) -> Iterator[Grasp]:
    """Yield grasps of one kind.

    Args:
        hand: The hand.
        hold: The kind of grasp.
        middle: The middle of what is held from the point of the kind of grasp, x and y in the palm's axes, metres.
        at: The middle of what is held, (3,), metres, in the prop's frame.
        width_m: Its width.
        headings: Azimuths of the fingers, radians.
    """
    sign = SIDES[hand.side]
    mirror = np.diag([1.0, sign, 1.0])
    tcp_in_palm = transform(mirror @ TCP_IN_PALM[:3, :3] @ np.diag([sign, 1.0, 1.0]), mirror @ TCP_IN_PALM[:3, 3])
    opened, closing = hand._own(hold.opened), hand._own(hold.closing)
    released = hand._own(hold.released)
    whole_s = float(np.abs(closing - opened).max()) / SPEED_RAD_S
    held = hold.closing.copy()
    held[THUMB_JOINT] = min(held[THUMB_JOINT], float(np.interp(width_m, *THUMB_RAD)))
    passed = tuple(hand.ramp(opened, hand._own(held), share * whole_s) for share in (0.15, 0.3, 0.5, 0.8))
    apart_s = float(np.abs(released - passed[-1]).max()) / SPEED_RAD_S
    parted = tuple(hand.ramp(passed[-1], released, share * apart_s) for share in PARTED)
    x, y = hold.point
    point = np.array([x + middle[0], y + middle[1], 0.0])
    for roll, pitch in hold.tilts:
        tilted = rotation_about((0.0, 1.0, 0.0), pitch) @ rotation_about((1.0, 0.0, 0.0), roll)
        for heading in headings:
            # The left hand's palm; the right one is its mirror image.
            turned = yaw(heading) @ mirror @ tilted @ mirror
            palm = transform(turned, np.asarray(at) - turned @ mirror @ point)
            yield Grasp(palm @ tcp_in_palm, width_m, opened, closing, passed, released, parted, GIVES_M)
