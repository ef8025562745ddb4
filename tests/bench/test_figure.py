"""Tests of figures: medians, quartiles, targets, and the cells of their lines."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracesim.bench.figure import Bound, Figure, shown


@pytest.mark.parametrize(
    ("value", "bound", "said"),
    [
        (0.3, Bound(0.5), "at most 0.5, met"),
        (0.5, Bound(0.5), "at most 0.5, met"),
        (0.6, Bound(0.5), "at most 0.5, missed"),
        (2.0, Bound(2.0, at_least=True), "at least 2, met"),
        (1.9, Bound(2.0, at_least=True), "at least 2, missed"),
    ],
)
def test_target(value: float, bound: Bound, said: str) -> None:
    figure = Figure.of("ratio", value, "", bound)
    assert figure.row() == ("ratio", f"{value:g}", "", "", said)
    assert figure.missed == said.endswith("missed")


def test_line_with_several_rounds() -> None:
    figure = Figure("time", (4.0, 1.0, 2.0, 3.0, 1000.0), "ms", Bound(5.0))
    assert figure.row() == ("time", "3 ms", "2 .. 4", "5", "at most 5 ms, met")
    assert not figure.missed  # one slow round does not count


def test_line_without_target() -> None:
    assert Figure.of("memory", 12345.6, "MB").row() == ("memory", "12,346 MB", "", "", "")


@given(st.lists(st.floats(1e-6, 1e6), min_size=1, max_size=30))
def test_median_lies_between_the_quartiles(values: list[float]) -> None:
    figure = Figure("time", tuple(values))
    low, high = figure.quartiles
    assert min(values) <= low <= figure.median <= high <= max(values)


@given(st.floats(1e-6, 1e9))
def test_numbers_are_shown_with_three_digits_and_no_exponent_where_large(value: float) -> None:
    text = shown(value)
    assert float(text.replace(",", "")) == pytest.approx(value, rel=0.006)
    assert value < 1e-4 or "e" not in text
