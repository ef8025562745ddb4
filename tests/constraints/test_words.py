"""Margins in words: the amount in a unit that people think in, and what the constraint says of it."""

from __future__ import annotations

import re
from math import radians

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.constraints.test_every_constraint import ALL
from tests.motions import BASE_A, REGION, A, stops
from tracesim.constraints import Band, Clearance, Constraint, KeepOut, Speed
from tracesim.constraints.units import quantity

SHOWN = {
    "mm": ("m", 0.001),
    "cm": ("m", 0.01),
    "degrees": ("rad", radians(1.0)),
    "s": ("s", 1.0),
    "cm/s": ("m/s", 0.01),
}
DECIMALS = {"mm": 0.1, "cm": 0.1, "degrees": 0.1, "s": 0.01, "cm/s": 0.1}


@given(value=st.floats(-20.0, 20.0), unit=st.sampled_from(["m", "rad", "s", "m/s"]), signed=st.booleans())
def test_a_quantity_reads_back_as_the_value(value: float, unit: str, signed: bool) -> None:
    text = quantity(value, unit, signed)
    number, name = re.sub("^less than ", "", text).split(" ")
    measured, scale = SHOWN[name]
    assert measured == unit
    if text.startswith("less than "):
        assert abs(value) <= float(number) * scale
        return
    assert abs(value - float(number) * scale) <= (0.5 + 1e-6) * DECIMALS[name] * scale
    assert not signed or value == 0.0 or number[0] in "+-"


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.0906, "m", "9.1 cm"),
        (0.004, "m", "4 mm"),
        (0.00999, "m", "1 cm"),
        (0.00002, "m", "less than 0.1 mm"),
        (0.0, "m", "0 cm"),
        (0.0096, "m", "9.6 mm"),
        (0.009945, "m", "9.9 mm"),
        (radians(3.24), "rad", "3.2 degrees"),
        (radians(3.2), "rad", "3.2 degrees"),
        (0.25, "s", "0.25 s"),
        (0.123, "m/s", "12.3 cm/s"),
        (2.0, "", "2"),
        (0.12345, "", "0.123"),
    ],
)
def test_quantities_are_in_the_units_that_people_think_in(value: float, unit: str, text: str) -> None:
    assert quantity(value, unit) == text


def test_nothing_has_no_sign_and_no_margin_is_not_a_violation() -> None:
    assert quantity(0.0, "m", signed=True) == "0 cm"
    assert Speed(BASE_A, 0.15).describe(0.0) == "0 cm/s below the limit"


@pytest.mark.parametrize("constraint", ALL, ids=lambda value: type(value).__name__)
@pytest.mark.parametrize("amount", [0.003, 0.2])
def test_a_constraint_says_by_how_much_it_holds_or_is_violated(constraint: Constraint, amount: float) -> None:
    held, violated = constraint.describe(amount), constraint.describe(-amount)
    assert held != violated
    for text in (held, violated):
        assert quantity(amount, constraint.unit) in text
        assert not re.search(r"[_{}]|margin|\d\.\d{3}", text)


def test_every_constraint_violates_in_words_of_its_own() -> None:
    said: dict[str, type[Constraint]] = {}
    for constraint in ALL:
        assert said.setdefault(constraint.describe(-0.2), type(constraint)) is type(constraint)
    assert not any("too little" in text for text in said)


def test_a_region_to_keep_out_of_and_a_distance_to_keep_are_told_apart() -> None:
    assert KeepOut(BASE_A, REGION).describe(-0.0906) == "9.1 cm inside the region to keep out of"
    assert KeepOut.of(A, REGION).describe(0.012) == "1.2 cm away from the region to keep out of"
    assert Clearance().describe(-0.0005) == "0.5 mm into something it may not touch"
    assert Clearance(0.02).describe(-0.004) == "4 mm too close to something"
    assert Clearance().describe(0.01) == "1 cm away from anything else"
    assert Clearance(0.02).describe(0.0) == "0 cm more than the distance to keep"


def test_a_band_names_its_heights() -> None:
    band = Band(stops(1), 0.01, 0.05)
    assert band.describe(0.012) == "1.2 cm inside the band of 1 cm to 5 cm above each target"
    assert band.describe(0.0) == "0 cm inside the band of 1 cm to 5 cm above each target"
    assert band.describe(-0.004) == "4 mm outside the band of 1 cm to 5 cm above each target"
