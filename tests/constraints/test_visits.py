"""Visits against motions whose margins are known on paper, and visits in order against trying everything."""

from __future__ import annotations

from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.motions import PLACES, TARGETS, TOOL, hovering, stops, watering
from tracesim.constraints import Band, Clearance, Cylinder, Dwell, Order, Stops, Visits
from tracesim.geometry.curve import Curve

SEEDS = st.integers(0, 2**32 - 1)


def test_a_stay_over_each_target_is_as_good_as_the_worst_one() -> None:
    curve = hovering([(0, 0.004, 0.03, 0.6), (1, -0.011, 0.035, 0.6), (2, 0.0, 0.02, 0.8)])
    assert Visits(stops(3)).margin(curve) == pytest.approx(0.03 - 0.011, abs=1e-9)
    assert Order(stops(3)).margin(curve) == pytest.approx(0.03 - 0.011, abs=1e-9)
    assert Band(stops(3), 0.01, 0.05).margin(curve) == pytest.approx(0.01, abs=1e-9)
    assert Band(stops(3), 0.01, 0.03).margin(curve) == pytest.approx(-0.005, abs=1e-9)


def test_the_ceiling_limits_a_visit_from_above() -> None:
    assert Visits(stops(1)).margin(hovering([(0, 0.0, 0.14, 0.6)])) == pytest.approx(0.01, abs=1e-9)
    assert Visits(stops(1)).margin(hovering([(0, 0.0, 0.16, 0.6)])) == pytest.approx(-0.01, abs=1e-9)


@pytest.mark.parametrize(("seconds", "visited"), [(0.5, True), (0.2, False)])
def test_only_a_stay_of_the_whole_dwell_is_a_visit(seconds: float, visited: bool) -> None:
    curve = hovering([(0, 0.0, 0.03, seconds), (1, 0.0, 0.03, 0.6)])
    margin = Visits(stops(1)).margin(curve)
    assert margin is not None
    assert (margin >= 0.0) == visited


def test_a_pass_at_constant_speed_is_missed_by_what_its_slowness_lacks() -> None:
    # In 0.5 s at 0.2 m/s the spout goes 10 cm: at best from 5 cm before the target to 5 cm behind it.
    times = np.arange(0, 6.001, 0.01)
    path = np.array([0.0, 0.0, 0.15]) + np.array([0.2, 0.0, 0.0]) * (times[:, None] - 3.0)
    assert Visits(stops(1)).margin(watering(times, path)) == pytest.approx(0.03 - 0.05, abs=1e-9)


def test_a_dwell_need_not_be_a_multiple_of_the_sampling() -> None:
    times = np.array([0.0, 1.0, 1.37, 2.0, 3.0])
    path = PLACES[0] + np.array([[-0.4, 0, 0.15], [0, 0, 0.15], [0, 0, 0.15], [0, 0, 0.15], [0.4, 0, 0.15]])
    assert Visits(stops(1)).margin(watering(times, path)) == pytest.approx(0.03, abs=1e-9)
    half = watering(times, path)[np.array([True, True, True, False, True])]
    # From 1.37 s on the spout leaves at 0.4 / 1.63 m/s; a visit begun at 1 s ends at 1.5 s.
    assert Visits(stops(1)).margin(half) == pytest.approx(0.03 - 0.13 * 0.4 / 1.63, abs=1e-9)


def test_the_wrong_order_is_no_matter_of_visits() -> None:
    stays = [(0, 0.0, 0.03, 0.6), (1, 0.0, 0.03, 0.6), (2, 0.0, 0.03, 0.6)]
    for order in ([1, 0, 2], [2, 1, 0], [0, 2, 1]):
        curve = hovering([stays[index] for index in order])
        visits, in_order = Visits(stops(3)).margin(curve), Order(stops(3)).margin(curve)
        assert visits == pytest.approx(0.03, abs=1e-9)
        assert in_order is not None
        assert in_order <= -0.03 + 1e-9


def test_a_target_visited_early_and_again_in_turn_is_out_of_order() -> None:
    early = hovering([(1, 0.0, 0.03, 0.6), (0, 0.0, 0.03, 0.6), (1, 0.0, 0.03, 0.6)])
    assert Order(stops(2)).margin(early) == pytest.approx(-0.03, abs=1e-9)
    passing = hovering([(1, 0.0, 0.03, 0.1), (0, 0.0, 0.03, 0.6), (1, 0.0, 0.03, 0.6)])
    margin = Order(stops(2)).margin(passing)
    assert margin is not None
    assert margin > 0.0
    again = hovering([(0, 0.0, 0.03, 0.6), (1, 0.0, 0.03, 0.6), (0, 0.0, 0.03, 0.6)])
    assert Order(stops(2)).margin(again) == pytest.approx(0.03, abs=1e-9)


def test_one_target_has_no_order_and_a_missing_one_no_margin() -> None:
    curve = hovering([(0, 0.0, 0.03, 0.6)])
    assert Order(stops(1)).margin(curve) is None
    gone = Curve(curve.times_s, {"can": curve.bodies["can"]}, None)
    for constraint in (Visits(stops(2)), Order(stops(2)), Band(stops(2), 0.01, 0.05), Clearance()):
        assert constraint.margin(gone) is None


