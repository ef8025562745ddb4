"""Tests of what monitors measure, and of the failure that a contact is."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracesim.control.monitors import Collision, Hold
from tracesim.failure import Failure
from tracesim.geometry.contacts import DisallowedContact
from tracesim.geometry.rigid import rotation_about, transform

ANGLES = st.floats(-3.0, 3.0)
OFFSETS = st.tuples(*3 * [st.floats(-0.1, 0.1)])


@given(OFFSETS, ANGLES, OFFSETS, ANGLES)
def test_a_body_that_turns_about_the_fingers_turns_and_is_not_displaced(
    at: tuple[float, float, float], held_at: float, moved: tuple[float, float, float], turned: float
) -> None:
    before = transform(rotation_about((0.3, 0.5, 1.0), held_at), at)
    # The body turns about the point between the fingers, the origin of the tool, and slides.
    change = transform(rotation_about((1.0, -0.2, 0.4), turned), moved)
    displaced_m, angle = Hold(before).displacement(change @ before)
    assert displaced_m == pytest.approx(float(np.linalg.norm(moved)), abs=1e-9)
    assert angle == pytest.approx(abs(turned), abs=1e-6)


def test_a_collision_is_a_failure_that_names_both_and_keeps_the_contact() -> None:
    contact = DisallowedContact(1.5, "cup", "table", (0.1, 0.2, 0.0))
    collision = Collision(contact)
    assert collision.failure == Failure("collision", "cup-table", "{cup} touched {table}")
    assert collision.contact is contact
    assert str(collision) == "collision: cup-table {cup} touched {table}"
