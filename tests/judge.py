"""Judges a curve by what a record keeps of its constraints: JSON, arrays and formulas, none of them the package's.

How a kind of constraint is judged stands in its tests: `judge_margin` in `tests/constraints/test_rests_on.py` is
the judge of `RestsOn`.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Mapping
from types import ModuleType
from typing import Any, Final, Protocol

import numpy as np

from tracesim.constraints import Standing
from tracesim.geometry.curve import Curve
from tracesim.geometry.rigid import FloatArray

Asked = Mapping[str, Any]

MOMENT_S: Final = 0.0005
"""How finely time is looked at where something is to be found between samples."""


class Bodies(Protocol):
    """Bodies by name, such as a layout."""

    def __getitem__(self, name: str, /) -> Standing:
        """Return the body of a name."""


class Judge:
    """Recomputes margins on one curve; hulls are those of the layout's props."""

    def __init__(self, curve: Curve, layout: Bodies) -> None:
        self.curve = curve
        self.layout = layout
        self.times = curve.times_s

    def margin(self, kind: str, asked: Asked) -> float:
        """Return the margin of a constraint, its class and fields as a record keeps them."""
        return float(module_of(kind).judge_margin(self, asked))

    def path(self, point: Asked) -> FloatArray:
        """Return where a point of a body is at every sample, (T, 3)."""
        return np.array([(pose @ [*point["position"], 1.0])[:3] for pose in self.curve.bodies[point["body"]]])

    def at(self, times: FloatArray, path: FloatArray) -> FloatArray:
        """Return a path (T, 3) at other times, straight between samples."""
        return np.column_stack([np.interp(times, self.times, column) for column in path.T])

    def moments(self) -> FloatArray:
        """Return times all along the curve, in small steps."""
        return np.arange(self.times[0], self.times[-1], MOMENT_S)

    def placed(self, *solids: Asked) -> list[list[FloatArray]]:
        """Return the corners of each hull of some bodies at the end, (N, 3), world."""
        found = []
        for solid in solids:
            pose = self.curve.bodies[solid["body"]][-1]
            found.append([hull @ pose[:3, :3].T + pose[:3, 3] for hull in self.layout[solid["body"]].prop.hulls])
        return found


def module_of(kind: str) -> ModuleType:
    """Return the module that tests a class of constraints."""
    return importlib.import_module(f"tests.constraints.test_{re.sub(r'(?<!^)(?=[A-Z])', '_', kind).lower()}")


def agreement(kind: str) -> float:
    """Return how far two ways of computing a margin may be apart, in its unit: 1e-6 unless the kind's tests say."""
    return float(getattr(module_of(kind), "AGREES", 1e-6))
