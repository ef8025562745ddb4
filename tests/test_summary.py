"""Summaries and their tables: published intervals, and every episode counted once."""

from __future__ import annotations

import dataclasses
import io
import json
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from tracesim.configuration import ControllerOptions, PolicyChoice, RunConfiguration, Variation
from tracesim.configuration.variation.instruction import Counterfactual
from tracesim.constraints import Visiting
from tracesim.failure import STAGES, Failure
from tracesim.results.pairs import pairs
from tracesim.results.record import Demand, Record
from tracesim.results.store import RecordStore, read_records
from tracesim.results.summary import (
    ConstraintSummary,
    FailureSummary,
    QuadrantSummary,
    VisitSummary,
    summarise,
)
from tracesim.results.tables import pair_table, sweep_table, table
from tracesim.results.turn import Turn
from tracesim.statistics import Rate

EXPERT = RunConfiguration("water_flowers")


@st.composite
def records(draw: st.DrawFn) -> Record:
    stage = draw(st.none() | st.sampled_from(STAGES))
    return Record.of(
        RunConfiguration("water_flowers", PolicyChoice(draw(st.sampled_from(["expert", "noop"])))),
        draw(st.integers(0, 8)),
        success=stage is None,
        failure=None if stage is None else Failure(stage, draw(st.sampled_from(["a", "b"]))),
        margins=draw(
            st.dictionaries(st.sampled_from(["band", "order"]), st.none() | st.floats(0 if stage is None else -1, 1))
        ),
        predicted_success=draw(st.none() | st.booleans()),
    )


@pytest.mark.parametrize(("n", "low", "high"), [(5, None, None), (6, 1, 6), (10, 2, 9), (20, 6, 15)])
def test_median_interval_is_as_published(n: int, low: int | None, high: int | None) -> None:
    # Conover, Practical Nonparametric Statistics, table A3 (binomial distribution, p = 1/2).
    of = summarise(Record.of(EXPERT, seed, success=True, margins={"band": seed + 1}) for seed in range(n))
    (band,) = of.constraints
    assert (band.median_low, band.median_high) == (low, high)
    assert band.median_margin == (n + 1) / 2


@settings(max_examples=40, deadline=None)
@given(st.lists(records(), max_size=12))
def test_every_episode_is_counted_once(written: list[Record]) -> None:
    summary = summarise(written)
    last = {record.key: record for record in written}
    judged = [record for record in last.values() if record.is_judged]
    verdicts = summary.verdicts
    assert summary.success.n == len(judged)
    assert summary.success.n + summary.infrastructure + summary.no_scene == len(last)
    assert (
        verdicts.both + verdicts.predicted_only + verdicts.executed_only + verdicts.neither + verdicts.unknown
        == len(judged)
    )
    assert summary.success.count + sum(one.count for one in summary.failures) == len(last)
    for one in summary.constraints:
        applicable = [margin for record in judged if (margin := record.margins.get(one.name)) is not None]
        assert (one.held.count, one.held.n) == (sum(margin >= 0 for margin in applicable), len(applicable))
    assert sum(dataclasses.astuple(summary.quadrants)) == len(judged)
    assert summary.quadrants.both == summary.tolerance.nominal.count == summary.success.count
    json.dumps(summary.as_json(), allow_nan=False)


@settings(max_examples=20, deadline=None)
@given(written=st.lists(records(), min_size=1, max_size=8))
def test_summary_of_a_file_is_that_of_its_records(
    tmp_path_factory: pytest.TempPathFactory, written: list[Record]
) -> None:
    folder = tmp_path_factory.mktemp("run")
    with RecordStore(folder) as store:
        for record in written:
            store.append(record)
    assert summarise(read_records(folder / RecordStore.FILE)) == summarise(written)


def test_pairs_have_one_seed_and_one_configuration() -> None:
    done = {("original", 0): True, ("twin", 0): True, ("original", 1): True, ("twin", 1): False, ("original", 2): True}
    written = []
    for (asked, seed), success in done.items():
        for clutter in (2, 4):
            variation = Variation("cluttered", clutter, counterfactual=asked)  # type: ignore[arg-type]
            configuration = RunConfiguration("water_flowers", variation=variation)
            failure = None if success else Failure("constraint", "order")
            written.append(Record.of(configuration, seed, success=success, failure=failure))
    written.append(Record.of(EXPERT, 0, success=True))
    few, many = pairs(written)
    assert few == many
    assert (few.task, few.policy, few.robot) == ("water_flowers", "expert", "panda")
    assert (few.original.count, few.twin.count, few.both.count, few.both.n) == (2, 1, 1, 2)


