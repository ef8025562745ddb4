"""Clearance from everything that may not be touched."""

from __future__ import annotations

from typing import Final

import numpy as np
import pytest

from tests.judge import Asked, Judge
from tracesim.constraints import Clearance
from tracesim.geometry.curve import Curve

AGREES: Final = 1e-12

EXAMPLES: Final = [(Clearance(), None)]


def judge_margin(judge: Judge, asked: Asked) -> float:
    assert judge.curve.clearance_m is not None
    return float(min(judge.curve.clearance_m) - asked["demand_m"])


def test_clearance_margin_is_the_least_clearance_minus_the_demand() -> None:
    curve = Curve(np.array([0.0, 1.0, 2.0]), {}, np.array([0.05, 0.012, 0.03]))
    assert Clearance().margin(curve) == pytest.approx(0.012)
    assert Clearance(demand_m=0.02).margin(curve) == pytest.approx(-0.008)
