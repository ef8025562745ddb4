"""One instruction of a task, and what the task states about carrying it out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from tracesim.language.question import Centric
from tracesim.layout.layout import TABLE
from tracesim.motion.carry import Carry
from tracesim.motion.motion import Motion

CARRY: Final = Carry()


@dataclass(frozen=True)
class Subtask:
    """What moves where, and how."""

    carried: str
    """The body that the trace is for; `tracesim.layout.gripper.GRIPPER` for the closed gripper itself."""

    support: str = TABLE
    """What the body stands on at first."""

    target: str = TABLE
    """What the body may touch at the end."""

    motion: Motion = CARRY
    """How the body follows the trace."""

    @property
    def centric(self) -> Centric:
        """Whose path the trace is."""
        return self.motion.centric

    @property
    def begins_in_contact(self) -> bool:
        """Whether the trace begins on the surface of a body; the path of the gripper itself begins in mid-air."""
        return self.centric == "object-centric"
