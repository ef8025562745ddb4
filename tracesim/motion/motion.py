"""The interface of a motion: how a body follows a trace, from prediction to execution."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

import numpy as np

from tracesim.control.controller import Controller
from tracesim.control.kinematics import Arm
from tracesim.geometry.body_path import NEAR_M, STEP_M, BodyPath, Pace, Turning
from tracesim.geometry.contacts import BoolArray, Pair
from tracesim.geometry.rigid import FloatArray, transform
from tracesim.geometry.trace import Trace
from tracesim.language.question import Centric
from tracesim.layout.layout import Body, Layout
from tracesim.simulation.recorder import Phase, Recording

if TYPE_CHECKING:
    from tracesim.motion.subtask import Subtask

REST_S: Final = 0.5
"""How long a body is predicted to rest, at least, where it ends."""


@dataclass(frozen=True)
class Attitudes:
    """How a body may be turned along its path, as poses without translation."""

    first: FloatArray
    """At the start, (A, 4, 4)."""

    on_the_way: FloatArray
    """Anywhere between, (A, 4, 4)."""

    last: FloatArray
    """At the end, (A, 4, 4)."""


@dataclass(frozen=True)
class Motion(ABC):
    """How a body follows a trace: what an answer cannot say, and a task therefore states.

    A motion is a small immutable value. Prediction, scene arrangement and execution ask it for the body's path and for
    the contacts that are allowed on it; the controller and the scene know no motion by name. A new motion is one
    subclass in one file.
    """

    pivot: str = "base"
    """The named point of the body whose path has the shape of the trace, and about which the body is turned."""

    dwell_s: float = 0.0
    """How long the body rests at every keypoint, seconds."""

    speed_m_s: float = 0.25
    """Speed with which a predicted trace is timed, metres per second; a robot may be slower."""

    turn_rad_s: float = 0.8
    """Speed of a rotation, radians per second."""

    centric: ClassVar[Centric] = "object-centric"
    """Whose path the trace is."""

    level: ClassVar[bool] = False
    """Whether the body stays at least as high as it starts."""

    puts_down: ClassVar[bool] = True
    """Whether the body rests on something at the end."""

    stops_at_contact: ClassVar[bool] = False
    """Whether the body stops at the first contact where it lands."""

    # --- the body and its path

    def body(self, layout: Layout, name: str, start_in_world: FloatArray) -> Body:
        """Return the body that moves; `start_in_world` (3,) is where the trace begins."""
        return layout[name]

    def touched(self, layout: Layout, start_in_world: FloatArray) -> Body | None:
        """Return the body that a trace is about which begins at a point (3,), None where nothing is there."""
        return layout.touched(start_in_world)

    @property
    def turning(self) -> Turning:
        """How the body is turned on the way."""
        return Turning()

    @property
    def pace(self) -> Pace:
        """How fast the body is predicted to move."""
        return Pace(self.speed_m_s, self.turn_rad_s, self.dwell_s)

    @property
    def rest_s(self) -> float:
        """How long the body is predicted to rest at the end, seconds."""
        return REST_S

    def path(
        self, trace: Trace, body: Body, step_m: float = STEP_M, via_points: Mapping[int, FloatArray] | None = None
    ) -> BodyPath:
        """Return the poses of `body` along a trace; see `BodyPath.along`."""
        return BodyPath.along(
            trace,
            body.body_in_world,
            body.pivot(self.pivot),
            self.turning,
            level=self.level,
            step_m=step_m,
            via_points=via_points,
        )

    def attitudes(self, body: Body) -> Attitudes:
        """Return the attitudes that a body may have anywhere on its path."""
        upright = transform(body.body_in_world[:3, :3])[None]
        return Attitudes(upright, upright, upright)

    # --- contacts, for prediction and execution alike

    @abstractmethod
    def may_touch(self, subtask: Subtask, *, risen: bool, landing: bool) -> Collection[str]:
        """Return what the moving body may touch.

        Args:
            subtask: What is asked for.
            risen: Whether the body has been at least `NEAR_M` above where it started.
            landing: Whether the body is within `NEAR_M` of its end, for good.
        """

    def allowed_contacts(self, subtask: Subtask, body: str, body_in_world: FloatArray) -> dict[Pair, BoolArray]:
        """Return when the body may touch what, (T,) for each pair of bodies, on poses (T, 4, 4) of the body."""
        at = body_in_world[:, :3, 3]
        risen = np.cumsum(at[:, 2] - at[0, 2] > NEAR_M) > 0
        away = np.linalg.norm(at - at[-1], axis=1) > NEAR_M
        landing = np.cumsum(away[::-1])[::-1] == 0
        allowed = {(body, other): np.zeros(len(at), bool) for other in (subtask.target, subtask.support)}
        for has_risen in (False, True):
            for is_landing in (False, True):
                here = (risen == has_risen) & (landing == is_landing)
                for other in self.may_touch(subtask, risen=has_risen, landing=is_landing):
                    allowed.setdefault((body, other), np.zeros(len(at), bool))[here] = True
        return allowed

    def hand_contacts(
        self, subtask: Subtask, body: str, recording: Recording, body_in_world: FloatArray
    ) -> dict[str, BoolArray]:
        """Return when the hand may touch which body, (T,) by name, during a recorded motion.

        Args:
            subtask: What is asked for.
            body: Name of the body that moved.
            recording: The recorded motion, T samples.
            body_in_world: The body's poses (T, 4, 4).
        """
        return {body: recording.during(Phase.APPROACH, Phase.CLOSE, Phase.FOLLOW, Phase.OPEN, Phase.RETREAT)}

    # --- a robot

    def has_hand_room(self, layout: Layout, body: Body, trace: Trace) -> bool:
        """Tell whether a hand has room around the body along a trace; a quick test before `is_feasible`."""
        return True

    @abstractmethod
    def is_feasible(self, arm: Arm, body: Body, trace: Trace, subtask: Subtask) -> bool:
        """Tell whether an arm can lead the body along a trace without touching anything that it may not."""

    @abstractmethod
    def follow(self, controller: Controller, body: Body, trace: Trace, subtask: Subtask) -> None:
        """Lead the body along a trace with a robot, and the robot back to where it is parked.

        Raises:
            EpisodeEnded: the trace cannot be followed, or must not be followed any further.
        """
