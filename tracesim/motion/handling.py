"""Free handling of a body, without a trace: which contacts are allowed, and when the subtask is over."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final

import numpy as np

from tracesim.control.monitors import Meaning
from tracesim.geometry.body_path import NEAR_M
from tracesim.geometry.rigid import FloatArray
from tracesim.layout.gripper import GRIPPER
from tracesim.simulation.recorder import Phase
from tracesim.simulation.scene import Scene

if TYPE_CHECKING:
    from tracesim.motion.subtask import Subtask

STILL_M: Final = 0.001
"""Greatest distance by which a body moves that is still."""

STILL_S: Final = 0.5
"""Time for which it has to be still for the subtask to be over."""

HELD_STILL_S: Final = 1.0
"""The same, if the body is held at the end, as an arm also rests on its way."""

AWAY_M: Final = 0.05
"""Distance of the tool from where the hand touched the body last, at which the hand has left it."""


class Handling:
    """Watches a hand that handles a body as it likes.

    The hand may touch the body at all times. Once the body has risen, it may touch what it may touch where it lands, as
    it is not known where that is: whether it did so in the right place is judged afterwards. What the hand handles is
    the subtask's body, or its target if the gripper itself follows the trace.

    Attributes:
        deviation_m: None, as there is no path to deviate from.
        handled: Name of what the hand handles.
        phase: What the robot is doing, as it is recorded: FOLLOW while the hand touches what it handles.
    """

    def __init__(self, scene: Scene, subtask: Subtask) -> None:
        """Watch the robot of a scene during a subtask."""
        self.deviation_m = None
        self.handled = subtask.target if subtask.carried == GRIPPER else subtask.carried
        self.phase = Phase.APPROACH
        self._scene, self._subtask = scene, subtask
        self._hand_links = set(scene.robot.arm.hand.links)
        self._start = scene.body_in_world(self.handled)[:3, 3]
        self._risen = False
        self._left: FloatArray | None = None
        self._track: deque[tuple[float, FloatArray]] = deque()

    @property
    def moved(self) -> str | None:
        """Name of the body that was moved, None if nothing was touched."""
        return None if self.phase == Phase.APPROACH else self._subtask.carried

    def look(self, scene: Scene, tcp_in_world: FloatArray) -> None:
        """Update from the current state of the scene."""
        at = scene.body_in_world(self.handled)[:3, 3]
        self._risen = self._risen or bool(at[2] - self._start[2] > NEAR_M)
        touches = scene.touching({self.handled})
        if any({touch.first, touch.second} & self._hand_links for touch in touches):
            self.phase, self._left = Phase.FOLLOW, tcp_in_world[:3, 3]
        elif self.phase == Phase.FOLLOW:
            self.phase = Phase.RETREAT
        self._track.append((scene.time_s, at))
        while scene.time_s - self._track[0][0] > self._rest_s:
            self._track.popleft()

    def contact(self, first: str, second: str) -> Meaning | None:
        """Return what a contact means; None for contacts that the controller judges, as of the hand."""
        pair = {first, second}
        if self.handled not in pair or self._subtask.carried == GRIPPER:
            return None
        (other,) = pair - {self.handled}
        if other in self._hand_links:
            return None
        motion = self._subtask.motion
        allowed = motion.may_touch(self._subtask, risen=self._risen, landing=self._risen or motion.level)
        return "allowed" if other in allowed else "disallowed"

    def check(self, landed: bool) -> None:
        """Do nothing: constraints alone judge the motion."""

    def is_over(self) -> bool:
        """Return whether the subtask is over: the body is still, and released, or held if the motion ends so."""
        if self.phase == Phase.APPROACH or not self._is_still():
            return False
        if not self._subtask.motion.puts_down:
            return self.phase == Phase.FOLLOW and self._risen
        assert self._left is not None
        away_m = float(np.linalg.norm(self._scene.robot.tcp_in_world[:3, 3] - self._left))
        return self.phase == Phase.RETREAT and away_m > AWAY_M

    @property
    def _rest_s(self) -> float:
        return STILL_S if self._subtask.motion.puts_down else HELD_STILL_S + self._subtask.motion.dwell_s

    def _is_still(self) -> bool:
        points = np.array([at for _, at in self._track])
        lasted = self._track[-1][0] - self._track[0][0] > 0.9 * self._rest_s
        return bool(lasted and np.ptp(points, axis=0).max() <= STILL_M)
