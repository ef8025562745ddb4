"""Scores of an episode, compared with judging it again with scaled tolerances."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracesim.configuration import RunConfiguration
from tracesim.constraints import Clearance, Constraint, RestsOn, Upright
from tracesim.failure import STAGES, Failure
from tracesim.geometry.curve import PointOn
from tracesim.results.record import Demand, Record
from tracesim.results.scores import LENIENT, NOMINAL, STRICT, Scores

CONFIGURATION = RunConfiguration("water_flowers")
POINT = PointOn("cup", (0.0, 0.0, 0.0))
MARGINS = st.none() | st.floats(-3.0, 1.0) | st.sampled_from([0.0, -0.0, 5e-324, -5e-324, -1e-20, 0.5, -1.0])
EARLY = [stage for stage in STAGES if stage not in ("constraint", "goal")]


@st.composite
def records(draw: st.DrawFn) -> Record:
    """Return the record of an episode that is judged as trials are: the first violated constraint is named."""
    names = draw(st.lists(st.sampled_from("abcdef"), unique=True, min_size=1))
    finals = {name: draw(st.booleans()) for name in names}
    bests = {name: draw(st.none() | st.just(0.0) | st.floats(0.001, 1.0)) for name in names}
    margins = {name: draw(MARGINS) for name in names}
    early = draw(st.none() | st.sampled_from(EARLY))
    violated = [name for name, margin in margins.items() if margin is not None and margin < 0.0]
    failure = None
    if early is not None:
        failure = Failure(early, "why")
    elif violated:
        failure = Failure("goal" if finals[violated[0]] else "constraint", violated[0])
    return Record.of(
        CONFIGURATION,
        0,
        success=failure is None,
        failure=failure,
        margins=draw(st.sampled_from([margins, {}])) if early else margins,
        best=bests,
        constraints=[Demand(kind="Any", name=name, unit="m", final=finals[name], fields={}) for name in names],
    )


def judged_again(record: Record, factor: float) -> bool:
    """Return whether the episode succeeds if what is missing may be `factor` of the tolerance."""
    if record.failure is not None and record.failure.stage in EARLY:
        return False
    for name, margin in record.margins.items():
        best = record.best[name]
        if margin is None:
            continue
        if not best:
            if margin < 0.0:
                return False
        elif margin < 0.0 if factor == 1.0 else best - margin > factor * best + 1e-12:
            return False
    return True


@given(records())
def test_nominal_is_success(record: Record) -> None:
    scores = Scores.of(record)
    assert scores.nominal == scores.success == record.success
    assert (scores.quadrant == "both") == record.success


@given(records(), st.floats(0.0, 4.0))
def test_factor_separates_success_from_failure(record: Record, factor: float) -> None:
    scores = Scores.of(record)
    if scores.factor is None:
        assert not judged_again(record, 1e9)
        assert not scores.lenient
    else:
        assert scores.factor >= 0.0
        assert judged_again(record, scores.factor + 1e-9)
        if abs(factor - scores.factor) > 1e-9 and factor != 1.0:
            assert judged_again(record, factor) == (factor >= scores.factor)
    assert scores.strict <= scores.nominal <= scores.lenient
    for multiple, verdict in ((STRICT, scores.strict), (NOMINAL, scores.nominal), (LENIENT, scores.lenient)):
        if scores.factor is None or multiple == 1.0 or abs(multiple - scores.factor) > 1e-9:
            assert verdict == judged_again(record, multiple)


@given(records())
def test_area_is_under_the_curve_of_success(record: Record) -> None:
    factors = (np.arange(400) + 0.5) / 200
    curve = [judged_again(record, factor) for factor in factors]
    assert Scores.of(record).area == pytest.approx(float(np.mean(curve)), abs=0.5 / 200)


@given(records())
def test_goal_and_path_divide_the_constraints(record: Record) -> None:
    scores = Scores.of(record)
    final = {one.name for one in record.constraints if one.final}
    held = {name for name, margin in record.margins.items() if margin is None or margin >= 0.0}
    was_played = record.success or bool(record.margins)
    assert scores.goal == (was_played and final & set(record.margins) <= held)
    early = record.failure is not None and record.failure.stage in EARLY
    assert scores.path == (not early and set(record.margins) - final <= held)


def record_of(margins: dict[str, float | None], **fields: Any) -> Record:
    asked: list[Constraint] = [RestsOn(POINT, POINT, 0.035, 0.005), Clearance(demand_m=0.01), Upright("cup", 0.1)]
    return Record.of(
        CONFIGURATION,
        0,
        margins=margins,
        best={one.name: one.ideal for one in asked},
        constraints=[Demand.of(one) for one in asked],
        **fields,
    )


def test_episode_is_scored_by_its_worst_constraint() -> None:
    scores = Scores.of(record_of({"rests_on": 0.002, "clearance": 0.003, "upright": 0.09}, success=True))
    assert scores.relative == pytest.approx({"rests_on": 0.4, "upright": 0.9})
    assert scores.smallest == pytest.approx(0.4)
    assert scores.tightest == "rests_on"
    assert scores.clearance_m == pytest.approx(0.013)
    assert scores.factor == pytest.approx(0.6)
    assert (scores.strict, scores.nominal, scores.lenient) == (False, True, True)
    assert scores.area == pytest.approx(0.7)


def test_constraint_without_an_ideal_margin_holds_or_not() -> None:
    failure = Failure("constraint", "clearance")
    margins = {"rests_on": 0.002, "clearance": -0.001, "upright": None}
    scores = Scores.of(record_of(margins, success=False, failure=failure))
    assert (scores.factor, scores.lenient, scores.area) == (None, False, 0.0)
    assert scores.quadrant == "goal_only"


def test_episode_that_was_not_executed_has_neither_goal_nor_path() -> None:
    scores = Scores.of(record_of({}, success=False, failure=Failure("answer", "no_points")))
    assert (scores.quadrant, scores.factor, scores.smallest, scores.clearance_m) == ("neither", None, None, None)


@pytest.mark.parametrize(
    ("failure", "margin"),
    [
        (Failure("collision", "clearance"), -0.001),
        (Failure("constraint", "clearance"), 0.5),
        (Failure("constraint", "clearance"), 0.0),
    ],
)
def test_an_episode_that_ended_early_or_against_its_margins_is_not_over(failure: Failure, margin: float) -> None:
    scores = Scores.of(record_of({"rests_on": 0.002, "clearance": margin}, success=False, failure=failure))
    assert (scores.path, scores.factor, scores.lenient, scores.area) == (False, None, False, 0.0)
