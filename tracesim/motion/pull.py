"""The motion in which a body is grasped and dragged over its support."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from tracesim.motion.carry import Carry

if TYPE_CHECKING:
    from tracesim.motion.subtask import Subtask


@dataclass(frozen=True)
class Pull(Carry):
    """Grasp a body, drag it along the trace without lifting it, and release it."""

    level: ClassVar[bool] = True
    drags: ClassVar[bool] = True
    stops_at_contact: ClassVar[bool] = False

    def may_touch(self, subtask: Subtask, *, risen: bool, landing: bool) -> Collection[str]:
        """Return the support at all times, and the target while the body lands."""
        return (subtask.support, subtask.target) if landing else (subtask.support,)
