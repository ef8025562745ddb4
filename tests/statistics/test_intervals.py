"""Intervals: published worked examples, and coverage by enumeration."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, binomtest, multinomial, quantile_test
from statsmodels.stats.proportion import confint_proportions_2indep

from tracesim.statistics import (
    Interval,
    Outcomes,
    Rate,
    average_difference,
    average_rate,
    average_unpaired_difference,
    clopper_pearson,
    macro_average,
    median_interval,
    paired_difference,
    unpaired_difference,
    wilson,
)
from tracesim.statistics.differences import agresti_caffo, newcombe
from tracesim.statistics.proportions import Limits

Array = npt.NDArray[np.float64]

RATES = np.linspace(0.01, 0.99, 981)
COARSE = np.array([0.01, 0.03, 0.08, 0.2, 0.35, 0.5, 0.65, 0.8, 0.92, 0.97, 0.99])


@pytest.mark.parametrize(
    ("count", "n", "by_wilson", "exact"),
    # Newcombe, Statistics in Medicine 17 (1998), 857-872, table I, methods 3 and 5.
    [
        (81, 263, (0.2553, 0.3662), (0.2527, 0.3676)),
        (15, 148, (0.0624, 0.1605), (0.0578, 0.1617)),
        (0, 20, (0.0, 0.1611), (0.0, 0.1684)),
        (1, 29, (0.0061, 0.1718), (0.0009, 0.1776)),
    ],
)
def test_intervals_of_a_rate_are_as_published(
    count: int, n: int, by_wilson: tuple[float, float], exact: tuple[float, float]
) -> None:
    assert wilson(count, n) == pytest.approx(by_wilson, abs=5e-5)
    assert clopper_pearson(count, n) == pytest.approx(exact, abs=5e-5)


@given(st.integers(1, 300).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_intervals_of_a_rate_are_those_of_scipy(counts: tuple[int, int]) -> None:
    test = binomtest(*counts)
    for mine, theirs in ((clopper_pearson, "exact"), (wilson, "wilson")):
        interval = test.proportion_ci(0.95, method=theirs)
        assert mine(*counts) == pytest.approx((interval.low, interval.high), abs=1e-9)


def coverage(limits: Limits, n: int) -> Array:
    """Return for each of RATES the share of intervals that contain it."""
    low, high = np.array([limits(count, n) for count in range(n + 1)]).T[:, :, None]
    inside = (low <= RATES) & (high >= RATES)
    return np.asarray((binom.pmf(np.arange(n + 1)[:, None], n, RATES) * inside).sum(axis=0))


@pytest.mark.parametrize(("n", "least_of_wilson"), [(10, 0.842), (50, 0.895), (100, 0.921)])
def test_printed_intervals_of_a_rate_cover_it_and_wilson_s_do_not_near_0_and_1(n: int, least_of_wilson: float) -> None:
    assert coverage(clopper_pearson, n).min() >= 0.95
    assert coverage(wilson, n).min() == pytest.approx(least_of_wilson, abs=0.001)
    assert coverage(wilson, n).mean() >= 0.95
    assert not 0.05 < RATES[np.argmin(coverage(wilson, n))] < 0.95


@pytest.mark.parametrize(
    ("first", "second", "published"),
    # Newcombe, Statistics in Medicine 17 (1998), 873-890, table II, method 10.
    [
        ((56, 70), (48, 80), (0.0524, 0.3339)),
        ((9, 10), (3, 10), (0.1705, 0.8090)),
        ((6, 7), (2, 7), (0.0582, 0.8062)),
        ((5, 56), (0, 29), (-0.0381, 0.1926)),
        ((0, 10), (0, 20), (-0.1611, 0.2775)),
        ((0, 10), (0, 10), (-0.2775, 0.2775)),
        ((10, 10), (0, 20), (0.6791, 1.0)),
        ((10, 10), (0, 10), (0.6075, 1.0)),
    ],
)
def test_interval_of_an_unpaired_difference_is_as_published(
    first: tuple[int, int], second: tuple[int, int], published: tuple[float, float]
) -> None:
    assert newcombe(Rate.of(*first), Rate.of(*second), wilson) == pytest.approx(published, abs=5e-5)


def test_interval_of_a_paired_difference_is_as_published() -> None:
    # Fagerland, Lydersen and Laake, Statistics in Medicine 33 (2014), airway hyper-responsiveness, Newcombe's interval.
    assert paired_difference(Outcomes(1, 1, 7, 12), wilson) == pytest.approx((-0.507, -0.026), abs=5e-4)


def test_interval_of_agresti_and_caffo_is_that_of_statsmodels() -> None:
    for first, second in [((56, 70), (48, 80)), ((0, 10), (0, 20)), ((10, 10), (0, 10)), ((1, 9), (7, 8))]:
        judge = confint_proportions_2indep(*first, *second, method="agresti-caffo", compare="diff")
        limits = agresti_caffo(first[0] / first[1], first[1], second[0] / second[1], second[1])
        assert limits == pytest.approx(np.clip(judge, -1.0, 1.0))


@pytest.mark.parametrize("n", [10, 20, 50])
def test_printed_intervals_of_an_unpaired_difference_cover_it(n: int) -> None:
    rates = [Rate.of(count, n) for count in range(n + 1)]
    intervals = np.array([[unpaired_difference(one, other) for other in rates] for one in rates])
    chance = binom.pmf(np.arange(n + 1), n, COARSE[:, None])  # (rates, n + 1)
    for first, p in zip(chance, COARSE, strict=True):
        for second, q in zip(chance, COARSE, strict=True):
            inside = (intervals[..., 0] <= p - q + 1e-9) & (p - q - 1e-9 <= intervals[..., 1])
            assert first @ inside @ second >= 0.95


@pytest.mark.parametrize("n", [10, 25])
def test_printed_intervals_of_a_paired_difference_cover_it(n: int) -> None:
    counts = np.array(
        [(a, b, c, n - a - b - c) for a in range(n + 1) for b in range(n + 1 - a) for c in range(n + 1 - a - b)]
    )
    low, high = np.array([paired_difference(Outcomes(*map(int, row))) for row in counts]).T
    for p, q, cells in joint_rates():
        inside = (low <= p - q + 1e-9) & (p - q - 1e-9 <= high)
        assert multinomial.pmf(counts[inside], n, cells).sum() >= 0.945, (p, q, cells)


def joint_rates() -> Iterator[tuple[float, float, Array]]:
    """Yield two rates, and the probabilities of `Outcomes` for independent and for correlated successes."""
    for p in COARSE[::2]:
        for q in COARSE[::2]:
            for correlation in (0.0, 0.4, 0.8):
                both = p * q + correlation * np.sqrt(p * (1 - p) * q * (1 - q))
                cells = np.array([both, p - both, q - both, 1 - p - q + both])
                if cells.min() >= 0.0:
                    yield float(p), float(q), cells


@given(st.tuples(*[st.integers(0, 30)] * 4).filter(lambda counts: sum(counts) > 0))
def test_a_paired_difference_changes_its_sign_with_the_policies(counts: tuple[int, int, int, int]) -> None:
    both, first, second, neither = counts
    outcomes = Outcomes(*counts)
    low, high = paired_difference(outcomes)
    assert low - 1e-12 <= (first - second) / outcomes.n <= high + 1e-12
    assert paired_difference(Outcomes(both, second, first, neither)) == pytest.approx((-high, -low))


@pytest.mark.parametrize(("n", "low", "high"), [(5, None, None), (6, 1, 6), (10, 2, 9), (20, 6, 15)])
def test_interval_of_a_median_is_as_published(n: int, low: int | None, high: int | None) -> None:
    # Conover, Practical Nonparametric Statistics, table A3 (binomial distribution, p = 1/2).
    interval = median_interval(range(1, n + 1))
    assert interval == (None if low is None or high is None else Interval(low, high))


def test_interval_of_a_median_is_that_of_scipy() -> None:
    rng = np.random.default_rng(3)
    for n in range(1, 200):
        values = rng.integers(0, n, size=n).astype(float)  # with ties
        judge = quantile_test(values, p=0.5).confidence_interval(0.95)
        interval = median_interval(values.tolist()) or Interval(np.nan, np.nan)
        assert np.array_equal(interval, (judge.low, judge.high), equal_nan=True)


@pytest.mark.parametrize("rates", [[0.99] * 34, [0.01] * 10, [0.5] * 3, [0.0, 0.05, 0.5, 0.95, 1.0], [0.98, 0.5] * 5])
@pytest.mark.parametrize("n", [10, 50])
def test_averages_over_tasks_cover_the_truth(rates: list[float], n: int) -> None:
    rng = np.random.default_rng(2)
    counts = rng.binomial(n, rates, size=(1000, len(rates)))
    intervals = [average_rate([Rate.of(int(count), n) for count in row]).interval for row in counts]
    assert np.mean([np.mean(rates) in interval for interval in intervals]) >= 0.94
    others = rng.binomial(n, rates[::-1], size=(1000, len(rates)))
    strata = [
        [(Rate.of(int(a), n), Rate.of(int(b), n)) for a, b in zip(*rows, strict=True)]
        for rows in zip(counts, others, strict=True)
    ]
    assert np.mean([0.0 in average_unpaired_difference(one).interval for one in strata]) >= 0.94


@pytest.mark.parametrize("rates", [[0.99] * 20, [0.2, 0.5, 0.9], [0.0, 1.0, 0.5]])
def test_average_differences_over_tasks_cover_the_truth(rates: list[float]) -> None:
    rng, n = np.random.default_rng(3), 10
    first = rng.random((1000, len(rates), n)) < np.array(rates)[:, None]
    same = rng.random(first.shape) < 0.5  # half of the seeds are as hard for both
    second = np.where(same, first, rng.random(first.shape) < np.array(rates)[:, None])
    covered = [
        0.0 in average_difference([Outcomes.of(zip(*of, strict=True)) for of in zip(a, b, strict=True)]).interval
        for a, b in zip(first.tolist(), second.tolist(), strict=True)
    ]
    assert np.mean(covered) >= 0.94


@given(st.integers(1, 40).flatmap(lambda n: st.tuples(st.integers(0, n), st.integers(0, n), st.just(n))))
def test_an_average_over_one_task_is_that_of_the_task(counts: tuple[int, int, int]) -> None:
    one, other, n = counts
    first, second = Rate.of(one, n), Rate.of(other, n)
    assert average_rate([first]).interval == pytest.approx(first.interval)
    assert average_unpaired_difference([(first, second)]).interval == pytest.approx(unpaired_difference(first, second))
    outcomes = Outcomes(min(one, other), one - min(one, other), other - min(one, other), n - max(one, other))
    assert average_difference([outcomes]).interval == pytest.approx(paired_difference(outcomes))


def test_macro_average_weighs_tasks_alike_and_covers_the_truth() -> None:
    rng = np.random.default_rng(0)
    assert macro_average([[1.0, 1.0, 1.0, 1.0], [0.0]], rng).value == 0.5
    assert macro_average([[0.2, 0.2], [0.4, 0.4, 0.4]], rng).interval == pytest.approx((0.3, 0.3))
    truth, covered = (0.2 + 0.5 + 0.8) / 3, 0
    for _ in range(400):
        groups = [(rng.random(12) < rate).astype(float).tolist() for rate in (0.2, 0.5, 0.8)]
        covered += truth in macro_average(groups, rng).interval
    assert 0.925 <= covered / 400 <= 0.985


@pytest.mark.parametrize("n", [8, 20])
def test_the_bootstrap_covers_the_mean_of_symmetric_values(n: int) -> None:
    rng = np.random.default_rng(1)
    covered = [0.0 in macro_average([rng.uniform(-1.0, 1.0, n).tolist()], rng).interval for _ in range(800)]
    assert 0.925 <= np.mean(covered) <= 0.975


def test_median_of_a_group_is_resampled_too() -> None:
    estimate = macro_average([[0.0, 0.1, 0.2, 0.3, 5.0]], np.random.default_rng(0), np.median)
    assert estimate.value == 0.2
    assert estimate.interval.low <= 0.2 <= estimate.interval.high
