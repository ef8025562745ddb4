"""Factors that filters offer: which ones, and with which values."""

from __future__ import annotations

from collections.abc import Mapping

from tests.written_runs import record
from tracesim.report.drawn import drawn
from tracesim.results.factors import Factor
from tracesim.results.record import Record


def episode(seed: int, factors: Mapping[str, Factor]) -> Record:
    return record(seed).model_copy(update={"factors": dict(factors)})


def test_few_values_are_offered_one_by_one_and_many_as_thirds() -> None:
    records = [
        episode(
            seed,
            {"objects": 2 + seed % 3, "words.order": "left" if seed % 2 else "right", "table.raised_m": seed / 100},
        )
        for seed in range(30)
    ]
    objects, order, raised = drawn(records)
    assert (objects["key"], objects["offered"]) == ("objects", ["2", "3", "4"])
    assert objects["column"] == [seed % 3 for seed in range(30)]
    assert (order["offered"], order["column"][:4]) == (["left", "right"], [1, 0, 1, 0])
    assert [raised["column"].count(third) for third in range(3)] == [10, 10, 10]
    assert raised["column"] == sorted(raised["column"])
    low, middle, high = raised["offered"]
    assert low.removeprefix("up to ") == middle.split(" to ")[0]
    assert middle.split(" to ")[1] == high.removeprefix("above ")


def test_what_does_not_vary_or_belongs_to_a_body_or_to_few_episodes_is_left_out() -> None:
    same = [episode(seed, {"distractors": 4, "cup.x_m": seed / 10, "objects": seed % 2}) for seed in range(8)]
    rare = [episode(seed, {"near_misses": seed, "objects": 1}) for seed in range(8, 12)]
    assert [one["key"] for one in drawn([*same, *rare])] == ["objects"]
    (near,) = [one for one in drawn([*same[:4], *rare]) if one["key"] == "near_misses"]
    assert near["column"] == [-1, -1, -1, -1, 0, 1, 2, 3]
    assert drawn([]) == []