def test_a_curve_that_ends_too_soon_misses_by_the_radius() -> None:
    moment = hovering([(0, 0.0, 0.03, 0.6)])[-1:]
    for constraint in (Visits(stops(2)), Order(stops(2)), Band(stops(2), 0.01, 0.05)):
        margin = constraint.margin(moment)
        assert margin is not None
        assert -1.0 < margin <= -0.03
    assert Visits(stops(1)).margin(moment) == pytest.approx(-0.03, abs=1e-9)


@given(SEEDS)
@settings(max_examples=150, deadline=None)
def test_the_order_is_what_trying_every_choice_of_visits_finds(seed: int) -> None:
    rng = np.random.default_rng(seed)
    count, targets = int(rng.integers(1, 9)), int(rng.integers(2, 4))
    asked = Stops(TOOL, TARGETS[:targets], radius_m=0.03, dwell_s=float(rng.uniform(0.1, 1.5)))
    times = np.cumsum(rng.uniform(0.05, 0.6, count))
    spout = PLACES[rng.integers(0, targets, count)] + rng.normal(0.0, 0.02, (count, 3)) + (0.0, 0.0, 0.13)
    curve = watering(times, spout)

    def over(target: int, time: float) -> float:
        values = [min(0.03 - float(np.hypot(*(at - PLACES[target])[:2])), 0.15 - float(at[2] - 0.12)) for at in spout]
        return float(np.interp(time, times, values))

    def visit(target: int, begin: float) -> float:
        end = begin + asked.dwell_s
        least = min(
            over(target, time) for time in (begin, *times[(times > begin) & (times < end)], min(end, times[-1]))
        )
        return least if end <= times[-1] else min(least, -0.03)

    table = np.array([[visit(target, time) for time in times] for target in range(targets)])
    chances = []
    for chosen in product(range(count), repeat=targets):
        if all(times[b] >= times[a] + asked.dwell_s for a, b in pairwise(chosen)):
            made = [table[target, at] for target, at in enumerate(chosen)]
            unmade = [-table[target, at] for target in range(1, targets) for at in range(chosen[target - 1])]
            chances.append(min(made + unmade))
    worst = float(table.max(axis=1).min())
    assert Visits(asked).margin(curve) == pytest.approx(worst, abs=1e-9)
    expected = max(chances) if chances else min(worst, -0.03)
    assert Order(asked).margin(curve) == pytest.approx(expected, abs=1e-9)
    assert Band(asked, -9.0, 9.0).margin(curve) == pytest.approx(expected, abs=1e-9)


def test_live_margins_turn_once_the_dwell_is_over() -> None:
    curve = hovering([(0, 0.01, 0.03, 1.0)])
    visits = Visits(stops(1))
    held = [(visits.margin(curve.up_to(time)) or -1.0) >= 0.0 for time in curve.times_s]
    # The spout comes at 0.31 m/s and stays from 1 s on, 1 cm beyond: it is within 3 cm from 0.871 s on, and a dwell
    # after the next sample that is known.
    assert curve.times_s[held.index(True)] == pytest.approx(0.88 + 0.5)
    assert all(held[held.index(True) :])


@given(st.floats(-0.06, 0.06), st.floats(0.05, 0.5), st.integers(1, 40), st.floats(0.01, 0.1), st.floats(0.0, 0.05))
def test_a_pass_dwells_in_a_region_for_its_chord(
    aside: float, speed: float, count: int, radius: float, above: float
) -> None:
    times = np.linspace(0.0, 1.0 / speed, count + 1)
    path = PLACES[0] + np.column_stack(
        [speed * times - 0.5, np.full(count + 1, aside), np.full(count + 1, 0.12 + above)]
    )
    chord = 2.0 * np.sqrt(max(radius**2 - aside**2, 0.0)) if above <= 0.04 else 0.0
    dwell = Dwell(TOOL, Cylinder(TARGETS[0], -0.01, 0.04, radius), 0.3)
    assert dwell.margin(watering(times, path)) == pytest.approx(chord / speed - 0.3, abs=1e-6)


def test_the_longest_stay_counts_and_not_the_sum_of_stays() -> None:
    curve = hovering([(0, 0.0, 0.03, 0.7), (1, 0.0, 0.03, 0.4), (0, 0.0, 0.03, 0.9)])
    # It comes from 0.2 m beside, in a second, and leaves in the same way: 0.1 s of each lie within 2 cm.
    dwell = Dwell(TOOL, Cylinder(TARGETS[0], 0.0, 0.05, 0.02), 1.0)
    assert dwell.margin(curve[curve.times_s > 2.7]) == pytest.approx(0.9 + 0.1 - 1.0, abs=1e-9)
    assert dwell.margin(curve[curve.times_s < 3.6]) == pytest.approx(0.7 + 0.1 + entering(curve) - 1.0, abs=1e-9)
    assert dwell.margin(hovering([(1, 0.0, 0.03, 0.5)])) == pytest.approx(-1.0)
    assert dwell.margin(Curve(curve.times_s, {"can": curve.bodies["can"]})) is None


def entering(curve: Curve) -> float:
    """Return how long the spout is within the region before its first stay: it comes from (-0.3, 0, 0.5) in 1 s."""
    # Within 2 cm from 0.02 / 0.3 s before it is there, and below 5 cm above the top from 0.02 / 0.35 s before.
    return min(0.02 / 0.3, 0.02 / 0.35)
