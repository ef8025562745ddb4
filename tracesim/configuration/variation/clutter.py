"""Distractors and near misses, as axes of variation; `tracesim.arrangement.clutter` places them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from tracesim.configuration.variation.axis import Axis
from tracesim.errors import ConfigurationError

MOST_OBJECTS: Final = 20
"""Largest number of distractors, and of near misses: placement rarely succeeds with more."""

WIDEST_GAP_M: Final = 0.1
"""Largest gap around distractors, metres."""


@dataclass(frozen=True)
class ClutterAxis(Axis):
    """Objects that the instruction does not refer to."""

    clutter: int = 4
    """Number of distractors."""

    clutter_kinds: tuple[str, ...] = ()
    """Kinds of props that distractors are drawn from, such as [mug,bottle]; [] stands for every kind."""

    clutter_gap_m: float = 0.02
    """Smallest horizontal gap between a distractor and any other object, in metres."""

    near_misses: int = 0
    """Number of objects that differ from the one asked for in a single word, such as a blue block beside a red one."""

    def check(self) -> None:
        """Check the numbers of objects, and the gap.

        Raises:
            ConfigurationError: one of them is out of range.
        """
        for name, count in (("clutter", self.clutter), ("near_misses", self.near_misses)):
            if count < 0:
                raise ConfigurationError(f"variation.{name}={count}: a number of objects is 0 or more.")
            if count > MOST_OBJECTS:
                raise ConfigurationError(f"variation.{name}={count}: a table holds {MOST_OBJECTS} at most.")
        if not 0 <= self.clutter_gap_m <= WIDEST_GAP_M:
            raise ConfigurationError(
                f"variation.clutter_gap_m={self.clutter_gap_m}: metres, between 0 and {WIDEST_GAP_M}."
            )