def test_pairs_of_one_policy_with_different_options_are_apart() -> None:
    written = [
        Record.of(
            RunConfiguration(
                "water_flowers",
                PolicyChoice("noisy_expert", options={"depth_scale": scale}),
                variation=Variation("cluttered", 2, counterfactual=asked),
            ),
            0,
            success=scale == 1.0,
            failure=None if scale == 1.0 else Failure("constraint", "order"),
        )
        for scale in (1.0, 1.1)
        for asked in ("original", "twin")
    ]
    assert [(pair.both.count, pair.both.n) for pair in pairs(written)] == [(1, 1), (0, 1)]


def test_failures_are_in_the_order_of_stages_and_the_most_frequent_first_with_their_seeds() -> None:
    failures = [("goal", "b"), ("collision", "why"), ("goal", "c"), ("infrastructure", "why"), ("goal", "c")]
    failures += [("reach", "why"), ("goal", "a")]
    summary = summarise(
        Record.of(EXPERT, seed, success=False, failure=Failure(*failure)) for seed, failure in enumerate(failures)
    )
    assert summary.failures == (
        FailureSummary("reach", "why", 1, (5,)),
        FailureSummary("collision", "why", 1, (1,)),
        FailureSummary("goal", "c", 2, (2, 4)),
        FailureSummary("goal", "a", 1, (6,)),
        FailureSummary("goal", "b", 1, (0,)),
        FailureSummary("infrastructure", "why", 1, (3,)),
    )


def test_scores_are_summed_over_episodes() -> None:
    best = {"band": 0.02, "order": 0.03}
    asked = [Demand(kind="RestsOn", name="rests_on", unit="m", final=True, fields={})]
    visiting = Visiting(("a", "b", "c"), ("b", "a"), -1.0, ("c",), ("b",))
    summary = summarise(
        [
            Record.of(EXPERT, 0, success=True, margins={"band": 0.012, "order": 0.03, "rests_on": 0.1}, best=best),
            Record.of(
                EXPERT,
                1,
                success=False,
                failure=Failure("constraint", "band"),
                margins={"band": -0.01, "order": 0.03, "rests_on": 0.1},
                best=best,
                constraints=asked,
                visiting=visiting,
            ),
            Record.of(EXPERT, 2, success=False, failure=Failure("grasp", "no_object"), visiting=visiting),
        ]
    )
    tolerance = summary.tolerance
    assert [tolerance.strict.count, tolerance.nominal.count, tolerance.lenient.count] == [1, 1, 2]
    # 0.4 of the tolerance was missing, and 1.5 of it.
    assert summary.tolerance.area == pytest.approx((1.6 / 2 + 0.5 / 2 + 0.0) / 3)
    assert summary.quadrants == QuadrantSummary(both=1, goal_only=1, path_only=0, neither=1)
    assert summary.nearest.relative == pytest.approx((0.6 - 0.5) / 2)
    assert summary.nearest.tightest == {"band": 2}
    assert summary.visits == VisitSummary(episodes=2, ranked=2, tau=-1.0, missed=2, extra=2, asked=6)
    assert [one.median_relative for one in summary.constraints] == [pytest.approx(0.05), pytest.approx(1.0), None]


def test_each_constraint_has_its_own_unit_and_holds_at_zero() -> None:
    asked = [
        Demand(kind="Any", name=name, unit=unit, final=False, fields={})
        for name, unit in (("clearance", "m"), ("upright", "rad"), ("speed", "m/s"))
    ]
    margins: list[dict[str, float | None]] = [
        {"speed": None, "upright": 0.0, "clearance": 0.5, "undemanded": 1.0},
        {"speed": None, "upright": -0.5, "clearance": 0.0, "undemanded": None},
    ]
    failure = Failure("constraint", "upright")
    summary = summarise(
        [
            Record.of(EXPERT, 0, success=True, margins=margins[0], constraints=asked),
            Record.of(EXPERT, 1, success=False, failure=failure, margins=margins[1], constraints=asked),
        ]
    )
    assert summary.constraints == (
        ConstraintSummary("speed", "m/s", Rate.of(0, 0), None, None, None, None),
        ConstraintSummary("upright", "rad", Rate.of(1, 2), -0.25, None, None, None),
        ConstraintSummary("clearance", "m", Rate.of(2, 2), 0.25, None, None, None),
        ConstraintSummary("undemanded", "m", Rate.of(1, 1), 1.0, None, None, None),
    )


def test_goal_and_path_are_counted_apart() -> None:
    verdicts = {(0.1, 0.1): 1, (0.1, -0.1): 2, (-0.1, 0.1): 3, (-0.1, -0.1): 4}  # by the margins of goal and path
    demands = [Demand(kind="Any", name=name, unit="m", final=name == "goal", fields={}) for name in ("goal", "path")]
    each = [margins for margins, count in verdicts.items() for _ in range(count)]
    summary = summarise(
        Record.of(
            EXPERT,
            seed,
            success=goal >= 0.0 <= path,
            failure=None if goal >= 0.0 <= path else Failure("goal", "goal" if goal < 0.0 else "path"),
            margins={"goal": goal, "path": path},
            constraints=demands,
        )
        for seed, (goal, path) in enumerate(each)
    )
    assert summary.quadrants == QuadrantSummary(both=1, goal_only=2, path_only=3, neither=4)


