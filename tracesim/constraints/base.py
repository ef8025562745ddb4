"""What every constraint is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar, Final

from tracesim.curve import Curve
from tracesim.volume import Volume

SAME_TIME_S: Final = 1e-9
"""Times that differ by less are the same: a window may end on the last sample in spite of rounding."""

DISC_M: Final = 0.001
"""How thick a flat mark is drawn."""


class Constraint(ABC):
    """Something asked for. Subclasses are frozen dataclasses.

    name: unique within a task. unit: of the margin. final: whether only the end of the curve is judged.
    """

    name: str
    unit: ClassVar[str] = "m"
    final: ClassVar[bool] = False

    @abstractmethod
    def margin(self, curve: Curve) -> float | None:
        """Return by how much the constraint holds: 0 or more holds, less is violated by so much.

        None where the curve lacks what it needs: not applicable, neither held nor failed.
        """

    def volumes(self) -> tuple[Volume, ...]:
        """Return what a film draws to show what is asked."""
        return ()
