"""What every constraint says of itself: the margin of a perfect motion, and what is asked as data."""

from __future__ import annotations

import json

import numpy as np
import pytest

from tests.motions import Standing, cube, hovering, still, stops
from tracesim.constraints import (
    Aligned,
    AtRest,
    Band,
    Beside,
    Box,
    Clearance,
    Constraint,
    Contact,
    Cylinder,
    Dwell,
    Gap,
    Grounded,
    KeepOut,
    Order,
    RestsOn,
    Speed,
    Tilt,
    Touches,
    Undisturbed,
    Upright,
    Visits,
)
from tracesim.constraints.table import kinds
from tracesim.geometry.curve import Curve, PointOn
from tracesim.geometry.rigid import transform

A, B = Standing("a", cube()), Standing("b", cube())
BASE_A, BASE_B, TOP_B = PointOn("a", (0.0, 0.0, 0.0)), PointOn("b", (0.0, 0.0, 0.0)), PointOn("b", (0.0, 0.0, 0.04))

REGION = Cylinder(BASE_B, 0.0, 0.1, 0.05)

STACKED = Curve(np.arange(3.0), {"a": still(np.array([0.0, 0.0, 0.04]), 3), "b": still(np.zeros(3), 3)})
ASIDE = Curve(np.arange(3.0), {"a": still(np.array([0.08, 0.0, 0.0]), 3), "b": still(np.zeros(3), 3)})
OVER_FLOWERS = hovering([(flower, 0.0, 0.03, 0.6) for flower in (0, 1, 2)])

PERFECT: list[tuple[Constraint, Curve]] = [
    (Visits(stops(3)), OVER_FLOWERS),
    (Order(stops(3)), OVER_FLOWERS),
    (Band(stops(3), 0.01, 0.05), OVER_FLOWERS),
    (Undisturbed.of([A, B]), STACKED),
    (Touches(BASE_A, TOP_B, 0.02, 0.01), STACKED),
    (RestsOn(BASE_A, TOP_B, 0.035, 0.005), STACKED),
    (Grounded(BASE_A, TOP_B, 0.01), STACKED),
    (Beside(BASE_A, BASE_B, (1.0, 0.0, 0.0), 0.05, 0.11, 0.05), ASIDE),
    (Gap.between(A, B, 0.03, 0.05), ASIDE),
    (Contact.of(A, B), STACKED),
    (Contact.of(A, B, supported=True), STACKED),
    (Upright("a"), STACKED),
    (Tilt("a", 0.17), STACKED),
    (Aligned("a", "b", 0.1), STACKED),
    (AtRest("a"), STACKED),
]
UNBOUNDED: list[Constraint] = [
    Clearance(),
    KeepOut(BASE_A, Box(BASE_B, 0.0, 0.1, 0.05, 0.05)),
    KeepOut.of(A, REGION),
    Dwell(BASE_A, REGION, 1.0),
    Speed(BASE_A, 0.15),
]
ALL = [*(constraint for constraint, _ in PERFECT), *UNBOUNDED]


def test_every_kind_is_here() -> None:
    assert {type(constraint) for constraint in ALL} == set(kinds())


@pytest.mark.parametrize(("constraint", "curve"), PERFECT, ids=lambda value: getattr(value, "name", ""))
def test_the_best_margin_is_that_of_a_perfect_motion(constraint: Constraint, curve: Curve) -> None:
    assert constraint.margin(curve) == pytest.approx(constraint.ideal, abs=1e-5)


@pytest.mark.parametrize("constraint", UNBOUNDED, ids=lambda value: value.name)
def test_what_is_demanded_at_least_has_no_best(constraint: Constraint) -> None:
    assert constraint.ideal is None


@pytest.mark.parametrize("constraint", ALL, ids=lambda value: type(value).__name__)
def test_what_is_asked_is_plain_data(constraint: Constraint) -> None:
    data = constraint.as_data()
    assert json.loads(json.dumps(data, allow_nan=False)) == data
    assert "name" not in data
    assert len(json.dumps(data)) < 1500


def test_data_has_points_and_numbers_as_they_are_and_hulls_by_name() -> None:
    gap = Gap.between(A, B, 0.03, 0.05)
    assert gap.as_data() == {"one": {"body": "a"}, "other": {"body": "b"}, "low_m": 0.03, "high_m": 0.05}
    point = PointOn("a", (0.1 + 0.2, 0.0, 1 / 3))
    assert Speed(point, 0.15).as_data() == {
        "point": {"body": "a", "position": [0.1 + 0.2, 0.0, 1 / 3]},
        "most_m_s": 0.15,
        "window_s": 0.1,
    }
    corners = Undisturbed.of([Standing("c", cube(1 / 30))]).as_data()["corners"]
    assert corners[0][0] == "c"
    assert corners[0][1][0] == [-0.0333, -0.0333, 0.0]


def test_values_are_equal_whose_bodies_are_called_the_same() -> None:
    again = Standing("a", cube())
    assert Gap.between(A, B, 0.03, 0.05) == Gap.between(again, B, 0.03, 0.05)
    assert hash(KeepOut.of(A, REGION)) == hash(KeepOut.of(again, REGION))


def test_a_curve_of_one_moment_is_judged() -> None:
    moment = Curve(np.zeros(1), {"a": transform(None, (0.3, 0.0, 0.0))[None], "b": np.eye(4)[None]})
    assert Dwell(BASE_A, REGION, 1.0).margin(moment) == pytest.approx(-1.0)
    assert KeepOut(BASE_A, REGION).margin(moment) == pytest.approx(0.25)
    assert Speed(BASE_A, 0.15).margin(moment) is None
