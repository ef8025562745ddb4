"""Tests of hypotheses, and what a number of episodes can show: published worked examples, enumeration, simulation."""

from __future__ import annotations

from itertools import product
from math import sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, binomtest, norm

from tracesim.statistics import Outcomes, episodes_needed, holm, pass_hat, sign_flip_test, smallest_difference
from tracesim.statistics.power import power


def test_mcnemar_s_exact_test_is_as_published() -> None:
    # Fagerland, Lydersen and Laake, BMC Medical Research Methodology 13 (2013) 91, airway hyper-responsiveness.
    assert Outcomes(1, 1, 7, 12).p_value == pytest.approx(0.0703, abs=5e-5)


@pytest.mark.parametrize("agreeing", [0, 7])
def test_equal_policies_do_not_differ(agreeing: int) -> None:
    assert Outcomes(agreeing, 0, 0, agreeing).p_value == 1.0
    assert Outcomes(agreeing, 5, 5, 0).p_value == 1.0


@given(st.integers(0, 60), st.integers(0, 60))
def test_mcnemar_s_exact_test_is_the_binomial_test_of_discordant_pairs(first: int, second: int) -> None:
    outcomes = Outcomes(3, first, second, 4)
    assert outcomes == Outcomes.of(
        [(True, True)] * 3 + [(True, False)] * first + [(False, True)] * second + [(False, False)] * 4
    )
    expected = binomtest(first, first + second).pvalue if first + second else 1.0
    assert outcomes.p_value == pytest.approx(expected)


def test_holm_s_adjustment_is_as_published() -> None:
    # Four hypotheses; of the unadjusted p-values all are below 5 %, of the adjusted ones two.
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([]) == []


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_holm_s_adjustment_keeps_the_order_and_lies_between_none_and_bonferroni(values: list[float]) -> None:
    adjusted = holm(values)
    for value, new in zip(values, adjusted, strict=True):
        assert value <= new <= min(1.0, value * len(values)) or new == pytest.approx(value)
    order = np.argsort(values, kind="stable")
    assert np.all(np.diff(np.array(adjusted)[order]) >= 0.0)


@given(st.integers(1, 12).flatmap(lambda n: st.tuples(st.just(n), st.integers(1, n))), st.floats(0, 1))
def test_pass_hat_is_unbiased(n_and_k: tuple[int, int], rate: float) -> None:
    n, k = n_and_k
    expected = sum(binom.pmf(count, n, rate) * pass_hat(count, n, k) for count in range(n + 1))
    assert expected == pytest.approx(rate**k, abs=1e-9)
    with pytest.raises(ValueError, match=f"from 1 to the number of episodes, {n}"):
        pass_hat(0, n, n + 1)


@pytest.mark.parametrize("values", [[0.3, 0.1, 0.25, -0.05, 0.4, 0.2, 0.15], [1.0, -1.0, 0.0, 1.0, 1.0], [-0.2] * 6])
def test_sign_flips_are_those_of_the_full_enumeration(values: list[float]) -> None:
    sums = np.array([np.dot(signs, np.abs(values)) for signs in product((-1.0, 1.0), repeat=len(values))])
    expected = np.mean(np.abs(sums) >= abs(sum(values)) - 1e-12)
    assert sign_flip_test(values, np.random.default_rng(0)) == pytest.approx(expected, abs=0.012)


def test_differences_of_zero_show_nothing() -> None:
    assert sign_flip_test([0.0, 0.0], np.random.default_rng(0)) == 1.0
    assert sign_flip_test([], np.random.default_rng(0)) == 1.0


@pytest.mark.parametrize(("difference", "n", "discordant"), [(0.2, 60, 0.4), (0.1, 200, 0.2), (0.5, 12, 0.6)])
def test_power_is_that_of_simulated_comparisons(difference: float, n: int, discordant: float) -> None:
    rng = np.random.default_rng(1)
    chances = [(discordant + difference) / 2, (discordant - difference) / 2, 1 - discordant]
    drawn = rng.multinomial(n, chances, size=4000)
    found = np.mean([Outcomes(0, int(one), int(two), int(rest)).p_value <= 0.05 for one, two, rest in drawn])
    assert power(difference, n, discordant) == pytest.approx(found, abs=0.025)
    assert power(0.0, n, discordant) <= 0.05


@pytest.mark.parametrize(("difference", "discordant"), [(0.05, 0.1), (0.1, 0.3), (0.05, 0.5), (0.02, 0.2)])
def test_episodes_needed_are_about_those_of_the_approximate_formula(difference: float, discordant: float) -> None:
    # Connor, Biometrics 43 (1987), equation 2; the exact test needs about 2 / difference pairs more.
    z, beta = norm.ppf(0.975), norm.ppf(0.8)
    approximate = (z * sqrt(discordant) + beta * sqrt(discordant - difference**2)) ** 2 / difference**2
    needed = episodes_needed(difference, discordant)
    assert approximate <= needed <= approximate + 4.0 / difference
    assert power(difference, needed, discordant) >= 0.8


@pytest.mark.parametrize("n", [10, 59, 100, 2006])
def test_the_smallest_difference_is_the_one_that_needs_so_many_episodes(n: int) -> None:
    difference = smallest_difference(n)
    assert difference is not None
    assert episodes_needed(difference) == pytest.approx(n, rel=0.12, abs=2)


def test_few_episodes_show_nothing() -> None:
    assert smallest_difference(5) is None
    assert episodes_needed(1.0, 1.0) == 6
    for wrong in (0.0, 1.1):
        with pytest.raises(ValueError, match="above 0 and at most 1"):
            episodes_needed(wrong)
