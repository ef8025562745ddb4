"""Volumes that a film draws: what is asked holds within them and not beyond."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.motions import BASE_A, TOP_B
from tracesim.constraints import (
    Band,
    Beside,
    Constraint,
    Cylinder,
    Dwell,
    KeepOut,
    RestsOn,
    Stops,
    Touches,
    Visits,
)
from tracesim.constraints.region import Volume
from tracesim.geometry.curve import Curve
from tracesim.geometry.rigid import FloatArray, transform

ANCHOR = TOP_B
REGION = Cylinder(ANCHOR, 0.01, 0.06, 0.05)
STOPS = Stops(BASE_A, (ANCHOR,), radius_m=0.04, dwell_s=0.5, ceiling_m=0.15)
# Bodies stand 0.2 m to the side, so that a mark at the world's origin is noticed.
PLACE = np.array([0.3, 0.2, 0.1])

MARKS: list[Constraint] = [
    Touches(BASE_A, ANCHOR, 0.03, 0.01),
    RestsOn(BASE_A, ANCHOR, 0.03, 0.01),
    Beside(BASE_A, ANCHOR, (0.6, -0.8, 0.0), 0.06, 0.12, 0.05),
    Beside(BASE_A, ANCHOR, (0.6, -0.8, 0.0), 0.06, 0.12, 0.02),
    Visits(STOPS),
]
SOLIDS: list[Constraint] = [
    Band(STOPS, 0.02, 0.07),
    Dwell(BASE_A, REGION, 0.5),
    KeepOut(BASE_A, REGION),
]


def standing(point_in_world: FloatArray) -> Curve:
    """Return a curve on which a point stands for a second, beside a body that stands at `PLACE`."""
    poses = {"a": transform(None, point_in_world), "b": transform(None, PLACE)}
    return Curve(np.linspace(0.0, 1.0, 11), {name: np.repeat(pose[None], 11, axis=0) for name, pose in poses.items()})


def volume_of(constraint: Constraint) -> tuple[Volume, FloatArray]:
    """Return the only volume of a constraint, and where the middle of its axis's foot is in the world."""
    (volume,) = constraint.volumes()
    (foot,) = standing(PLACE).position(volume.at)[:1]
    return volume, foot + volume.offset_m + (0.0, 0.0, volume.low_m)


def holds(constraint: Constraint, point_in_world: FloatArray) -> bool:
    margin = constraint.margin(standing(point_in_world))
    assert margin is not None
    return margin >= 0.0


def around(angles: FloatArray) -> FloatArray:
    return np.column_stack([np.cos(angles), np.sin(angles), np.zeros_like(angles)])


@pytest.mark.parametrize("constraint", MARKS)
def test_a_flat_mark_is_the_largest_disc_in_which_what_is_asked_holds(constraint: Constraint) -> None:
    volume, foot = volume_of(constraint)
    assert 0.0 < volume.high_m - volume.low_m < 0.005
    rim = volume.radius_m * around(np.linspace(0.0, 2.0 * np.pi, 200))
    assert all(holds(constraint, foot + 0.999 * offset) for offset in rim)
    assert not all(holds(constraint, foot + 1.01 * offset) for offset in rim)


@pytest.mark.parametrize("constraint", SOLIDS, ids=lambda value: value.name)
@given(st.floats(0.0, 2.0), st.floats(-0.5, 1.5), st.floats(0.0, 6.0))
def test_a_volume_is_where_what_is_asked_holds_or_what_is_forbidden_is_violated(
    constraint: Constraint, out: float, up: float, angle: float
) -> None:
    volume, foot = volume_of(constraint)
    assert volume.forbidden == isinstance(constraint, KeepOut)
    height = np.array([0.0, 0.0, up * (volume.high_m - volume.low_m)])
    (direction,) = around(np.array([angle]))
    if min(abs(out - 1.0), abs(up), abs(up - 1.0)) > 1e-3:
        inside = out < 1.0 and 0.0 < up < 1.0
        assert holds(constraint, foot + out * volume.radius_m * direction + height) == (inside != volume.forbidden)


def test_each_target_of_several_is_marked() -> None:
    stops = Stops(BASE_A, (ANCHOR, BASE_A))
    for constraint in (Visits(stops), Band(stops, 0.01, 0.05)):
        assert [volume.at for volume in constraint.volumes()] == [ANCHOR, BASE_A]
