"""What tasks share in which it matters how a body is turned when it is put down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import radians
from typing import ClassVar

import numpy as np

from tracesim.constraints import Aligned, Constraint
from tracesim.families.placing import Placing
from tracesim.layout.layout import TABLE
from tracesim.motion.carry import Carry
from tracesim.motion.subtask import Subtask


class Aligning(Placing):
    """A task in which `carried` is put down aligned with `with_body`.

    A trace does not say how a body is turned: the task states it, and `heading`, `fold` and `tolerance_rad` are those
    of `tracesim.constraints.Aligned`.
    """

    motion: ClassVar[Carry] = Carry()
    with_body: ClassVar[str] = TABLE
    heading: ClassVar[float] = 0.0
    fold: ClassVar[int] = 1
    tolerance_rad: ClassVar[float] = radians(5.0)

    def aligned(self, tolerance_rad: float | None = None) -> Aligned:
        """Return the constraint that the body ends aligned, within the task's own tolerance unless given."""
        allowed = self.tolerance_rad if tolerance_rad is None else tolerance_rad
        return Aligned(self.carried, self.with_body, allowed, self.heading, self.fold)

    def constraints(self) -> Sequence[Constraint]:
        """Return those of every placing, and that the body ends aligned."""
        return [*super().constraints(), self.aligned()]

    def subtasks(self) -> Sequence[Subtask]:
        """Return the only subtask: on the way the body is turned by what it lacks, the shorter way round."""
        other = np.eye(4) if self.with_body == TABLE else self.layout[self.with_body].body_in_world
        turn = self.aligned().missing(self.layout[self.carried].body_in_world, other)
        return (Subtask(self.carried, self.support, self.target, replace(self.motion, turn=turn)),)