def played() -> list[Record]:
    """Return records of every kind: solved and missed, not judged, repaired, flat, and at a time limit."""
    expert = RunConfiguration("water_flowers", controller=ControllerOptions(repair=True))
    noop = RunConfiguration("water_flowers", PolicyChoice("noop"))
    clearance = Demand(kind="Clearance", name="clearance", unit="m", final=False, fields={"demand_m": 0.01})
    goal = Demand(kind="RestsOn", name="rests_on", unit="m", final=True, fields={})
    judged: dict[str, Any] = {"best": {"band": 0.02, "rests_on": 0.01}, "constraints": [clearance, goal]}
    flat = Turn(image_trace=[[1, 2], [3, 4]], depth_asked=True)
    return [
        *(
            Record.of(
                expert,
                seed,
                success=True,
                margins={"band": 0.012 + seed / 1000, "rests_on": 0.004, "clearance": 0.02, "upright": None},
                predicted_success=True,
                robotwin_success=seed != 1,
                visiting=Visiting(("a", "b"), ("a", "b"), 1.0, (), ()),
                **judged,
            )
            for seed in range(6)
        ),
        Record.of(
            noop,
            7,
            success=False,
            failure=Failure("constraint", "band"),
            margins={"band": -0.002, "rests_on": 0.001, "clearance": 0.03},
            predicted_success=True,
            turns=[flat],
            reproducible=False,
            visiting=Visiting(("a", "b"), ("b", "a", "b"), -1.0, (), ("b",)),
            **judged,
        ),
        Record.of(
            noop,
            8,
            success=False,
            failure=Failure("goal", "rests_on"),
            margins={"band": -0.02, "rests_on": -0.03, "clearance": 0.03},
            predicted_success=False,
            **judged,
        ),
        Record.of(
            noop,
            10,
            success=False,
            failure=Failure("goal", "rests_on"),
            margins={"band": 0.01, "rests_on": -0.03, "clearance": -0.005},
            **judged,
        ),
        Record.of(noop, 11, success=False, failure=Failure("infrastructure", "OSError")),
        Record.of(noop, 12, success=False, failure=Failure("arrangement", "no_scene")),
    ]


VERDICTS: Final[dict[Counterfactual, tuple[bool, ...]]] = {
    "original": (True, True, True, False),
    "twin": (True, False, False, False),
}


def test_tables_are_the_page_that_was_read_and_approved() -> None:
    """The page is `data/tables.txt`: what a changed table prints instead is to be read before it is put there."""
    once: dict[str, Any] = {
        "margins": {"upright": None, "beside": 0.01},
        "visiting": Visiting(("a",), ("a",), None, (), ()),
    }
    many, few = summarise(played()), summarise([Record.of(RunConfiguration("stack"), 3, success=True, **once)])
    (pair,) = pairs(
        Record.of(
            RunConfiguration("stack", variation=Variation("cluttered", 2, counterfactual=asked)),
            seed,
            success=success,
            failure=None if success else Failure("goal", "beside"),
        )
        for asked, successes in VERDICTS.items()
        for seed, success in enumerate(successes)
    )
    out = io.StringIO()
    console = Console(file=out, width=100)
    for shown in (
        *map(table, (many, few, summarise([]))),
        sweep_table([replace(many, settings={"scale": "pixels", "n": 3}), replace(few, settings={"n": None})]),
        sweep_table([few, summarise([])]),
        pair_table(
            [replace(pair, settings={"scale": "pixels"}), replace(pair, task="click_bell", settings={"n": 0.5})]
        ),
    ):
        console.print(shown)
    page = "".join(line.rstrip() + "\n" for line in out.getvalue().splitlines())
    assert page == (Path(__file__).parent / "data" / "tables.txt").read_text()


def printed(shown: Any, width: int) -> str:
    out = io.StringIO()
    Console(file=out, width=width).print(shown)
    return out.getvalue()


def test_a_narrow_terminal_breaks_names_and_numbers_and_loses_no_character_of_them() -> None:
    shown = sweep_table([summarise(played())])
    wide, narrow = (Counter(filter(str.isalnum, printed(shown, width))) for width in (200, 50))
    assert narrow == wide
    assert len(printed(shown, 50).splitlines()) > 2 * len(printed(shown, 200).splitlines())


def test_names_and_titles_are_bold() -> None:
    out = io.StringIO()
    Console(file=out, width=100, force_terminal=True, color_system="standard").print(table(summarise(played())))
    bold = [text.strip() for text in re.findall(r"\x1b\[1m(.*?)\x1b\[0m", out.getvalue())]
    assert "success" in bold
    assert "Goal beside path" in bold


def test_summary_without_records() -> None:
    summary = summarise([])
    assert summary.success.n == 0
