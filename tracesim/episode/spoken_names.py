"""Names of bodies and robot links for use in messages."""

from __future__ import annotations

from dataclasses import dataclass

from tracesim.simulation.robot import Robot
from tracesim.task import Task


@dataclass(frozen=True)
class SpokenNames:
    """Names as they are spoken: bodies as the instruction refers to them, links by the part they belong to."""

    task: Task
    """The task, which refers to bodies."""

    robot: Robot
    """The robot, which has the links."""

    def of(self, name: str) -> str:
        """Return a body or link, given by its name in the scene, in words such as "the red block" or "the hand"."""
        if name in self.task.layout:
            return f"the {self.task.called(name)}"
        return self._parts.get(name, f"the {name.replace('_', ' ')}")

    @property
    def _parts(self) -> dict[str, str]:
        """The part of the robot that each link belongs to, by the link's name."""
        robot = self.robot.embodiment
        parts = dict.fromkeys(self.robot.links, "the arm") | dict.fromkeys(robot.mount_links, "the robot's base")
        for arm in robot.arms:
            parts |= dict.fromkeys(arm.hand.links, "the hand") | dict.fromkeys(arm.hand.finger_links, "a finger")
        return parts
