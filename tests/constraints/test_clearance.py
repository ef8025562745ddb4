"""Clearance from everything that may not be touched."""

from __future__ import annotations

from typing import Final

import numpy as np
import pytest

from tests.derived_clearance import DerivedClearance
from tests.judge import Asked, Judge
from tracesim.constraints import Clearance
from tracesim.geometry.contacts import TOUCHING_M, DisallowedContact
from tracesim.geometry.curve import Curve, join_curves

AGREES: Final = 0.001
INSTANTS: Final = 12
"""At how many random instants what a curve says of its clearance is derived again; each takes some 10 ms."""

STRIDE: Final = 16
"""Interval of the samples that are searched for the smallest clearance, independently of the curve under test."""

EXAMPLES: Final = [(Clearance(), None)]


def judge_margin(judge: Judge, asked: Asked) -> float:
    """Return the least clearance as derived from hulls and poses where it is least by the curve, or seems to be.

    A contact that is not allowed counts as an overlap, deeper by half a millimetre than it is measured.
    """
    curve, rules = judge.curve, judge.curve.contact_rules
    assert curve.clearance_m is not None
    assert rules is not None
    hulls = {name: judge.layout[name].prop.hulls for name in {*rules.moving, *rules.others}}
    derived = DerivedClearance(hulls, curve.bodies, rules)
    touched = [int(np.flatnonzero(judge.times <= contact.time_s + 1e-9)[-1]) for contact in curve.contacts]
    random = np.random.default_rng(0).integers(len(judge.times), size=INSTANTS)
    samples = [int(curve.clearance_m.argmin()), derived.nearest(STRIDE), *touched, *random]
    found = {sample: derived.at(sample).distance_m for sample in samples}
    for sample, distance_m in found.items():
        assert curve.clearance_m[sample] == pytest.approx(distance_m, abs=AGREES), (
            f"clearance at {judge.times[sample]:.2f} s"
        )
    return min([*found.values(), *(min(found[sample], 0.0) - 0.0005 for sample in touched)]) - float(asked["demand_m"])


def measured(*clearance_m: float, contacts: tuple[DisallowedContact, ...] = ()) -> Curve:
    return Curve(np.arange(float(len(clearance_m))), {}, np.array(clearance_m), contacts=contacts)


def touched_at(time_s: float) -> DisallowedContact:
    return DisallowedContact(time_s, "cup", "pot", (0.0, 0.0, 0.1))


def test_clearance_is_the_least_less_the_demand() -> None:
    curve = measured(0.05, 0.012, 0.03)
    assert Clearance().margin(curve) == pytest.approx(0.012)
    assert Clearance(demand_m=0.02).margin(curve) == pytest.approx(-0.008)


@pytest.mark.parametrize(("at_contact_m", "expected_m"), [(0.0004, -0.0005), (-0.003, -0.0035)])
def test_a_disallowed_contact_is_an_overlap_however_it_is_measured(at_contact_m: float, expected_m: float) -> None:
    curve = measured(0.05, 0.02, at_contact_m, contacts=(touched_at(2.0),))
    assert Clearance().margin(curve) == pytest.approx(expected_m)
    assert Clearance(demand_m=0.01).margin(curve) == pytest.approx(expected_m - 0.01)
    assert curve.clearance_m is not None
    assert curve.clearance_m[-1] == at_contact_m


def test_a_contact_counts_where_its_sample_is_part_of_the_curve() -> None:
    curve = measured(0.05, 0.0003, 0.02, contacts=(touched_at(1.0),))
    assert Clearance().margin(curve[:1]) == 0.05
    assert Clearance().margin(curve[2:]) == 0.02
    assert Clearance().margin(curve.up_to(1.0)) == -TOUCHING_M
    whole = join_curves([measured(0.04, 0.03), curve])
    assert Clearance().margin(whole) == -TOUCHING_M
    assert [contact.time_s for contact in whole.contacts] == [whole.times_s[3]]
