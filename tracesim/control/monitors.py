"""What is watched while a trace is followed, and what ends an episode on the way; one monitor a motion."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal, Protocol

import numpy as np

from tracesim.failure import EpisodeEnded, Failure
from tracesim.geometry.contacts import DisallowedContact
from tracesim.geometry.rigid import FloatArray, angle_between, inverse
from tracesim.geometry.trace import Trace, distance_to_path
from tracesim.layout.layout import Body
from tracesim.motion.body_path import Carry
from tracesim.motion.prediction import NEAR_M
from tracesim.motion.stage import Stage
from tracesim.simulation.robot import Robot
from tracesim.simulation.scene import Scene

SLIP_M: Final = 0.01
SLIP_RAD: Final = float(np.radians(10.0))
"""A body that moves or turns by more in the hand has slipped."""

DEVIATION_M: Final = 0.01
"""A body that is farther from its path has strayed."""


class Collision(EpisodeEnded):
    """Ends an episode at a contact that is not allowed."""

    def __init__(self, contact: DisallowedContact) -> None:
        moving, other = contact.moving, contact.other
        super().__init__(Failure("collision", f"{moving}-{other}", f"{moving} touched {other}"))
        self.contact = contact


Meaning = Literal["allowed", "landed", "disallowed"]
"""What a contact means; "landed" is one that ends the motion in success."""


class Monitor(Protocol):
    """What is watched while something is led along a trace."""

    deviation_m: float | None

    def look(self, scene: Scene, tcp_in_world: FloatArray) -> None:
        """Take in where things are now."""

    def contact(self, first: str, second: str) -> Meaning | None:
        """Return what a contact means, None where the monitor has no say in it."""

    def judge(self, landed: bool) -> None:
        """Raise `EpisodeEnded` where it must not go on."""


class PressMonitor:
    """Watches the tip of the closed gripper: at its way's end it may touch its target, and then stops."""

    def __init__(self, robot: Robot, target: str, trace: Trace) -> None:
        self._robot = robot
        self._target = target
        self._path = trace.keypoints
        self._near = False
        self.deviation_m: float | None = 0.0

    def look(self, scene: Scene, tcp_in_world: FloatArray) -> None:
        """Take in how far the tip is from its end."""
        tip = self._robot.tip_in_world[:3, 3]
        self._near = bool(np.linalg.norm(tip - self._path[-1]) < NEAR_M)
        self.deviation_m = distance_to_path(tip, self._path)

    def contact(self, first: str, second: str) -> Meaning | None:
        """Tell that the target is touched where it may be."""
        pair = {first, second}
        return "landed" if self._near and self._target in pair and pair & set(self._robot.arm.hand.links) else None

    def judge(self, landed: bool) -> None:
        """Do nothing: the gripper is where it was led."""


class PushMonitor:
    """Watches how far a body that is pushed strays from its path; it is not held, and may."""

    def __init__(self, body: Body, carry: Carry, stage: Stage) -> None:
        self._body = body.name
        self._pivot = np.append(body.pivot(stage.manner.pivot), 1.0)
        self._path = (carry.body_in_world @ self._pivot)[:, :3]
        self.deviation_m: float | None = 0.0

    def look(self, scene: Scene, tcp_in_world: FloatArray) -> None:
        """Take in where the body is."""
        pivot = (scene.body_in_world(self._body) @ self._pivot)[:3]
        self.deviation_m = distance_to_path(pivot, self._path)

    def contact(self, first: str, second: str) -> Meaning | None:
        """Leave contacts to the controller."""
        return None

    def judge(self, landed: bool) -> None:
        """Do nothing: where the body ends is for the goal to judge."""


class CarryMonitor:
    """What is watched while a body is carried: how far it has risen, slipped, strayed, and is from its rest."""

    def __init__(self, body: Body, carry: Carry, stage: Stage, held_in_tcp: FloatArray, links: Sequence[str]) -> None:
        self.body, self.support, self.target = body.name, stage.support, stage.target
        self.landing = self.risen = self.near_rest = False
        self.deviation_m: float | None = 0.0
        self._links = links
        self._dragged = stage.manner.way == "pull"
        self._held = held_in_tcp
        self._pivot = np.append(body.pivot(stage.manner.pivot), 1.0)
        self._path = (carry.body_in_world @ self._pivot)[:, :3]
        self._start, self._rest = carry.body_in_world[0, :3, 3], carry.body_in_world[-1, :3, 3]
        self._slip_m = self._slip_rad = 0.0

    def look(self, scene: Scene, tcp_in_world: FloatArray) -> None:
        """Take in where body and tool are now."""
        now = scene.body_in_world(self.body)
        self.risen = self.risen or bool(now[2, 3] - self._start[2] > NEAR_M)
        self.near_rest = bool(np.linalg.norm(now[:3, 3] - self._rest) < NEAR_M)
        self._slip_m, self._slip_rad = moved_in_hand(inverse(tcp_in_world) @ now, self._held)
        self.deviation_m = distance_to_path((now @ self._pivot)[:3], self._path)

    def contact(self, first: str, second: str) -> Meaning | None:
        """Tell what a contact of the body means; the hand's is the controller's to judge."""
        if self.body not in (first, second):
            return None
        other = second if first == self.body else first
        if other in self._links:
            return None
        if self.landing and self.near_rest and other in (self.target, self.support):
            return "landed"
        if other == self.support and (self._dragged or not self.risen):
            return "allowed"
        return "disallowed"

    def judge(self, landed: bool) -> None:
        """Raise `EpisodeEnded` when the body has slipped in the hand or strayed from its path."""
        if landed:
            return
        if self._slip_m > SLIP_M or self._slip_rad > SLIP_RAD:
            detail = f"{self.body} moved {self._slip_m * 1000:.0f} mm, {np.degrees(self._slip_rad):.0f} deg in the hand"
            raise EpisodeEnded(Failure("slip", "slipped", detail))
        if self.deviation_m is not None and self.deviation_m > DEVIATION_M:
            raise EpisodeEnded(
                Failure("track", "deviation", f"{self.body} strayed {self.deviation_m * 1000:.0f} mm from its path")
            )


def moved_in_hand(held_in_tcp: FloatArray, before: FloatArray) -> tuple[float, float]:
    """Return by how much a body moved in the hand, metres and radians; poses (4, 4).

    Where the fingers are: a turn in the hand, which is judged by its angle, moves points that are far from them.
    """
    between_fingers = inverse(before)[:, 3]
    return float(np.linalg.norm((held_in_tcp @ between_fingers)[:3])), angle_between(held_in_tcp, before)
