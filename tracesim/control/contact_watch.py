"""The watch on contacts: it ends an episode at a contact of the robot, or of what it moves, that nothing allows."""

from __future__ import annotations

from collections.abc import Collection

from tracesim.control.monitors import Collision, Meaning, Monitor
from tracesim.simulation.scene import Scene, Touch


class ContactWatch:
    """Judges the contacts of a robot and of what it moves.

    It looks in every time step, because bodies that bump press on each other only now and then. A contact that is not
    allowed counts in any step, and ends the episode at the next sample; a landing has to last to the sample.
    """

    def __init__(self, scene: Scene) -> None:
        """Watch the links of a scene's robot, without its mount; nothing may be touched yet."""
        self._scene, self._robot = scene, scene.robot
        self._moving = frozenset(scene.robot.links) - {*scene.robot.embodiment.mount_links}
        self._together: frozenset[str] = frozenset()
        self._allowed: set[frozenset[str]] = set()
        self._passing: list[Touch] = []

    def begin(self, body: str) -> None:
        """Watch the contacts of a body from now on, as the robot moves it."""
        self._moving |= {body}

    def cease(self, body: str) -> None:
        """Watch the contacts of a body no longer."""
        self._moving -= {body}

    def allow(self, *pairs: tuple[str, str]) -> None:
        """Allow pairs of bodies or links to touch."""
        self._allowed |= {frozenset(pair) for pair in pairs}

    def handle(self, body: str, hand: Collection[str]) -> None:
        """Allow the links of a hand to touch a body, and look at the contacts between them no longer."""
        self.allow(*((link, body) for link in hand))
        self._together = frozenset((body, *hand))

    def forget(self, kept: Collection[str]) -> None:
        """Allow no contacts any longer, but those in which one of some bodies or links takes part."""
        self._allowed = {pair for pair in self._allowed if not pair.isdisjoint(kept)}
        self._together = frozenset()

    def touches(self) -> list[Touch]:
        """Return the contacts in the current time step."""
        return self._scene.touching(self._moving, self._together)

    def pass_by(self, touches: Collection[Touch], monitor: Monitor | None) -> None:
        """Keep for the next sample what is not allowed of the contacts in a time step."""
        self._passing += [touch for touch in touches if self._meaning(touch, monitor) == "disallowed"]

    def check(self, touches: Collection[Touch], monitor: Monitor | None) -> None:
        """End the episode if a contact since the last sample is not allowed: a protective stop.

        Args:
            touches: The contacts at the sample.
            monitor: Says what contacts mean to the current motion; None if nothing does.

        Raises:
            Collision: A contact is not allowed.
        """
        for touch in (*touches, *self._passing):
            if self._meaning(touch, monitor) == "disallowed":
                raise Collision.of(touch, self._moving, self._robot.links, self._scene.time_s)
        self._passing.clear()

    def landed(self, touches: Collection[Touch], monitor: Monitor | None) -> frozenset[str]:
        """Return the names of what takes part in contacts that the monitor calls a landing."""
        landings = [touch for touch in touches if self._meaning(touch, monitor) == "landed"]
        return frozenset(name for touch in landings for name in (touch.first, touch.second))

    def _meaning(self, touch: Touch, monitor: Monitor | None) -> Meaning:
        pair = frozenset((touch.first, touch.second))
        if pair <= set(self._robot.links):
            return "disallowed" if self._robot.is_between_arms(*pair) else "allowed"
        means = None if monitor is None else monitor.contact(touch.first, touch.second)
        return means or ("allowed" if pair in self._allowed else "disallowed")
