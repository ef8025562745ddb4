"""A stage: one of the instructions that a task asks, one after the other, and what the task states about doing it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from tracesim.language.question import Centric
from tracesim.layout.gripper import GRIPPER
from tracesim.layout.layout import TABLE
from tracesim.motion.manner import Manner

PLAIN: Final = Manner()


@dataclass(frozen=True)
class Stage:
    """What is carried where, and how.

    carried: the body that the trace is for; `tracesim.layout.gripper.GRIPPER` where it is the closed gripper itself.
    support: what it stands on at first. target: what it may touch once it is put down. manner: how it is carried.
    """

    carried: str
    support: str = TABLE
    target: str = TABLE
    manner: Manner = PLAIN

    @property
    def centric(self) -> Centric:
        """Whose path the trace is."""
        return "end-effector-centric" if self.carried == GRIPPER else "object-centric"

    @property
    def begins_in_contact(self) -> bool:
        """Whether the trace begins on the surface of a body; the path of the gripper itself begins in mid-air."""
        return self.carried != GRIPPER
