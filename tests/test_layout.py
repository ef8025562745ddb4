"""Tests of layouts: distances between bodies, the body at a point, and errors if a prop does not fit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracesim.assets.props.block import block
from tracesim.errors import PlacementError
from tracesim.layout.layout import Area, Layout, standing
from tracesim.layout.prop import Prop
from tracesim.layout.randomness import Draw

EDGE_M = 0.04


def cube() -> Prop:
    return block(Draw.of(np.random.default_rng(0)), edge_m=EDGE_M, color="red")


@given(st.floats(-0.02, 0.1), st.floats(0.0, 0.05))
@settings(max_examples=40)
def test_a_body_fits_exactly_where_the_gap_is_kept(apart_m: float, gap_m: float) -> None:
    layout = Layout()
    layout.add("first", cube(), standing(0.0, 0.0))
    if abs(apart_m - gap_m) > 1e-4:
        assert layout.fits(cube(), standing(EDGE_M + apart_m, 0.0), gap_m) == (apart_m > gap_m)


@given(st.floats(-0.015, 0.05))
@settings(max_examples=40)
def test_what_is_touched_is_the_nearest_surface_within_two_centimetres(height_m: float) -> None:
    layout = Layout()
    layout.add("far", cube(), standing(0.2, 0.0))
    layout.add("near", cube(), standing(0.0, 0.0))
    touched = layout.touched(np.array([0.0, 0.0, EDGE_M + height_m]))
    if abs(height_m - 0.02) > 1e-4:
        assert (touched.name if touched else None) == ("near" if height_m < 0.02 else None)


@given(st.floats(-0.1, 0.1), st.floats(-0.1, 0.1), st.floats(-3.0, 3.0))
def test_the_room_at_a_spot_is_its_distance_from_the_nearest_footprint(x: float, y: float, turn: float) -> None:
    layout = Layout()
    layout.add("here", cube(), standing(0.03, 0.02, turn))
    layout.add("far", cube(), standing(0.3, 0.3))
    dx, dy = x - 0.03, y - 0.02
    along, across = dx * np.cos(turn) + dy * np.sin(turn), dy * np.cos(turn) - dx * np.sin(turn)
    beyond = np.abs([along, across]) - EDGE_M / 2
    [room_m] = layout.room_m(np.array([[x, y]]))
    # Beyond a corner only one of both distances counts.
    assert room_m == pytest.approx(float(beyond.max()), abs=2e-3)
    assert room_m <= max(float(np.linalg.norm(np.maximum(beyond, 0.0))), float(beyond.max())) + 2e-3


def test_scattering_keeps_the_gap_and_gives_up_with_a_reason() -> None:
    layout, rng = Layout(), np.random.default_rng(0)
    area = Area((-0.1, 0.1), (-0.1, 0.1))

    def fill() -> None:
        for index in range(100):
            layout.scatter(f"cube_{index}", cube(), rng, area, gap_m=0.02)

    with pytest.raises(PlacementError, match=r"fewer objects, a smaller gap or a larger area"):
        fill()
    centres = np.array([body.body_in_world[:2, 3] for body in layout])
    apart = np.linalg.norm(centres[:, None] - centres, axis=2) + np.eye(len(centres))
    assert len(centres) > 4
    assert apart.min() > EDGE_M + 0.02


def test_two_bodies_cannot_share_a_name() -> None:
    layout = Layout()
    layout.add("cube", cube(), standing(0.0, 0.0))
    with pytest.raises(PlacementError, match="cube"):
        layout.add("cube", cube(), standing(0.2, 0.0))
