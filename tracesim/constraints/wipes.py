"""Wiping off a stain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

import numpy as np
import numpy.typing as npt

from tracesim.constraints.base import Constraint
from tracesim.constraints.faces import band_cells, corner_paths, covers, first_places, steps
from tracesim.constraints.patch import Patch
from tracesim.constraints.region import Box
from tracesim.constraints.units import PERCENT
from tracesim.geometry.curve import Curve, PointOn
from tracesim.geometry.rigid import FloatArray

CELL_M: Final = 0.001
"""Size of the square cells into which a stain is divided; a cell is wiped off if its middle is."""

STEP_M: Final = 0.001
"""Greatest distance between the places of a face at which it wipes."""


@dataclass(frozen=True)
class Wipes(Constraint):
    """A face wipes off at least a given share of the area of a stain.

    It wipes what is below it while all its corners are in the layer above the surface. The stain is a band about a
    line. Its share is measured on cells of 1 mm: for a stain of 60 cm², it is off by less than 0.1 % of the area.

    Attributes:
        face: Corners of the face, in their order around it.
        line: Points of the middle of the stain, between which it is straight.
        half_width_m: Greatest distance of the stain from its middle.
        surface: The layer in which the face touches the surface.
        least_percent: Least share of the area.
    """

    face: tuple[PointOn, ...]
    line: tuple[PointOn, ...]
    half_width_m: float
    surface: Box
    least_percent: float
    name: str = "wipes"
    unit: ClassVar[str] = PERCENT
    full_scale: ClassVar[float] = 10.0
    room: ClassVar[str] = "{} more wiped off than asked"
    violation: ClassVar[str] = "wipes off {} less of the stain than asked"

    def margin(self, curve: Curve) -> float | None:
        """Return the share of the stain's area that is wiped off minus the least share, per cent."""
        return self.margins_so_far(curve, [len(curve) - 1])[0]

    def margins_so_far(self, curve: Curve, samples: Sequence[int]) -> list[float | None]:
        """Return the margins up to some samples; see `Constraint.margins_so_far`."""
        cells = self._cells(curve)
        if cells is None:
            return [None] * len(samples)
        wiped = np.bincount(cells[1], minlength=len(curve) + 1)[: len(curve)]
        shares = 100.0 * np.cumsum(wiped) / len(cells[1])
        return [float(shares[sample]) - self.least_percent for sample in samples]

    def patches(self, curve: Curve) -> tuple[Patch, ...]:
        """Return the part of the stain that is wiped off."""
        cells = self._cells(curve)
        if cells is None:
            return ()
        wiped, samples = cells[0][cells[1] < len(curve)], cells[1][cells[1] < len(curve)]
        surface_in_world = self.surface.in_world(curve[:1])[0]
        return (Patch(wiped @ surface_in_world[:3, :2].T + surface_in_world[:3, 3], samples),)

    def _cells(self, curve: Curve) -> tuple[FloatArray, npt.NDArray[np.intp]] | None:
        """Return the cells of the stain, (N, 2), and the sample by which each is wiped off, (N,).

        Cells are in the frame of the surface. The sample of one that stays is the number of samples. The result is None
        where the curve lacks the face or the stain.
        """
        paths, line = corner_paths(curve, self.face, self.surface), first_places(curve, self.line, self.surface)
        if paths is None or line is None:
            return None
        cells = band_cells(line, self.half_width_m, CELL_M)
        wiped_by, left = np.full(len(cells), len(curve)), np.arange(len(cells))
        for sample, corners in steps(paths, STEP_M):
            heights = corners[:, 2]
            if heights.min() >= self.surface.low_m and heights.max() <= self.surface.high_m:
                covered = covers(corners[:, :2], cells[left])
                wiped_by[left[covered]] = sample
                left = left[~covered]
        return cells, wiped_by

    @property
    def ideal(self) -> float:
        """The margin if the whole stain is wiped off."""
        return 100.0 - self.least_percent
