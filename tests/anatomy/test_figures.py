"""Figures of an anatomy: failures, safety and factors."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from statsmodels.stats.contingency_tables import StratifiedTable

from tests.runs import refused
from tests.written_runs import BELL, record, write
from tracesim.anatomy.__main__ import main
from tracesim.anatomy.breakdown import Breakdown
from tracesim.anatomy.factors import factors
from tracesim.anatomy.safety import Safety, severity
from tracesim.configuration import RunConfiguration, Variation
from tracesim.failure import Failure
from tracesim.results import Record
from tracesim.results.collection import Stored
from tracesim.results.record import Demand
from tracesim.results.turn import Turn
from tracesim.statistics import Rate, mantel_haenszel_test


def stored(*records: Record) -> list[Stored]:
    return [Stored(one, Path()) for one in records]


def ended(stage: str | None, reason: str = "", **fields: Any) -> Record:
    failure = None if stage is None else Failure(stage, reason)
    return Record.of(BELL, 0, success=stage is None, failure=failure, **fields)


def demand(kind: str, name: str, final: bool = False) -> Demand:
    return Demand(kind=kind, name=name, unit="m", final=final, fields={})


def test_failures_are_counted_by_stage_and_by_constraint() -> None:
    found = Breakdown.of(
        "mine",
        stored(
            ended(None, margins={"band": 0.1}),
            ended("collision", "hand-block_1", margins={"band": None}),
            ended("collision", "finger-block_2"),
            ended("constraint", "band", margins={"band": -0.1, "order": 0.2}),
        ),
    )
    assert found.stages == {"collision": Rate.of(2, 4), "constraint": Rate.of(1, 4)}
    assert found.reasons == {"collision": "block", "constraint": "band"}
    assert found.constraints == {"band": Rate.of(1, 2), "order": Rate.of(0, 1)}


@pytest.mark.parametrize(
    ("of", "expected"),
    [
        (ended(None, margins={"undisturbed": 0.01}, best={"undisturbed": 0.01}), 0.0),
        (ended("constraint", "undisturbed", margins={"undisturbed": -0.004}, best={"undisturbed": 0.01}), 0.4),
        (ended("constraint", "undisturbed", margins={"undisturbed": -0.5}, best={"undisturbed": 0.01}), 1.0),
        (ended("constraint", "clearance", margins={"clearance": -0.01}, best={"clearance": None}), 0.2),
        (ended("goal", "beside", margins={"beside": -0.3}, best={"beside": 0.1}), 0.0),
        (ended("collision", "hand-block"), 1.0),
    ],
)
def test_severity_is_the_worst_violation_of_a_safety_constraint(of: Record, expected: float) -> None:
    demands = [demand("Undisturbed", "undisturbed"), demand("Clearance", "clearance"), demand("Beside", "beside", True)]
    assert severity(of.model_copy(update={"constraints": demands})) == pytest.approx(expected)


def test_success_that_was_not_safe_is_a_share_of_all_episodes() -> None:
    demands = [demand("Undisturbed", "undisturbed"), demand("Beside", "beside", True)]
    best = {"undisturbed": 0.01, "beside": 0.1}

    def played(undisturbed: float, beside: float) -> Record:
        stage = "constraint" if undisturbed < 0 else "goal" if beside < 0 else None
        reason = "undisturbed" if undisturbed < 0 else "beside"
        margins = {"undisturbed": undisturbed, "beside": beside}
        return ended(stage, reason, margins=margins, best=best, constraints=demands)

    safe, unsafe = played(0.01, 0.1), played(-0.005, 0.1)
    found = Safety.of(stored(safe, unsafe, played(-0.02, -0.1), played(0.01, -0.1)))
    assert (found.reached.count, found.unsafe.count, found.succeeded_but_unsafe) == (2, 2, Rate.of(1, 4))
    assert found.severity == pytest.approx((0.5 + 1.0) / 2)


def test_the_test_over_strata_is_that_of_statsmodels() -> None:
    # Admissions at Berkeley in 1973 by sex in six departments (Bickel, Hammel and O'Connell 1975): admitted, rejected.
    men = [(512, 313), (353, 207), (120, 205), (138, 279), (53, 138), (22, 351)]
    women = [(89, 19), (17, 8), (202, 391), (131, 244), (94, 299), (24, 317)]
    mine = mantel_haenszel_test(
        [(Rate.of(a, a + b), Rate.of(c, c + d)) for (a, b), (c, d) in zip(men, women, strict=True)]
    )
    theirs = StratifiedTable([np.array(pair) for pair in zip(men, women, strict=True)]).test_null_odds()
    assert mine == pytest.approx(theirs.pvalue)
    assert mine == pytest.approx(0.217, abs=5e-4)
    assert mantel_haenszel_test([(Rate.of(5, 5), Rate.of(5, 5))]) == 1.0


def many(rates: dict[tuple[str, bool, str], float], n: int = 40) -> Sequence[Record]:
    """Return records by task, light and a word of the instruction, with a rate of failures each."""
    return [
        record(
            seed, success=seed >= rate * n, of=RunConfiguration(task, variation=Variation("mine", light=light))
        ).model_copy(update={"turns": [Turn(words={"order": word})]})
        for (task, light, word), rate in rates.items()
        for seed in range(n)
    ]


def test_a_factor_that_goes_with_failure_is_found_with_its_interval() -> None:
    rates = {
        (task, light, word): rate + 0.4 * light
        for task, rate in (("click_bell", 0.1), ("stack", 0.5))
        for light in (False, True)
        for word in ("left", "right")
    }
    (first, *rest) = factors(many(rates))
    assert (first.name, first.value, first.n, first.strata) == ("variation.light", "true", 160, 2)
    assert first.failures.value == pytest.approx(0.4)
    assert 0.25 < first.failures.interval.low < 0.4 < first.failures.interval.high < 0.55
    assert first.p_value < 1e-6
    assert {one.name: one.p_value for one in rest if one.name != "variation.light"} == {"words.order": 1.0}


def test_the_difficulty_of_tasks_is_not_taken_for_a_factor() -> None:
    easy, hard = "click_bell", "stack"
    mixed = {
        (easy, True, "left"): 0.1,
        (easy, False, "left"): 0.1,
        (hard, True, "right"): 0.8,
        (hard, False, "right"): 0.8,
    }
    found = {one.name: one for one in factors([*many(mixed, 40), *many({(hard, True, "right"): 0.8}, 40)])}
    assert found["variation.light"].p_value == 1.0
    assert "words.order" not in found  # each task has one word only


def test_what_was_drawn_is_a_factor_and_many_numbers_are_low_or_high() -> None:
    drawn = [
        record(seed, success=seed % 10 < 8).model_copy(update={"factors": {"light.azimuth_rad": float(seed % 10)}})
        for seed in range(100)
    ]
    (only,) = factors(drawn)[:1]
    assert (only.name, only.value, only.n) == ("light.azimuth_rad", ">= 5", 50)
    assert only.failures.value == pytest.approx(0.4)


def test_the_anatomy_of_runs_is_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path / "run", *(record(seed, success=seed % 2 > 0) for seed in range(6)))
    assert main([str(tmp_path)]) == 0
    said = capsys.readouterr().out
    assert "Failures by stage" in said
    assert "50 [12, 88]" in said
    assert main([]) == 2
    assert "No folder is given. Valid: python -m tracesim.anatomy FOLDER... ." in refused(capsys)
