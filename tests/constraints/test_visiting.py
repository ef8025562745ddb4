"""Visits made in sequences of stays of known length."""

from __future__ import annotations

from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import kendalltau

from tests.motions import hovering, moving, stops
from tracesim.constraints import Clearance, Order, Stops, Visiting, Visits
from tracesim.geometry.curve import Curve, PointOn

STAYS = st.lists(st.tuples(st.integers(0, 3), st.sampled_from([0.1, 0.7])), min_size=1, max_size=6).filter(
    lambda stays: all(a[0] != b[0] for a, b in pairwise(stays))
)
"""Flowers, and seconds over each: too short for a visit, or long enough."""


@settings(max_examples=50)
@given(STAYS, st.integers(1, 4))
def test_visiting_lists_the_visits_as_made(stays: list[tuple[int, float]], asked: int) -> None:
    curve = hovering([(flower, 0.0, 0.03, seconds) for flower, seconds in stays], step_s=0.1)
    made = [flower for flower, seconds in stays if seconds > 0.5 and flower < asked]
    made = [flower for at, flower in enumerate(made) if at == 0 or made[at - 1] != flower]
    visiting = Visiting.of(stops(asked), curve)
    assert visiting is not None
    assert visiting.asked == tuple(f"flower_{number}" for number in range(asked))
    # A target is visited again if the can was elsewhere in between, over another flower or over none asked for.
    assert tuple(dict.fromkeys(visiting.made)) == tuple(dict.fromkeys(f"flower_{number}" for number in made))
    first = list(dict.fromkeys(made))
    expected = kendalltau(range(len(first)), first).statistic if len(first) > 1 else None
    assert visiting.tau == (None if expected is None else pytest.approx(expected))
    assert set(visiting.missed) == {f"flower_{number}" for number in range(asked) if number not in made}
    numbers = [int(name[-1]) for name in visiting.made]
    rising = max(
        (
            len(part)
            for size in range(len(numbers) + 1)
            for part in combinations(numbers, size)
            if sorted(set(part)) == list(part)
        ),
        default=0,
    )
    assert len(visiting.extra) == len(numbers) - rising


@settings(max_examples=50)
@given(STAYS, st.integers(2, 4))
def test_visiting_agrees_with_visits_and_order(stays: list[tuple[int, float]], asked: int) -> None:
    curve = hovering([(flower, 0.0, 0.03, seconds) for flower, seconds in stays], step_s=0.1)
    visiting = Visiting.of(stops(asked), curve)
    assert visiting is not None
    assert ((Visits(stops(asked)).margin(curve) or -1.0) >= 0.0) == (not visiting.missed)
    in_order = (Order(stops(asked)).margin(curve) or -1.0) >= 0.0
    assert in_order == (not visiting.missed and visiting.tau == 1.0)


def test_visiting_names_visits_out_of_turn() -> None:
    curve = hovering([(flower, 0.0, 0.03, 0.6) for flower in (1, 0, 1, 3)])
    visiting = Visiting.of(stops(4), curve)
    assert visiting is not None
    assert visiting.made == ("flower_1", "flower_0", "flower_1", "flower_3")
    assert visiting.tau == pytest.approx(1 / 3)
    assert visiting.missed == ("flower_2",)
    assert visiting.extra == ("flower_1",)


def test_visiting_needs_a_constraint_that_asks_for_visits() -> None:
    curve = hovering([(0, 0.0, 0.03, 0.6)])
    assert Visiting.where_asked([Clearance()], curve) is None
    assert Visiting.where_asked([Clearance(), Visits(stops(1))], None) is None
    assert Visiting.where_asked([Clearance(), Visits(stops(1))], curve) == Visiting.of(stops(1), curve)
    assert Visiting.of(stops(2), Curve(curve.times_s, {"can": curve.bodies["can"]})) is None


@pytest.mark.parametrize(
    ("across_m", "dwell_s"),
    [
        ((0.03, 0.03, 0.03, 0.03), 1.0),  # on the rim, where the margin is 0 and still holds
        ((0.0, 0.0, 0.04, 0.04), 0.0),
    ],
)
def test_a_stay_is_one_visit_however_many_samples_it_has(across_m: tuple[float, ...], dwell_s: float) -> None:
    path = np.array([(across, 0.0, 0.01) for across in across_m])
    curve = moving(path, pot=np.eye(4))
    over = Stops(PointOn("tip", (0.0, 0.0, 0.0)), (PointOn("pot", (0.0, 0.0, 0.0)),), dwell_s=dwell_s)
    assert over.visit_order(curve) == [0]
