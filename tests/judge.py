"""An independent judge: margins from the JSON of a record and the arrays of a curve, without the package's formulas.

Each class of constraints is judged by the function `judge_margin` in the module of its tests: that of `RestsOn` is in
`tests/constraints/test_rests_on.py`.
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
"""Time step for events between samples, seconds."""


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
        """Return the margin of a constraint from its class and fields as recorded."""
        return float(module_of(kind).judge_margin(self, asked))

    def path(self, point: Asked) -> FloatArray:
        """Return the path (T, 3) of a point of a body, metres, world frame."""
        return np.array([(pose @ [*point["position"], 1.0])[:3] for pose in self.curve.bodies[point["body"]]])

    def at(self, times: FloatArray, path: FloatArray) -> FloatArray:
        """Return a path (T, 3) at other times, by linear interpolation."""
        return np.column_stack([np.interp(times, self.times, column) for column in path.T])

    def moments(self) -> FloatArray:
        """Return times along the curve, `MOMENT_S` apart."""
        return np.arange(self.times[0], self.times[-1], MOMENT_S)

    def placed(self, *solids: Asked) -> list[list[FloatArray]]:
        """Return the vertices (N, 3) of each hull of some bodies at the end, world frame."""
        found = []
        for solid in solids:
            pose = self.curve.bodies[solid["body"]][-1]
            found.append([hull @ pose[:3, :3].T + pose[:3, 3] for hull in self.layout[solid["body"]].prop.hulls])
        return found


def module_of(kind: str) -> ModuleType:
    """Return the module that tests a class of constraints."""
    return importlib.import_module(f"tests.constraints.test_{re.sub(r'(?<!^)(?=[A-Z])', '_', kind).lower()}")


def agreement(kind: str) -> float:
    """Return the tolerance between the judge and a class of constraints, in its unit: 1e-6 unless its tests say."""
    return float(getattr(module_of(kind), "AGREES", 1e-6))
