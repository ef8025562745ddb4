"""Tests of growth: exponents and their names, on curves whose growth is known."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracesim.bench.episodes import doublings
from tracesim.bench.growth import Growth, Point
from tracesim.bench.plot import plot


def curve(exponent: float, base: float = 0.0, first: float = 1.0) -> Growth:
    places = (first, 4.0, 10.0, 20.0, 40.0)
    values = [(base + (x**exponent if x else 0.0),) * 3 for x in places]
    return Growth("time", "distractors", tuple(map(Point, places, values)))


@pytest.mark.parametrize(
    ("exponent", "name"),
    [
        (-1.0, "falling"),
        (0.0, "constant"),
        (0.5, "less than linear"),
        (1.0, "linear"),
        (1.5, "between linear and quadratic"),
        (2.0, "quadratic"),
        (3.0, "steeper than quadratic"),
    ],
)
def test_powers_get_their_name(exponent: float, name: str) -> None:
    growth = curve(exponent)
    assert growth.exponent == pytest.approx(exponent, abs=1e-9)
    assert growth.name == name
    assert growth.row()[-1] == f"{name} ({exponent:.2f})"


@given(st.floats(0.3, 3.0), st.floats(0.5, 4.0))
def test_value_at_0_is_not_part_of_the_growth(exponent: float, base: float) -> None:
    assert curve(exponent, base, first=0.0).exponent == pytest.approx(exponent, abs=1e-6)


def test_little_beside_the_value_at_0_is_no_growth() -> None:
    assert curve(1.0, base=1000.0, first=0.0).name == "constant"


@given(st.floats(0.3, 3.0), st.floats(0.01, 1000.0))
def test_exponent_does_not_depend_on_the_unit(exponent: float, scale: float) -> None:
    growth = curve(exponent)
    points = tuple(Point(one.x, tuple(scale * value for value in one.values)) for one in growth.points)
    assert Growth("time", "distractors", points).exponent == pytest.approx(growth.exponent, abs=1e-9)


@given(st.integers(1, 20000))
def test_points_of_episodes_double_and_end_with_the_last_episode(count: int) -> None:
    ends = doublings(count)
    assert ends[-1] == count
    assert ends == sorted(set(ends))
    assert all(later == 2 * earlier for earlier, later in pairwise(ends[:-1]))


def test_the_same_values_give_the_same_plot(tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("plots") / "new" / "clutter.svg"
    plot([curve(1.0), curve(2.0)], path)
    first = path.read_bytes()
    plot([curve(1.0), curve(2.0)], path)
    assert path.read_bytes() == first
    assert b"distractors" in first
    assert b"quadratic" in first
