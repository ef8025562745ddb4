"""Pull a body: grasp it, and drag it over what it stands on."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from tracesim.motion.carry import Carry

if TYPE_CHECKING:
    from tracesim.motion.subtask import Subtask


@dataclass(frozen=True)
class Pull(Carry):
    """Grasp a body, drag it along the trace without lifting it, and let go."""

    level: ClassVar[bool] = True
    drags: ClassVar[bool] = True
    stops_at_contact: ClassVar[bool] = False

    def may_touch(self, subtask: Subtask, *, risen: bool, landing: bool) -> Collection[str]:
        """Return the support at all times, and the target at the end."""
        return (subtask.support, subtask.target) if landing else (subtask.support,)
