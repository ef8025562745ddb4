"""Stains of which a known share is wiped off."""

from __future__ import annotations

from typing import Final

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.judge import Judge
from tests.motions import moving
from tracesim.constraints import Box, Constraint, Wipes, WipesOnly
from tracesim.geometry.curve import PointOn
from tracesim.geometry.rigid import FloatArray, apply, rotation_about, transform, yaw
from tracesim.judge.verdict import rule_for

LONG_M, WIDE_M, HALF_M, END_M = 0.03, 0.04, 0.02, 0.06
"""Half the sizes of the face, half the width of the stain, and where its straight middle line ends."""

FACE: Final = tuple(
    PointOn("tip", (x, y, 0.0)) for x, y in ((LONG_M, WIDE_M), (LONG_M, -WIDE_M), (-LONG_M, -WIDE_M), (-LONG_M, WIDE_M))
)
LINE: Final = (PointOn("board", (-END_M, 0.0, 0.01)), PointOn("board", (END_M, 0.0, 0.01)))
SURFACE: Final = Box(PointOn("board", (0.0, 0.0, 0.01)), -0.003, 0.003, 0.2, 0.15)
AREA_M2: Final = 4.0 * HALF_M * END_M + np.pi * HALF_M**2
WIPES: Final = Wipes(FACE, LINE, HALF_M, SURFACE, 90.0)
ONLY: Final = WipesOnly(FACE, LINE, HALF_M, SURFACE, 0.05)
AGREES: Final = 0.1
"""Greatest difference from the truth, per cent."""

ALONG: Final = np.array([[-END_M, 0.0, 0.01], [0.0, 0.0, 0.01], [END_M, 0.0, 0.01]])
EXAMPLES: Final = [(WIPES, moving(ALONG, board=transform()))]


def wiped(asked: Constraint, path_in_board: FloatArray, turn: float = 0.0) -> float:
    """Return the margin where the middle of the face follows a path (T, 3) on a board that is turned with the face.

    The second judge finds the same.
    """
    board = transform(yaw(turn), (0.2, -0.1, 0.0))
    curve = moving(apply(board, path_in_board), board=board)
    curve.bodies["tip"][:, :3, :3] = board[:3, :3]
    margin = asked.margin(curve)
    assert margin is not None
    kind, tolerance = type(asked).__name__, AGREES if asked.unit == "%" else 1e-3
    assert rule_for(kind)(Judge(curve, {}), asked.as_data()) == pytest.approx(margin, abs=tolerance)
    return margin


@given(st.floats(-0.02, END_M - LONG_M), st.floats(-3.0, 3.0))
@settings(max_examples=8, deadline=None)
def test_a_stroke_that_ends_early_wipes_what_it_has_passed(end: float, turn: float) -> None:
    """From beyond one end of the stain, a face wider than it wipes half a disc and a rectangle."""
    path = np.array([[-END_M - 0.01, 0.0, 0.01], [end, 0.0, 0.01]])
    area = np.pi * HALF_M**2 / 2.0 + 2.0 * HALF_M * (end + LONG_M + END_M)
    assert wiped(WIPES, path, turn) == pytest.approx(100.0 * area / AREA_M2 - 90.0, abs=AGREES)


@given(st.floats(WIDE_M - HALF_M, WIDE_M + HALF_M))
@settings(max_examples=8, deadline=None)
def test_a_stroke_beside_the_middle_leaves_a_strip(aside: float) -> None:
    """The face misses a strip along one edge, with a circular segment at each end."""
    path = ALONG + np.array((0.0, aside, 0.0))
    edge = np.clip(aside - WIDE_M, -HALF_M, HALF_M)
    half_angle = np.arccos(-edge / HALF_M)
    left = 2.0 * END_M * (edge + HALF_M) + HALF_M**2 * (half_angle - np.sin(half_angle) * np.cos(half_angle))
    assert wiped(WIPES, path) == pytest.approx(10.0 - 100.0 * left / AREA_M2, abs=AGREES)


def test_a_face_above_the_layer_wipes_nothing_and_one_that_leans_out_of_it_neither() -> None:
    assert wiped(WIPES, ALONG + np.array((0.0, 0.0, 0.0031))) == -90.0
    curve = moving(ALONG, board=transform())
    curve.bodies["tip"][:, :3, :3] = rotation_about((1.0, 0.0, 0.0), 0.1)
    assert WIPES.margin(curve) == -90.0


def test_margins_so_far_grow_to_the_margin() -> None:
    curve = moving(ALONG, board=transform())
    first, middle, last = WIPES.margins_so_far(curve, [0, 1, 2])
    assert first is not None
    assert middle is not None
    assert first < middle < 10.0 == last
    assert [WIPES.margin(curve[: sample + 1]) for sample in range(3)] == [first, middle, last]


def test_a_film_marks_what_is_wiped_off_so_far() -> None:
    board = transform(yaw(0.4), (0.2, -0.1, 0.0))
    curve = moving(apply(board, ALONG[:2]), board=board)
    curve.bodies["tip"][:, :3, :3] = board[:3, :3]
    (patch,) = WIPES.patches(curve)
    before, after = ((patch.samples <= sample).sum() * 1e-6 / AREA_M2 for sample in (0, 1))
    assert [100.0 * before - 90.0, 100.0 * after - 90.0] == pytest.approx(
        WIPES.margins_so_far(curve, [0, 1]), abs=AGREES
    )
    in_board = apply(np.linalg.inv(board), patch.places)
    assert in_board[:, 2] == pytest.approx(0.01)
    assert in_board[:, 0].max() <= LONG_M  # as far as the face has come
    assert np.abs(in_board[:, 1]).max() <= HALF_M
    assert WIPES.patches(moving(ALONG)) == ()


def test_without_the_board_it_does_not_apply() -> None:
    assert WIPES.margin(moving(ALONG)) is None
    assert ONLY.margin(moving(ALONG)) is None


def test_words_say_shares_of_the_stain() -> None:
    assert WIPES.describe(-12.5) == "wipes off 12.5 % less of the stain than asked"
    assert WIPES.describe(4.0) == "4 % more wiped off than asked"
